"""(g) Updates a second through the whole path, beside the same bot when it keeps neither updates nor states."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from services.db.engine import Database
from services.db.inbox import inbox
from tests.bench import customers
from tests.bench.bench_updates import PEOPLE, forget, speed
from tests.bench.table import Row


def run(quick: bool) -> list[Row]:
    total, rounds = (1000, 1) if quick else (3000, 5)
    durable, forgetful = [], []
    with tempfile.TemporaryDirectory() as folder:
        url = asyncio.run(customers.build(Path(folder), PEOPLE))
        for _ in range(rounds):
            forgetful.append(_speed(total, url, ["-m", "tests.bench.forgetful_bot"], kept=0))
            durable.append(_speed(total, url, ["-m", "bot", "run"], kept=total))
    ratio = median(mine / other for mine, other in zip(durable, forgetful, strict=True))
    return [Row("whole path with durability beside without", median(durable), median(forgetful), ratio, "updates/s")]


def _speed(total: int, url: str, command: list[str], kept: int) -> float:
    """`kept`: how many updates the database has to hold afterwards."""
    found = speed(total, {"DATABASE_URL": url}, lambda _: command)
    assert asyncio.run(_kept(url)) == kept
    asyncio.run(forget(url))
    return found


async def _kept(url: str) -> int:
    database = Database(url)
    async with database.reading() as connection:
        count = (await connection.execute(select(func.count()).select_from(inbox))).scalar_one()
    await database.close()
    return count


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
