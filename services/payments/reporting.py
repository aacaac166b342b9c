"""Messages about an order, queued in the transaction that changes it."""

from __future__ import annotations

from datetime import date

from services.notices import catalog
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.payments.models import Order, OrderStatus
from services.payments.ports import OrderRepository
from services.payments.states import EXPIRED, PAGE_LIFE
from services.ports import Clock, UnitOfWork
from services.supplier.periods import local_day
from services.supplier.profile import SupplierProfile

_NEWS: dict[OrderStatus, type[catalog.OrderNotice]] = {
    OrderStatus.PENDING: catalog.OrderLink,
    OrderStatus.PAID: catalog.OrderPaid,
    OrderStatus.CANCELED: catalog.OrderDeclined,
}
_LEFT: dict[OrderStatus, type[catalog.OrderNotice]] = {  # under a link that has ended
    OrderStatus.PAID: catalog.OrderWasPaid,
    OrderStatus.CANCELED: catalog.OrderWasDeclined,
}


class OrderReports:
    def __init__(self, clock: Clock, profile: SupplierProfile) -> None:
        self._clock = clock
        self._profile = profile

    async def changed(self, unit: UnitOfWork, before: Order, after: Order, *, live: bool) -> None:
        """A success is always a message of its own; the rest only where no conversation shows it, which is `live`."""
        if after.status is not before.status and (after.status is OrderStatus.PAID or not (live or after.dropped)):
            await self._announce(unit, after)
        if after.refunded > before.refunded:
            await unit.of(OrderRepository).refund(after.key, after.refunded - before.refunded, self._clock.now())
            await self._notify(unit, after, catalog.OrderRefunded, mark=str(after.refunded))

    async def shown(self, unit: UnitOfWork, order: Order, message_id: int) -> None:
        """A message shows the order as given here. It is brought up to date when the order ends, or now, where the
        order has ended while it was being shown."""
        known = await unit.of(OrderRepository).get(order.key) or order
        if order.open and not known.open:
            await self._notify(unit, known, _LEFT[known.status], edits=message_id, mark=str(message_id))
        await unit.of(OrderRepository).show_in(order.key, None if known.status is OrderStatus.PAID else message_id)

    def late(self, before: Order, after: Order) -> str | None:
        """An alert that money became known of a day that may have been exported already."""
        day, today = self._past_day(after), self._today(after)
        if day is None or after.status is before.status:
            return None
        return f"payments of {day} became known on {today}: export them anew from that day on"

    async def _announce(self, unit: UnitOfWork, order: Order) -> None:
        """In a message of its own, which leads on from now on; the one with the link says the end of it. The end of a
        link that ran out is no news: it only has to stand there."""
        if order.status is OrderStatus.CANCELED and order.reason == EXPIRED:
            await self._notify(unit, order, catalog.OrderExpired, edits=order.shown_in)
            return
        await self._notify(unit, order, _NEWS[order.status])
        if order.shown_in and not order.open:
            await self._notify(unit, order, _LEFT[order.status], edits=order.shown_in)
        await unit.of(OrderRepository).show_in(order.key, None)
        if order.status is OrderStatus.PAID:
            await self._overtake(unit, order)

    async def _overtake(self, unit: UnitOfWork, paid: Order) -> None:
        """Links to a sum that was due and wait still: it is due no more."""
        for one in await unit.of(OrderRepository).of_account(paid.account, self._clock.now() - PAGE_LIFE):
            waits = one.open and one.key != paid.key and one.offered and not one.dropped
            if waits and one.shown_in:
                await self._notify(unit, one, catalog.OrderOvertaken, edits=one.shown_in, mark=paid.key)

    async def _notify(
        self,
        unit: UnitOfWork,
        order: Order,
        what: type[catalog.OrderNotice],
        *,
        edits: int | None = None,
        mark: str | None = None,
    ) -> None:
        """`mark` tells it apart from the same of before. The order's customer may have been erased meanwhile."""
        if order.user_id is None:
            return
        facts = what(
            order=order.key,
            number=order.number,
            tail=order.tail,
            kopecks=order.refunded if what is catalog.OrderRefunded else order.kopecks,
            reason=order.reason,
            url=order.url,
            day=self._past_day(order),
        )
        key = ":".join(filter(None, (what.kind.replace("_", ":", 1), order.key, mark)))
        await unit.of(NoticeRepository).tell(Notice(key, order.user_id, facts, edits), self._clock.now())

    def _past_day(self, order: Order) -> date | None:
        """The day of a payment; None for today's, and for orders that are not paid."""
        day = order.paid_on(self._profile.region_of(order.account).timezone)
        return day if order.status is OrderStatus.PAID and day < self._today(order) else None

    def _today(self, order: Order) -> date:
        return local_day(self._clock.now(), self._profile.region_of(order.account).timezone)
