"""(m) Formation of receipts for all subscribers, killed again and again with kill -9 at any moment."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from services.db.engine import file_of
from tests.bench import subscribers
from tests.e2e.children import ROOT, TOKEN, environment
from tests.faults.fork_server import Child, ForkServer

KILLS: Final = 20
ENTRY: Final = "bot.__main__:cli"
LATER: Final = 0.02  # seconds that a kill may come later
LOOK: Final = 0.002  # seconds between two looks at how far it is


@dataclass(frozen=True, slots=True)
class Toll:
    """`without`: subscribers who have no receipt in the outbox or no delivery; `twice`: those with more than one.
    `seconds`: of a whole formation without kills; `peak`: MiB of that process, and of one over a tenth of them."""

    subscribers: int
    kills: int
    without: int
    twice: int
    seconds: float
    peak: float
    peak_of_few: float

    def __str__(self) -> str:
        return (
            f"formation for {self.subscribers:,}, kills {self.kills}: without {self.without}, twice {self.twice}; "
            f"without kills {self.seconds:.1f} s, {self.peak:.0f} MiB (a tenth of them {self.peak_of_few:.0f} MiB)"
        )


def run(quick: bool) -> list[Toll]:
    return [asyncio.run(measure(1_000 if quick else 10_000))]


async def measure(count: int) -> Toll:
    fork_server = ForkServer(["bot.__main__", "bot.cli.receipts", "uvloop"])
    try:
        with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as many:
            _, peak_of_few = await _whole(fork_server, Path(few), await subscribers.build(Path(few), count // 10))
            url = await subscribers.build(Path(many), count)
            kills = await _under_kills(fork_server, Path(many), url, count)
            without, twice = _look(url)
            _empty(url)
            seconds, peak = await _whole(fork_server, Path(many), url)
            return Toll(count, kills, without, twice, seconds, peak, peak_of_few)
    finally:
        await fork_server.clear()
        fork_server.close()


async def _whole(fork_server: ForkServer, folder: Path, url: str) -> tuple[float, float]:
    """Seconds of a formation to its end, and MiB that it took at most."""
    began = time.perf_counter()
    child = await _form(fork_server, folder, url)
    peak = 0.0
    while child.ended is None:
        peak = max(peak, _resident(child.pid))
        await asyncio.sleep(LOOK)
    assert child.ended == 0, child.log.read_text()
    return time.perf_counter() - began, peak


async def _under_kills(fork_server: ForkServer, folder: Path, url: str, count: int) -> int:
    """The number of kills: each comes after some more receipts, but for the last run, which goes on to the end."""
    chance, kills, code = Random(7), 0, -9
    while code == -9:
        child = await _form(fork_server, folder, url)
        goal = _formed(url) + chance.randrange(2 * count // (KILLS + 4)) if kills < KILLS else 2 * count
        while child.ended is None and _formed(url) < goal:  # noqa: ASYNC110
            await asyncio.sleep(LOOK)  # a database tells nobody that it has changed
        await asyncio.sleep(chance.uniform(0, LATER))
        child.kill()
        code = await child.exit_code()
        kills += code == -9
    assert code == 0, child.log.read_text()
    return kills


async def _form(fork_server: ForkServer, folder: Path, url: str) -> Child:
    arguments = ["receipts", "form", str(subscribers.CHARGED)]
    return await fork_server.start(ENTRY, _settings(url), folder, args=arguments)


def _settings(url: str) -> Mapping[str, str]:
    profile = str(ROOT / "samples" / "supplier.toml")
    return environment(
        DATABASE_URL=url,
        SUPPLIER_PROFILE=profile,
        BOT_TOKEN=TOKEN,
        BOT_API_BASE="http://127.0.0.1:9",
        LOG_LEVEL="error",
    )


def _formed(url: str) -> int:
    return int(_ask(url, "SELECT count(*) FROM receipt_deliveries")[0][0])


def _look(url: str) -> tuple[int, int]:
    """Subscribers without a receipt, and with more than one."""
    [(without,)] = _ask(
        url,
        "SELECT count(*) FROM subscriptions s WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.user_id = s.user_id) "
        "OR NOT EXISTS (SELECT 1 FROM receipt_deliveries d WHERE d.user_id = s.user_id)",
    )
    twice = "SELECT user_id FROM {} GROUP BY user_id HAVING count(*) > 1"
    found = {person for table in ("outbox", "receipt_deliveries") for (person,) in _ask(url, twice.format(table))}
    return without, len(found)


def _empty(url: str) -> None:
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("DELETE FROM outbox")
        connection.execute("DELETE FROM receipt_deliveries")


def _ask(url: str, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file_of(url), timeout=60)) as connection:
        return connection.execute(query).fetchall()


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):  # it has ended
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
