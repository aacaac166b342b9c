"""The cost of a month before billing has charged it: by its readings, else by the habit of the last months."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, takewhile

from services.readings import plausibility
from services.readings.models import Remark, Submitted
from services.supplier import pricing
from services.supplier.models import Basis, Meter, MeterCharge, Month, Reading, Tariff, Zone, ZoneCharge
from services.supplier.periods import ReadingDays, closes, period_of_day
from services.supplier.pricing import Estimate

# Rules 354, 59: an average of six months, of three at least, for three months in a row. After them comes the norm,
# which suppliers do not tell us.
_HABIT = 6
_LEAST = 3
_IN_A_ROW = 3

Snapshot = Mapping[Zone, Reading]


@dataclass(frozen=True, slots=True)
class Usage:
    """Consumption that one meter will be charged for: kWh by zone, None where they cannot be told. It may fill the
    tier limits of `months` months."""

    meter: str
    basis: Basis
    volumes: Mapping[Zone, int] | None
    months: int


def of_period(meter: Meter, period: Month, days: ReadingDays) -> tuple[Reading, ...]:
    """Newest first."""
    begins, ends = closes(period.plus(-1), days), closes(period, days)
    since = takewhile(lambda one: one.day > begins, meter.readings)
    return tuple(one for one in since if one.day <= ends)


def is_read(meter: Meter, period: Month, days: ReadingDays) -> bool:
    """Whether there are readings of the period for all zones."""
    return {one.zone for one in of_period(meter, period, days)} >= set(meter.zones)


def settled(meter: Meter, period: Month, days: ReadingDays) -> Meter:
    """The meter without the readings of the period that billing has not counted: new ones replace those."""
    return without(meter, of_period(meter, period, days))


def without(meter: Meter, present: Sequence[Reading]) -> Meter:
    """The same where the readings of the period are known."""
    replaced = [one for one in present if not one.counted]
    return replace(meter, readings=tuple(one for one in meter.readings if one not in replaced)) if replaced else meter


def previous(meter: Meter, day: date) -> Mapping[Zone, Reading]:
    """Readings with which values of `day` are compared, of a settled meter."""
    newest = {zone: plausibility.previous_reading(meter, zone, day) for zone in meter.zones}
    return {zone: reading for zone, reading in newest.items() if reading}


def lines(meter: Meter, values: Mapping[Zone, int], remarks: Mapping[Zone, Remark], day: date) -> tuple[Submitted, ...]:
    """Values of all zones of a settled meter beside the previous ones."""
    before = {zone: reading.value for zone, reading in previous(meter, day).items()}
    return tuple(_line(meter, zone, values[zone], remarks.get(zone, Remark.NONE), day, before) for zone in meter.zones)


def _line(meter: Meter, zone: Zone, value: int, remark: Remark, day: date, before: Mapping[Zone, int]) -> Submitted:
    return Submitted(zone, value, before.get(zone), plausibility.consumption(meter, zone, value, day, remark), remark)


def by_readings(meter: Meter, read: Sequence[Submitted], period: Month, days: ReadingDays, day: date) -> Usage:
    """Of a settled meter and its new values of `day`."""
    volumes = {line.zone: line.consumption for line in read if line.consumption is not None}
    known = volumes if len(volumes) == len(read) else None
    covered = (period.since(period_of_day(one.day, days)) for one in previous(meter, day).values())
    return Usage(meter.number, Basis.READINGS, known, max([1, *covered]))


def by_average(meter: Meter, month: Month) -> Usage | None:
    """A month like those before the last reading. None where the law allows no average or there is none."""
    past = snapshots(meter, month)
    if not past or month.since(max(past)) > _IN_A_ROW:
        return None
    lately = sorted(one for one in past if max(past).since(one) <= _HABIT)
    steps = [(later.since(earlier), gone(meter, past[earlier], past[later])) for earlier, later in pairwise(lately)]
    known = [(span, volumes) for span, volumes in steps if volumes is not None]
    span = sum(span for span, _ in known)
    if span < _LEAST:
        return None
    total = {zone: sum(volumes[zone] for _, volumes in known) for zone in meter.zones}
    share = {zone: (2 * kwh + span) // (2 * span) for zone, kwh in total.items()}
    return Usage(meter.number, Basis.AVERAGE, share, months=1)


def snapshots(meter: Meter, before: Month, month_of: Callable[[date], Month] = Month.of) -> dict[Month, Snapshot]:
    """The last readings of every earlier month that has them of all zones. `month_of`: the month of a reading's day."""
    found: dict[Month, dict[Zone, Reading]] = {}
    for reading in sorted(meter.readings, key=lambda one: one.day):
        if (month := month_of(reading.day)) < before:
            found.setdefault(month, {})[reading.zone] = reading
    return {month: snapshot for month, snapshot in found.items() if snapshot.keys() >= set(meter.zones)}


def gone(meter: Meter, earlier: Snapshot, later: Snapshot) -> Mapping[Zone, int] | None:
    """kWh by zone, None across a change of meters."""
    steps = {zone: plausibility.advanced(meter, earlier[zone], later[zone]) for zone in meter.zones}
    known = {zone: step * meter.coefficient for zone, step in steps.items() if step is not None}
    return known if len(known) == len(steps) else None


def priced(usage: Usage, tariff: Tariff | None, used: int) -> Estimate | None:
    """None where no price is known or the volume cannot be told. `used`: kWh of the month that other meters of the
    account have taken already."""
    if tariff is None or usage.volumes is None:
        return None
    return pricing.estimate(usage.volumes, tariff, used, usage.months)


def charges(usages: Iterable[Usage], tariff: Tariff | None) -> tuple[MeterCharge, ...] | None:
    """Each begins in the tier where the one before ended. None unless all can be priced."""
    found: list[MeterCharge] = []
    used = 0
    for usage in usages:
        estimate = priced(usage, tariff, used)
        if estimate is None or estimate.partial:
            return None
        zones = tuple(ZoneCharge(zone, kwh, estimate.cost_of(zone)) for zone, kwh in (usage.volumes or {}).items())
        found.append(MeterCharge(usage.meter, usage.basis, zones))
        used += found[-1].kwh
    return tuple(found)
