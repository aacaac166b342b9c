"""(i) A scan of 10,000 accounts for missing readings, in pages beside one by one."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import literal, update

from samples.generate import many_accounts
from services.ledger.supplier import LedgerSupplier
from services.ledger.tables import readings
from services.supplier import preliminary
from services.supplier.models import Access, Month
from services.supplier.periods import ReadingDays
from services.supplier.ports import Supplier
from tests.bench.bench_lookup import BenchClock, registry
from tests.bench.table import Row

PAGE = 500
DAYS = ReadingDays(23, 25)
NOVEMBER = Month(2026, 11)


def run(quick: bool) -> list[Row]:
    count = 2_000 if quick else 10_000
    pages, singly = asyncio.run(measure(count))
    name = f"scan of {count:,} accounts for missing readings, pages of {PAGE} beside one by one"
    return [Row(name, pages, singly, pages / singly, "ms")]


async def measure(count: int) -> tuple[float, float]:
    """Milliseconds; both find the same accounts: half of them have readings of the month."""
    with tempfile.TemporaryDirectory() as folder:
        database = await registry(Path(folder), count)
        async with database.writing() as connection:
            read = update(readings).where(readings.c.account % 2 == 0)
            await connection.execute(read.values(date=literal(date(2026, 11, 23))))
            await connection.commit()
        supplier = LedgerSupplier(database, BenchClock())
        accesses = [Access.of_bot(row[0]) for row in many_accounts(count)]
        began = time.perf_counter()
        in_pages = await _in_pages(supplier, accesses)
        turned = time.perf_counter()
        one_by_one = {access.account for access in accesses if await _lacks(supplier, access)}
        ended = time.perf_counter()
        await database.close()
    assert in_pages == one_by_one
    assert 0 < len(in_pages) < count
    return (turned - began) * 1e3, (ended - turned) * 1e3


async def _in_pages(supplier: Supplier, accesses: Sequence[Access]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(accesses), PAGE):
        found |= await supplier.without_readings(accesses[start : start + PAGE], NOVEMBER)
    return found


async def _lacks(supplier: Supplier, access: Access) -> bool:
    metering = await supplier.metering(access)
    missing = any(not preliminary.is_read(meter, NOVEMBER, DAYS) for meter in metering.meters)
    return missing and not metering.account.closed


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
