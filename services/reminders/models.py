"""Reminders, their settings and their rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from services.notices.models import Notice

EARLIEST: Final = 8  # local hours at which customers may be reminded
LATEST: Final = 20
OFFERED_HOURS: Final = range(EARLIEST, LATEST + 1)


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """`at`: the local time of customers who have not chosen one; `rate`: reminders a second."""

    at: time = time(10)
    rate: int = 25


class Step(StrEnum):
    """Reminders of the same thing, in their order. A customer hears each once."""

    FIRST = "first"
    NEXT = "next"
    EVENING = "evening"
    LAST = "last"


class LookResult(StrEnum):
    """The result of a look at a customer, or at one of their accounts."""

    REMINDED = "to remind"
    KNOWN = "reminded or planned already"
    LATER = "on a later day"
    READ = "readings are there, or are not needed"
    NOT_WANTED = "switched off"
    AWAY = "nobody lives there"
    NOT_ALLOWED = "may not submit"
    NO_CONSENT = "no consent"


@dataclass(frozen=True, slots=True)
class Planned:
    """`region`: of the account that it is about, or of the first of them."""

    notice: Notice
    moment: datetime
    region: str


@dataclass(slots=True)
class Counts:
    """People and accounts that were looked at, by region and reason."""

    looked: int = 0
    planned: int = 0
    by_reason: Counter[tuple[str, LookResult]] = field(default_factory=Counter)

    def note(self, region: str, reason: LookResult) -> None:
        self.by_reason[region, reason] += 1

    def note_all(self, regions: Iterable[str], reason: LookResult) -> None:
        self.by_reason.update((region, reason) for region in regions)


@dataclass(frozen=True, slots=True)
class Round:
    """A look at all customers for one local day. `people`: counted when it began; `after`: the last one that was looked
    at."""

    day: date
    people: int
    after: int = 0
    looked: int = 0
    planned: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True)
class SentReminder:
    """A message that can be answered with numbers. `links`: ids of the accounts that it names."""

    message_id: int
    links: tuple[str, ...]
    sent_at: datetime
