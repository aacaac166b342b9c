"""Bills from the ledger's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.ledger.meters import Twins, as_meter, as_readings, by_meter
from services.readings.export import remark
from services.supplier import preliminary
from services.supplier.models import Basis, Bill, Month, Tariff, Zone
from services.supplier.periods import ReadingDays, closes
from services.supplier.preliminary import Usage


def owed(month: Month, to_pay: int, penalty: int) -> Bill:
    """Payments go to the penalty last (Civil Code, 319), so what is owed is penalty as far as the last charged month
    gave one. Penalties of earlier months are debt."""
    debt, fine = max(0, to_pay), max(0, penalty)
    return Bill(month, debt=max(0, debt - fine), penalty=min(debt, fine), advance=max(0, -to_pay))


def with_preliminary(bill: Bill, usages: Sequence[Usage] | None, tariff: Tariff | None) -> Bill:
    charges = preliminary.charges(usages, tariff) if usages else None
    if charges is None:
        return bill
    read = all(charge.basis is Basis.READINGS for charge in charges)
    total = sum(charge.kopecks for charge in charges)
    return replace(bill, preliminary=total, basis=Basis.READINGS if read else Basis.AVERAGE, meters=charges)


def usages(
    rows: Iterable[Any], submitted: Mapping[str, str], month: Month, days: ReadingDays
) -> Sequence[Usage] | None:
    """Of all meters of an account, in the order in which they were read; None unless all are known. `submitted`:
    numbers of the month's submissions by key."""
    found: list[tuple[bool, str, Usage]] = []
    for of_meter in by_meter(rows):
        new = _new(of_meter, submitted, month, days)
        usage = _by_readings(of_meter, new, month, days) if new else preliminary.by_average(as_meter(of_meter), month)
        if usage is None:
            return None
        number = max((submitted.get(row.submission, "") for row in new.values()), default="")
        found.append((not new, number, usage))
    return [usage for *_, usage in sorted(found, key=lambda one: one[:2])]


def _new(rows: Sequence[Any], submitted: Mapping[str, str], month: Month, days: ReadingDays) -> Mapping[Zone, Any]:
    """The month's readings of all zones: what the customer has submitted, else what reached billing by other ways."""
    zones = set(as_meter(rows).zones)
    others = [row for row in rows if _elsewhere(row, month, days)]
    for some in ([row for row in rows if row.submission in submitted], others):
        newest = {Zone(row.zone): row for row in reversed(some)}
        if newest.keys() == zones:
            return newest
    return {}


def _elsewhere(row: Any, month: Month, days: ReadingDays) -> bool:
    return row.date is not None and not row.submission and month.first <= row.date <= closes(month, days)


def _by_readings(rows: Sequence[Any], new: Mapping[Zone, Any], month: Month, days: ReadingDays) -> Usage:
    """Beside what was known on the day of the readings, without what billing has meanwhile returned of them."""
    day, begins = max(row.date for row in new.values()), closes(month.plus(-1), days)
    same = Twins(new.values())
    before = [row for row in rows if row.date is not None and (row.date <= begins or row not in same)]
    settled = preliminary.settled(replace(as_meter(rows), readings=as_readings(before)), month, days)
    values = {zone: row.value for zone, row in new.items()}
    remarks = {zone: remark(row.source) for zone, row in new.items()}
    return preliminary.by_readings(settled, preliminary.lines(settled, values, remarks, day), month, days, day)
