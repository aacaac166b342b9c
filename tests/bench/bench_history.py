"""(k) A page of an account's past over eleven years beside one over half a year, as a person sees it first."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import insert

from handlers.history import screens
from handlers.history.callbacks import View
from handlers.history.screens import Look
from handlers.show import Screen
from locales import speak
from services.accounts.disclosures import Disclosures
from services.accounts.models import Link, Trust
from services.db.engine import Database
from services.db.migrate import migrate
from services.db.store import SqlStore
from services.history.history import AccountHistory
from services.history.periods import EARLIEST, Period
from services.ledger.supplier import LedgerSupplier
from services.ledger.tables import accounts, charges, meters, payments, readings
from services.payments.crediting import Crediting
from services.supplier.models import Month, Zone
from tests.bench.bench_lookup import BenchClock
from tests.bench.table import Row
from tests.services.test_disclosed_sums import PROFILE, Silent

ACCOUNT: Final = "360000123456"
PRESENT: Final = Month(2026, 11)
NOW: Final = datetime(2026, 11, 23, tzinfo=UTC)
LINK: Final = Link("link", 1, ACCOUNT, Trust.VERIFIED, verified_at=NOW)
PERIODS: Final = (Period(EARLIEST, PRESENT), Period.usual(PRESENT))

See = Callable[[AccountHistory, Period], Awaitable[Screen]]


async def _charges(history: AccountHistory, period: Period) -> Screen:
    return screens.charges(Look(LINK, View.CHARGES, period, PRESENT), await history.charges(LINK, period))


async def _readings(history: AccountHistory, period: Period) -> Screen:
    return screens.readings(Look(LINK, View.READINGS, period, PRESENT), await history.readings(LINK, period))


async def _payments(history: AccountHistory, period: Period) -> Screen:
    return screens.payments(Look(LINK, View.PAYMENTS, period, PRESENT), await history.payments(LINK, period))


VIEWS: Final[dict[str, See]] = {"charges": _charges, "readings": _readings, "payments": _payments}


def run(quick: bool) -> list[Row]:
    measured = asyncio.run(measure(200 if quick else 1_500))
    rows = [
        Row(f"a page of {name} over eleven years beside half a year", long, short, long / short, "µs")
        for name, (long, short) in measured.items()
    ]
    long, short = (sum(one) for one in zip(*measured.values(), strict=True))
    return [Row("pages of the past over eleven years beside half a year", long, short, long / short, "µs"), *rows]


async def measure(times: int) -> dict[str, tuple[float, float]]:
    """Microseconds from the question to the screen: medians, the two periods taking turns."""
    speak("ru")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bot.db'}")
        await migrate(database)
        await _fill(database)
        history = _history(database)
        found = {name: await _compared(see, history, times) for name, see in VIEWS.items()}
        await database.close()
    return found


async def _compared(see: See, history: AccountHistory, times: int) -> tuple[float, float]:
    taken: dict[Period, list[float]] = {period: [] for period in PERIODS}
    for _ in range(times):
        for period in PERIODS:
            began = time.perf_counter()
            screen = await see(history, period)
            taken[period].append(time.perf_counter() - began)
            assert "11.2026" in screen.text or "Октябрь" in screen.text
    long, short = (median(taken[period]) * 1e6 for period in PERIODS)
    return long, short


def _history(database: Database) -> AccountHistory:
    clock, store = BenchClock(), SqlStore(database, asyncio.Event())
    supplier = LedgerSupplier(database, clock)
    crediting = Crediting(store, supplier, clock, PROFILE, Silent())
    return AccountHistory(store, supplier, Disclosures(store, supplier, crediting, clock, PROFILE), clock, PROFILE)


async def _fill(database: Database) -> None:
    """A two-zone meter with readings, charges and payments of eleven years, among 2,000 with half a year of them."""
    months = [EARLIEST.plus(number) for number in range(PRESENT.since(EARLIEST) + 1)]
    async with database.writing() as connection:
        for number in range(2_000):
            own = int(ACCOUNT) + number
            await connection.execute(insert(accounts), [{"account": own, "address": "", "tariff": ""}])
            await connection.execute(insert(meters), [{"account": own, "meter": "1", "zones": "day_night"}])
            some = months if number == 0 else months[-6:]
            for table, rows in _rows(own, some).items():
                await connection.execute(insert(table), rows)
        await connection.commit()


def _rows(account: int, months: list[Month]) -> dict[Any, list[dict[str, Any]]]:
    own: dict[str, Any] = {"account": account}
    return {
        charges: [own | {"period": str(month), "charged": 100_00, "closing": 100_00} for month in months],
        payments: [own | {"date": month.day(10), "amount": 100_00 + month.month, "source": "СБП"} for month in months],
        readings: [
            own | {"meter": "1", "zone": zone, "date": month.day(24), "value": 100 * at, "source": "телефон"}
            for at, month in enumerate(months)
            for zone in (Zone.DAY, Zone.NIGHT)
        ],
    }


if __name__ == "__main__":
    print(*run(quick=True), sep="\n")  # noqa: T201
