"""Customers, their consents and wishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
class EmailRequest:
    """An address that a customer has named. `ended_at`: since then its link does not confirm it."""

    user_id: int
    address: str
    expires_at: datetime
    ended_at: datetime | None = None


class NotificationKind(StrEnum):
    """The kinds of notices that a customer may switch off; all others are always told."""

    REMINDER = "reminder"
    PAY_BY = "pay_by"
    RECEIPT = "receipt"
    METER_VERIFICATION = "meter_verification"


class Quiet(StrEnum):
    """When a customer does not want to be disturbed; values are local hours."""

    NIGHT = "22-8"
    EARLY = "21-9"
    LATE = "23-7"
    NEVER = "off"

    @property
    def hours(self) -> tuple[int, int] | None:
        """The first one, in the evening, and the one at which they are over, in the morning."""
        first, _, end = self.value.partition("-")
        return (int(first), int(end)) if end else None


@dataclass(frozen=True, slots=True)
class Customer:
    """A Telegram user as the bot knows them, with their accounts in order. `stopped`: they blocked the bot.
    `email` is confirmed."""

    user_id: int
    language: str
    consents: frozenset[Consent] = frozenset()
    links: tuple[Link, ...] = ()
    current_id: str | None = None
    stopped: bool = False
    email: str | None = None
    quiet: Quiet = Quiet.NIGHT
    muted: frozenset[NotificationKind] = frozenset()

    @property
    def agreed(self) -> bool:
        return self.consents >= set(Consent)

    @property
    def current(self) -> Link | None:
        """The account in view: the chosen one, else the first."""
        chosen = (link for link in self.links if link.id == self.current_id)
        return next(chosen, self.links[0] if self.links else None)
