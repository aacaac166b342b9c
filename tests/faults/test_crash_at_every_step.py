"""Each conversation is had again and again, with the process killed at its first step, its second, its third …,
until it is had without a kill."""

from __future__ import annotations

import itertools

import pytest

from tests.faults.checker import Seen, Tally, seen
from tests.faults.live import LiveTown
from tests.faults.stories import STORIES, Story


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_crash_at_any_step_of_a_conversation_spoils_nothing(town: LiveTown, tally: Tally, story: Story) -> None:
    await town.start()
    expected = await _have(town, story)
    assert expected.last.startswith(story.ends)
    for step in itertools.count(1):
        kills = town.kills
        tally.count(town, expected, await _have(town, story, step))
        if town.kills == kills:
            break
    tally.close(town)


async def _have(town: LiveTown, story: Story, step: int | None = None) -> Seen:
    """One conversation from beginning to end, by somebody new."""
    part = story.cast(town)
    await story.before(part)
    town.child.tell(crash_at=step)
    try:
        await story.tell(part)
        story.check(part)
    except BaseException as error:
        error.add_note(f"step {step}: {(town.crashed or ['no crash'])[-1]}")
        raise
    town.child.tell(crash_at=None)
    return seen(town, part.someone)
