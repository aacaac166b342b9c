"""Whether typed readings look right beside the meter's own past. A doubt asks, it never refuses.

A value of a day is compared with the newest reading of that day or before: whoever asks leaves out what the
value is to replace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate, combinations, pairwise

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


class DoubtKind(StrEnum):
    TOO_MANY_DIGITS = "too_many_digits"
    BELOW_PREVIOUS = "below_previous"
    FAR_ABOVE = "far_above"
    FAR_BELOW = "far_below"


class Way(StrEnum):
    """What a customer may answer to a doubt."""

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
class _Interval:
    """Consumption between two readings. `rate`: kWh a day."""

    end: date
    days: int
    rate: float


def previous_reading(meter: Meter, zone: Zone, day: date) -> Reading | None:
    """The newest reading that a value of `day` is compared with."""
    return next(_past(meter, zone, day), None)


def consumption(
    meter: Meter,
    zone: Zone,
    value: int,
    day: date,
    remark: Remark = Remark.NONE,
) -> int | None:
    """kWh since the previous reading, None where it cannot be known: nothing to compare with, a replaced
    meter, a value below the previous one that no roll-over explains."""
    previous = previous_reading(meter, zone, day)
    if previous is None or remark is Remark.REPLACED:
        return None
    gone = value - previous.value + (meter.limit if remark is Remark.ROLLED_OVER else 0)
    return gone * meter.coefficient if gone >= 0 else None


def advanced(meter: Meter, earlier: Reading, later: Reading) -> int | None:
    """What the display went on between two past readings: a fall was a roll-over if that makes a small step, else
    another meter came: None."""
    step = later.value - earlier.value
    if step >= 0:
        return step
    return step + meter.limit if step + meter.limit <= meter.limit // 10 else None


def doubts(meter: Meter, values: Mapping[Zone, int], day: date) -> tuple[Doubt, ...]:
    """At most one per zone, in the order of the meter's zones."""
    found = (_doubt(meter, zone, values[zone], day) for zone in meter.zones if zone in values)
    return tuple(doubt for doubt in found if doubt)


def ways(doubt: Doubt, meter: Meter, values: Mapping[Zone, int], day: date) -> tuple[Way, ...]:
    """Answers that make sense, in the order of their buttons."""
    sensible = {
        Way.FIX: True,
        Way.SWAPPED: swapped(doubt, meter, values, day) is not None,
        Way.REPLACED: doubt.kind in {DoubtKind.BELOW_PREVIOUS, DoubtKind.TOO_MANY_DIGITS},
        Way.ROLLED_OVER: doubt.kind is DoubtKind.BELOW_PREVIOUS and _rolled_over(doubt, meter, day),
        Way.CERTAIN: doubt.kind is not DoubtKind.TOO_MANY_DIGITS,
    }
    return tuple(way for way, makes_sense in sensible.items() if makes_sense)


def answers(ways: Iterable[Way]) -> frozenset[Remark]:
    """Remarks by which a customer can have answered these ways."""
    return frozenset(REMARKS[way] for way in ways if way in REMARKS)


def swapped(doubt: Doubt, meter: Meter, values: Mapping[Zone, int], day: date) -> Mapping[Zone, int] | None:
    """`values` with the doubtful zone and another exchanged, if exactly one exchange leaves neither doubtful."""
    fitting = []
    for one, other in combinations(values, 2):
        exchanged = {one: values[other], other: values[one]}
        if doubt.zone in exchanged and not doubts(meter, exchanged, day):
            fitting.append({**values, **exchanged})
    return fitting[0] if len(fitting) == 1 else None


def only_plausible(meter: Meter, typed: Typed, day: date) -> Mapping[Zone, int]:
    """The one reading of a message without doubts; else the message as it was written, every group of
    digits a number. Raises NumbersAmbiguous."""
    if len(typed.candidates) == 1:
        return typed.candidates[0]
    plausible = [values for values in typed.candidates if not doubts(meter, values, day)]
    if len(plausible) == 1:
        return plausible[0]
    if typed.as_written is None:
        raise NumbersAmbiguous
    return typed.as_written


def _doubt(meter: Meter, zone: Zone, value: int, day: date) -> Doubt | None:
    previous = previous_reading(meter, zone, day)
    usual = _usual(meter, zone, day)
    low, high = _limits(meter, previous, usual, day)
    gone = consumption(meter, zone, value, day)
    kind = _kind(meter, value, previous, gone, low, high)
    if kind is None:
        return None
    compared = usual and (usual[0] if kind is DoubtKind.FAR_BELOW else usual[1])
    return Doubt(kind, zone, value, previous, gone, compared)


def _kind(
    meter: Meter, value: int, previous: Reading | None, gone: int | None, low: int, high: int
) -> DoubtKind | None:
    if value >= meter.limit:
        return DoubtKind.TOO_MANY_DIGITS
    if previous is None:
        return None
    if gone is None:
        return DoubtKind.BELOW_PREVIOUS
    if gone > high:
        return DoubtKind.FAR_ABOVE
    return DoubtKind.FAR_BELOW if gone < low else None


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


def _rolled_over(doubt: Doubt, meter: Meter, day: date) -> bool:
    gone = consumption(meter, doubt.zone, doubt.value, day, Remark.ROLLED_OVER)
    _, high = _limits(meter, doubt.previous, _usual(meter, doubt.zone, day), day)
    return gone is not None and gone <= high


def _past(meter: Meter, zone: Zone, day: date) -> Iterator[Reading]:
    """Newest first."""
    return (reading for reading in meter.of_zone(zone) if reading.day <= day)


def _usual(meter: Meter, zone: Zone, day: date) -> tuple[int, int] | None:
    """The least and the most kWh that this zone's habits expect from the previous reading to `day`."""
    past = list(_past(meter, zone, day))
    habits = _habits(_intervals(meter, past), day)
    if not habits:
        return None
    days = (day - past[0].day).days
    return round(min(habits) * days), round(max(habits) * days)


def _intervals(meter: Meter, past: list[Reading]) -> list[_Interval]:
    newest_of_day = {reading.day: reading for reading in reversed(past)}
    found = []
    for earlier, later in pairwise(newest_of_day.values()):
        step = advanced(meter, earlier, later)
        if step is not None:
            days = (later.day - earlier.day).days
            found.append(_Interval(later.day, days, step * meter.coefficient / days))
    return found


def _habits(intervals: list[_Interval], day: date) -> list[float]:
    """kWh a day of the same season in earlier years and of the last three months, else of all the past."""
    since = day - _RECENT
    recent = [interval for interval in intervals if interval.end >= since]
    season = [interval for interval in intervals if interval.end < since and _same_season(interval.end, day)]
    known = [_median(some) for some in (season, recent) if len(some) >= _FEWEST_INTERVALS]
    return known or ([_median(intervals)] if len(intervals) >= _FEWEST_INTERVALS else [])


def _same_season(one: date, other: date) -> bool:
    apart = abs(one.month - other.month)
    return min(apart, 12 - apart) <= 1


def _median(intervals: list[_Interval]) -> float:
    # Over days, not over intervals: a gap of half a year weighs half a year.
    rising = sorted(intervals, key=lambda interval: interval.rate)
    half = sum(interval.days for interval in intervals) / 2
    counted = accumulate(interval.days for interval in rising)
    return next(interval.rate for interval, days in zip(rising, counted, strict=True) if days >= half)
