"""A round of reminders under kills: it goes on where it ended, and plans each once."""

from __future__ import annotations

import random
from typing import Final

from tests.faults import bot_child
from tests.faults.fork_server import ForkServer
from tests.faults.live import LiveHarness

DAY: Final = "2026-11-23"
PAGE: Final = 5
KILLS: Final = 50


async def test_a_round_that_is_killed_at_any_commit_leaves_nobody_out_and_plans_nothing_twice(
    harness: LiveHarness, fork_server: ForkServer
) -> None:
    """A commit is two steps, so that kills come before and after each."""
    harness.run("DELETE FROM reminder_rounds")
    kills, ends = 0, 0
    due: list[tuple[int, str]] = []
    while kills < KILLS:
        child = await fork_server.start(
            bot_child.REMIND, harness.settings, harness.folder, day=DAY, page=PAGE, crash_at=random.randint(1, 8)
        )
        if (code := await child.exit_code()) == -9:
            kills += 1
            continue
        assert code == 0, child.log.read_text()
        ends += 1
        found = harness.rows("SELECT user_id, facts FROM outbox WHERE kind = 'remind_readings' ORDER BY user_id")
        due = due or found
        assert found == due
        people = harness.rows("SELECT DISTINCT user_id FROM links ORDER BY user_id")
        assert [(person,) for person, _ in found] == people
        [(looked, planned)] = harness.rows("SELECT looked, planned FROM reminder_rounds")
        assert (looked, planned) == (len(people), len(harness.rows("SELECT 1 FROM outbox WHERE kind LIKE 'remind%'")))
        harness.run("DELETE FROM reminder_rounds")
        harness.run("DELETE FROM outbox")
    assert ends
