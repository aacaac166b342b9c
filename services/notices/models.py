"""Notices: messages and letters that the bot sends unasked. Their kinds stand in `catalog.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar, TypeVar, dataclass_transform

from services.customers.models import NotificationKind


class Channel(StrEnum):
    TELEGRAM = "telegram"
    MAIL = "mail"


class Urgency(IntEnum):
    """The order in which notices go out. `ANSWER`, which a customer waits for or has to know at once, goes out in quiet
    hours, too. `BULK` goes to many at once, and not a second time when it may have arrived."""

    ANSWER = 0
    NOTICE = 1
    BULK = 2


class Refusal(StrEnum):
    """The reason for which a mailbox's server does not take a letter."""

    NO_MAILBOX = "no_mailbox"
    FULL = "full"
    SPAM = "spam"
    TOO_LARGE = "too_large"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Loss:
    """The end of a notice that was given up. Of a letter: the mailbox's reason, and the address that it went to last;
    empty where it did not go, or that is not known."""

    refusal: Refusal | None = None
    address: str = ""


class Facts:
    """The facts of a notice. Each kind is a class declared with `kind`, and inherits from one of the payloads below."""

    __slots__ = ()
    channel: ClassVar[Channel] = Channel.TELEGRAM
    kind: ClassVar[str]
    switch: ClassVar[NotificationKind | None]
    urgency: ClassVar[Urgency]

    def if_lost(self, loss: Loss) -> Facts | None:
        """The notice that its customer gets when this one cannot be delivered."""
        return None

    def if_gone(self) -> Facts | None:
        """The same when there is nothing to send any more."""
        return None


class Text(Facts):
    """A new message."""

    __slots__ = ()


class Current(Facts):
    """A new message of what is so when it is sent."""

    __slots__ = ()


class Edit(Facts):
    """A message that is brought up to date. Where it is gone, the notice comes as a new one."""

    __slots__ = ()


class EditIfThere(Edit):
    """A message that is brought up to date. Where it is gone, there is nothing to say."""

    __slots__ = ()


class File(Facts):
    """A document or photo. Its bytes are made when it is sent."""

    __slots__ = ()


class Steps(Facts):
    """A message that takes several calls, or changes what an earlier one has left."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ByMail(Facts):
    """A letter. `address`: empty where it is found when the letter is made."""

    channel: ClassVar[Channel] = Channel.MAIL
    address: str


Declared = TypeVar("Declared", bound=Facts)


@dataclass_transform(frozen_default=True)
def kind(
    name: str, *, switch: NotificationKind | None, urgency: Urgency = Urgency.NOTICE
) -> Callable[[type[Declared]], type[Declared]]:
    """Declare a kind of notices: a frozen dataclass. `name` stands in the rows of the outbox and never changes;
    `switch`: the setting by which customers turn the kind off, None for one that they are always told."""

    def declare(facts: type[Declared]) -> type[Declared]:
        made = dataclass(frozen=True, slots=True)(facts)
        made.kind, made.switch, made.urgency = name, switch, urgency
        return made

    return declare


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a customer unasked. The same `key` again is the same notice; `edits`: the message that it
    brings up to date; `line`: notices to a group keep their order within one of its lines alone."""

    key: str
    user_id: int
    facts: Facts
    edits: int | None = None
    line: str = ""

    @property
    def kind(self) -> str:
        return self.facts.kind

    @property
    def channel(self) -> Channel:
        return self.facts.channel

    @property
    def urgency(self) -> Urgency:
        return self.facts.urgency


@dataclass(frozen=True, slots=True)
class Tally:
    """Notices of one purpose, counted. `passed_over`: ended without having been sent, or held for people
    who have stopped the bot; `recent`: sent within the last minute."""

    waiting: int = 0
    sent: int = 0
    passed_over: int = 0
    recent: int = 0

    @property
    def all(self) -> int:
        return self.waiting + self.sent + self.passed_over

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.waiting + other.waiting,
            self.sent + other.sent,
            self.passed_over + other.passed_over,
            self.recent + other.recent,
        )
