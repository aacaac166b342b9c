"""The outbox and the mail server, as the use cases see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.notices.models import Channel, Notice


class NoticeRepository(Protocol):
    async def tell(self, notice: Notice, at: datetime) -> None:
        """Queue a message to a customer; a second one with the same key is ignored."""
        ...

    async def letters_since(self, user_id: int, kinds: Collection[str], since: datetime) -> int:
        """How many letters of these kinds were queued for a person."""
        ...

    async def tell_all(self, notices: Sequence[Notice], at: datetime) -> None:
        """The same for many bulk ones at once."""
        ...

    async def plan(self, planned: Sequence[tuple[Notice, datetime]], at: datetime) -> None:
        """The same for bulk ones, each for a moment of its own until which others pass it; not for people who have
        stopped the bot, whose are planned when they come back, nor for those who have erased everything."""
        ...

    async def known(self, keys: Collection[str]) -> frozenset[str]:
        """Keys among these whose messages were queued."""
        ...

    async def planned(self, user_id: int, after: datetime) -> Sequence[tuple[str, datetime]]:
        """Keys and moments of a person's messages that are planned for after a moment."""
        ...

    async def plan_anew(self, key: str, moment: datetime) -> None: ...

    async def waiting(self, keys: Collection[str]) -> frozenset[str]:
        """Keys among these whose messages are yet to be sent."""
        ...

    async def knows(self, key: str) -> bool:
        """Whether the message with this key was queued."""
        ...

    async def delivered_at(self, key: str) -> datetime | None:
        """When the message with this key reached the customer, None if it has not."""
        ...

    async def hold(self, key: str, until: datetime) -> None:
        """It waits, and does not keep later ones waiting."""
        ...

    async def drop(self, key: str, at: datetime) -> None: ...

    async def hurry(self, user_id: int, line: str, at: datetime) -> None:
        """The notices of a line need not wait any longer."""
        ...

    async def drop_edits(self, user_id: int, message_id: int, at: datetime) -> None:
        """The message shows something newer than the edits of it that wait."""
        ...

    async def release(self, user_id: int, at: datetime) -> None:
        """Notices that are held for a person may go out."""
        ...


@dataclass(frozen=True, slots=True)
class Queued:
    """A notice on its way to `chat_id`. `tries` began before this one; `doubts` of them may have arrived."""

    id: int
    notice: Notice
    chat_id: int
    tries: int
    doubts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BeginTry:
    """The notice is about to leave: from here on it may have arrived when the process ends."""

    queued: Queued


@dataclass(frozen=True, slots=True)
class Delivered:
    queued: Queued
    at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """`doubts`: as in `PutOff`."""

    queued: Queued
    at: datetime
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class PutOff:
    """The next try comes after a pause. `doubts`: how many more tries may have arrived."""

    queued: Queued
    at: datetime
    pause: timedelta
    doubts: int = 0


Ending = Delivered | GivenUp | PutOff
Change = BeginTry | Ending


class OutboxQueue(Protocol):
    """The outbox, as its sender sees it."""

    async def due(self, channel: Channel, now: datetime, limit: int) -> Sequence[Queued]:
        """The first notice of each chat, the oldest first of a group's lines: the most urgent and then the oldest
        first."""
        ...

    async def catch_up(self, now: datetime) -> None:
        """Make due the notices that wait only because the clock was set back meanwhile: not those for after the quiet
        hours."""
        ...

    async def unfinished(self, channel: Channel) -> Sequence[Queued]:
        """Notices that an earlier process was sending when it ended: they may have arrived."""
        ...

    async def note(self, changes: Sequence[Change]) -> Sequence[bool]:
        """In one transaction. False: the notice was dropped before its try could begin."""
        ...

    async def standing(self, batch: Sequence[Queued]) -> set[int]:
        """Ids of those that have neither ended nor been erased."""
        ...

    async def make_new(self, queued: Queued) -> None:
        """The message that it was to edit is gone: it is a message of its own from now on."""
        ...

    async def stop_for(self, user_id: int, at: datetime) -> bool:
        """A person has stopped the bot. False: the id is of no customer."""
        ...

    async def move(self, old_id: int, new_id: int) -> None:
        """The group has got another id for ever."""
        ...


@dataclass(frozen=True, slots=True)
class LetterLink:
    """A button that leads to an https address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class LetterTable:
    """Lines of a letter whose cells stand below one another; pairs of a name and a fact where it has no heads."""

    rows: tuple[tuple[str, ...], ...]
    heads: tuple[str, ...] = ()


LetterPart = str | LetterLink | LetterTable  # a paragraph, with breaks of lines, is a str


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain words, from which a mail program gets a text and HTML. `attachment`: file name and PDF. `key`: the same
    one again is the same letter, which a mailbox may drop. `unsubscribe`: of a letter that comes by itself."""

    key: str
    to: str
    subject: str
    parts: tuple[LetterPart, ...]
    footer: str = ""
    attachment: tuple[str, bytes] | None = None
    unsubscribe: LetterLink | None = None
    language: str = "ru"

    @property
    def text(self) -> str:
        """The letter without HTML, addresses in full."""
        last = [part for part in (self.footer, self.unsubscribe) if part]
        return "\n\n".join(map(_plain, (*self.parts, *last))) + "\n"


def _plain(part: LetterPart) -> str:
    match part:
        case LetterLink(label, url):
            return f"{label}:\n{url}"
        case LetterTable(rows, heads):
            lines = (heads, *rows) if heads else rows
            return "\n".join((" | " if heads else ": ").join(line) for line in lines)
        case _:
            return part


class Mail(Protocol):
    async def send(self, letter: Letter) -> None:
        """Raises MailUnavailable, MailPostponed, MailRefused or MailUnknown."""
        ...

    async def answers(self) -> bool:
        """Whether letters could be sent now."""
        ...
