"""(d) Import of accounts beside `csv` and `sqlite3.executemany` of the same rows into an equal table."""

from __future__ import annotations

import asyncio
import csv
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from samples.generate import HEADERS, many_accounts
from samples.generate import write as write_csv
from services.db.engine import Database
from services.db.metadata import metadata
from services.ledger.registry import import_registry
from services.ledger.tables import accounts
from tests.bench.table import Row

_PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")


def run(quick: bool) -> list[Row]:
    count, rounds = (100_000, 7) if quick else (1_000_000, 3)
    ours, reference, ratio = measure(count, rounds)
    return [Row(f"import of {count:,} accounts", ours, reference, ratio, "lines/s")]


def measure(count: int, rounds: int) -> tuple[float, float, float]:
    """Lines a second, ours and the reference's, and the ratio of neighbours: medians of rounds taking turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csv(folder / "accounts.csv", HEADERS["accounts"], many_accounts(count))
        pairs = [_pair(folder, turn) for turn in range(rounds)]
    ours, reference = (median(seconds) for seconds in zip(*pairs, strict=True))
    return count / ours, count / reference, median(theirs / mine for mine, theirs in pairs)


def _pair(folder: Path, turn: int) -> tuple[float, float]:
    if turn % 2:
        reference = _timed(_reference, folder)
        return _timed(_ours, folder), reference
    return _timed(_ours, folder), _timed(_reference, folder)


def _timed(work: Callable[[Path, Path], float], folder: Path) -> float:
    """Seconds of `work` on a fresh database file."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        return work(folder / "accounts.csv", Path(place) / "bench.db")


def _ours(source: Path, target: Path) -> float:
    return asyncio.run(_import(source, target))


async def _import(source: Path, target: Path) -> float:
    database = Database(f"sqlite+aiosqlite:///{target}")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    began = time.perf_counter()
    (report,) = await import_registry(database, [source])
    await database.close()
    seconds = time.perf_counter() - began
    assert (report.rejected, report.refusal) == (0, "")
    return seconds


def _reference(source: Path, target: Path) -> float:
    connection = sqlite3.connect(target, isolation_level=None)
    for statement in (*_PRAGMAS, str(CreateTable(accounts).compile(dialect=sqlite.dialect()))):
        connection.execute(statement)
    names = HEADERS["accounts"].split()
    marks = ", ".join("?" for _ in names)
    began = time.perf_counter()
    with source.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter=";")
        next(lines)
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO {accounts.name} ({', '.join(names)}) VALUES ({marks})", lines)
        connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
