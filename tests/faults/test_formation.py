"""Formation day under kills: of the process that forms, and of the bot while it sends."""

from __future__ import annotations

import random
from typing import Final

from tests.faults import bot_child
from tests.faults.fork_server import ForkServer
from tests.faults.live import LiveHarness

SUBSCRIBERS: Final = 300
PAGE: Final = 20
PERIOD: Final = "2026-10"
RECIPIENTS: Final = 30  # to whom receipts are really sent
KILLS: Final = 6

_SUBSCRIBE: Final = """
    INSERT INTO subscriptions (account, user_id, channel, since, address)
    SELECT account, user_id, 'telegram', '2026-11-01 00:00:00.000000', '' FROM links ORDER BY user_id LIMIT ?
"""


def subscribe(harness: LiveHarness, count: int) -> list[int]:
    """So many owners subscribe; their ids."""
    harness.run("UPDATE links SET trust = 'verified', verified_at = '2026-11-01 00:00:00.000000'")
    harness.run(_SUBSCRIBE, count)
    return [person for (person,) in harness.rows("SELECT user_id FROM subscriptions ORDER BY user_id")]


async def test_a_formation_that_is_killed_at_any_commit_leaves_nobody_out_and_tells_nobody_twice(
    harness: LiveHarness, fork_server: ForkServer
) -> None:
    """Kills come after commits: one before a commit leaves what the commit before it left."""
    people, kills = subscribe(harness, SUBSCRIBERS), 0
    while True:
        child = await fork_server.start(
            bot_child.FORM,
            harness.settings,
            harness.folder,
            period=PERIOD,
            page=PAGE,
            crash_at=random.randint(1, 3),
        )
        if (code := await child.exit_code()) == 0:
            break
        assert code == -9, child.log.read_text()
        kills += 1
    assert kills >= SUBSCRIBERS // PAGE / 3
    assert sorted(person for (person,) in harness.outbox("user_id", kind="receipt_ready")) == people
    formed = "SELECT user_id, edition FROM receipt_deliveries ORDER BY user_id"
    assert harness.rows(formed) == [(person, 1) for person in people]
    again = await fork_server.start(bot_child.FORM, harness.settings, harness.folder, period=PERIOD, page=PAGE)
    assert await again.exit_code() == 0
    assert f"to send 0; sent or on the way already {SUBSCRIBERS}" in again.log.read_text()


async def test_receipts_that_are_sent_under_kills_come_once_or_are_told_as_missed(harness: LiveHarness) -> None:
    """The bot forms them by itself. One that may have arrived and cannot be looked for is not sent again."""
    people = [harness.person(one) for one in subscribe(harness, RECIPIENTS)]
    for one in people:
        one.types("/menu")
    harness.run("UPDATE charged_months SET changed_at = '2026-11-01 00:00:00.000000'")
    harness.options |= {"tick": 0.2, "idle": 0.1}
    await harness.start()
    for _ in range(KILLS):
        harness.child.tell(crash_at=random.randint(1, 25))
        await harness.survive(lambda: harness.child.ended is not None or settled(harness))
        await harness.revive()
    await harness.survive(lambda: settled(harness))
    assert len(harness.killed_at) == KILLS
    got = {one.id: len(one.documents) for one in people}
    told = {one.id: "возможно, не дошла" in one.seen for one in people}
    assert [person for person, count in got.items() if count > 1] == []
    assert [person for person, count in got.items() if not count and not told[person]] == []


def settled(harness: LiveHarness) -> bool:
    [(formed,)] = harness.rows("SELECT count(*) FROM receipt_deliveries")
    return bool(formed == RECIPIENTS) and not harness.outbox("id", ended_at=None)
