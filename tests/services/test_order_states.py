"""An order's states: `docs/payments.md` draws each message in each state. The real use cases go through every cell of
its tables, with a provider that answers as a test says."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from services.accounts.disclosures import Disclosures
from services.accounts.models import Trust
from services.customers.models import Customer
from services.customers.ports import CustomerRepository
from services.db.engine import Database
from services.db.outbox import outbox
from services.db.store import SqlStore
from services.ledger.supplier import LedgerSupplier
from services.payments.checkout import Begun, Checkout, Wanted
from services.payments.crediting import Crediting
from services.payments.due import Dues, PaymentLimits
from services.payments.errors import ProviderRefused, ProviderUnavailable, ResultUnknown
from services.payments.models import OPEN_ORDERS, Order, OrderStatus, Transaction
from services.payments.ports import OrderRepository
from services.payments.settling import ProviderLimits, Settlement
from services.payments.states import EXPIRED, MOVES, next_question
from services.supplier.models import Month
from services.supplier.periods import ReadingDays
from services.supplier.profile import Region, SupplierProfile
from tests.conftest import TWO_ZONES

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "payments.md"
REGION: Final = Region("", ("36",), ZoneInfo("Europe/Moscow"), ReadingDays(23, 25))
PROFILE: Final = SupplierProfile("", "", "", "", (REGION,), (), REGION)
SUM: Final = 10000
KEY: Final = "confirmation"
ID: Final = "the provider's id"
MESSAGE: Final = 77  # that shows the order
NO_ANSWER: Final = ProviderUnavailable()
REFUSED: Final = ProviderRefused(reason="400")


def payment(status: OrderStatus, **more: Any) -> Transaction:
    return replace(Transaction(ID, KEY, status, SUM, "RUB"), **more)


PENDING: Final = payment(OrderStatus.PENDING, url="https://pay.example")
PAID: Final = payment(OrderStatus.PAID)
CANCELED: Final = payment(OrderStatus.CANCELED, reason="insufficient_funds")


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class Provider:
    """`says`: its answer; only a request can be refused; None: it knows no such payment. `asked`: questions so far."""

    wants_email = False

    def __init__(self) -> None:
        self.says: Transaction | Exception | None = PENDING
        self.asked: list[str] = []

    def request(
        self, order: Order, month: Month, return_url: str, email: str | None, language: str
    ) -> Mapping[str, Any]:
        return {"order": order.key}

    async def create(self, order: Order) -> Transaction:
        found = self._answer("create")
        assert found, "a request makes a payment"
        if order.key != KEY:
            return replace(found, order=order.key, kopecks=order.kopecks, external_id="another")
        return found

    async def get(self, external_id: str) -> Transaction | None:
        assert external_id == ID
        return self._answer("get")

    async def since(self, moment: datetime) -> AsyncIterator[Transaction]:
        if found := self._answer("list"):
            yield found

    async def check(self) -> str | None:
        return None

    def _answer(self, question: str) -> Transaction | None:
        self.asked.append(question)
        says = PENDING if self.says is REFUSED and question != "create" else self.says
        if isinstance(says, Exception):
            raise says
        return says


class Alerts:
    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, what: str, error: Exception | None = None) -> None:
        assert error is None, error
        self.sent.append(what)


class PaymentHarness:
    """The use cases over real tables, and one order of one customer."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock, self.provider, self.alerts = database, Clock(), Provider(), Alerts()
        self.store = store = SqlStore(database, asyncio.Event())
        supplier = LedgerSupplier(database, self.clock)
        crediting = Crediting(store, supplier, self.clock, PROFILE, self.alerts)
        disclosures = Disclosures(store, supplier, crediting, self.clock, PROFILE)
        limits = ProviderLimits(retries=())
        self.dues = Dues(store, disclosures, self.provider, self.clock, PROFILE, PaymentLimits(10_000_000))
        self.settlement = Settlement(store, self.provider, self.clock, PROFILE, self.alerts, limits)
        self.checkout = Checkout(store, supplier, self.dues, self.settlement, self.clock, PROFILE)

    async def customer(self) -> Customer:
        async with self.store.reading() as unit:
            found = await unit.of(CustomerRepository).get(1)
        assert found
        return found

    async def register(self) -> None:
        now = self.clock.now()
        async with self.store.writing() as unit:
            await unit.of(CustomerRepository).create(1, "ru", now)
            await unit.of(CustomerRepository).link(1, "link", TWO_ZONES, Trust.VERIFIED, now)
            await unit.commit()

    async def order(self) -> Order:
        return await self.checkout.get(await self.customer(), KEY)

    async def begin(self, kopecks: int = SUM) -> Begun:
        customer = await self.customer()
        due = await self.dues.of(customer.links[0])
        return await self.checkout.begin(customer, due, Wanted(kopecks, "https://t.me/x?start=pay_"))

    async def notified(self, says: Transaction | Exception | None) -> None:
        self.provider.says = says
        with suppress(ProviderUnavailable):  # as the web server does
            await self.settlement.take_notification(ID, KEY)

    async def compared(self, says: Transaction | Exception | None) -> None:
        self.provider.says = says
        await self.settlement.reconcile()

    async def time_passed(self, says: Transaction | Exception | None, **span: float) -> None:
        self.provider.says = says
        self.clock.moment += timedelta(**span or {"seconds": 21})
        await self.settlement.watch()

    async def checked(self, says: Transaction | Exception | None) -> None:
        self.provider.says = says
        await self.checkout.refresh(await self.customer(), KEY)

    async def column(self, sql: str) -> list[Any]:
        async with self.database.reading() as connection:
            return list((await connection.execute(text(sql))).scalars())

    async def state(self) -> str:
        order = await self.order()
        return f"{order.status}, dropped" if order.open and order.dropped else str(order.status)


@pytest.fixture
async def harness(registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PaymentHarness]:
    keys = iter((KEY, "another"))
    monkeypatch.setattr("secrets.token_hex", lambda _size: next(keys))
    path = tmp_path / "bot.db"
    shutil.copy(registry, path)
    database = Database(f"sqlite+aiosqlite:///{path}")
    try:
        harness = PaymentHarness(database)
        await harness.register()
        yield harness
    finally:
        await database.close()


# States, as a customer and the provider bring them about


async def new(harness: PaymentHarness) -> None:
    harness.provider.says = NO_ANSWER
    await harness.checkout.show_in((await harness.begin()).order, MESSAGE)


async def pending(harness: PaymentHarness) -> None:
    await harness.checkout.show_in((await harness.begin()).order, MESSAGE)


async def dropped(harness: PaymentHarness) -> None:
    async with harness.store.writing() as unit:
        order = replace(await harness.order(), dropped=True)
        await unit.of(OrderRepository).update(order, OPEN_ORDERS, ask_at=next_question(order, harness.clock.now()))
        await unit.commit()


async def new_dropped(harness: PaymentHarness) -> None:
    await new(harness)
    await dropped(harness)


async def pending_dropped(harness: PaymentHarness) -> None:
    await pending(harness)
    await dropped(harness)


async def paid(harness: PaymentHarness) -> None:
    await pending(harness)
    await harness.notified(PAID)


async def canceled(harness: PaymentHarness) -> None:
    await pending(harness)
    await harness.notified(CANCELED)


State = Callable[[PaymentHarness], Awaitable[None]]
STATES: Final[Mapping[str, State]] = {
    "new": new,
    "new, dropped": new_dropped,
    "pending": pending,
    "pending, dropped": pending_dropped,
    "paid": paid,
    "canceled": canceled,
}

# Messages

ANSWERS: Final[Mapping[str, Transaction]] = {
    "pending": PENDING,
    "succeeded": PAID,
    "canceled": CANCELED,
    "canceled: the link ran out": payment(OrderStatus.CANCELED, reason=EXPIRED),
    "succeeded, partly refunded": payment(OrderStatus.PAID, refunded=3000),
    "another sum": payment(OrderStatus.PAID, kopecks=1),
}


async def begun_again(harness: PaymentHarness) -> None:
    harness.provider.says = PENDING
    await harness.begin()


async def another_sum(harness: PaymentHarness) -> None:
    harness.provider.says = PENDING
    await harness.begin(2 * SUM)


async def tried_again(harness: PaymentHarness) -> None:
    due = await harness.dues.of((await harness.customer()).links[0])
    if await harness.checkout.repeatable(await harness.order(), due):
        await harness.begin()


MESSAGES: Final[Mapping[str, Callable[[PaymentHarness], Awaitable[None]]]] = {
    "begun again": begun_again,
    "another sum begun": another_sum,
    "checked": lambda harness: harness.checked(PENDING),
    "checked: succeeded": lambda harness: harness.checked(PAID),
    "checked: canceled": lambda harness: harness.checked(CANCELED),
    "checked: no answer": lambda harness: harness.checked(NO_ANSWER),
    "tried again": tried_again,
    "time to ask": lambda harness: harness.time_passed(PENDING),
    "time to ask: no answer": lambda harness: harness.time_passed(NO_ANSWER),
    "time to ask: refused": lambda harness: harness.time_passed(REFUSED),
    "time to ask, the page is over": lambda harness: harness.time_passed(PENDING, minutes=61),
    "time to ask, the page is over: no such payment": lambda harness: harness.time_passed(None, minutes=61),
    "notified: no answer": lambda harness: harness.notified(NO_ANSWER),
}


# The tables


def table(heading: str) -> dict[str, dict[str, list[str]]]:
    """Cells by row and column; the effects of each."""
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    [head, _, *rows] = [_cells(line) for line in section.splitlines() if line.startswith("|")]
    return {name: dict(zip(head[1:], map(_effects, cells), strict=True)) for name, *cells in rows}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _effects(cell: str) -> list[str]:
    return sorted(cell.split("; ")) if cell != "—" else []


BY_ANSWER: Final = table("The provider's answers")
BY_MESSAGE: Final = table("Customers and the clock")


async def effects(harness: PaymentHarness, act: Callable[[PaymentHarness], Awaitable[None]]) -> list[str]:
    """Everything that an act brings about, in the words of the tables."""
    told, asked_by, state = await notices(harness), await asked_at(harness), await harness.state()
    harness.provider.asked.clear()
    harness.alerts.sent.clear()
    found = []
    try:
        await act(harness)
    except ResultUnknown:
        found.append("unknown")
    found += [f"asks {question}" for question in harness.provider.asked]
    found += [f"«{kind}»" for kind in (await notices(harness))[len(told) :]]
    found += ["operator"] if harness.alerts.sent else []
    found += ["later"] if asked_by is None and await asked_at(harness) else []
    found += ["another order"] if await harness.column("SELECT key FROM orders") != [KEY] else []
    return sorted(found + ([now] if (now := await harness.state()) != state else []))


async def notices(harness: PaymentHarness) -> list[str]:
    async with harness.database.reading() as connection:
        kinds = await connection.scalars(select(outbox.c.kind).order_by(outbox.c.id))
        return [kind.removeprefix("order_") for kind in kinds]


async def asked_at(harness: PaymentHarness) -> str | None:
    found: str | None
    [found] = await harness.column(f"SELECT ask_at FROM orders WHERE key = '{KEY}'")
    return found


def test_the_tables_have_every_state_and_every_message() -> None:
    assert list(BY_ANSWER) == list(ANSWERS)
    assert list(BY_MESSAGE) == list(MESSAGES)
    for row in [*BY_ANSWER.values(), *BY_MESSAGE.values()]:
        assert list(row) == list(STATES)


def test_the_moves_are_those_of_the_table() -> None:
    drawn = {
        (OrderStatus(state), ANSWERS[answer].status)
        for answer, row in BY_ANSWER.items()
        for state, told in row.items()
        if state in set(OrderStatus) and str(ANSWERS[answer].status) in told
    }
    assert drawn == MOVES


WAYS: Final[Mapping[str, Callable[[PaymentHarness, Transaction], Awaitable[None]]]] = {
    "notification": PaymentHarness.notified,
    "clock": PaymentHarness.time_passed,
    "comparison": PaymentHarness.compared,
}


def by_answer() -> Iterator[tuple[str, str, str]]:
    """Without those that do not come: the clock asks about open orders alone, and the comparison passes over payments
    that stand as their orders do."""
    for way, answer, state in product(WAYS, ANSWERS, STATES):
        closed = state in {"paid", "canceled"}
        if not (way == "clock" and closed) and (way, answer, state) != ("comparison", "another sum", "paid"):
            yield way, answer, state


@pytest.mark.parametrize(("way", "answer", "state"), list(by_answer()))
async def test_an_answer_in_a_state(harness: PaymentHarness, way: str, answer: str, state: str) -> None:
    await STATES[state](harness)
    found = await effects(harness, lambda harness: WAYS[way](harness, ANSWERS[answer]))
    assert [one for one in found if not one.startswith("asks")] == BY_ANSWER[answer][state]


@pytest.mark.parametrize(("message", "state"), list(product(MESSAGES, STATES)))
async def test_a_message_in_a_state(harness: PaymentHarness, message: str, state: str) -> None:
    await STATES[state](harness)
    assert await effects(harness, MESSAGES[message]) == BY_MESSAGE[message][state]


async def test_a_refusal_does_not_undo_an_answer_that_came_while_it_was_on_its_way(harness: PaymentHarness) -> None:
    await new(harness)
    asked_about = await harness.order()
    await harness.notified(PENDING)
    harness.provider.says = REFUSED
    assert (await harness.settlement.sync(asked_about)).status is OrderStatus.PENDING
    assert await harness.state() == "pending"
