"""The sample registry with the use cases that ask it, without a bot."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from bot.assembly import Assembly
from handlers.history import screens as history_screens
from handlers.history.callbacks import View
from handlers.receipts import screens
from locales import money
from services.accounts.models import Link, Trust
from services.db.engine import Database
from services.db.store import SqlStore
from services.history.history import AccountHistory
from services.history.periods import Period
from services.ledger.papers import LedgerPapers, folder_of
from services.ledger.supplier import LedgerSupplier
from services.ports import Alerts, Clock, Store
from services.receipts.models import Receipt
from services.receipts.ports import ImportedReceipts
from services.receipts.receipts import Receipts
from services.supplier.models import Month
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile
from tests.harness import FaultySupplier, HandClock
from tests.services.printed import check, kopecks, plain
from tests.services.receipt_examples import LINKS, PROFILE

ACCOUNT: Final = "360000123456"
OWNER: Final = Link("o", 1, ACCOUNT, Trust.VERIFIED)


class Silence:
    async def send(self, what: str, error: Exception | None = None) -> None:
        raise AssertionError(what)


@dataclass
class Office:
    database: Database
    supplier: FaultySupplier
    assembly: Assembly

    @property
    def receipts(self) -> Receipts:
        return self.assembly.get(Receipts)

    async def rows(self, query: str) -> list[Any]:
        async with self.database.reading() as connection:
            return list((await connection.execute(text(query))).all())

    async def accounts(self) -> list[str]:
        return [number for (number,) in await self.rows("SELECT printf('%012d', account) FROM ledger_accounts")]

    async def months(self, account: str) -> tuple[Month, ...]:
        return await self.receipts.months(replace(OWNER, account=account))

    async def check(self, account: str, month: Month) -> Receipt:
        """A receipt on paper, and its sums beside those of the screens about its month."""
        link = replace(OWNER, account=account)
        one = await self.receipts.compose(link, month, LINKS)
        paper = await check(one)
        printed = [kopecks(row[-1][1]) for row in paper.tables[-1][1:]]
        assert printed == await self._charges_screen(link, month)
        below = plain(screens.below(link, one, None).text)
        assert one.to_pay == 0 or plain(money(abs(one.to_pay))) in below
        assert ("Переплата" in below) == (one.to_pay < 0)
        assert ("Платить по ней не нужно" in below) == (one.to_pay == 0)
        return one

    async def _charges_screen(self, link: Link, month: Month) -> list[int]:
        """Kopecks of a month on the screen of charges and payments: opening, charged, recalculated, penalty, paid less,
        closing."""
        history = self.assembly.get(AccountHistory)
        period = Period(month, month)
        look = history_screens.Look(link, View.CHARGES, period, history.present(link))
        shown = history_screens.charges(look, await history.charges(link, period)).text.split("\n\n")[1]
        return _read(plain_lines(shown))


def plain_lines(text: str) -> list[str]:
    return [re.sub("<.*?>", "", plain(line)) for line in text.splitlines()]


def _read(lines: list[str]) -> list[int]:
    def of(begin: str) -> list[str]:
        return [line for line in lines if line.startswith(begin)]

    [opening], [closing] = map(_balance, of("На начало")), map(_balance, of("На конец"))
    charged, recalculated, penalty, paid = (
        sum(map(_amount, of(begin))) for begin in ("Начислено", "Перерасчёт", "Пени", "Оплачено")
    )
    return [opening, charged, recalculated, penalty, -paid, closing]


def _balance(line: str) -> int:
    return 0 if "долга нет" in line else _amount(line) * (-1 if "переплата" in line else 1)


def _amount(line: str) -> int:
    found = re.search(r"([-−]?\d[\d ]*,\d\d) ₽", line.partition(" ")[2])
    assert found, line
    return kopecks(found[1].replace("-", "−"))


@asynccontextmanager
async def office_at(path: Path) -> AsyncIterator[Office]:
    """`path`: a database that holds the sample registry."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    clock, supplier = HandClock(), FaultySupplier()
    supplier.real = LedgerSupplier(database, clock)
    papers = LedgerPapers(database, folder_of(path))
    parts = {Store: SqlStore(database, asyncio.Event()), Supplier: supplier, Clock: clock, Alerts: Silence()}
    parts |= {ImportedReceipts: papers}
    try:
        yield Office(database, supplier, Assembly({**parts, SupplierProfile: PROFILE}))
    finally:
        await database.close()
