"""An update that cannot be read, one whose handler always fails, a chat that Telegram answers never: nobody else
waits longer for that."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any, Final

from tests.faults.live import LiveHarness
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


async def test_poison_delays_nobody_else(harness: LiveHarness) -> None:
    unlucky, stuck = READINGS.cast(harness), READINGS.cast(harness)
    harness.options["broken"] = unlucky.home.account
    await harness.start()
    harness.world.faults.add("reset_before", method="send*", chat_id=stuck.someone.id)
    for body in UNREADABLE:
        harness.world.updates.put_raw(dict(body))
    unlucky.someone.types("/menu")
    stuck.someone.types("/menu")
    waits = await _let_the_neighbours_talk(harness)
    assert max(waits) < SOON
    await _until_parked(harness, len(UNREADABLE) + 1)
    await harness.until(lambda: any(TROUBLE in screen for screen in unlucky.someone.screens))
    harness.world.faults.clear()
    await harness.quiet()
    assert stuck.someone.screen.startswith("🏠")
    assert "ZeroDivisionError" in harness.logs()


async def test_chats_that_hang_delay_nobody_else(harness: LiveHarness) -> None:
    """More of them than are worked off at once; Telegram takes the connection and never answers."""
    await harness.start()
    stuck, neighbour = [READINGS.cast(harness) for _ in range(HANGING)], READINGS.cast(harness)
    for part in stuck:
        harness.world.faults.add("hang", method="send*", chat_id=part.someone.id)
        part.someone.types("/menu")
    await READINGS.before(neighbour)
    await READINGS.tell(neighbour)
    READINGS.check(neighbour)
    assert max(_calls_to(harness, stuck).values()) == 1, "a hanging call has ended before"
    harness.world.faults.clear()
    await harness.kill()
    await harness.quiet()
    assert [part.someone.screen[:1] for part in stuck] == ["🏠"] * HANGING


async def test_poison_that_outlives_a_kill_is_still_put_aside(harness: LiveHarness) -> None:
    unlucky = READINGS.cast(harness)
    harness.options["broken"] = unlucky.home.account
    await harness.start()
    unlucky.someone.types("/menu")
    await harness.until(lambda: any(tries for (tries,) in harness.inbox("tries")))
    await harness.kill()
    await _until_parked(harness, 1)
    await harness.quiet()
    assert max(await _let_the_neighbours_talk(harness)) < SOON


async def _let_the_neighbours_talk(harness: LiveHarness) -> list[float]:
    """Seconds that each of them waited at most."""
    stories = [story for story in STORIES if story.name != "papers"][:NEIGHBOURS]
    parts = [(story, story.cast(harness)) for story in stories]
    timed = [Timed(part) for _, part in parts]

    async def have(story: Any, part: Part) -> None:
        await story.before(part)
        await story.tell(part)
        story.check(part)

    await asyncio.gather(*(have(story, part) for story, part in parts))
    return [one.longest for one in timed]


def _calls_to(harness: LiveHarness, parts: list[Part]) -> Counter[int]:
    """Numbers of calls by chat; a call without an answer is made anew when it has ended."""
    chats = {part.someone.id for part in parts}
    sent = (int(call.params.get("chat_id", 0)) for call in harness.world.calls if call.method.startswith("send"))
    return Counter(chat for chat in sent if chat in chats)


async def _until_parked(harness: LiveHarness, count: int) -> None:
    await harness.until(lambda: len(harness.dead_letters()) == count)
