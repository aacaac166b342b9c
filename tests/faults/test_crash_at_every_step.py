"""Each conversation is had again and again, with the process killed at its first step, its second, its third …,
until it is had without a kill."""

from __future__ import annotations

import itertools
import re
from typing import Final

import pytest

from tests.faults.checker import Tally
from tests.faults.crowd import have
from tests.faults.live import Found, LiveTown, LockedMailbox, MarketPlace
from tests.faults.stories import CHANGED_SUM, PAPERS, PAYING, STORIES, TRUST, Story

FEWEST: Final = 20  # kills of each conversation, 200 in all
assert len(STORIES) * FEWEST >= 200
HASTE: Final = {"tick": 0.1, "pause": 0.0, "idle": 0.5}  # nothing waits for time to pass


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_crash_at_any_step_of_a_conversation_spoils_nothing(town: LiveTown, tally: Tally, story: Story) -> None:
    await _crash_everywhere(town, tally, story)
    assert town.kills >= FEWEST


@pytest.mark.parametrize("story", TRUST, ids=lambda story: story.name)
async def test_a_crash_at_any_step_of_trust_spoils_nothing(town: LiveTown, tally: Tally, story: Story) -> None:
    await _crash_everywhere(town, tally, story)
    assert {"before a commit", "after a commit"} <= set(town.crashed)


async def test_a_crash_at_any_step_of_paying_makes_one_payment_and_tells_it(
    found: Found, tally: Tally, unused_tcp_port: int
) -> None:
    async with MarketPlace() as sandbox, LockedMailbox() as mailbox, found("paying", sandbox, mailbox) as town:
        town.settings |= sandbox.settings(unused_tcp_port)
        await _crash_everywhere(town, tally, PAYING)
        assert any("POST" in crash for crash in town.crashed)
        assert any("GET" in crash for crash in town.crashed)


async def _crash_everywhere(town: LiveTown, tally: Tally, story: Story) -> None:
    tally.alone = True
    town.options |= HASTE
    await town.start()
    expected = await have(town, story)
    assert expected.screens[-1].startswith(story.ends)
    for step in itertools.count(1):
        kills = town.kills
        tally.count(town, expected, await have(town, story, step))
        if town.kills == kills:
            break
    tally.close(town)


async def test_a_crash_at_any_step_of_a_payment_that_is_due_no_more_makes_none(
    found: Found, tally: Tally, unused_tcp_port: int
) -> None:
    async with MarketPlace() as sandbox, LockedMailbox() as mailbox, found("changed", sandbox, mailbox) as town:
        town.settings |= sandbox.settings(unused_tcp_port)
        town.options |= HASTE
        await town.start()
        for step in itertools.count(1):
            kills = town.kills
            await have(town, CHANGED_SUM, step)  # its notice is a message where a kill came after the notice
            if town.kills == kills:
                break
        tally.close(town)
        assert {"before a commit", "after a commit"} <= set(town.crashed)


async def test_a_letter_that_a_kill_repeats_is_the_same_letter(town: LiveTown) -> None:
    """The mail server has taken it, and nobody has noted that."""
    await town.start()
    part = PAPERS.cast(town)
    await PAPERS.before(part)
    town.child.tell(crash_at="after a letter")
    await PAPERS.tell(part)
    await town.quiet(part.someone.id)
    PAPERS.check(part)
    assert (town.crashed, part.letters()) == (["after a letter"], 2)
    [name] = {letter.message["Message-ID"] for letter in town.mailbox.letters}
    assert re.fullmatch(r"<[0-9a-f]{32}@localhost>", name)


async def test_every_durable_write_is_a_step(town: LiveTown) -> None:
    """SQLite's own log of commits has as many as were counted."""
    await town.start()
    for story in STORIES:
        await have(town, story)
    town.child.kill()
    await town.child.exit_code()
    assert _commits_in_log(town) == sum("commit" in word for word in town.child.said)


def _commits_in_log(town: LiveTown) -> int:
    """Frames of the write-ahead log that end a transaction: those that name the database's size in pages."""
    log = town.database.with_name(f"{town.database.name}-wal").read_bytes()
    page, salt = int.from_bytes(log[8:12], "big"), log[16:24]
    heads = (log[place : place + 24] for place in range(32, len(log), 24 + page))
    return sum(head[8:16] == salt and any(head[4:8]) for head in heads)
