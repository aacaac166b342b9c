"""(e) From the start of the process to the first answered update beside a bare `import aiogram`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench import customers
from tests.bench.bench_updates import bot_settings, forget, start
from tests.bench.table import Row


def run(quick: bool) -> list[Row]:
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        url = asyncio.run(customers.build(Path(folder), 1))
        for _ in range(2 if quick else 7):
            bare.append(_import())
            ours.append(_first_answer(url))
            asyncio.run(forget(url))
    mine, other = median(ours), median(bare)
    return [Row("start to first answer beside import aiogram", mine, other, mine / other, "s")]


def _import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiogram"], check=True)
    return time.perf_counter() - began


def _first_answer(url: str) -> float:
    server = start(["-m", "tests.bench.telegram", "1", "1", "3650"], {})
    assert server.stdout
    base = server.stdout.readline().strip()
    began = time.perf_counter()
    bot = start(["-m", "bot", "run"], {**bot_settings(base), "DATABASE_URL": url})
    try:
        server.stdout.readline()
        return time.perf_counter() - began
    finally:
        for process in (bot, server):
            process.terminate()
            process.communicate()
