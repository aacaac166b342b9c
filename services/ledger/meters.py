"""Meters and their readings, from rows with one meter each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import ColumnElement, bindparam, func, select

from services.ledger.tables import meters, readings
from services.supplier.models import Meter, Month, Reading, Zone, ZoneScheme

_ZONES: Final = {zone.value: zone for zone in Zone}
KEPT: Final = 2_000  # meters, some 10 KB each: of conversations of the last minute
_DATE, _SUBMISSION = 1, 4  # places in a reading's JSON

# Those of a meter since a day, as one JSON text: the driver takes the interpreter's lock anew for each row.
READINGS: Final[ColumnElement[str]] = (
    select(
        func.json_group_array(
            func.json_array(
                readings.c.zone,
                readings.c.date,
                readings.c.value,
                readings.c.counted,
                readings.c.submission,
                readings.c.source,
            )
        )
    )
    .where(
        readings.c.account == meters.c.account,
        readings.c.meter == meters.c.meter,
        readings.c.date >= bindparam("since"),
    )
    .correlate(meters)
    .scalar_subquery()
    .label("readings")
)


class Entry(NamedTuple):
    """A `Reading` and, behind its fields, more that the ledger knows. `submission`: empty for what billing imported."""

    zone: Zone
    day: date
    value: int
    counted: bool
    submission: str
    source: str


def entries_of(row: Any) -> list[Entry]:
    """A meter's, the newest first."""
    kept = orjson.loads(row.readings)
    kept.sort(key=itemgetter(_SUBMISSION))
    kept.sort(key=itemgetter(_DATE), reverse=True)
    return [
        Entry(_ZONES[zone], date.fromisoformat(day), value, counted != 0, submission, source)
        for zone, day, value, counted, submission, source in kept
    ]


def as_meter(row: Any, entries: Sequence[Entry]) -> Meter:
    """With these entries, whatever its own are."""
    return Meter(
        number=row.meter,
        scheme=ZoneScheme(row.zones),
        digits=row.digits,
        coefficient=row.coefficient,
        verification_due=row.verification_due,
        place=row.place,
        readings=_as_readings(entries),
    )


@lru_cache(KEPT)
def meter_of(row: Any) -> Meter:
    """With its own entries. Each message of a conversation asks for it, mostly with the same row as the last one."""
    return as_meter(row, entries_of(row))


def _as_readings(entries: Sequence[Entry]) -> tuple[Reading, ...]:
    """A customer's value that billing has meanwhile returned in its registry is shown once, as billing has it."""
    if any(entry.submission for entry in entries):
        returned = Twins(entry for entry in entries if not entry.submission)
        entries = [entry for entry in entries if not entry.submission or entry not in returned]
    return tuple([Reading._make(entry[:4]) for entry in entries])


class Twins:
    """Entries that say the same as the given ones: of their register and day, or with their value in their month."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        given = list(entries)
        self._days = {(entry.zone, entry.day) for entry in given}
        self._values = {(entry.zone, entry.value, Month.of(entry.day)) for entry in given}

    def __contains__(self, entry: Entry) -> bool:
        return (entry.zone, entry.day) in self._days or (entry.zone, entry.value, Month.of(entry.day)) in self._values
