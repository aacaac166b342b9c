"""Hundreds of customers with a day and night meter each, all with the same past, in a database made once."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from services.accounts.models import Trust
from services.customers.models import Consent, ConsentText
from services.customers.ports import CustomerRepository
from services.db.engine import Database
from services.db.migrate import migrate
from services.db.store import SqlStore
from services.ledger.registry import import_registry
from services.receipts.ports import ChargedMonthRepository
from services.reminders.models import Round
from services.reminders.ports import ReminderRepository
from services.supplier.models import Month

COUNT: Final = 400
STREET: Final = "Лизюкова"
FLAT: Final = "кв. 45"
WRONG_FLAT: Final = "46"
SURNAME: Final = "Синичкина"
LAST: Final = {"day": 353500, "night": 151500}  # on 24.10.2026
PAID: Final = "1055.11"  # on 10.11.2026, for every account that somebody looks after
GOOD: Final = {"day": 353650, "night": 151580}
BETTER: Final = {"day": 353640, "night": 151570}
_MONTHLY: Final = {"day": 150, "night": 80}
_DAYS: Final = [date(2026, 11, 20) + timedelta(days=day) for day in range(60)]
_FIRST: Final = 7_000_000_000  # Telegram's ids of the customers
_MONTHS: Final = [Month(2026, 4).plus(step) for step in range(7)]
_TEXTS: Final = [ConsentText(consent, "1", "ru", "Согласие", "Текст") for consent in Consent]


@dataclass(frozen=True, slots=True)
class Household:
    """`person_id` looks after `account` already; `spare` belongs to nobody yet."""

    person_id: int
    account: str
    spare: str


def households() -> Iterator[Household]:
    for index in range(COUNT):
        yield Household(_FIRST + index, _account(index), _account(COUNT + index))


def _account(index: int) -> str:
    return f"36{7_000_000_000 + index * 7:010d}"


def fill(path: Path) -> None:
    """Make the database with everybody in it."""
    asyncio.run(_fill(path))


async def _fill(path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        await migrate(database)
        _write_registry(path.parent)
        reports = await import_registry(database, [path.parent])
        assert not [report for report in reports if report.refusal or report.rejected]
        await _settle_in(database)
    finally:
        await database.close()


async def _settle_in(database: Database) -> None:
    then = datetime(2026, 11, 1, tzinfo=UTC)
    async with SqlStore(database, asyncio.Event()).writing() as unit:
        for home in households():
            await unit.of(CustomerRepository).create(home.person_id, "ru", then)
            await unit.of(CustomerRepository).agree(home.person_id, _TEXTS, then)
            link = await unit.of(CustomerRepository).link(
                home.person_id, f"l{home.person_id % 10**6}", home.account, Trust.CONFIRMED, then
            )
            await unit.of(CustomerRepository).choose(home.person_id, link.id)
        for charged in await unit.of(ChargedMonthRepository).unformed(then, timedelta(0)):
            await unit.of(ChargedMonthRepository).form(charged)  # formation and reminders have tests of their own
        for day in _DAYS:
            done = Round(day, people=COUNT, looked=COUNT, done=True)
            await unit.of(ReminderRepository).keep(done, then)
        await unit.commit()


def _write_registry(folder: Path) -> None:
    accounts = [_account(index) for index in range(2 * COUNT)]
    _write(folder / "tariffs.csv", "tariff;valid_from;zone;tier;up_to_kwh;price",
           [("t", "2026-01-01", zone, 1, "", price) for zone, price in (("day", 6), ("night", 4))])  # fmt: skip
    _write(folder / "accounts.csv", "account;address;holder;tariff;status",
           [(one, f"г. Воронеж, ул. {STREET}, д. 12, {FLAT}", f"{SURNAME} Мария", "t", "active")
            for one in accounts])  # fmt: skip
    _write(folder / "meters.csv", "account;meter;zones;digits", [(one, f"m{one}", "day_night", 6) for one in accounts])
    _write(folder / "payments.csv", "account;date;amount;source;reference",
           [(one, "2026-11-10", PAID, "банк", f"r{one}") for one in accounts[:COUNT]])  # fmt: skip
    # An advance of another sum than that of the payment, which the home card would give away.
    _write(folder / "charges.csv", "account;period;closing", [(one, "2026-10", "855.00") for one in accounts[:COUNT]])
    _write(folder / "readings.csv", "account;meter;zone;date;value;source;counted",
           [(one, f"m{one}", zone, month.day(24), last - monthly * before, "сайт", 1) for one in accounts
            for zone, last in LAST.items() for monthly in [_MONTHLY[zone]]
            for before, month in enumerate(reversed(_MONTHS))])  # fmt: skip


def _write(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header.split(";"))
        writer.writerows(rows)
