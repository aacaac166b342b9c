"""An update that cannot be read, one whose handler always fails, a chat that Telegram answers never: nobody else
waits longer for that."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from tests.faults.live import LiveTown
from tests.faults.stories import READINGS, STORIES, Part

SOON: Final = 2  # seconds
NEIGHBOURS: Final = 6
HANGING: Final = 100
UNREADABLE: Final[list[dict[str, Any]]] = [
    {"message": "not even an object"},
    {"message": {"message_id": "what?", "chat": {"id": []}}},
    {"callback_query": {"id": 5}},
]
TROUBLE: Final = "Это наша ошибка, мы о ней уже знаем."


class Timed:
    """Measures how long a person waits after each action."""

    def __init__(self, part: Part) -> None:
        self.longest = 0.0
        self._quiet = part.someone._quiet
        part.someone._quiet = self

    async def __call__(self) -> None:
        began = time.monotonic()
        await self._quiet()
        self.longest = max(self.longest, time.monotonic() - began)


async def test_poison_delays_nobody_else(town: LiveTown) -> None:
    unlucky, stuck = READINGS.cast(town), READINGS.cast(town)
    town.options["broken"] = unlucky.home.account
    await town.start()
    town.world.faults.add("reset_before", method="send*", chat_id=stuck.someone.id)
    for body in UNREADABLE:
        town.world.updates.put_raw(dict(body))
    unlucky.someone.types("/menu")
    stuck.someone.types("/menu")
    waits = await _let_the_neighbours_talk(town)
    assert max(waits) < SOON
    await _until_parked(town, len(UNREADABLE) + 1)
    await town.until(lambda: any(TROUBLE in screen for screen in unlucky.someone.screens))
    town.world.faults.clear()
    await town.quiet()
    assert stuck.someone.screen.startswith("🏠")
    assert "ZeroDivisionError" in town.logs()


async def test_chats_that_hang_delay_nobody_else(town: LiveTown) -> None:
    """More of them than are worked off at once; Telegram takes the connection and never answers."""
    await town.start()
    stuck, neighbour = [READINGS.cast(town) for _ in range(HANGING)], READINGS.cast(town)
    for part in stuck:
        town.world.faults.add("hang", method="send*", chat_id=part.someone.id)
        part.someone.types("/menu")
    timed = Timed(neighbour)
    await READINGS.before(neighbour)
    await READINGS.tell(neighbour)
    READINGS.check(neighbour)
    assert timed.longest < SOON
    town.world.faults.clear()
    await town.kill()
    await town.quiet()
    assert [part.someone.screen[:1] for part in stuck] == ["🏠"] * HANGING


async def test_poison_that_outlives_a_kill_is_still_put_aside(town: LiveTown) -> None:
    unlucky = READINGS.cast(town)
    town.options["broken"] = unlucky.home.account
    await town.start()
    unlucky.someone.types("/menu")
    await town.until(lambda: town.rows("SELECT 1 FROM inbox WHERE tries > 0"))
    await town.kill()
    await _until_parked(town, 1)
    await town.quiet()
    assert max(await _let_the_neighbours_talk(town)) < SOON


async def _let_the_neighbours_talk(town: LiveTown) -> list[float]:
    """Seconds that each of them waited at most."""
    stories = [story for story in STORIES if story.name != "papers"][:NEIGHBOURS]
    parts = [(story, story.cast(town)) for story in stories]
    timed = [Timed(part) for _, part in parts]

    async def have(story: Any, part: Part) -> None:
        await story.before(part)
        await story.tell(part)
        story.check(part)

    await asyncio.gather(*(have(story, part) for story, part in parts))
    return [one.longest for one in timed]


async def _until_parked(town: LiveTown, count: int) -> None:
    await town.until(lambda: town.rows("SELECT count(*) FROM inbox WHERE parked_at IS NOT NULL") == [(count,)])
