"""Customers, their consents and wishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from services.accounts.models import Link


class Consent(StrEnum):
    """The two documents a customer agrees to, each separately."""

    SERVICES = "services"
    PERSONAL_DATA = "personal_data"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A document as it was shown: version and words in one language."""

    consent: Consent
    version: str
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent that a customer gave once, with the document as it was shown then. `id` names this giving of it."""

    id: int
    text: ConsentText
    given_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of all that the bot keeps about a customer. `words`, a message of the catalogs: what its rows are."""

    name: str
    words: str
    rows: Sequence[Mapping[str, Any]]


class Purpose(StrEnum):
    """Letters whose link is opened: to an address that is to be the customer's own, to one that receipts are to come
    to, and to one to which they are to come no more."""

    OWN = "own"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Errand:
    """`account`: whose receipts a link is about, empty for an address of one's own."""

    purpose: Purpose = Purpose.OWN
    account: str = ""


@dataclass(frozen=True, slots=True)
class EmailRequest:
    """An address that a customer has named, and the errand of the link that was sent there. `ended_at`: since then the
    link does nothing."""

    user_id: int
    address: str
    expires_at: datetime
    ended_at: datetime | None = None
    errand: Errand = Errand()


class NotificationKind(StrEnum):
    """The kinds of notices that a customer may switch off; all others are always told."""

    REMINDER = "reminder"
    PAY_BY = "pay_by"
    METER_VERIFICATION = "meter_verification"


@dataclass(frozen=True, slots=True)
class Quiet:
    """When a customer does not want to be disturbed: the first local hour and the one at which it is over, mostly in
    the next morning; `hours` None: never. Written as `22-8` and `off`."""

    hours: tuple[int, int] | None

    def __str__(self) -> str:
        return "off" if self.hours is None else "{}-{}".format(*self.hours)

    @classmethod
    def read(cls, written: str) -> Quiet:
        """Raises ValueError."""
        if written == "off":
            return cls(None)
        first, end = map(int, written.split("-"))
        if first == end or not {first, end} <= set(range(24)):
            raise ValueError
        return cls((first, end))


OFFERED_QUIET: Final = (Quiet((22, 8)), Quiet((21, 9)), Quiet((23, 7)), Quiet(None))
DEFAULT_QUIET: Final = OFFERED_QUIET[0]  # of a new customer


@dataclass(frozen=True, slots=True)
class Customer:
    """A Telegram user as the bot knows them, with their accounts in order. `stopped`: they blocked the bot.
    `email` is confirmed; `remind_hour`: a local one that they have chosen."""

    user_id: int
    language: str
    consents: frozenset[Consent] = frozenset()
    links: tuple[Link, ...] = ()
    current_id: str | None = None
    stopped: bool = False
    email: str | None = None
    quiet: Quiet = DEFAULT_QUIET
    muted: frozenset[NotificationKind] = frozenset()
    remind_hour: int | None = None

    @property
    def agreed(self) -> bool:
        return self.consents >= set(Consent)

    @property
    def current(self) -> Link | None:
        """The account in view: the chosen one, else the first."""
        chosen = (link for link in self.links if link.id == self.current_id)
        return next(chosen, self.links[0] if self.links else None)
