"""Registry files for tests, and what a database holds after them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from services.db.engine import Database
from services.ledger.lines import CHUNK
from services.ledger.registry import Imported, ImportOptions, import_registry

ACCOUNTS = """\
account;address;holder;phone;residents;area;season_ratio;social_norm;tariff;status
360000123456;г. Воронеж, ул. Лизюкова, д. 12, кв. 45;Ромашкина Мария;+7 900 000-00-00;2;54.3;0.9;50;36-gas;active
360000200017;с. Ямное, ул. Тихая, д. 31;;;;;;;36-rural;closed
"""
METERS = """\
account;meter;zones;digits;coefficient;verification_due;place;status
360000123456;10000001;day_night;6;1;2038-05-01;кухня;active
360000200017;20000002;single;5;20;;;closed
"""
TARIFFS = """\
tariff;valid_from;zone;tier;up_to_kwh;price
36-gas;2026-10-01;day;1;1100;6.66
36-gas;2026-10-01;day;2;;9.2567
"""
READINGS = """\
account;meter;zone;date;value;source;counted
360000123456;10000001;day;2026-10-24;3500;телефон;1
360000123456;10000001;night;2026-10-24;1500;телефон;0
"""
CHARGES = """\
account;period;opening;charged;recalculated;penalty;closing
360000123456;2026-10;100.00;1371.80;-50.50;0;1234.56
"""
PAYMENTS = """\
account;date;amount;source;reference
360000123456;2026-10-10;186.74;СБП;A-1
360000123456;2026-10-10;186.74;СБП;A-2
"""
FILES = {
    "accounts": ACCOUNTS,
    "meters": METERS,
    "tariffs": TARIFFS,
    "readings": READINGS,
    "charges": CHARGES,
    "payments": PAYMENTS,
}


def write_files(folder: Path, **texts: str) -> Path:
    """The whole small registry, or the named files with these texts."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (texts or FILES).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


async def imported(database: Database, path: Path, chunk: int = CHUNK) -> Imported:
    """The report of a single file."""
    (report,) = await import_registry(database, [path], options=ImportOptions(chunk=chunk))
    return report


def counts(report: Imported) -> tuple[int, int, int, int]:
    assert report.refusal == ""
    return report.added, report.changed, report.unchanged, report.rejected


def rejected(report: Imported) -> list[tuple[int, str, str]]:
    """Number, reason and text of the rejected lines."""
    assert report.rejected_path is not None
    with report.rejected_path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file, delimiter=";")
    assert header == ["line", "reason", "content"]
    assert len(lines) == report.rejected
    return [(int(number), reason, content) for number, reason, content in lines]


async def rows(database: Database, table: Table, *names: str) -> Sequence[tuple[Any, ...]]:
    """Without names, all that a registry file says."""
    own = {"import_id", "occurrence"}
    columns = [table.c[name] for name in names] or [column for column in table.c if column.name not in own]
    async with database.reading() as connection:
        return sorted((tuple(row) for row in await connection.execute(select(*columns))), key=repr)
