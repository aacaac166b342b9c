"""SIGTERM, again and again while people talk: exit code 0 in time, and nobody notices."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
from contextlib import closing
from typing import Final

import pytest

from tests.faults.checker import Tally
from tests.faults.crowd import crowd
from tests.faults.live import LiveHarness
from tests.faults.stories import READINGS

STOPS: Final = 12
PEOPLE: Final = 5
PATIENCE: Final = 8  # seconds


async def test_stops_under_load_are_in_time_and_nobody_notices(harness: LiveHarness, tally: Tally) -> None:
    await harness.start()
    async with crowd(harness, tally):
        for _ in range(STOPS):
            await harness.commits(random.randint(1, 50))
            assert await harness.restart() < PATIENCE
    assert tally.repeated == 0


async def test_what_cannot_be_finished_in_time_is_left_for_the_next_process(harness: LiveHarness, tally: Tally) -> None:
    """Telegram holds the answer for ever."""
    await harness.start()
    part = READINGS.cast(harness)
    harness.world.faults.add("hang", method="sendMessage", chat_id=part.someone.id)
    part.someone.types("/menu")
    await harness.called("sendMessage")
    assert await harness.restart(harness.world.faults.clear) < PATIENCE
    await harness.quiet()
    assert [screen[:1] for screen in part.someone.screens] == ["🏠"]
    tally.close(harness)


async def test_a_database_that_another_process_holds_makes_no_stop_late(harness: LiveHarness, tally: Tally) -> None:
    """Each of these people's updates is answered and waits to be marked as done."""
    await harness.start()
    parts = [READINGS.cast(harness) for _ in range(PEOPLE)]
    await asyncio.gather(*(READINGS.before(part) for part in parts))
    for part in parts:
        harness.world.faults.add("delay", method="sendMessage", chat_id=part.someone.id, seconds=0.5)
        part.someone.types("/menu")
    await harness.until(lambda: len(harness.undone_updates()) == PEOPLE)
    with closing(sqlite3.connect(harness.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        await harness.called("sendMessage", PEOPLE)
        assert await harness.restart(holder.rollback) < PATIENCE
    await harness.quiet()
    for part in parts:
        assert part.someone.screen.startswith("🏠")
    tally.close(harness)


async def test_a_second_process_on_the_same_database_says_why_it_does_not_run(harness: LiveHarness) -> None:
    await harness.start()
    first, second = harness.child, await harness.spawn()
    assert await second.exit_code() == 2
    words = second.log.read_text().splitlines()
    assert words == [f"another process already runs on {harness.database}; stop it first"]
    assert first.ended is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_with_nothing_to_do_ends_at_once(harness: LiveHarness, number: signal.Signals) -> None:
    await harness.start()
    harness.child.kill(number)
    assert await harness.child.exit_code(PATIENCE) == 0
    assert "Traceback" not in harness.logs()
