"""Appeals to the company, and the messages that they consist of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Side(StrEnum):
    """The writer of a message. A note stays among the staff."""

    CUSTOMER = "customer"
    STAFF = "staff"
    NOTE = "note"


class AppealState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class DeliveryState(StrEnum):
    """The way of a message to the other side. `BLOCKED`: its customer has stopped the bot, it waits until they are
    back; `REFUSED`: Telegram does not take it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    BLOCKED = "blocked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Contact:
    """How the company answers: `by_mail_only` is a wish not to be called."""

    name: str = ""
    email: str = ""
    phone: str = ""
    by_mail_only: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """The matter of an appeal: an account of the bot's, or a place in the words of somebody who has none."""

    account: str = ""
    locality: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of Telegram. `kind` names its field of a message: photo, document, voice …"""

    kind: str
    id: str
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it was written: `chat` and `message` are its place in Telegram, `text` its words or caption in HTML.
    `album`: parts of one album have the same. A kind that cannot be shown has neither words nor file. `author`: the
    member of the staff; `reply`: the message of its chat that it answers."""

    side: Side
    chat: int
    message: int
    at: datetime
    text: str = ""
    file: Attachment | None = None
    album: str = ""
    kind: str = "text"
    author: int | None = None
    reply: int | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A message's copy on the other side. `words`: the message before it that has its words, where they do not fit
    under its file."""

    chat: int
    message: int
    words: int | None = None


@dataclass(frozen=True, slots=True)
class AppealMessage:
    """A message of an appeal and its copy on the other side, where it has arrived. `mark`: the message under which
    staff read of its delivery."""

    id: int
    appeal: str
    written: Written
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None
    copy: Copy | None = None
    delivery: DeliveryState = DeliveryState.WAITING
    reason: str = ""
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Appeal:
    """`key`: of the draft that it was sent from; `due_at`: until when an answer is promised; `answered_at`: the first
    answer; `answer_at`: the newest; `seen_at`: when its customer last looked; `reopened_at`: the last time;
    `first_due_at`: the first promise, where `due_at` is a later one. `user_id` None: the customer had everything about
    them erased."""

    key: str
    number: str
    user_id: int | None
    language: str
    about: About
    subject: str
    contact: Contact
    created_at: datetime
    due_at: datetime
    state: AppealState = AppealState.OPEN
    answered_at: datetime | None = None
    answer_at: datetime | None = None
    seen_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: Side | None = None
    reopened: int = 0
    rating: int | None = None
    rating_words: str = ""
    reopened_at: datetime | None = None
    first_due_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether it is open and has no answer, or none since it was opened again."""
        if self.state is AppealState.CLOSED:
            return False
        again = self.reopened_at is not None and self.answer_at is not None and self.answer_at < self.reopened_at
        return self.answered_at is None or again

    @property
    def in_time(self) -> bool:
        """Whether the first answer came when it was promised."""
        return self.answered_at is not None and self.answered_at <= (self.first_due_at or self.due_at)

    @property
    def unread(self) -> bool:
        """Whether an answer has come since the customer looked."""
        return self.answer_at is not None and (self.seen_at is None or self.seen_at < self.answer_at)

    @property
    def title_number(self) -> str:
        return f"№ {self.number}"


class Deed(StrEnum):
    """Of a customer, with their appeal."""

    CLOSED = "closed"
    REOPENED = "reopened"
    RATED = "rated"
    EXPLAINED = "explained"


@dataclass(frozen=True, slots=True)
class AppealToSend:
    """A whole draft, to be made an appeal at once."""

    key: str
    about: About
    subject: str
    contact: Contact
    messages: tuple[Written, ...] = field(default_factory=tuple)
