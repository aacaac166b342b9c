"""Days and hours of reminders: short months, clocks that change, regions ahead, and a window that is too short."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.reminders.calendar import Pace, moment_of, pay_step, reading_step, verification_step
from services.reminders.models import Step
from services.supplier.models import Month
from services.supplier.periods import ReadingDays

MOSCOW = ZoneInfo("Europe/Moscow")
KAMCHATKA = ZoneInfo("Asia/Kamchatka")
WARSAW = ZoneInfo("Europe/Warsaw")
TEN = time(10)
DAYS = ReadingDays(23, 25)
NOVEMBER = Month(2026, 11)


@pytest.mark.parametrize(
    ("days", "month", "steps"),
    [
        ((23, 25), (2026, 11), {23: Step.FIRST, 24: Step.FIRST, 25: Step.LAST}),
        ((15, 15), (2026, 11), {15: Step.LAST}),
        ((29, 31), (2026, 12), {29: Step.FIRST, 30: Step.FIRST, 31: Step.LAST}),
        ((29, 31), (2026, 11), {29: Step.FIRST, 30: Step.LAST}),
        ((29, 31), (2027, 2), {28: Step.LAST}),
        ((29, 31), (2028, 2), {29: Step.LAST}),
    ],
)
def test_each_reading_day_has_its_step(days: tuple[int, int], month: tuple[int, int], steps: dict[int, Step]) -> None:
    first = Month(*month).first
    found = {}
    while Month.of(first) == Month(*month):
        if step := reading_step(first, ReadingDays(*days)):
            found[first.day] = step
        first += timedelta(days=1)
    assert found == steps


def test_an_hour_is_a_local_one_also_when_clocks_change() -> None:
    assert moment_of(date(2026, 11, 23), TEN, MOSCOW) == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert moment_of(date(2026, 11, 23), TEN, KAMCHATKA) == datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert moment_of(date(2026, 10, 24), TEN, WARSAW) == datetime(2026, 10, 24, 8, tzinfo=UTC)
    assert moment_of(date(2026, 10, 25), TEN, WARSAW) == datetime(2026, 10, 25, 9, tzinfo=UTC)


def test_bills_are_reminded_of_from_three_days_before_to_the_last_one() -> None:
    steps = {day: pay_step(date(2026, 11, day)) for day in range(1, 31)}
    first, last = (Month(2026, 10), Step.FIRST), (Month(2026, 10), Step.LAST)
    assert {day: step for day, step in steps.items() if step} == {12: first, 13: first, 14: first, 15: last}


@pytest.mark.parametrize(
    ("left", "step"), [(181, None), (180, 180), (61, 180), (60, 60), (8, 60), (7, 7), (0, 7), (-1, None)]
)
def test_the_end_of_a_verification_has_three_reminders(left: int, step: int | None) -> None:
    due = date(2027, 9, 1)
    assert verification_step(due - timedelta(days=left), due) == step


def test_few_people_all_hear_on_the_first_day_at_their_hour() -> None:
    pace = Pace(1000, 25)
    assert pace.days(DAYS, NOVEMBER, TEN) == 1
    assert pace.fits(DAYS, NOVEMBER, TEN)
    moments = [pace.moment(person, date(2026, 11, 23), TEN, MOSCOW) for person in range(1000)]
    assert min(moments) >= moment_of(date(2026, 11, 23), TEN, MOSCOW)
    assert max(moments) <= moment_of(date(2026, 11, 23), TEN, MOSCOW) + timedelta(seconds=40)


def test_a_million_is_spread_evenly_over_days_and_hours_and_always_the_same() -> None:
    """11 hours of the day are left, 1.5 million take 16.7."""
    pace = Pace(1_500_000, 25)
    assert pace.days(DAYS, NOVEMBER, TEN) == 2
    assert pace.fits(DAYS, NOVEMBER, TEN)
    hours: Counter[tuple[date, int]] = Counter()
    for person in range(20_000):
        day = pace.first_day(person, DAYS, NOVEMBER, TEN)
        local = pace.moment(person, day, TEN, MOSCOW, 2).astimezone(MOSCOW)
        assert local == Pace(1_500_000, 25).moment(person, day, TEN, MOSCOW, 2)
        hours[local.date(), local.hour] += 1
    assert {day.day for day, _ in hours} == {23, 24}
    assert {hour for _, hour in hours} == set(range(10, 19))
    full = [count for (_, hour), count in hours.items() if hour < 18]
    assert max(full) < 1.15 * min(full)


def test_an_own_late_hour_does_not_run_into_the_night() -> None:
    pace = Pace(900_000, 25)
    moments = [pace.moment(person, date(2026, 11, 23), time(20), MOSCOW).astimezone(MOSCOW) for person in range(1000)]
    assert {moment.hour for moment in moments} == {20}


def test_more_than_the_days_have_does_not_fit() -> None:
    assert not Pace(10_000_000, 25).fits(DAYS, NOVEMBER, TEN)
    assert Pace(10_000_000, 970).fits(DAYS, NOVEMBER, TEN)
    assert not Pace(1_500_000, 25).fits(ReadingDays(15, 15), NOVEMBER, TEN)
