"""Many people talk at once, and the process is killed again and again, at any moment."""

from __future__ import annotations

import asyncio
import random
from typing import Final

import pytest

from tests.faults.checker import Seen, Tally, seen
from tests.faults.live import LiveTown
from tests.faults.stories import STORIES, Story

PEOPLE: Final = 12
KILLS: Final = 30
COMMITS: Final = 50  # at most between a start and the next kill, on a machine of any speed
MOMENT: Final = 0.02  # seconds that the kill may come later


@pytest.mark.parametrize("round_", range(2))
async def test_kills_at_any_moment_spoil_nothing(town: LiveTown, tally: Tally, round_: int) -> None:
    """`random` begins where pytest-randomly says: `-p randomly -p "randomly_seed=…"` has the same moments again."""
    chance = random.Random(random.random() + round_)
    await town.start()
    expected = {story.name: await _have(town, story) for story in STORIES}
    async with asyncio.TaskGroup() as group:
        over = asyncio.Event()
        for _ in range(PEOPLE):
            group.create_task(_talk(town, tally, expected, random.Random(chance.random()), over))
        for _ in range(KILLS):
            await town.commits(chance.randint(1, COMMITS))
            await asyncio.sleep(chance.uniform(0, MOMENT))
            await town.kill()
        over.set()
    tally.close(town)


async def _talk(
    town: LiveTown, tally: Tally, expected: dict[str, Seen], chance: random.Random, over: asyncio.Event
) -> None:
    while not over.is_set():
        story = chance.choice(STORIES)
        tally.count(town, expected[story.name], await _have(town, story))


async def _have(town: LiveTown, story: Story) -> Seen:
    part = story.cast(town)
    try:
        await story.before(part)
        await story.tell(part)
        story.check(part)
    except BaseException as error:
        error.add_note(story.name)
        raise
    return seen(town, part.someone)
