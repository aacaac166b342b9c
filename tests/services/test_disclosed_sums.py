"""Looks, payments and charges in any order: sums that an observer could work out from two others prove nothing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.accounts.accounts import Limits
from services.accounts.disclosures import Disclosures
from services.accounts.models import Link, Role, Trust
from services.accounts.proofs import Proofs
from services.accounts.seniority import Seniority
from services.cards import Cards
from services.db.engine import Database
from services.db.migrate import migrate
from services.db.store import SqlStore
from services.ledger.supplier import LedgerSupplier
from services.payments.crediting import Crediting
from services.payments.due import Due, Dues, PaymentLimits
from services.payments.models import Order, OrderStatus
from services.payments.ports import OrderRepository
from services.readings.readings import Readings
from services.readings.recount import Recount
from services.supplier.models import Payment
from services.supplier.periods import ReadingDays
from services.supplier.profile import Region, SupplierProfile

ACCOUNT: Final = "360000123456"
REGION: Final = Region("", ("36",), ZoneInfo("Europe/Moscow"), ReadingDays(23, 25))
PROFILE: Final = SupplierProfile("", "", "", "", (REGION,), (), REGION)
PEOPLE: Final = (1, 2, 3)
AMOUNTS: Final = (101, 202, 303, 1_001, 50_050, 61_337, 62_119, 123_456)


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class Silent:
    async def send(self, what: str, error: Exception | None = None) -> None:
        raise AssertionError(what)


@dataclass
class Observed:
    """The model: everything that anybody unverified has seen, and which payments were there before."""

    numbers: set[int] = field(default_factory=set)
    before: list[Payment] = field(default_factory=list)
    later: list[Payment] = field(default_factory=list)
    looked: bool = False

    def computable(self, amount: int) -> bool:
        pairs = product(self.numbers, repeat=2)
        came = {payment.amount for payment in self.later}
        return amount in self.numbers | came or any(abs(one - other) == amount for one, other in pairs)


def of_due(due: Due | None) -> set[int]:
    """The sums of an amount due that a screen shows."""
    assert due
    assert due.bill
    return {due.to_pay, due.by_bill, due.advance, due.bill.preliminary or 0}


class Office:
    """The use cases over real tables, and the events of an account."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock, self.observed = database, Clock(), Observed()
        store, supplier = SqlStore(database, asyncio.Event()), LedgerSupplier(database, self.clock)
        crediting = Crediting(store, supplier, self.clock, PROFILE, Silent())
        disclosures = Disclosures(store, supplier, crediting, self.clock, PROFILE)
        readings = Readings(store, supplier, self.clock, PROFILE, Recount(store, supplier, self.clock))
        self.store, self.supplier = store, supplier
        self.dues = Dues(store, disclosures, None, self.clock, PROFILE, PaymentLimits(10_000_000))
        self.cards = Cards(supplier, readings, self.dues, disclosures)
        self.proofs = Proofs(store, supplier, self.clock, PROFILE, Limits(), Seniority(self.clock, PROFILE))
        self.rows = 0

    @property
    def today(self) -> date:
        return self.clock.now().date()

    async def sql(self, statement: str, **values: object) -> None:
        async with self.database.writing() as connection:
            await connection.execute(text(statement), values)
            await connection.commit()

    async def look(self, person: int, way: str) -> None:
        link = Link(f"l{person}", person, ACCOUNT, Trust.CONFIRMED)
        if way == "home":
            seen = of_due((await self.cards.home(link)).due)
        elif way == "pay":
            seen = of_due(await self.dues.of(link))
        else:
            shared = replace(link, trust=Trust.SHARED, role=Role.VIEW)
            found = (await self.cards.details(shared)).details.statement
            assert found
            seen = {found.opening, found.charged, found.penalty, found.paid, found.to_pay}
        self.observed.numbers |= {abs(one) for one in seen if one}
        self.observed.looked = True

    async def credit(self, amount: int, days: int, reference: str = "") -> None:
        """Billing books a payment of some days ago."""
        self.rows += 1
        payment = Payment(self.today - timedelta(days=days), amount, "", reference or f"r{self.rows}")
        await self.sql(
            "INSERT INTO ledger_payments (account, date, amount, reference) VALUES (:account, :day, :amount, :ref)",
            account=int(ACCOUNT), day=payment.day, amount=amount, ref=payment.reference,
        )  # fmt: skip
        (self.observed.later if self.observed.looked else self.observed.before).append(payment)

    async def pay(self, person: int, amount: int) -> None:
        """Through the bot; credited on the same day."""
        self.rows += 1
        key, now = f"order{self.rows}", self.clock.now()
        paid = Order(key, f"O-{self.rows}", person, ACCOUNT, amount, now, status=OrderStatus.PAID, settled_at=now)
        async with self.store.writing() as unit:
            await unit.of(OrderRepository).add(paid, now)
            await unit.commit()
        await self.credit(amount, 0, paid.number)

    async def charge(self, amount: int, _: int) -> None:
        """Billing corrects the last month."""
        statement = "UPDATE ledger_charges SET closing = closing + :amount, charged = charged + :amount"
        await self.sql(statement, amount=amount)

    async def wait(self, days: int, _: int) -> None:
        self.clock.moment += timedelta(days=days)

    async def telling(self, person: int) -> list[Payment]:
        link = Link(f"l{person}", person, ACCOUNT, Trust.CONFIRMED)
        paid = await self.supplier.payments(link.access, self.today - timedelta(days=365))
        return list(await self.proofs._telling(link, paid, self.today))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("office") / "bot.db"
    asyncio.run(_fill(path))
    return path


async def _fill(path: Path) -> None:
    async with opened(path) as database:
        await migrate(database)
        async with database.writing() as connection:
            account = {"account": int(ACCOUNT)}
            await connection.execute(
                text("INSERT INTO ledger_accounts (account, address) VALUES (:account, 'x')"), account
            )
            charge = "INSERT INTO ledger_charges (account, period, closing) VALUES (:account, '2026-09', 0)"
            await connection.execute(text(charge), account)
            await connection.commit()


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        yield database
    finally:
        await database.close()


looks = st.tuples(st.just("look"), st.sampled_from(PEOPLE), st.sampled_from(["home", "pay", "details"]))
bookings = st.tuples(st.just("credit"), st.sampled_from(AMOUNTS), st.integers(0, 40))
orders = st.tuples(st.just("pay"), st.sampled_from(PEOPLE), st.sampled_from(AMOUNTS))
charges = st.tuples(st.just("charge"), st.sampled_from(AMOUNTS), st.just(0))
waits = st.tuples(st.just("wait"), st.integers(1, 20), st.just(0))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(looks, bookings, orders, charges, waits), max_size=14))
def test_nothing_that_one_subtraction_gives_away_proves_for_anybody_but_its_payer(
    template: Path, steps: list[tuple[str, int, int | str]]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bot.db"
        shutil.copy(template, path)
        asyncio.run(_play(path, steps))


async def _play(path: Path, steps: list[tuple[str, int, int | str]]) -> None:
    async with opened(path) as database:
        office = Office(database)
        own: dict[str, int | str] = {}
        for name, *values in steps:
            await getattr(office, name)(*values)
            if name == "pay":
                own[f"O-{office.rows - 1}"] = values[0]
        for person in PEOPLE:
            proving = await office.telling(person)
            others = [payment for payment in proving if own.get(payment.reference) != person]
            assert not [one for one in others if office.observed.computable(one.amount)]
            assert not [one for one in others if one.reference in own], "somebody else's, and known to them"
            before = {(one.day, one.amount) for one in office.observed.before}
            assert not office.observed.looked or {(one.day, one.amount) for one in others} <= before
            await _nothing_is_lost(office, proving, person, own)


async def _nothing_is_lost(office: Office, proving: list[Payment], person: int, own: dict[str, int | str]) -> None:
    """Payments before the first look prove as ever, and so do one's own."""
    seen = {abs(sum_) for sum_ in await _recorded(office)}
    for payment in [*office.observed.before, *office.observed.later]:
        if payment.day >= office.today:
            continue
        if own.get(payment.reference) == person:
            assert payment in proving
        elif payment.reference not in own and payment in office.observed.before:
            close = (
                {payment.amount} | {abs(payment.amount - one) for one in seen} | {payment.amount + one for one in seen}
            )
            came = {one.amount for one in office.observed.later}
            assert payment in proving or close & seen or payment.amount in came


async def _recorded(office: Office) -> list[int]:
    async with office.database.reading() as connection:
        return list((await connection.execute(text("SELECT kopecks FROM shown_sums"))).scalars())
