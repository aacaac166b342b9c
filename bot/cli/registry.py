"""Registry files in, submissions out, on the command line."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

import structlog
import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cli.tables import require_database, require_tables
from bot.clock import SystemClock
from bot.config import needed_files
from services.appeals import export as appeals_export
from services.appeals.export import write_appeals
from services.db.appeals import SqlAppeals
from services.db.engine import Database, file_of
from services.db.file import shorten_wal
from services.db.orders import SqlOrders
from services.db.queue_stats import note_import
from services.db.receipts import SqlSubscriptions
from services.db.submissions import SqlSubmissions
from services.files import STANDARD_OUTPUT, spare, spare_what_is_not, text_at
from services.ledger.horizon import Horizon
from services.ledger.imports import on_record, undo
from services.ledger.registry import Imported, ImportOptions, import_registry
from services.payments.models import Movement
from services.readings import export
from services.readings.export import write_payments, write_readings
from services.receipts import export as receipts_export
from services.receipts.export import write_paperless, write_reasons
from services.supplier.profile import SupplierProfile

_DAY = timedelta(days=1)
_CLOCK = SystemClock()
_HEADERS = (*export.HEADERS, *receipts_export.HEADERS, *appeals_export.HEADERS)
log = structlog.get_logger("import")


async def import_files(
    url: str,
    profile: SupplierProfile,
    paths: Sequence[Path],
    encoding: str = "",
    *,
    new_holders: bool = False,
    now: Callable[[], datetime] = _CLOCK.now,
) -> int:
    """Import with a progress bar and a report of every file. Returns the exit code."""
    require_database(url)
    database = Database(url)
    try:
        await require_tables(database)
        options = ImportOptions(encoding, Horizon(now(), profile), new_holders, now)
        with _Progress() as progress:
            reports = await import_registry(database, paths, progress.show, options)
        if any(report.taken for report in reports):
            await note_import(database, now())
    finally:
        await database.close()
    with suppress(sqlite3.Error):  # the bot reads there: its next commits see to it
        shorten_wal(file_of(url))
    for report in reports:
        typer.echo(_line(report))
        log.info("imported", file=report.path.name, **_counts(report))
    return exit_code(reports)


def exit_code(reports: Sequence[Imported]) -> int:
    """3 when a file was refused, 1 when lines were rejected or nothing was found."""
    if any(report.refusal for report in reports):
        return 3
    return int(any(report.doubt or report.rejected for report in reports))


async def export_readings(url: str, file: Path, first: date, last: date) -> int:
    """The number of lines written. Raises WrongSettings, Spared."""
    async with _exporting(url, file) as (connection, out):
        return await write_readings(SqlSubmissions(connection).of_days(first, last), out)


async def export_payments(url: str, profile: SupplierProfile, file: Path, first: date, last: date) -> int:
    """The number of lines written. Raises WrongSettings, Spared."""
    async with _exporting(url, file) as (connection, out):
        return await write_payments(_of_days(SqlOrders(connection), first, last), profile, first, last, out)


async def export_appeals(url: str, profile: SupplierProfile, file: Path, first: date, last: date) -> int:
    """The number of lines written; days are those of regions without a zone of their own. Raises WrongSettings,
    Spared."""
    zone = profile.elsewhere.timezone
    since, end = datetime.combine(first, time(), zone), datetime.combine(last + _DAY, time(), zone)
    async with _exporting(url, file) as (connection, out):
        return await write_appeals(SqlAppeals(connection).written(since, end), profile, out)


async def export_paperless(url: str, profile: SupplierProfile, file: Path) -> int:
    """The number of lines written. Raises WrongSettings, Spared."""
    async with _exporting(url, file) as (connection, out):
        return await write_paperless(SqlSubscriptions(connection).spans(), profile, out)


async def export_reasons(url: str, file: Path, first: date, last: date) -> int:
    """The number of lines written. Raises WrongSettings, Spared."""
    async with _exporting(url, file) as (connection, out):
        return await write_reasons(SqlSubscriptions(connection).reasons(first, last), out)


@asynccontextmanager
async def _exporting(url: str, file: Path) -> AsyncIterator[tuple[AsyncConnection, TextIO]]:
    """The database and the file of an export. Only an earlier export is replaced."""
    if file != STANDARD_OUTPUT:
        spare(file, file_of(url), *needed_files())
        spare_what_is_not(file, _HEADERS, "export")
    require_database(url)
    database = Database(url)
    try:
        await require_tables(database)
        with text_at(file) as out:
            async with database.reading() as connection:
                yield connection, out
    finally:
        await database.close()


async def _of_days(orders: SqlOrders, first: date, last: date) -> AsyncIterator[Movement]:
    """Of these days and those around them, for regions have other midnights; a day in memory at a time."""
    known = await orders.days()
    if known is None:
        return
    day, end = known
    while day <= end:
        if first <= day + _DAY and day - _DAY <= last:
            midnight = datetime.combine(day, time(), UTC)
            for one in await orders.movements(midnight, midnight + _DAY):
                yield one
        day += _DAY


class _Progress:
    """A bar for each file, in bytes, for people who look; nothing in a pipe."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._bar: Any = None

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def show(self, path: Path, done: int, size: int) -> None:
        if path != self._path:
            self._end()
            self._path = path
            self._bar = typer.progressbar(length=size, label=path.name)
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


def _counts(report: Imported) -> dict[str, Any]:
    refused = {"refused": report.refusal} if report.refusal else {}
    if not report.import_id:
        return refused
    counted = ("added", "changed", "unchanged", "rejected")
    return refused | {name: getattr(report, name) for name in counted}


def _line(report: Imported) -> str:
    if report.refusal and not report.taken:
        return f"{report.path.name}: {report.refusal}"
    if not report.kind:
        return f"{report.path}: {report.doubt}"
    counts = f"added {report.added}, changed {report.changed}, unchanged {report.unchanged}, rejected {report.rejected}"
    counts += f", holder changed {report.handed_over}" if report.handed_over else ""
    where = f" → {report.rejected_path}" if report.rejected_path else ""
    begun = f"{report.refusal} Before that: " if report.refusal else ""
    doubt = f" {report.doubt}" if report.doubt else ""
    return f"{report.path.name}: {begun}{counts}{where} ({report.encoding}, import {report.import_id}){doubt}"


_IMPORTS = f"{'import':>6}  {'when':16}  {'file':24}  {'bytes':>11}  {'SHA-256':12}  added changed unchanged rejected"


async def show_imports(url: str, say: Callable[[str], None]) -> None:
    """A line for every file that was imported, the latest one first. Raises WrongSettings."""
    require_database(url)
    database = Database(url)
    try:
        await require_tables(database)
        known = await on_record(database)
    finally:
        await database.close()
    for line in [_IMPORTS, *map(_import_line, known)] if known else ["Nothing was imported yet."]:
        say(line)


def _import_line(one: Any) -> str:
    about = f"{one.id:>6}  {one.began_at:%Y-%m-%d %H:%M}  {one.file:24.24}  {one.size:>11}  {one.checksum:12.12}"
    counts = f"{one.added:>5} {one.changed:>7} {one.unchanged:>9} {one.rejected:>8}"
    state = f"  withdrawn {one.undone_at:%Y-%m-%d %H:%M}" if one.undone_at else "" if one.ended_at else "  not finished"
    return f"{about}  {counts}{state}"


async def undo_import(url: str, import_id: int) -> list[str]:
    """The result in sentences. Raises CannotUndo, WrongSettings."""
    require_database(url)
    database = Database(url)
    try:
        await require_tables(database)
        undone = await undo(database, import_id, _CLOCK.now())
    finally:
        await database.close()
    told = [f"Import {import_id} is withdrawn: removed {undone.removed}, restored {undone.restored}."]
    if undone.covered:
        later = ", ".join(map(str, undone.later))
        told.append(f"{undone.covered} were changed later and stay as imports {later} left them.")
    if undone.needed:
        told.append(
            f"{undone.needed} stay, for other rows belong to them: withdraw those imports first, then this again."
        )
    return told
