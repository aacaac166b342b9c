"""Reminders under kills: a round goes on where it ended and plans each once, and each is sent once."""

from __future__ import annotations

import random
from collections import Counter
from typing import Final

from bot.outbox.sender import LATER
from tests.faults import bot_child
from tests.faults.fork_server import ForkServer
from tests.faults.live import LiveHarness
from tests.faults.people import COUNT

DAY: Final = "2026-11-23"
PAGE: Final = 5
CUTS: Final = 5
FAST: Final = 300  # reminders a second: several leave together
KILLS: Final = 50
RATE: Final = 100  # reminders a second: few are on their way at a kill
STEPS: Final = 16  # at most between a start and the next kill: a reminder takes three, as many share their commits


async def test_a_round_that_is_killed_at_any_commit_leaves_nobody_out_and_plans_nothing_twice(
    harness: LiveHarness, fork_server: ForkServer
) -> None:
    """Kills come after commits: one before a commit leaves what the commit before it left."""
    harness.run("DELETE FROM reminder_rounds")
    kills, ends = 0, 0
    due: list[tuple[int, str]] = []
    while kills < KILLS:
        child = await fork_server.start(
            bot_child.REMIND, harness.settings, harness.folder, day=DAY, page=PAGE, crash_at=random.randint(1, 4)
        )
        if (code := await child.exit_code()) == -9:
            kills += 1
            continue
        assert code == 0, child.log.read_text()
        ends += 1
        found = sorted(harness.outbox("user_id, facts", kind="remind_readings"))
        due = due or found
        assert found == due
        people = harness.rows("SELECT DISTINCT user_id FROM links ORDER BY user_id")
        assert [(person,) for person, _ in found] == people
        [(looked, planned)] = harness.rows("SELECT looked, planned FROM reminder_rounds")
        assert (looked, planned) == (len(people), len(harness.outbox("id")))
        harness.run("DELETE FROM reminder_rounds")
        harness.drop_notices()
    assert ends


async def test_reminders_that_are_sent_under_kills_come_once_and_only_what_may_have_come_is_given_up(
    harness: LiveHarness,
) -> None:
    """A message whose answer was lost is looked for or given up, and never simply sent again."""
    people = [person for (person,) in harness.rows("SELECT user_id FROM links ORDER BY user_id")]
    for person in people:
        harness.person(person).person.started = True
    harness.run("DELETE FROM reminder_rounds WHERE day = ?", DAY)
    harness.options |= {"tick": 0.2, "idle": 0.1, "bulk": RATE}
    await harness.start()
    while harness.kills < KILLS:
        harness.child.tell(crash_at=random.randint(1, STEPS))
        await harness.until(lambda: harness.child.ended is not None or all_wait(harness))
        assert harness.child.ended is not None, f"nothing is left to send before kill {harness.kills + 1}"
        await harness.revive()
    while not settled(harness):  # messages that cannot be looked for yet have their next try later
        await harness.until(lambda: all_wait(harness))
        harness.ahead += LATER[-1]
        await harness.restart()
    got = Counter(call.params["chat_id"] for call in harness.world.calls if call.method == "sendMessage" and call.ok)
    rows = sorted(harness.outbox("user_id, state, doubts"))
    assert [person for person, _, _ in rows] == people
    assert {person: count for person, count in got.items() if count > 1} == {}
    assert {person for person, state, _ in rows if state == "sent"} <= got.keys()
    assert {(state, doubts > 0) for _, state, doubts in rows} <= {("sent", False), ("sent", True), ("failed", True)}


async def test_a_batch_that_is_cut_off_before_it_leaves_is_sent_once_and_nothing_of_it_is_given_up(
    harness: LiveHarness, fork_server: ForkServer
) -> None:
    """All of it has begun, and the notes of what has left say that nothing has."""
    for (person,) in harness.rows("SELECT user_id FROM links"):
        harness.person(person).person.started = True
    harness.run("DELETE FROM reminder_rounds WHERE day = ?", DAY)
    planning = await fork_server.start(bot_child.REMIND, harness.settings, harness.folder, day=DAY, page=PAGE)
    assert await planning.exit_code() == 0
    harness.options |= {"tick": 0.2, "idle": 0.1, "bulk": FAST}
    await harness.start()
    await harness.until(lambda: harness.outbox("id", state="sent"))  # the newest id is known
    for _ in range(CUTS):
        harness.child.tell(crash_at="before sendMessage")
        await harness.until(lambda: harness.child.ended is not None)
        assert len(harness.outbox("id", state="sending")) > 1
        await harness.revive()
    await harness.until(lambda: settled(harness))
    assert harness.outbox("state") == [("sent",)] * COUNT
    got = Counter(call.params["chat_id"] for call in harness.world.calls if call.method == "sendMessage" and call.ok)
    assert set(got.values()) == {1}
    assert len(got) == COUNT


def all_wait(harness: LiveHarness) -> bool:
    """Nothing is to be sent now."""
    return len(harness.outbox("id")) == COUNT and not harness.due(harness.now())


def settled(harness: LiveHarness) -> bool:
    return len(harness.outbox("id")) == COUNT and not harness.outbox("id", ended_at=None)
