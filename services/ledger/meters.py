"""Meters and their readings, from rows of a meter with one reading each, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from services.supplier.models import Meter, Month, Reading, Zone, ZoneScheme

_ZONES = {zone.value: zone for zone in Zone}


def by_meter(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Rows of an account, meter by meter."""
    for number, group in groupby(rows, key=lambda row: row.meter):
        if number is not None:
            yield list(group)


def as_meter(rows: Sequence[Any]) -> Meter:
    first = rows[0]
    return Meter(
        number=first.meter,
        scheme=ZoneScheme(first.zones),
        digits=first.digits,
        coefficient=first.coefficient,
        verification_due=first.verification_due,
        place=first.place,
        readings=as_readings(rows),
    )


def as_readings(rows: Sequence[Any]) -> tuple[Reading, ...]:
    """A customer's value that billing has meanwhile returned in its registry is shown once, as billing has it."""
    read = [row for row in rows if row.zone is not None]
    returned = Twins(row for row in read if not row.submission) if any(row.submission for row in read) else None
    return tuple(
        Reading(_ZONES[row.zone], row.date, row.value, row.counted)
        for row in read
        if not (row.submission and returned and row in returned)
    )


class Twins:
    """Rows that say the same as the given ones: of their register and day, or with their value in their month."""

    def __init__(self, rows: Iterable[Any]) -> None:
        given = list(rows)
        self._days = {(row.zone, row.date) for row in given}
        self._values = {(row.zone, row.value, Month.of(row.date)) for row in given}

    def __contains__(self, row: Any) -> bool:
        return (row.zone, row.date) in self._days or (row.zone, row.value, Month.of(row.date)) in self._values
