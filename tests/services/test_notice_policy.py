"""Quiet hours to the minute, in any zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from services.customers.models import OFFERED_QUIET, Quiet
from services.customers.quiet import hours_of
from services.errors import InputError
from services.notices.policy import quiet_until

MOSCOW = ZoneInfo("Europe/Moscow")
OMSK = ZoneInfo("Asia/Omsk")  # three hours ahead of Moscow
NIGHT, EARLY, LATE, NEVER = OFFERED_QUIET
DAY = Quiet((9, 17))  # of who works at night


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, "2026-11-23 21:59:59", None),
        (NIGHT, "2026-11-23 22:00", "2026-11-24 08:00"),
        (NIGHT, "2026-11-23 23:59:59", "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 00:00", "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 07:59:59", "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 08:00", None),
        (NIGHT, "2026-12-31 22:30", "2027-01-01 08:00"),
        (EARLY, "2026-11-23 21:00", "2026-11-24 09:00"),
        (LATE, "2026-11-23 22:59", None),
        (LATE, "2026-11-24 06:59", "2026-11-24 07:00"),
        (NEVER, "2026-11-24 03:00", None),
        (DAY, "2026-11-24 08:59", None),
        (DAY, "2026-11-24 09:00", "2026-11-24 17:00"),
        (DAY, "2026-11-24 17:00", None),
        (Quiet((22, 0)), "2026-11-24 23:10", "2026-11-25 00:00"),
        (Quiet((22, 0)), "2026-11-24 00:00", None),
        (Quiet((0, 7)), "2026-11-24 00:00", "2026-11-24 07:00"),
    ],
)
def test_quiet_hours_end_in_the_morning(quiet: Quiet, now: str, until: str | None) -> None:
    for zone in (MOSCOW, OMSK):
        expected = None if until is None else datetime.fromisoformat(until).replace(tzinfo=zone)
        assert quiet_until(quiet, datetime.fromisoformat(now).replace(tzinfo=zone), zone) == expected


def test_the_hours_are_those_of_the_zone() -> None:
    ten_in_omsk = datetime(2026, 11, 23, 19, tzinfo=MOSCOW)
    assert quiet_until(NIGHT, ten_in_omsk, OMSK) == datetime(2026, 11, 24, 8, tzinfo=OMSK)
    assert quiet_until(NIGHT, ten_in_omsk, MOSCOW) is None


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("с 23 до 7", (23, 7)),
        ("23-7", (23, 7)),
        ("22:00–8:00", (22, 8)),
        ("С 22.00 до 08.00.", (22, 8)),
        ("с 11 вечера до 7 утра", (23, 7)),
        ("с 22 часов до 8 ч.", (22, 8)),
        ("с 22 до 24", (22, 0)),
        ("from 10 pm to 7 am", (22, 7)),
        ("нет", None),
        ("Нет.", None),
        ("off", None),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, hours: tuple[int, int] | None) -> None:
    assert hours_of(typed) == Quiet(hours)


@pytest.mark.parametrize(
    "typed", ["", "23", "с 23 до 23", "с 25 до 7", "22:30-8:00", "ночью", "23-7-8", "3650 1580", "²3-7"]
)
def test_what_is_no_hours_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(InputError):
        hours_of(typed)
