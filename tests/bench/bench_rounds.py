"""(r) Reminders of 1,000,000 people put into the outbox: time for each beside 10,000, memory, and how long others wait
for their answers meanwhile."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from services.db.engine import file_of
from tests.bench import neighbours
from tests.bench.bench_updates import ROOT, bot_settings, forget, start
from tests.bench.flooded import TALKERS
from tests.bench.table import Row

FEW: Final = 10_000
_OFTEN: Final = 3  # rounds over few before the one over many, and after it
_FIRST_ROUND: Final = 64.0  # seconds after a start in which it has begun
_EARLY: Final = 3  # local hour of the benchmark: reminders wait for theirs


@dataclass(frozen=True, slots=True)
class Planning:
    """`each`: µs for one of the people; `memory`: MiB at most."""

    each: float
    memory: float


def run(quick: bool) -> list[Row]:
    many, seconds = (100_000, 10.0) if quick else (1_000_000, 30.0)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        few_url, few_settings = _build(Path(one), FEW)
        few = _plan_often(few_url, few_settings)
        url, settings = _build(Path(other), many)
        alone = _talk(url, settings, seconds, done=True)
        meanwhile = _talk(url, settings, seconds, done=False)
        _empty(url)
        all_of_them = _plan(url, settings, many)
        few += _plan_often(few_url, few_settings)
    each, memory = median(one.each for one in few), median(one.memory for one in few)
    name = f"reminders planned for {many:,} people beside {FEW:,}, each"
    return [
        Row(name, all_of_them.each, each, all_of_them.each / each, "µs"),
        Row("memory of it", all_of_them.memory, memory, all_of_them.memory / memory, "MiB"),
        Row("others' p95 while they are planned", meanwhile, alone, meanwhile / alone, "s"),
    ]


def _build(folder: Path, people: int) -> tuple[str, dict[str, str]]:
    """The database's URL, and settings by which today is the first reading day, early in the morning."""
    zone = _early_zone(datetime.now(UTC))
    today = datetime.now(UTC).astimezone(zone).date()
    url = asyncio.run(neighbours.build(folder, people, TALKERS, str(today.replace(day=1))))
    profile = _profile(folder, zone, today)
    days = {"TIMEZONE": zone.key, "PAID_BROADCAST": "true"}
    return url, days | {"DATABASE_URL": url, "SUPPLIER_PROFILE": str(profile)}


def _early_zone(now: datetime) -> ZoneInfo:
    east = _EARLY - now.hour
    return ZoneInfo(f"Etc/GMT{-(east + 24 if east < -12 else east):+d}")


def _profile(folder: Path, zone: ZoneInfo, today: date) -> Path:
    text = (ROOT / "samples" / "supplier.toml").read_text(encoding="utf-8")
    last = (today + timedelta(days=2)).day
    text = re.sub("(?m)^timezone = .*", f'timezone = "{zone.key}"', text)
    text = re.sub("(?m)^reading_days = .*", f'reading_days = "{today.day}-{max(today.day, last)}"', text)
    path = folder / "supplier.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _plan(url: str, settings: dict[str, str], people: int) -> Planning:
    process = start(["-m", "tests.bench.plan_reminders", url], bot_settings("http://127.0.0.1:9") | settings)
    told, _ = process.communicate()
    seconds, memory, planned = told.split()
    assert int(planned) >= people, f"{planned} reminders of {people}"
    return Planning(float(seconds) / people * 1e6, float(memory))


def _plan_often(url: str, settings: dict[str, str]) -> list[Planning]:
    """A round over few is short: a moment's load weighs more in it than in one over many."""
    plannings = []
    for _ in range(_OFTEN):
        plannings.append(_plan(url, settings, FEW))
        _empty(url)
    return plannings


def _talk(url: str, settings: dict[str, str], seconds: float, *, done: bool) -> float:
    """Seconds that 95 of 100 answers took at most; `done`: today's round is over before."""
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("DELETE FROM reminder_rounds")
        if done:
            today = datetime.now(UTC).astimezone(ZoneInfo(settings["TIMEZONE"])).date()
            values = (str(today), "2026-11-01 00:00:00.000000")
            connection.execute("INSERT INTO reminder_rounds VALUES (?, 0, 0, 0, 0, ?)", values)
    server = start(["-m", "tests.bench.flooded", "1", "0", str(seconds), str(_FIRST_ROUND)], {})
    assert server.stdout
    bot = start(["-m", "bot", "run"], bot_settings(server.stdout.readline().strip()) | settings)
    try:
        found = server.stdout.readline()
        assert found, "the others were not answered"
    finally:
        for process in (bot, server):
            process.terminate()
            process.communicate()
    with closing(sqlite3.connect(file_of(url))) as connection:
        [(over,)] = connection.execute("SELECT done_at IS NOT NULL FROM reminder_rounds").fetchall()
    assert over == done, "the round was over too soon"
    asyncio.run(forget(url))
    return float(found.split()[0])


def _empty(url: str) -> None:
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("DELETE FROM outbox")
        connection.execute("DELETE FROM reminder_rounds")


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
