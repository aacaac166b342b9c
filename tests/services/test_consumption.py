"""Consumption by months: what falls into which month, and a year beside the year before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.history.consumption import Comparison, of_year, used
from services.history.errors import TooFewReadings
from services.supplier.models import Meter, Month, PastReading, Zone, ZoneScheme

METER = Meter("1", ZoneScheme.SINGLE, digits=5)


def past(*values: tuple[str, int], meter: Meter = METER, zone: Zone = Zone.SINGLE) -> list[PastReading]:
    """Newest first, each with the one before."""
    known = [PastReading(meter, zone, date.fromisoformat(day), value, None) for day, value in values]
    told = [replace(later, before=earlier.value) for earlier, later in pairwise(known)]
    return [*reversed(told), known[0]]


def months(readings: Iterable[PastReading]) -> dict[str, int]:
    found = of_year(readings)
    return {str(one.month): sum(one.now.values()) for one in found.months if one.now is not None}


def test_a_reading_is_of_the_month_that_it_ends() -> None:
    readings = past(("2026-08-24", 100), ("2026-09-25", 150), ("2026-10-02", 170), ("2026-10-26", 200))
    assert months(readings) == {"2026-09": 70, "2026-10": 30}


def test_months_without_readings_share_what_was_used() -> None:
    assert months(past(("2026-06-24", 100), ("2026-09-24", 200))) == {"2026-07": 33, "2026-08": 33, "2026-09": 34}


def test_another_meter_begins_anew() -> None:
    new = Meter("2", ZoneScheme.SINGLE)
    readings = past(("2026-08-24", 100), ("2026-09-24", 150)) + past(("2026-09-24", 0), ("2026-10-24", 30), meter=new)
    assert months(readings) == {"2026-09": 50, "2026-10": 30}


def test_a_fall_is_a_roll_over_only_where_the_step_is_small() -> None:
    rolled, fallen, *_ = reversed(past(("2026-06-24", 99_990), ("2026-07-24", 20), ("2026-08-24", 10))[:2])
    assert used(rolled) == 30
    assert used(fallen) is None
    said = past(("2026-08-24", 60_000), ("2026-09-24", 500))[0]
    assert (used(said), used(replace(said, source="bot:rolled_over"))) == (None, 40_500)
    other = past(("2026-08-24", 600), ("2026-09-24", 700))[0]
    assert (used(other), used(replace(other, source="bot:meter_replaced"))) == (100, None)


def test_a_coefficient_multiplies() -> None:
    assert used(past(("2026-08-24", 1), ("2026-09-24", 3), meter=replace(METER, coefficient=20))[0]) == 40


def test_no_two_readings_are_no_consumption() -> None:
    for readings in ([], past(("2026-09-24", 150))):
        with pytest.raises(TooFewReadings):
            of_year(readings)


def test_a_year_stands_beside_the_year_before() -> None:
    values, day, total = [], date(2024, 10, 24), 0
    for number in range(25):
        total += 0 if not number else 100 if number <= 12 else 96
        values.append((day.isoformat(), total))
        day = Month.of(day).plus(1).day(24)
    found = of_year(past(*values))
    assert (found.total, found.known) == (1152, 12)
    assert found.compared == Comparison(1152, 1200, 12)
    assert found.compared.percent == -4
    assert [str(one.month) for one in (found.months[0], found.months[-1])] == ["2025-11", "2026-10"]


@pytest.mark.parametrize(
    ("now", "before", "percent"), [(96, 100, -4), (104, 100, 4), (100, 100, 0), (5, 0, None), (1005, 1000, 1)]
)
def test_percents(now: int, before: int, percent: int | None) -> None:
    assert Comparison(now, before, 12).percent == percent


@given(
    st.lists(st.tuples(st.integers(0, 330), st.integers(0, 500)), min_size=2, max_size=40, unique_by=lambda one: one[0])
)
def test_nothing_is_lost_between_two_readings(steps: list[tuple[int, int]]) -> None:
    total, values = 0, []
    for days, kwh in sorted(steps):
        total += kwh
        values.append(((date(2026, 1, 1) + timedelta(days=days)).isoformat(), total))
    found = of_year(past(*values, meter=replace(METER, digits=9)))
    assert found.total == values[-1][1] - values[0][1]
