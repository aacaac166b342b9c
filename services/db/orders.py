"""Payments through the bot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from services.db.counters import next_in_series
from services.db.group import NAMELESS, Repository, TableGroup, Trace, hidden
from services.db.metadata import ERASED, Moment, metadata
from services.db.prepared import LookUp
from services.errors import N_
from services.payments.models import Movement, Order, OrderStatus
from services.payments.ports import OrderRepository

orders = Table(
    "orders",
    metadata,
    Column("key", String(36), primary_key=True, comment="the confirmation's id, the provider's idempotence key"),
    Column("number", String(32), nullable=False, unique=True),
    Column("user_id", BigInteger, index=True, comment=ERASED),
    Column("account", String(12), nullable=False),
    Column("kopecks", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("request", JSON, nullable=False, comment="the body of every attempt; emptied when the order has ended"),
    Column("status", String(16), nullable=False),
    Column("external_id", String(64), unique=True, comment="the provider's"),
    Column("url", Text),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("settled_at", Moment, comment="paid, by the provider's clock, or canceled"),
    Column("learned_at", Moment, comment="when the bot heard that it was settled"),
    Column("credited_on", Date, comment="by the supplier"),
    Column("refunded", BigInteger, nullable=False, server_default="0", comment="kopecks"),
    Column("offered", Boolean, nullable=False, server_default="0", comment="the sum was due when the link was shown"),
    Column("dropped", Boolean, nullable=False, server_default="0", comment="the customer no longer wants to pay"),
    Column("shown_in", BigInteger, comment="the message that holds the link"),
    Column("ask_at", Moment, comment="when the provider is to be asked; NULL: there is nothing to ask"),
    Index("ix_orders_account_created_at", "account", "created_at"),
    Index(
        "ix_orders_ask_at",
        "ask_at",
        sqlite_where=text("ask_at IS NOT NULL"),
        postgresql_where=text("ask_at IS NOT NULL"),
    ),
    Index("ix_orders_settled_at", "settled_at"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_key", ForeignKey("orders.key"), nullable=False),
    Column("kopecks", BigInteger, nullable=False),
    Column("at", Moment, nullable=False, index=True, comment="when the provider told it"),
)

_FIELDS: Final = tuple(Order.__dataclass_fields__)
_FIXED: Final = frozenset({"key", "number", "user_id", "account", "kopecks", "created_at", "shown_in"})


_OUTSTANDING: Final = LookUp(
    select(func.sum(orders.c.kopecks - orders.c.refunded).label("kopecks")).where(
        orders.c.account == bindparam("account"),
        orders.c.status == OrderStatus.PAID,
        orders.c.credited_on.is_(None),
        orders.c.settled_at >= bindparam("since"),
    )
)


class SqlOrders(Repository):
    async def get(self, key: str) -> Order | None:
        return await self._one(select(orders).where(orders.c.key == key))

    async def of_provider(self, external_id: str) -> Order | None:
        return await self._one(select(orders).where(orders.c.external_id == external_id))

    async def next_number(self, period_of: date) -> str:
        return f"О-{await next_in_series(self._connection, 'order', period_of)}"

    async def add(self, order: Order, ask_at: datetime) -> None:
        try:
            await self._connection.execute(insert(orders).values(**_row(order), ask_at=ask_at))
        except IntegrityError as error:
            raise KeyError(order.key) from error

    async def update(self, order: Order, expected: Iterable[OrderStatus], *, ask_at: datetime | None) -> bool:
        changed = {name: value for name, value in _row(order).items() if name not in _FIXED}
        before = frozenset(expected)
        standing = (orders.c.key == order.key, orders.c.status.in_(before))
        result = await self._connection.execute(update(orders).where(*standing).values(**changed, ask_at=ask_at))
        self.events["payments"] += (
            result.rowcount if order.status is OrderStatus.PAID and OrderStatus.PAID not in before else 0
        )
        return result.rowcount > 0

    async def show_in(self, key: str, message_id: int | None) -> None:
        await self._connection.execute(update(orders).where(orders.c.key == key).values(shown_in=message_id))

    async def refund(self, key: str, kopecks: int, at: datetime) -> None:
        await self._connection.execute(insert(refunds).values(order_key=key, kopecks=kopecks, at=at))

    async def credit(self, key: str, day: date) -> None:
        await self._connection.execute(update(orders).where(orders.c.key == key).values(credited_on=day))

    async def ask_by(self, key: str, at: datetime) -> bool:
        later = or_(orders.c.ask_at.is_(None), orders.c.ask_at > at)
        result = await self._connection.execute(update(orders).where(orders.c.key == key, later).values(ask_at=at))
        return result.rowcount > 0

    async def forget(self, reason: str, before: datetime) -> None:
        over = (orders.c.status == OrderStatus.CANCELED, orders.c.reason == reason, orders.c.created_at < before)
        await self._connection.execute(delete(orders).where(*over))

    async def due(self, now: datetime, each: int, limit: int) -> tuple[Order, ...]:
        turn = func.row_number().over(partition_by=orders.c.user_id, order_by=orders.c.ask_at).label("turn")
        found = select(orders, turn).where(orders.c.ask_at <= now).subquery()
        first = select(found).where(found.c.turn <= each)
        return await self._all(first.order_by(found.c.turn, found.c.ask_at).limit(limit))

    async def outstanding(self, account: str, since: datetime) -> int:
        found = await _OUTSTANDING.all(self._connection, {"account": account, "since": since})
        return int(found[0].kopecks or 0)

    async def of_account(self, account: str, since: datetime) -> tuple[Order, ...]:
        query = select(orders).where(orders.c.account == account, orders.c.created_at >= since)
        return await self._all(query.order_by(orders.c.created_at.desc(), orders.c.number.desc()))

    async def payers(self, account: str, since: date) -> frozenset[int]:
        credited = (orders.c.account == account, orders.c.credited_on >= since, orders.c.user_id.is_not(None))
        query = select(orders.c.user_id).where(*credited, orders.c.status == OrderStatus.PAID)
        return frozenset((await self._connection.execute(query)).scalars())

    async def uncredited(self, since: datetime, account: str | None = None) -> tuple[Order, ...]:
        paid = (orders.c.status == OrderStatus.PAID, orders.c.settled_at >= since)
        waiting = (orders.c.credited_on.is_(None), orders.c.refunded < orders.c.kopecks)
        where = (orders.c.account == account,) if account else ()
        return await self._all(select(orders).where(*paid, *waiting, *where).order_by(orders.c.settled_at))

    async def days(self) -> tuple[date, date] | None:
        """The first and the last, in UTC, on which anything was settled or given back."""
        moments = union_all(select(orders.c.settled_at.label("at")), select(refunds.c.at)).subquery()
        ends = select(func.min(moments.c.at), func.max(moments.c.at))
        first, last = (await self._connection.execute(ends)).one()
        return (first.date(), last.date()) if first else None

    async def movements(self, since: datetime, until: datetime) -> tuple[Movement, ...]:
        """Paid and given back from a moment to another, which is left out; in order of time."""
        paid = (orders.c.status == OrderStatus.PAID, orders.c.settled_at >= since, orders.c.settled_at < until)
        back = (refunds.c.at >= since, refunds.c.at < until)
        whose = (orders.c.account, orders.c.number)
        found = union_all(
            select(*whose, orders.c.kopecks.label("kopecks"), orders.c.settled_at.label("at")).where(*paid),
            select(*whose, -refunds.c.kopecks, refunds.c.at).join(refunds).where(*back),
        ).order_by("at", "number")
        return tuple(Movement(*row) for row in (await self._connection.execute(found)).all())

    async def _one(self, query: Select[Any]) -> Order | None:
        row = (await self._connection.execute(query)).first()
        return _order(row) if row else None

    async def _all(self, query: Select[Any]) -> tuple[Order, ...]:
        return tuple(map(_order, (await self._connection.execute(query)).all()))


def _row(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in _FIELDS}


def _order(row: Any) -> Order:
    found = {name: getattr(row, name) for name in _FIELDS}
    return Order(**found | {"status": OrderStatus(row.status)})


GROUP: Final = TableGroup(
    repositories={OrderRepository: SqlOrders},
    traces=(
        Trace(
            "payments",
            N_("ваши оплаты через бота"),
            orders.c.user_id,
            hidden("key", "request", "ask_at", "shown_in"),
            left={**NAMELESS, "request": {}, "shown_in": None},
        ),
    ),
    impersonal={"refunds": "money given back, of an order by its key"},
)
