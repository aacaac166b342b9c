"""(n) How long people wait for their answers on formation day, while receipts are formed and sent, beside the same on
another day."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from statistics import median

from services.db.engine import file_of
from tests.bench import subscribers
from tests.bench.bench_updates import bot_settings, forget, start
from tests.bench.flooded import TALKERS
from tests.bench.table import Row

PACE = 20  # receipts a second, about


def run(quick: bool) -> list[Row]:
    count, seconds, rounds = (1_000, 30.0, 1) if quick else (10_000, 10_000 / PACE, 1)
    alone, on_the_day, sent = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        url = asyncio.run(subscribers.build(Path(folder), count, TALKERS))
        for _ in range(rounds):
            alone.append(wait(url, min(seconds, 60.0), forming=False)[0])
            asyncio.run(forget(url))
            p95, documents = wait(url, seconds, forming=True)
            on_the_day.append(p95)
            sent = max(sent, documents)
            asyncio.run(forget(url))
            _forget_receipts(url)
    name = f"others' p95 while {count:,} receipts are formed and {sent:,} of them sent"
    return [Row(name, median(on_the_day), median(alone), median(on_the_day) / median(alone), "s")]


def wait(url: str, seconds: float, *, forming: bool) -> tuple[float, int]:
    """Seconds that 95 of 100 answers took at most, and receipts that were sent meanwhile."""
    server = start(["-m", "tests.bench.flooded", "1", "0", str(seconds)], {})
    assert server.stdout
    base = server.stdout.readline().strip()
    settings = bot_settings(base) | {"DATABASE_URL": url}
    processes = [server, start(["-m", "bot", "run"], settings)]
    if forming:
        processes.append(start(["-m", "bot", "receipts", "form", str(subscribers.CHARGED)], settings))
    try:
        found = server.stdout.readline()
        assert found, "nobody was answered"
        waited, documents = found.split()
        return float(waited), int(documents)
    finally:
        for process in reversed(processes):
            process.terminate()
            process.communicate()


def _forget_receipts(url: str) -> None:
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("DELETE FROM outbox")
        connection.execute("DELETE FROM receipt_deliveries")


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
