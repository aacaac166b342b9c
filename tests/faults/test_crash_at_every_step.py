"""Each conversation is had again and again, with the process killed at its first step, its second, its third …,
until it is had without a kill."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.faults.checker import Tally
from tests.faults.crowd import have
from tests.faults.live import Found, LiveHarness, LockedMailbox, MarketPlace
from tests.faults.stories import (
    ALBUM,
    APPEAL,
    BY_MAIL,
    CHANGED_SUM,
    DESK,
    PAPERS,
    PAYING,
    STORIES,
    TRUST,
    Story,
)

FEWEST: Final = 20  # kills of each conversation, 200 in all
assert len(STORIES) * FEWEST >= 200
HASTE: Final = {"tick": 0.3, "pause": 0.0, "idle": 0.5}  # nothing waits for time to pass


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_crash_at_any_step_of_a_conversation_spoils_nothing(
    harness: LiveHarness, tally: Tally, story: Story
) -> None:
    await _crash_everywhere(harness, tally, story)
    assert harness.kills >= FEWEST


@pytest.mark.parametrize("story", TRUST, ids=lambda story: story.name)
async def test_a_crash_at_any_step_of_trust_spoils_nothing(harness: LiveHarness, tally: Tally, story: Story) -> None:
    await _crash_everywhere(harness, tally, story)
    assert {"before a commit", "after a commit"} <= set(harness.crashed)


@pytest.mark.parametrize("story", BY_MAIL, ids=lambda story: story.name)
async def test_a_crash_at_any_step_of_receipts_by_mail_spoils_nothing(
    harness: LiveHarness, tally: Tally, story: Story
) -> None:
    """Each letter, each span without paper and each reason is there once."""
    await _crash_everywhere(harness, tally, story, "before a letter", "after a letter")
    assert {"before a commit", "after a commit", "before a letter", "after a letter"} <= set(harness.crashed)


async def test_a_crash_at_any_step_of_paying_makes_one_payment_and_tells_it(
    found: Found, tally: Tally, unused_tcp_port: int
) -> None:
    async with MarketPlace() as sandbox, LockedMailbox() as mailbox, found("paying", sandbox, mailbox) as harness:
        harness.settings |= sandbox.settings(unused_tcp_port)
        await _crash_everywhere(harness, tally, PAYING)
        assert any("POST" in crash for crash in harness.crashed)
        assert any("GET" in crash for crash in harness.crashed)


async def test_a_crash_at_any_step_of_an_appeal_makes_one_with_all_its_parts(
    harness: LiveHarness, tally: Tally
) -> None:
    """Each has one topic of its own, which holds each part once."""
    group = harness.world.add_staff_group("Поддержка")
    harness.settings["SUPPORT_CHAT_ID"] = str(group.id)
    await _crash_everywhere(harness, tally, APPEAL)
    sent = harness.rows("SELECT thread_id, text FROM appeal_messages JOIN desk_topics USING (appeal) WHERE text != ''")
    said = ((one.thread_id, one.json.get("text") or one.json.get("caption", "")) for one in group.messages.values())
    stand = [(thread, html.escape(text)) for thread, text in said]
    assert [one for one in sent if stand.count(one) != 1] == []
    assert len(group.topics) - 1 == len(harness.rows("SELECT 1 FROM appeals")) == len({thread for thread, _ in sent})
    assert {"before a commit", "after a commit"} <= set(harness.crashed)


async def test_an_album_of_ten_with_a_kill_in_the_middle_is_one_appeal_of_ten_parts(harness: LiveHarness) -> None:
    """While its parts come in, and when the staff get them."""
    group = harness.world.add_staff_group("Поддержка")
    harness.settings["SUPPORT_CHAT_ID"] = str(group.id)
    harness.options |= HASTE
    await harness.start()
    await have(harness, ALBUM)
    middle = (3, 8, 13, 18)
    for step in (*middle, "after sendMediaGroup", "before sendMediaGroup"):
        await have(harness, ALBUM, step)
    assert harness.kills == len(middle) + 2


@pytest.mark.parametrize("story", DESK, ids=lambda story: story.name)
async def test_a_crash_at_any_step_of_the_desk_loses_nothing_and_answers_once(
    harness: LiveHarness, tally: Tally, story: Story
) -> None:
    """A question of the customer, or a line about the account, may come twice after a kill, and is never missing."""
    group = harness.world.add_staff_group("Поддержка")
    harness.settings["SUPPORT_CHAT_ID"] = str(group.id)
    await _crash_everywhere(harness, tally, story)
    assert {"before a commit", "after a commit"} <= set(harness.crashed)
    assert any("send" in crash for crash in harness.crashed)


async def _crash_everywhere(harness: LiveHarness, tally: Tally, story: Story, *named: str) -> None:
    tally.alone = True
    harness.options |= HASTE
    await harness.start()
    expected = await have(harness, story)
    assert expected.screens[-1].startswith(story.ends)
    for step in _steps(*named):
        kills = harness.kills
        tally.count(harness, expected, await have(harness, story, step))
        if harness.kills == kills and isinstance(step, int):
            break
    await harness.through(lambda: not harness.outbox("id", ended_at=None))
    tally.close(harness)


def _steps(*named: str) -> Iterator[str | int]:
    """Named steps come first: steps side by side have another order each time, and the one before a commit counts only
    where something else has left the process since."""
    yield "before a commit"
    yield from named
    yield from itertools.count(1)


async def test_a_crash_at_any_step_makes_one_link_to_what_another_has_left(
    found: Found, tally: Tally, unused_tcp_port: int
) -> None:
    async with MarketPlace() as sandbox, LockedMailbox() as mailbox, found("changed", sandbox, mailbox) as harness:
        harness.settings |= sandbox.settings(unused_tcp_port)
        harness.options |= HASTE
        await harness.start()
        for step in _steps():
            kills = harness.kills
            await have(harness, CHANGED_SUM, step)  # its notice is a message where a kill came after the notice
            if harness.kills == kills and isinstance(step, int):
                break
        tally.close(harness)
        assert {"before a commit", "after a commit"} <= set(harness.crashed)


async def test_a_letter_that_a_kill_repeats_is_the_same_letter(harness: LiveHarness) -> None:
    """The mail server has taken it, and nobody has noted that."""
    await harness.start()
    part = PAPERS.cast(harness)
    await PAPERS.before(part)
    harness.child.tell(crash_at="after a letter")
    await PAPERS.tell(part)
    await harness.quiet(part.someone.id)
    PAPERS.check(part)
    assert (harness.crashed, part.letters()) == (["after a letter"], 2)
    [name] = {letter.message["Message-ID"] for letter in harness.mailbox.letters}
    assert re.fullmatch(r"<[0-9a-f]{32}@localhost>", name)


async def test_every_durable_write_is_a_step(harness: LiveHarness) -> None:
    """SQLite's own log of commits has as many as were counted."""
    await harness.start()
    for story in STORIES:
        await have(harness, story)
    harness.child.kill()
    await harness.child.exit_code()
    assert _commits_in_log(harness) == sum("commit" in word for word in harness.child.said)


def _commits_in_log(harness: LiveHarness) -> int:
    """Frames of the write-ahead log that end a transaction: those that name the database's size in pages."""
    log = harness.database.with_name(f"{harness.database.name}-wal").read_bytes()
    page, salt = int.from_bytes(log[8:12], "big"), log[16:24]
    heads = (log[place : place + 24] for place in range(32, len(log), 24 + page))
    return sum(head[8:16] == salt and any(head[4:8]) for head in heads)
