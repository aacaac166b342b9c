"""Broadcasts, the people who answer for them, and those whom they are for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

LONGEST: Final = 3500  # characters of a broadcast as Telegram counts them: a message holds 4096
MOST_ACCOUNTS: Final = 10_000  # in the list of one broadcast


class BroadcastState(StrEnum):
    """`WRITING`: its author is asked for audience and text; `DRAFT` waits for a second person; `GOING`: its notices are
    being queued; `QUEUED`: they all are; `DONE`: none of them waits any more."""

    WRITING = "writing"
    DRAFT = "draft"
    GOING = "going"
    QUEUED = "queued"
    DONE = "done"
    STOPPED = "stopped"

    @property
    def begun(self) -> bool:
        return self not in (BroadcastState.WRITING, BroadcastState.DRAFT)

    @property
    def running(self) -> bool:
        return self in (BroadcastState.GOING, BroadcastState.QUEUED)


@dataclass(frozen=True, slots=True)
class Audience:
    """Customers with an account that fits: all, or those of a region, a street, or of some accounts. `corrects`: those
    who got an earlier broadcast, or may have got it, and no others."""

    region: str = ""
    street: str = ""
    accounts: tuple[str, ...] = ()
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """A person of the company. `member`: their id at Telegram; None on the command line, where only a name is given."""

    name: str = ""
    member: int | None = None

    def is_same(self, other: Operator) -> bool:
        if self.member and other.member:
            return self.member == other.member
        return self.name.strip().casefold() == other.name.strip().casefold()


class Silence(StrEnum):
    """The reason for which a customer of the audience does not hear a broadcast."""

    STOPPED = "stopped"
    NO_CONSENT = "no_consent"
    BARRED = "barred"


@dataclass(slots=True)
class Reach:
    """`unknown`: numbers of the list that the supplier does not have; `unlinked`: how many of the others no customer of
    the bot has."""

    people: int = 0
    silent: Counter[Silence] = field(default_factory=Counter)
    unknown: tuple[str, ...] = ()
    unlinked: int = 0


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`count`: people when it was written; `count_asked_at`: when they were to be counted, None where they are;
    `reach`: with those who do not hear it; `after`: the last customer that was looked at for its queue."""

    id: int
    text: str
    audience: Audience
    author: Operator
    made_at: datetime
    count: int = 0
    state: BroadcastState = BroadcastState.WRITING
    confirmer: Operator = field(default_factory=Operator)
    confirmed_at: datetime | None = None
    stopped_by: str = ""
    ended_at: datetime | None = None
    after: int = 0
    reach: Reach | None = None
    count_asked_at: datetime | None = None

    def key(self, user_id: int) -> str:
        """Of the notice to a person."""
        return f"{self.prefix}{user_id}"

    @property
    def prefix(self) -> str:
        return f"broadcast:{self.id}:"


class CardQuestion(StrEnum):
    """The answer that a card waits for: a press, or a reply."""

    AUDIENCE = "audience"
    STREET = "street"
    ACCOUNTS = "accounts"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Card:
    """A broadcast in a group of the staff. `group`: by its number in the settings; `command`: the message or the press
    that began it; `message`: the newest card; `asked`: the message whose replies answer the question."""

    broadcast: int
    group: int
    chat: int
    thread: int | None
    command: str
    message: int | None = None
    asked: int | None = None
    question: CardQuestion | None = None
