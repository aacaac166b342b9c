"""Whether typed readings look right beside the meter's own past. A doubt asks, it never refuses.

A value of a day is compared with the newest reading of that day or before. The meter comes without the readings that
the value is to replace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, combinations, pairwise
from typing import Final, NamedTuple

from services.readings.errors import NumbersAmbiguous
from services.readings.models import Remark
from services.readings.numbers import Typed
from services.supplier.models import Meter, Reading, Zone

_FAR_ABOVE = 3  # times the usual
_ABOVE_KWH = 150  # and this much over it
_FAR_BELOW = 5  # times less than the usual
_WORTH_KWH = 60  # less than this is too little to miss
_ABSURD_KWH = 10_000  # a month at a register without a habit, times the coefficient
_MONTH_DAYS = 30
_RECENT = timedelta(days=92)
_FEWEST_INTERVALS = 3
KEPT: Final = 4_000  # habits, of meters that conversations of the last minute are about


class DoubtKind(StrEnum):
    TOO_MANY_DIGITS = "too_many_digits"
    BELOW_PREVIOUS = "below_previous"
    FAR_ABOVE = "far_above"
    FAR_BELOW = "far_below"


class Way(StrEnum):
    """A customer's answers to a doubt."""

    FIX = "fix"
    SWAPPED = "swapped"
    REPLACED = "replaced"
    ROLLED_OVER = "rolled_over"
    CERTAIN = "certain"


REMARKS = {Way.REPLACED: Remark.REPLACED, Way.ROLLED_OVER: Remark.ROLLED_OVER, Way.CERTAIN: Remark.CERTAIN}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why `value` surprises. `consumption` and `usual` are kWh since the previous reading, `usual` being the
    habit it was compared with, None without one."""

    kind: DoubtKind
    zone: Zone
    value: int
    previous: Reading | None
    consumption: int | None
    usual: int | None


@dataclass(frozen=True, slots=True)
class _Habit:
    """Of one zone. `usual`: the least and the most kWh expected since the `previous` reading, None without a habit;
    consumption from `least` to `most` raises no doubt."""

    previous: Reading | None
    usual: tuple[int, int] | None
    least: int
    most: int


class _Interval(NamedTuple):
    """Consumption between two readings. `rate`: kWh a day."""

    days: int
    rate: float


_Pair = tuple[Reading, Reading]  # neighbours in time, the earlier first


def previous_reading(meter: Meter, zone: Zone, day: date) -> Reading | None:
    """The newest reading that a value of `day` is compared with."""
    return next((reading for reading in meter.readings if reading.zone is zone and reading.day <= day), None)


def consumption(
    meter: Meter,
    zone: Zone,
    value: int,
    day: date,
    remark: Remark = Remark.NONE,
) -> int | None:
    """kWh since the previous reading, None where it cannot be known: nothing to compare with, a replaced
    meter, a value below the previous one that no roll-over explains."""
    return _gone(meter, previous_reading(meter, zone, day), value, remark)


def _gone(meter: Meter, previous: Reading | None, value: int, remark: Remark = Remark.NONE) -> int | None:
    if previous is None or remark is Remark.REPLACED:
        return None
    gone = value - previous.value + (meter.limit if remark is Remark.ROLLED_OVER else 0)
    return gone * meter.coefficient if gone >= 0 else None


def advanced(meter: Meter, earlier: Reading, later: Reading) -> int | None:
    """Consumption on the display between two past readings: a fall was a roll-over if that makes a small step, else
    another meter came: None."""
    step = later.value - earlier.value
    if step >= 0:
        return step
    return step + meter.limit if step + meter.limit <= meter.limit // 10 else None


def answers(ways: Iterable[Way]) -> frozenset[Remark]:
    """Remarks by which a customer can have answered these ways."""
    return frozenset(REMARKS[way] for way in ways if way in REMARKS)


class Habits:
    """Habits with which values of a day are compared: a meter's past up to that day."""

    def __init__(self, meter: Meter, day: date) -> None:
        self._meter = meter
        self._day = day

    def doubts(self, values: Mapping[Zone, int]) -> tuple[Doubt, ...]:
        """At most one per zone, in the order of the meter's zones."""
        found = (self._doubt(zone, values[zone]) for zone in self._meter.zones if zone in values)
        return tuple(doubt for doubt in found if doubt)

    def ways(self, doubt: Doubt, values: Mapping[Zone, int]) -> tuple[Way, ...]:
        """Answers that make sense, in the order of their buttons."""
        sensible = {
            Way.FIX: True,
            Way.SWAPPED: self.swapped(doubt, values) is not None,
            Way.REPLACED: doubt.kind in {DoubtKind.BELOW_PREVIOUS, DoubtKind.TOO_MANY_DIGITS},
            Way.ROLLED_OVER: doubt.kind is DoubtKind.BELOW_PREVIOUS and self._rolled_over(doubt),
            Way.CERTAIN: doubt.kind is not DoubtKind.TOO_MANY_DIGITS,
        }
        return tuple(way for way, makes_sense in sensible.items() if makes_sense)

    def swapped(self, doubt: Doubt, values: Mapping[Zone, int]) -> Mapping[Zone, int] | None:
        """`values` with the doubtful zone and another exchanged, if exactly one exchange leaves neither doubtful."""
        fitting = []
        for one, other in combinations(values, 2):
            exchanged = {one: values[other], other: values[one]}
            if doubt.zone in exchanged and not self.doubts(exchanged):
                fitting.append({**values, **exchanged})
        return fitting[0] if len(fitting) == 1 else None

    def only_plausible(self, typed: Typed) -> Mapping[Zone, int]:
        """The one reading of a message without doubts; else the message as it was written, every group of
        digits a number. Raises NumbersAmbiguous."""
        if len(typed.candidates) == 1:
            return typed.candidates[0]
        plausible = [values for values in typed.candidates if not self.doubts(values)]
        if len(plausible) == 1:
            return plausible[0]
        if typed.as_written is None:
            raise NumbersAmbiguous
        return typed.as_written

    def _doubt(self, zone: Zone, value: int) -> Doubt | None:
        habit = self._of(zone)
        gone = _gone(self._meter, habit.previous, value)
        kind = _kind(self._meter, value, habit, gone)
        if kind is None:
            return None
        compared = habit.usual and (habit.usual[0] if kind is DoubtKind.FAR_BELOW else habit.usual[1])
        return Doubt(kind, zone, value, habit.previous, gone, compared)

    def _rolled_over(self, doubt: Doubt) -> bool:
        gone = _gone(self._meter, doubt.previous, doubt.value, Remark.ROLLED_OVER)
        return gone is not None and gone <= self._of(doubt.zone).most

    def _of(self, zone: Zone) -> _Habit:
        return _habit(self._meter, zone, self._day)


def _kind(meter: Meter, value: int, habit: _Habit, gone: int | None) -> DoubtKind | None:
    if value >= meter.limit:
        return DoubtKind.TOO_MANY_DIGITS
    if habit.previous is None:
        return None
    if gone is None:
        return DoubtKind.BELOW_PREVIOUS
    if gone > habit.most:
        return DoubtKind.FAR_ABOVE
    return DoubtKind.FAR_BELOW if gone < habit.least else None


@lru_cache(KEPT)
def _habit(meter: Meter, zone: Zone, day: date) -> _Habit:
    past = [reading for reading in meter.of_zone(zone) if reading.day <= day]
    previous, usual = (past[0] if past else None), _usual(meter, past, day)
    return _Habit(previous, usual, *_limits(meter, previous, usual, day))


def _limits(meter: Meter, previous: Reading | None, usual: tuple[int, int] | None, day: date) -> tuple[int, int]:
    """The lowest and the highest consumption that raises no doubt, kWh."""
    if previous is None:
        return 0, meter.limit * meter.coefficient
    if usual is None:
        days = max((day - previous.day).days, _MONTH_DAYS)
        return 0, _ABSURD_KWH * meter.coefficient * days // _MONTH_DAYS
    least, most = usual
    low = -(-least // _FAR_BELOW) if least >= _WORTH_KWH else 0
    return low, max(_FAR_ABOVE * most, most + _ABOVE_KWH)


def _usual(meter: Meter, past: list[Reading], day: date) -> tuple[int, int] | None:
    """The least and the most kWh that this zone's habits expect from the previous reading to `day`."""
    habits = _habits(meter, past, day)
    if not habits:
        return None
    days = (day - past[0].day).days
    return round(min(habits) * days), round(max(habits) * days)


def _habits(meter: Meter, past: list[Reading], day: date) -> list[float]:
    """kWh a day of the same season in earlier years and of the last three months, else of all the past."""
    since, season_of = day - _RECENT, {(day.month + apart - 1) % 12 + 1 for apart in (-1, 0, 1)}
    newest_of_day = {reading.day: reading for reading in reversed(past)}
    pairs = list(pairwise(newest_of_day.values()))
    recent = [pair for pair in pairs if pair[1].day >= since]
    season = [pair for pair in pairs if pair[1].day < since and pair[1].day.month in season_of]
    return _medians(meter, season, recent) or _medians(meter, pairs)


def _medians(meter: Meter, *some: list[_Pair]) -> list[float]:
    """Of those that have enough intervals."""
    found = (_intervals(meter, pairs) for pairs in some)
    return [_median(intervals) for intervals in found if len(intervals) >= _FEWEST_INTERVALS]


def _intervals(meter: Meter, pairs: list[_Pair]) -> list[_Interval]:
    """Between an earlier reading and a later one, where the consumption can be known."""
    found = []
    for earlier, later in pairs:
        step = advanced(meter, earlier, later)
        if step is not None:
            days = (later.day - earlier.day).days
            found.append(_Interval(days, step * meter.coefficient / days))
    return found


def _median(intervals: list[_Interval]) -> float:
    # Over days, not over intervals: a gap of half a year weighs half a year.
    rising = sorted(intervals, key=lambda interval: interval.rate)
    half = sum(interval.days for interval in intervals) / 2
    counted = accumulate(interval.days for interval in rising)
    return next(interval.rate for interval, days in zip(rising, counted, strict=True) if days >= half)
