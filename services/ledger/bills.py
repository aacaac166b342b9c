"""Bills from the ledger's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.ledger.meters import Entry, Twins, as_meter, entries_of
from services.readings.export import remark
from services.supplier import preliminary
from services.supplier.models import Basis, Bill, Meter, Month, Tariff, Zone
from services.supplier.periods import ReadingDays, closes
from services.supplier.preliminary import Usage


def owed(month: Month, to_pay: int, penalty: int, closed: Month | None = None) -> Bill:
    """Payments go to the penalty last (Civil Code, 319), so what is owed is penalty as far as the last charged month
    gave one. Penalties of earlier months are debt."""
    debt, fine = max(0, to_pay), max(0, penalty)
    return Bill(month, max(0, debt - fine), min(debt, fine), max(0, -to_pay), closed=closed)


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
    for row in rows:
        entries = entries_of(row)
        meter = as_meter(row, entries)
        new = _new(meter, entries, submitted, month, days)
        usage = _by_readings(row, entries, new, month, days) if new else preliminary.by_average(meter, month)
        if usage is None:
            return None
        number = max((submitted.get(entry.submission, "") for entry in new.values()), default="")
        found.append((not new, number, usage))
    return [usage for *_, usage in sorted(found, key=lambda one: one[:2])]


def _new(
    meter: Meter, entries: Sequence[Entry], submitted: Mapping[str, str], month: Month, days: ReadingDays
) -> Mapping[Zone, Entry]:
    """The month's readings of all zones: what the customer has submitted, else what reached billing by other ways."""
    others = [entry for entry in entries if not entry.submission and month.first <= entry.day <= closes(month, days)]
    for some in ([entry for entry in entries if entry.submission in submitted], others):
        newest = {entry.zone: entry for entry in reversed(some)}
        if newest.keys() == set(meter.zones):
            return newest
    return {}


def _by_readings(
    row: Any, entries: Sequence[Entry], new: Mapping[Zone, Entry], month: Month, days: ReadingDays
) -> Usage:
    """Beside what was known on the day of the readings, without what billing has meanwhile returned of them."""
    day, begins = max(entry.day for entry in new.values()), closes(month.plus(-1), days)
    same = Twins(new.values())
    before = [entry for entry in entries if entry.day <= begins or entry not in same]
    settled = preliminary.settled(as_meter(row, before), month, days)
    values = {zone: entry.value for zone, entry in new.items()}
    remarks = {zone: remark(entry.source) for zone, entry in new.items()}
    return preliminary.by_readings(settled, preliminary.lines(settled, values, remarks, day), month, days, day)
