"""Consumption by months, out of readings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.history.errors import TooFewReadings
from services.readings import plausibility
from services.readings.export import remark
from services.readings.models import Remark
from services.supplier.models import Month, PastReading, Reading, Zone
from services.supplier.periods import month_read

YEAR: Final = 12  # months

Volumes = Mapping[Zone, int]


@dataclass(frozen=True, slots=True)
class ComparedMonth:
    """kWh of a month by zone, and of the same month a year `before`; None where they are not known."""

    month: Month
    now: Volumes | None
    before: Volumes | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """kWh of the months of a year that are known, and of the same months a year before."""

    now: int
    before: int
    months: int

    @property
    def percent(self) -> int | None:
        """More or less than a year before, rounded; None beside nothing."""
        if not self.before:
            return None
        step = self.now - self.before
        rounded = (200 * abs(step) + self.before) // (2 * self.before)
        return rounded if step > 0 else -rounded


@dataclass(frozen=True, slots=True)
class Consumption:
    """The last twelve months that are known, oldest first, each beside the one a year before."""

    months: tuple[ComparedMonth, ...]
    zones: tuple[Zone, ...]

    @property
    def total(self) -> int:
        return sum(_sum(one.now) for one in self.months)

    @property
    def known(self) -> int:
        """How many months are."""
        return sum(one.now is not None for one in self.months)

    @property
    def greatest(self) -> tuple[Month, int]:
        """The month with most kWh, and these."""
        most = max(self.months, key=lambda one: _sum(one.now))
        return most.month, _sum(most.now)

    @property
    def compared(self) -> Comparison | None:
        both = [one for one in self.months if one.now is not None and one.before is not None]
        if not both:
            return None
        return Comparison(sum(_sum(one.now) for one in both), sum(_sum(one.before) for one in both), len(both))


def used(reading: PastReading) -> int | None:
    """kWh since the reading before, None where that is not known or was another meter's."""
    if reading.before is None or remark(reading.source) is Remark.REPLACED:
        return None
    earlier = Reading(reading.zone, reading.day, reading.before)
    step = plausibility.advanced(reading.meter, earlier, Reading(reading.zone, reading.day, reading.value))
    if step is None and remark(reading.source) is Remark.ROLLED_OVER:
        step = reading.value - reading.before + reading.meter.limit
    return None if step is None else step * reading.meter.coefficient


def of_year(readings: Iterable[PastReading]) -> Consumption:
    """Of readings of 26 months at least. Raises TooFewReadings."""
    volumes = _by_month(readings)
    if not volumes:
        raise TooFewReadings
    last = max(volumes)
    months = [last.plus(back) for back in range(1 - YEAR, 1)]
    uses = tuple(ComparedMonth(month, volumes.get(month), volumes.get(month.plus(-YEAR))) for month in months)
    shown = {zone for one in uses for known in (one.now, one.before) if known for zone in known}
    return Consumption(uses, tuple(zone for zone in Zone if zone in shown))


def _by_month(readings: Iterable[PastReading]) -> Mapping[Month, Volumes]:
    found: dict[Month, dict[Zone, int]] = defaultdict(lambda: defaultdict(int))
    for zone, month, kwh in _steps(readings):
        found[month][zone] += kwh
    return found


def _steps(readings: Iterable[PastReading]) -> Iterator[tuple[Zone, Month, int]]:
    """kWh of each register in each month; over months without readings they are spread evenly."""
    registers: dict[tuple[str, Zone], list[PastReading]] = defaultdict(list)
    for reading in readings:
        registers[reading.meter.number, reading.zone].append(reading)
    for (_meter, zone), own in registers.items():
        for earlier, later in pairwise(sorted(own, key=lambda one: (one.day, one.submission))):
            kwh = used(later)
            if kwh is not None:
                yield from (
                    (zone, month, share)
                    for month, share in _spread(kwh, month_read(earlier.day), month_read(later.day))
                )


def _spread(kwh: int, after: Month, last: Month) -> Iterator[tuple[Month, int]]:
    count = max(1, last.since(after))
    for number in range(count):
        yield last.plus(1 + number - count), kwh * (number + 1) // count - kwh * number // count


def _sum(volumes: Volumes | None) -> int:
    return sum(volumes.values()) if volumes else 0
