"""Days and hours of reminders. A day is a customer's local one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from services.reminders.models import LATEST, Step
from services.supplier.models import Month
from services.supplier.periods import ReadingDays, closes, opens, pay_by

BEFORE_PAY_DAY: Final = 3  # days
BEFORE_VERIFICATION: Final = (180, 60, 7)  # days
WHOLE: Final = 1 << 32
_TICK: Final = timedelta(milliseconds=1)
_END: Final = timedelta(hours=LATEST + 1)  # of the local day; later reminders would come into the night


@dataclass(frozen=True, slots=True, order=True)
class ReadingCalendar:
    """Accounts with the same reading days and clock. Of them a customer hears in one message."""

    zone: str
    days: str

    @classmethod
    def of(cls, zone: ZoneInfo, days: ReadingDays) -> ReadingCalendar:
        return cls(zone.key, str(days))

    @property
    def reading_days(self) -> ReadingDays:
        return ReadingDays.parse(self.days)


@dataclass(frozen=True, slots=True)
class Pace:
    """The time that reminders of so many people take at so many a second. Who comes when is a matter of their id, the
    same in each process: nobody is always the last because of their place in a table."""

    people: int
    rate: int

    @property
    def needed(self) -> timedelta:
        return timedelta(seconds=self.people / self.rate)

    def days(self, days: ReadingDays, period: Month, at: time) -> int:
        """Days over which first reminders are spread; the last day is for last reminders, where there are others."""
        return max(1, min(ceil(self.needed / room(at)), _most(days, period)))

    def fits(self, days: ReadingDays, period: Month, at: time) -> bool:
        return self.needed <= room(at) * _most(days, period)

    def first_day(self, user_id: int, days: ReadingDays, period: Month, at: time) -> date:
        count = self.days(days, period, at)
        return opens(period, days) + timedelta(days=share(user_id) * count // WHOLE)

    def moment(self, user_id: int, day: date, at: time, zone: ZoneInfo, days: int = 1) -> datetime:
        """The moment of a day, which has its part of all reminders where they take `days`."""
        within = share(user_id) * days % WHOLE
        longest = min(self.needed / days, room(at)) // _TICK
        return moment_of(day, at, zone) + longest * within // WHOLE * _TICK


def _most(days: ReadingDays, period: Month) -> int:
    return max(1, (closes(period, days) - opens(period, days)).days)


def room(at: time) -> timedelta:
    """The time from the hour of reminders to the end of the day."""
    return max(_END - timedelta(hours=at.hour, minutes=at.minute), timedelta(hours=1))


def share(user_id: int) -> int:
    """From 0 to WHOLE, evenly over people."""
    return int.from_bytes(blake2b(str(user_id).encode(), digest_size=4).digest())


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def reading_step(day: date, days: ReadingDays) -> Step | None:
    """The reminder that a day of the month is for."""
    period = Month.of(day)
    if day == closes(period, days):
        return Step.LAST
    return Step.FIRST if opens(period, days) <= day < closes(period, days) else None


def pay_step(day: date) -> tuple[Month, Step] | None:
    """The charged month and the reminder of its bill. A day that was missed is made up for until the last one."""
    month = Month.of(day).plus(-1)
    left = (pay_by(month) - day).days
    if left == 0:
        return month, Step.LAST
    return (month, Step.FIRST) if 0 < left <= BEFORE_PAY_DAY else None


def verification_step(day: date, due: date) -> int | None:
    """Days before the end of a verification: the nearest of those that have come."""
    left = (due - day).days
    return min((step for step in BEFORE_VERIFICATION if left <= step), default=None) if left >= 0 else None
