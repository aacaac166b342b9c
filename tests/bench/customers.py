"""Customers for the benchmarks, each with an account, a day and night meter and two years of readings."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.accounts.models import Trust
from services.customers.models import Consent, ConsentText
from services.customers.ports import CustomerRepository
from services.db.engine import Database
from services.db.migrate import migrate
from services.db.store import SqlStore
from services.ledger.registry import import_registry
from services.supplier.periods import ReadingDays, period_of

FIRST_PERSON = 1000
_TEXTS = [ConsentText(consent, "1", "ru", "Согласие", "Текст") for consent in Consent]
_TARIFF = [
    ("t", "2026-01-01", zone, tier + 1, limit, base + 2 * tier)
    for zone, base in (("day", 6), ("night", 4))
    for tier, limit in enumerate([1100, 6000, ""])
]


async def build(folder: Path, people: int) -> str:
    """Database URL."""
    url = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    database = Database(url)
    await migrate(database)
    _registry(folder, people)
    await import_registry(database, [folder])
    await _customers(database, people)
    await database.close()
    return url


def account_of(index: int) -> str:
    return f"36{index:010d}"


def _registry(folder: Path, people: int) -> None:
    numbers = [account_of(index) for index in range(people)]
    present = period_of(datetime.now(UTC), ZoneInfo("Europe/Moscow"), ReadingDays(23, 25))
    months = [present.plus(step - 24) for step in range(24)]
    _write(folder / "tariffs.csv", "tariff;valid_from;zone;tier;up_to_kwh;price", _TARIFF)
    _write(folder / "accounts.csv", "account;address;tariff;status",
           [(number, "г. Воронеж, ул. Лизюкова, д. 12, кв. 45", "t", "active") for number in numbers])  # fmt: skip
    _write(folder / "meters.csv", "account;meter;zones;digits", [(n, f"m{n}", "day_night", 6) for n in numbers])
    _write(folder / "readings.csv", "account;meter;zone;date;value;source;counted",
           [(n, f"m{n}", zone, month.day(24), base + step * monthly, "сайт", 1) for n in numbers
            for zone, base, monthly in (("day", 50, 150), ("night", 40, 65))
            for step, month in enumerate(months)])  # fmt: skip


def _write(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header.split(";"))
        writer.writerows(rows)


async def _customers(database: Database, people: int) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    async with SqlStore(database, asyncio.Event()).writing() as unit:
        for index in range(people):
            person = FIRST_PERSON + index
            await unit.of(CustomerRepository).create(person, "ru", now)
            await unit.of(CustomerRepository).agree(person, _TEXTS, now)
            await unit.of(CustomerRepository).link(person, f"l{index}", account_of(index), Trust.CONFIRMED, now)
        await unit.commit()
