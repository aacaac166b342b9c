"""(h) How long others wait for their answers while some send a flood, beside the same without one."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median

from tests.bench import customers
from tests.bench.bench_updates import bot_settings, forget, start
from tests.bench.flooded import TALKERS
from tests.bench.table import Row

FLOODERS = (1, 20)


def run(quick: bool) -> list[Row]:
    total, seconds, rounds = (1000, 10.0, 1) if quick else (10_000, 30.0, 3)
    waits: dict[int, list[float]] = {0: [], **{flooders: [] for flooders in FLOODERS}}
    with tempfile.TemporaryDirectory() as folder:
        url = asyncio.run(customers.build(Path(folder), TALKERS + max(FLOODERS)))
        for _ in range(rounds):
            for flooders, measured in waits.items():
                measured.append(wait(url, flooders, total if flooders else 0, seconds))
                asyncio.run(forget(url))
    alone = median(waits[0])
    return [
        Row(f"others' p95 in a flood of {total} by {flooders}", median(measured), alone, median(measured) / alone, "s")
        for flooders, measured in waits.items()
        if flooders
    ]


def wait(url: str, flooders: int, total: int, seconds: float) -> float:
    """Seconds that 95 of 100 answers to the others took at most."""
    server = start(["-m", "tests.bench.flooded", str(max(flooders, 1)), str(total), str(seconds)], {})
    assert server.stdout
    base = server.stdout.readline().strip()
    bot = start(["-m", "bot", "run"], bot_settings(base) | {"DATABASE_URL": url})
    try:
        found = server.stdout.readline()
        assert found, "the others were not answered"
        return float(found.split()[0])
    finally:
        for process in (bot, server):
            process.terminate()
            process.communicate()
