"""Crediting: which of the supplier's rows is which payment through the bot.

Billing learns of a payment a day or more later, and has references of its own. Until then the payment is taken off
the amount due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.payments.models import Order, OrderStatus
from services.payments.ports import OrderRepository
from services.ports import Alerts, Clock, Store
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Access, Payment
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

WITHIN = timedelta(days=14)  # for so long a payment is taken off the sum before the supplier shows it
_SLIP = (timedelta(days=1), timedelta(days=5))  # a registry's day may lie before and after ours
_LATE = timedelta(days=5)
_ENOUGH = 3  # accounts that the supplier cannot be asked about until it counts as away


class Crediting:
    def __init__(
        self, store: Store, supplier: Supplier, clock: Clock, profile: SupplierProfile, alerts: Alerts
    ) -> None:
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile
        self._alerts = alerts

    async def outstanding(self, access: Access) -> int:
        """Kopecks that were paid through the bot and that the supplier does not show yet, as far as it can be asked.
        Ask for the sum that they are taken off before this."""
        if not await self._outstanding(access.account):
            return 0
        with suppress(SupplierUnavailable, AccountUnknown):
            await self._credit(access, self._clock.now())
        return await self._outstanding(access.account)

    async def _outstanding(self, account: str) -> int:
        async with self._store.reading() as unit:
            return await unit.of(OrderRepository).outstanding(account, self._clock.now() - WITHIN)

    async def credit(self) -> None:
        """Find the bot's payments among the supplier's."""
        now, in_vain = self._clock.now(), 0
        payers = {order.account: Access(order.account, order.user_id) for order in await self._uncredited(now)}
        for account in sorted(payers):
            try:
                await self._credit(payers[account], now)
            except SupplierUnavailable:
                in_vain += 1
                if in_vain >= _ENOUGH:
                    return  # the supplier is away: the next tick asks again
            except AccountUnknown:
                continue  # nothing is credited there: it is told below
            except Exception as error:  # noqa: BLE001  # of one account, which must not keep the others waiting
                what = f"payments of an account could not be credited: {type(error).__name__}"
                await self._alerts.send(what, error)
        late = [one.number for one in await self._uncredited(now) if one.settled_at and one.settled_at < now - _LATE]
        if late:
            await self._alerts.send(f"payments not credited after {_LATE.days} days: {', '.join(late[:10])}")

    async def _uncredited(self, now: datetime) -> tuple[Order, ...]:
        async with self._store.reading() as unit:
            return await unit.of(OrderRepository).uncredited(now - 4 * WITHIN)

    async def _credit(self, access: Access, now: datetime) -> None:
        async with self._store.reading() as unit:
            orders = await unit.of(OrderRepository).of_account(access.account, now - 5 * WITHIN)
        paid = [order for order in orders if order.status is OrderStatus.PAID]
        if not paid:
            return
        zone = self._profile.region_of(access.account).timezone
        rows = await self._supplier.payments(access, min(order.paid_on(zone) for order in paid) - _SLIP[0])
        found = matched(paid, rows, zone)
        new = [order.key for order in paid if order.credited_on is None and order.key in found]
        if not new:
            return
        async with self._store.writing() as unit:
            for key in new:
                await unit.of(OrderRepository).credit(key, found[key].day)
            await unit.commit()


def matched(paid: Collection[Order], rows: Iterable[Payment], zone: ZoneInfo) -> Mapping[str, Payment]:
    """The credited row of each paid order, by key: by a reference of ours, else by the sum and a near day, rather
    without a reference than with somebody else's. A row counts once; orders credited earlier come first, refunded ones
    last."""
    days = {order.key: order.paid_on(zone) for order in paid}
    counting = (row for row in rows if row.amount > 0)
    left = sorted(counting, key=lambda row: (row.day, row.reference, row.amount, row.source))
    found: dict[str, Payment] = {}
    settled_first = sorted(
        paid, key=lambda one: (one.credited_on is None, one.refunded >= one.kopecks, days[one.key], one.key)
    )
    for fits in (_refers, _resembles):
        for order in settled_first:
            fitting = [row for row in left if fits(row, order, days[order.key])]
            if order.key not in found and fitting:
                found[order.key] = min(fitting, key=lambda row: (row.day != order.credited_on, bool(row.reference)))
                left.remove(found[order.key])
    return found


def _refers(row: Payment, order: Order, day: date) -> bool:
    return bool(row.reference) and row.reference in (order.number, order.external_id, order.key)


def _resembles(row: Payment, order: Order, day: date) -> bool:
    before, after = _SLIP
    return row.amount in (order.kopecks, order.kopecks - order.refunded) and day - before <= row.day <= day + after
