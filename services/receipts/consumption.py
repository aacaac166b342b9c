"""Consumption between readings that billing has counted: of one month, and of the twelve months to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.receipts.models import MonthUse
from services.supplier import preliminary, pricing
from services.supplier.models import Meter, Month, Tariff, Zone
from services.supplier.periods import month_read
from services.supplier.preliminary import Snapshot
from services.supplier.pricing import TierCharge

MONTHS = 12


@dataclass(frozen=True, slots=True)
class MeterUse:
    """One meter in a month: `now` are the month's readings of all zones, `before` the ones of `months` months earlier;
    None: there are none. `volumes`: kWh between them by zone, None where they cannot be told."""

    meter: Meter
    before: Snapshot | None
    now: Snapshot | None
    months: int
    volumes: Mapping[Zone, int] | None


def of_month(meter: Meter, month: Month) -> MeterUse:
    known = preliminary.snapshots(meter, month.plus(1), month_read)
    last = max((one for one in known if one < month), default=None)
    now, before = known.get(month), known[last] if last else None
    volumes = preliminary.gone(meter, before, now) if before and now else None
    return MeterUse(meter, before, now, month.since(last) if last else 1, volumes)


def lines(uses: Sequence[MeterUse], tariff: Tariff | None, charged: int) -> tuple[TierCharge, ...]:
    """The charge by zone and tier, all meters together; empty unless it comes to the kopecks `charged`, but for
    rounding: another sum has another reason."""
    known = [use.volumes for use in uses if use.volumes is not None]
    if tariff is None or not known:
        return ()
    estimate = pricing.estimate(_added(known), tariff, months=max(use.months for use in uses))
    if estimate.total is None or 2 * abs(estimate.total - charged) > len(estimate.lines) + 1:
        return ()
    return estimate.lines


def _added(volumes: Iterable[Mapping[Zone, int]]) -> Mapping[Zone, int]:
    total: dict[Zone, int] = {}
    for of_meter in volumes:
        for zone, kwh in of_meter.items():
            total[zone] = total.get(zone, 0) + kwh
    return total


def history(meters: Iterable[Meter], former: Iterable[Meter], month: Month) -> tuple[MonthUse, ...]:
    """Months without readings share evenly in what the next ones bring; a month to which a meter in use has not come
    yet is not known."""
    months = [month.plus(back) for back in range(1 - MONTHS, 1)]
    used: dict[Month, int] = {}
    shared: set[Month] = set()
    unknown: set[Month] = set()
    for meter, in_use in [*((one, True) for one in meters), *((one, False) for one in former)]:
        known = preliminary.snapshots(meter, month.plus(1), month_read)
        if in_use:
            unknown |= {one for one in months if not known or one > max(known)}
        for span, kwh in _steps(meter, known):
            if kwh is None:
                unknown |= set(span)
                continue
            shared |= set(span) if len(span) > 1 else set()
            for one, part in zip(span, _parts(kwh, len(span)), strict=True):
                used[one] = used.get(one, 0) + part
    return tuple(MonthUse(one, None if one in unknown else used.get(one), one in shared) for one in months)


def _steps(meter: Meter, known: Mapping[Month, Snapshot]) -> Iterator[tuple[list[Month], int | None]]:
    """Months from one reading to the next, and kWh of them together, None across a change of meters."""
    for earlier, later in pairwise(sorted(known)):
        gone = preliminary.gone(meter, known[earlier], known[later])
        span = [earlier.plus(step) for step in range(1, later.since(earlier) + 1)]
        yield span, None if gone is None else sum(gone.values())


def _parts(kwh: int, count: int) -> list[int]:
    bounds = [kwh * step // count for step in range(count + 1)]
    return [later - earlier for earlier, later in pairwise(bounds)]
