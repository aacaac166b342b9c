"""Months that readings count for, and until when. Days are the customer's local ones."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.supplier.models import Month

_LATE = timedelta(days=10)  # readings of the first days of a month are of the one before
PAY_DAY = 15  # 177-ФЗ of 24.06.2025, in force since 2026-03-01


@dataclass(frozen=True, slots=True)
class ReadingDays:
    """Days of the month on which readings are asked for, both included; beyond a short month, its last day."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> ReadingDays:
        """`23-25`; raises ValueError."""
        found = re.fullmatch(r"\s*([0-9]{1,2})\s*[-–]\s*([0-9]{1,2})\s*", text)
        if not found:
            raise ValueError(f"reading days must look like 23-25, not {text!r}")
        first, last = int(found[1]), int(found[2])
        if not 1 <= first <= last <= 31:
            raise ValueError(f"reading days must rise within 1 to 31, not {text!r}")
        return cls(first, last)

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


class WindowState(StrEnum):
    """Before and during the reading days readings count for this month, later ones for the next."""

    BEFORE = "before"
    OPEN = "open"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Window:
    """The reading days around a moment. `period` is the month that readings count for now, `opens` and
    `closes` are its reading days, `days_left` includes today: 1 on the closing day."""

    state: WindowState
    period: Month
    today: date
    opens: date
    closes: date

    @property
    def days_left(self) -> int:
        return (self.closes - self.today).days + 1


def local_day(moment: datetime, tz: ZoneInfo) -> date:
    """Raises ValueError for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(tz).date()


def opens(period: Month, days: ReadingDays) -> date:
    return _day(period, days.first)


def closes(period: Month, days: ReadingDays) -> date:
    """The last day on which readings of the period are taken and corrected."""
    return _day(period, days.last)


def period_of(moment: datetime, tz: ZoneInfo, days: ReadingDays) -> Month:
    """The month that readings submitted at `moment` count for."""
    return period_of_day(local_day(moment, tz), days)


def period_of_day(day: date, days: ReadingDays) -> Month:
    month = Month.of(day)
    return month if day <= closes(month, days) else month.plus(1)


def month_read(day: date) -> Month:
    """The month whose consumption a past reading ends with."""
    return Month.of(day - _LATE)


def is_open(period: Month, moment: datetime, tz: ZoneInfo, days: ReadingDays) -> bool:
    """Whether submitted readings of the period can still be corrected."""
    return local_day(moment, tz) <= closes(period, days)


def window(moment: datetime, tz: ZoneInfo, days: ReadingDays) -> Window:
    today = local_day(moment, tz)
    period = period_of(moment, tz, days)
    return Window(_state(today, period, days), period, today, opens(period, days), closes(period, days))


def pay_by(month: Month, day: int = PAY_DAY) -> date:
    """The day by which the charges of `month` are to be paid."""
    return _day(month.plus(1), day)


def _state(today: date, period: Month, days: ReadingDays) -> WindowState:
    if Month.of(today) != period:
        return WindowState.LATE
    return WindowState.OPEN if today >= opens(period, days) else WindowState.BEFORE


@lru_cache(maxsize=256)  # a scan of accounts asks for the same few days at every meter
def _day(month: Month, number: int) -> date:
    return month.day(min(number, monthrange(month.year, month.month)[1]))
