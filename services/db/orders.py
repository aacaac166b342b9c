"""Payments through the bot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, insert, or_, select, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.prepared import Prepared
from services.db.submissions import next_in_series
from services.db.tables import orders, refunds
from services.payments.models import Movement, Order, OrderStatus

_FIELDS: Final = tuple(Order.__dataclass_fields__)
_FIXED: Final = frozenset({"key", "number", "user_id", "account", "kopecks", "created_at", "shown_in"})


_OUTSTANDING: Final = Prepared(
    select(func.sum(orders.c.kopecks - orders.c.refunded).label("kopecks")).where(
        orders.c.account == bindparam("account"),
        orders.c.status == OrderStatus.PAID,
        orders.c.credited_on.is_(None),
        orders.c.settled_at >= bindparam("since"),
    )
)


class SqlOrders:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.paid = 0  # since the last commit

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
        self.paid += result.rowcount if order.status is OrderStatus.PAID and OrderStatus.PAID not in before else 0
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
