"""The time until which an answer is promised: working days of the company and the country."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.appeals.settings import AppealSettings
from services.appeals.working_time import WorkingTime
from services.calendars import RussianCalendar

MOSCOW = ZoneInfo("Europe/Moscow")
VLADIVOSTOK = ZoneInfo("Asia/Vladivostok")


def promised(written: str, settings: AppealSettings | None = None, zone: ZoneInfo = MOSCOW) -> str:
    working_time = WorkingTime(settings or AppealSettings(), RussianCalendar())
    moment = datetime.fromisoformat(written).replace(tzinfo=MOSCOW)
    return f"{working_time.promised(moment, zone):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("written", "until"),
    [
        ("2026-11-23 10:14", "2026-11-26 17:00"),  # a Monday
        ("2026-11-23 03:00", "2026-11-26 17:00"),
        ("2026-11-23 17:00", "2026-11-27 17:00"),  # after hours: as on Tuesday
        ("2026-11-20 16:59", "2026-11-25 17:00"),  # over the weekend
        ("2026-11-28 12:00", "2026-12-03 17:00"),  # a Saturday: as on Monday
        ("2026-11-03 12:00", "2026-11-09 17:00"),  # the 4th is a holiday
        ("2026-12-29 12:00", "2027-01-12 17:00"),  # the 31st is moved, and the first eleven days of January
        ("2028-02-28 12:00", "2028-03-02 17:00"),  # a leap year
    ],
)
def test_weekends_and_holidays_are_no_working_days(written: str, until: str) -> None:
    assert promised(written) == until


def test_days_that_are_moved_stand_in_the_profile() -> None:
    moved = AppealSettings(days_off=(date(2026, 11, 24),), working_days=(date(2026, 11, 28),))
    assert promised("2026-11-23 10:14", moved) == "2026-11-27 17:00"
    assert promised("2026-11-26 10:14", moved) == "2026-11-30 17:00"


def test_hours_are_those_of_the_region() -> None:
    assert promised("2026-11-23 11:00", zone=VLADIVOSTOK) == "2026-11-27 17:00", "it is six in the evening there"
    odd = AppealSettings(hours="10:00-19:00", days="1,3,5", answer_in=1)
    assert promised("2026-11-23 10:14", odd) == "2026-11-25 19:00"


@pytest.mark.parametrize("hours", ["8-17", "17:00-8:00", "8:00-25:00"])
def test_hours_that_cannot_be_read_are_refused(hours: str) -> None:
    with pytest.raises(ValueError):
        promised("2026-11-23 10:14", AppealSettings(hours=hours))


@pytest.mark.parametrize("settings", [{"days": "0-5"}, {"days": "5-1"}, {"answer_in": 0}])
def test_days_that_cannot_be_read_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        promised("2026-11-23 10:14", AppealSettings(**settings))
