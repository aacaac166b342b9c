"""The time by which an answer is promised, in working days of the company."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from services.appeals.ports import WorkingCalendar
from services.appeals.settings import AppealSettings

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """`opens` and `closes`: of a working day; `days`: 1 is Monday."""

    opens: time
    closes: time
    days: frozenset[int]

    @classmethod
    def read(cls, settings: AppealSettings) -> Self:
        """Raises ValueError."""
        hours = re.fullmatch(r"\s*(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)\s*", settings.hours)
        if hours is None:
            raise ValueError(f"hours must look like 8:00-17:00, not {settings.hours!r}")
        opens, closes = (_time(one) for one in hours.groups())
        if opens >= closes:
            raise ValueError(f"hours must rise, not {settings.hours!r}")
        if settings.answer_in < 1:
            raise ValueError("answer_in must be 1 or more working days")
        return cls(opens, closes, frozenset(_days(settings.days)))


def _time(written: str) -> time:
    hour, minute = map(int, written.split(":"))
    return time(hour, minute)


def _days(written: str) -> range | list[int]:
    """Of `1-5` or `1, 3, 5`. Raises ValueError."""
    if found := re.fullmatch(r"\s*([1-7])\s*[-–]\s*([1-7])\s*", written):
        first, last = int(found[1]), int(found[2])
        if first <= last:
            return range(first, last + 1)
    elif re.fullmatch(r"\s*[1-7](\s*,\s*[1-7])*\s*", written):
        return [int(one) for one in written.split(",")]
    raise ValueError(f"days must look like 1-5 or 1,3,5, not {written!r}")


class WorkingTime:
    def __init__(self, settings: AppealSettings, calendar: WorkingCalendar) -> None:
        """Raises ValueError."""
        self._settings = settings
        self._calendar = calendar
        self._week = WorkingWeek.read(settings)

    def works(self, day: date) -> bool:
        if day in self._settings.working_days:
            return True
        if day in self._settings.days_off or self._calendar.is_holiday(day):
            return False
        return day.isoweekday() in self._week.days

    def is_open(self, moment: datetime, zone: ZoneInfo) -> bool:
        local = moment.astimezone(zone)
        return self.works(local.date()) and self._week.opens <= local.time() < self._week.closes

    def promised(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The end of the working day until which an answer to an appeal of this moment is promised. One that comes
        after hours, or on a day off, comes on the next working day."""
        local = moment.astimezone(zone)
        day = local.date()
        if not self.works(day) or local.time() >= self._week.closes:
            day = self._next(day)
        for _ in range(self._settings.answer_in):
            day = self._next(day)
        return datetime.combine(day, self._week.closes, zone)

    def _next(self, day: date) -> date:
        """The working day after a day; the day a year later where there is none."""
        later = (day + number * _DAY for number in range(1, 366))
        return next((one for one in later if self.works(one)), day + 366 * _DAY)
