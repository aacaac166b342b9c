"""(a) Updates a second through the whole path beside a stock aiogram echo bot over the same server."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy import delete

from services.db.engine import Database
from services.db.inbox import conversations, inbox
from tests.bench import customers
from tests.bench.table import Row

ROOT = Path(__file__).parents[2]
PEOPLE = 600  # writing at a pace that people have
TYPED = ("3650", "1600")  # the day zone, answered by a question for the night; then the preview with its cost


Command = Callable[[str], list[str]]


def run(quick: bool) -> list[Row]:
    total, rounds = (1000, 1) if quick else (3000, 3)
    ours, stock = [], []
    with tempfile.TemporaryDirectory() as folder:
        url = asyncio.run(customers.build(Path(folder), PEOPLE))
        for _ in range(rounds):
            stock.append(speed(total, {}, lambda base: ["-m", "tests.bench.echo_bot", base]))
            ours.append(speed(total, {"DATABASE_URL": url}, lambda _: ["-m", "bot", "run"]))
            asyncio.run(forget(url))
    mine, other = median(ours), median(stock)
    return [Row("whole path beside stock echo", mine, other, mine / other, "updates/s")]


def speed(total: int, settings: dict[str, str], command: Command) -> float:
    """Updates a second from the first delivery to the last reply; bot and server are processes of their own."""
    server = start(["-m", "tests.bench.telegram", str(total), str(PEOPLE), *TYPED], {})
    assert server.stdout
    base = server.stdout.readline().strip()
    bot = start(command(base), bot_settings(base) | settings)
    try:
        seconds = server.stdout.readline()
        assert seconds, "not every update was answered"
        return total / float(seconds)
    finally:
        for process in (bot, server):
            process.terminate()
            process.communicate()


def start(arguments: list[str], settings: dict[str, str]) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def bot_settings(base: str) -> dict[str, str]:
    return {
        "BOT_TOKEN": "1234567:sandbox-token",
        "BOT_API_BASE": base,
        "SUPPLIER_PROFILE": str(ROOT / "samples" / "supplier.toml"),
        "LOG_FORMAT": "json",
        "WEB_PORT": "0",
    }


async def forget(url: str) -> None:
    """The next round sends the same update ids."""
    database = Database(url)
    async with database.writing() as connection:
        await connection.execute(delete(inbox))
        await connection.execute(delete(conversations))
        await connection.commit()
    await database.close()
