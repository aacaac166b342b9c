"""Many people who talk to the bot at the same time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from tests.faults.checker import Seen, Tally, seen
from tests.faults.live import LiveHarness
from tests.faults.stories import STORIES, Story

PEOPLE: Final = 12


async def have(harness: LiveHarness, story: Story, crash_at: int | str | None = None, *, hasty: bool = False) -> Seen:
    """One conversation from beginning to end, by somebody new; checked for what must have come of it.

    `crash_at`: the step of the story proper at which the process is killed.
    """
    part = story.cast(harness, hasty=hasty)
    try:
        await story.before(part)
        harness.child.tell(crash_at=crash_at)
        await story.tell(part)
        await harness.quiet(part.someone.id)
        harness.child.tell(crash_at=None)
        story.check(part)
    except BaseException as error:
        error.add_note(f"{story.name}, person {part.someone.id}, {hasty=}, step {crash_at}: {harness.crashed[-1:]}")
        raise
    return seen(harness, part.someone)


@asynccontextmanager
async def crowd(
    harness: LiveHarness, tally: Tally, people: int = PEOPLE, stories: Sequence[Story] = STORIES
) -> AsyncIterator[None]:
    """People who talk, one conversation after another, while the block lasts; what they began they finish.
    Every other one is hasty."""
    expected = {story.name: await have(harness, story) for story in stories}
    over = asyncio.Event()

    async def talk(chance: random.Random, *, hasty: bool) -> None:
        own = [story for story in stories if story.for_hasty or not hasty]
        while not over.is_set():
            story = chance.choice(own)
            tally.count(harness, expected[story.name], await have(harness, story, hasty=hasty), hasty=hasty)

    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(talk(random.Random(random.random()), hasty=number % 2 == 0))
        yield
        over.set()
    tally.close(harness)
