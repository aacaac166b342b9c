"""(c) Look-up of an account among 1,000,000 beside 10,000, as a conversation asks for it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import insert, literal, select

from samples.generate import HEADERS, many_accounts, write
from services.db.engine import Database
from services.db.metadata import metadata
from services.ledger.registry import import_registry
from services.ledger.supplier import LedgerSupplier
from services.ledger.tables import accounts, meters, readings
from services.supplier.models import Access
from tests.bench.table import Row

FEW = 10_000
LOOKUPS = 2_000


class BenchClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC)


def run(quick: bool) -> list[Row]:
    many = 100_000 if quick else 1_000_000
    large, small = asyncio.run(measure(many))
    return [Row(f"look-up among {many:,} accounts beside {FEW:,}", large, small, large / small, "µs")]


async def measure(many: int) -> tuple[float, float]:
    """Microseconds to find a random account and its metering: medians, the two registries taking turns."""
    with tempfile.TemporaryDirectory() as folder:
        large, small = await registry(Path(folder), many), await registry(Path(folder), FEW)
        pairs = [
            (await _lookup(large, one), await _lookup(small, other))
            for one, other in zip(_chosen(many), _chosen(FEW), strict=True)
        ]
        await large.close()
        await small.close()
    of_large, of_small = zip(*pairs, strict=True)
    return median(of_large), median(of_small)


async def registry(folder: Path, count: int) -> Database:
    """`count` accounts, each with a meter and a reading."""
    database = Database(f"sqlite+aiosqlite:///{folder / f'{count}.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    write(folder / "accounts.csv", HEADERS["accounts"], many_accounts(count))
    await import_registry(database, [folder / "accounts.csv"])
    async with database.writing() as connection:
        meter = select(accounts.c.account, literal("1"), literal("single"))
        await connection.execute(insert(meters).from_select(["account", "meter", "zones"], meter))
        reading = select(
            accounts.c.account, literal("1"), literal("single"), literal("2026-10-24"), literal(""), literal(3500)
        )
        names = ["account", "meter", "zone", "date", "submission", "value"]
        await connection.execute(insert(readings).from_select(names, reading, include_defaults=False))
        await connection.commit()
    return database


def _chosen(count: int) -> Sequence[str]:
    """Numbers of accounts from all over the registry."""
    places = set(Random(1).sample(range(count), LOOKUPS))
    return [row[0] for place, row in enumerate(many_accounts(count)) if place in places]


async def _lookup(database: Database, number: str) -> float:
    supplier, access = LedgerSupplier(database, BenchClock()), Access.of_bot(number)
    began = time.perf_counter()
    account, metering = await supplier.find(access), await supplier.metering(access)
    seconds = time.perf_counter() - began
    assert account == metering.account
    assert metering.meters[0].readings
    return seconds * 1e6


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
