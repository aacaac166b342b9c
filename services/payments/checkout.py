"""Checking out: the link to a payment, or a payment code; and a customer's own orders.

An order is written down with the whole request before the provider hears of it, so that every attempt is the same
payment. Asked for the same again while its link is good, it is the same order.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.accounts.accounts import owned, present
from services.accounts.models import Link
from services.customers.models import Customer
from services.errors import NotAllowed, NotYours
from services.notices.ports import NoticeRepository
from services.payments.crediting import WITHIN
from services.payments.due import Due, Dues
from services.payments.errors import ProviderUnavailable, ResultUnknown, SumChanged, TooManyOrders
from services.payments.models import OPEN_ORDERS, Order, OrderStatus
from services.payments.ports import OrderRepository
from services.payments.reporting import OrderReports
from services.payments.requisites import Requisites, payload, purpose
from services.payments.settling import Settlement
from services.payments.states import PAGE_LIFE, next_question
from services.ports import Clock, Store, UnitOfWork
from services.readings.errors import AccountGone
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Access, Month
from services.supplier.periods import local_day
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

MOST_OPEN = 10  # links of one person at one account
_GOOD = PAGE_LIFE - timedelta(minutes=10)  # how old a link may be and still leave time to pay
_HOLD = timedelta(seconds=20)  # for which the clock leaves a new order to the conversation that makes it
_REPEATABLE = timedelta(days=1)  # for so long a payment that failed can be tried again as it was
_OLDEST = timedelta(days=31)  # of other orders, before one that failed, that may have been paid after it


@dataclass(frozen=True, slots=True)
class Wanted:
    """A payment that a customer wants to make. `return_url`: back from the provider's page, to which the order's key is
    appended; `email`: for the receipt."""

    kopecks: int
    return_url: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """`dropped`: the customer's other orders for the account, which wait no more; `order` is None where nothing is to
    be paid."""

    order: Order | None
    dropped: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """A code for any bank's app: account, sum, purpose, payee, and the content of its picture."""

    link: Link
    kopecks: int
    purpose: str
    requisites: Requisites
    payload: bytes


class Checkout:
    def __init__(
        self,
        store: Store,
        supplier: Supplier,
        dues: Dues,
        settlement: Settlement,
        clock: Clock,
        profile: SupplierProfile,
    ) -> None:
        self._store = store
        self._supplier = supplier
        self._dues = dues
        self._settlement = settlement
        self._clock = clock
        self._profile = profile
        self._reports = OrderReports(clock, profile)

    async def code(self, customer: Customer, link_id: str, kopecks: int, *, offered: bool) -> PaymentCode:
        """`offered`: the sum is no choice of the customer's and has to be due. Raises NotYours, PayingClosed,
        AccountGone, SumTooSmall, SumTooBig, SumChanged; NotAllowed where there are no requisites."""
        link, requisites = self._dues.admit(owned(customer, link_id)), self._profile.requisites
        if requisites is None:
            raise NotAllowed
        await self._verify(link, kopecks, offered=offered)
        month = Month.of(self._today(link.account))
        content = payload(requisites, account=link.account, month=month, kopecks=kopecks)
        return PaymentCode(link, kopecks, purpose(requisites, link.account, month), requisites, content)

    async def begin(self, customer: Customer, due: Due, wanted: Wanted) -> Begun:
        """The order of a payment with its link, as far as the provider has answered: the one that waits for the same
        payment, or a new one. Raises NotYours, PayingClosed, SumTooSmall, SumTooBig, SumChanged, TooManyOrders."""
        self._dues.check(wanted.kopecks)
        order, dropped = await self._record(customer, self._dues.admit(due.link), wanted, due)
        return Begun(await self._settlement.begin(order) if order.status is OrderStatus.NEW else order, dropped)

    async def leave(self, link: Link) -> Begun:
        """Nothing is due any more: the customer's links to the account wait for nothing."""
        async with self._store.writing() as unit:
            dropped = await self._drop(unit, await self._waiting(unit, link))
            await unit.commit()
        return Begun(None, dropped)

    async def find(self, customer: Customer, key: str) -> Order | None:
        """The order of a key, None where there is none. Raises NotYours."""
        async with self._store.reading() as unit:
            found = await unit.of(OrderRepository).get(key)
        return own(customer, found) if found else None

    async def get(self, customer: Customer, key: str) -> Order:
        """Raises NotYours unless the customer made it and still has the account."""
        async with self._store.reading() as unit:
            return own(customer, await unit.of(OrderRepository).get(key))

    async def refresh(self, customer: Customer, key: str) -> Order:
        """As it stands by the provider's own word now. Raises NotYours, ResultUnknown."""
        order = await self.get(customer, key)
        if not order.open:
            return order
        try:
            return await self._settlement.sync(order, live=True)
        except ProviderUnavailable:
            raise ResultUnknown from None

    async def show_in(self, order: Order | None, message_id: int, dropped: Iterable[Order] = ()) -> None:
        """A message shows the order as given here, and none the dropped ones; it is brought up to date when the order
        ends."""
        async with self._store.writing() as unit:
            for one in dropped:
                await unit.of(OrderRepository).show_in(one.key, None)
            if order is not None:
                await self._reports.shown(unit, order, message_id)
            await unit.commit()

    async def repeatable(self, order: Order, due: Due) -> bool:
        """Whether a payment has failed and its sum is meant still: it is due now, or may be the customer's own choice
        of today, and nothing has been paid for the account since."""
        if order.status is not OrderStatus.CANCELED:
            return False
        if order.kopecks in self._dues.sums(due):
            return True
        async with self._store.reading() as unit:
            recent = await unit.of(OrderRepository).of_account(order.account, order.created_at - _OLDEST)
        learned = (one.learned_at for one in recent if one.status is OrderStatus.PAID)
        if order.kopecks > self._dues.limit or any(at and at >= order.created_at for at in learned):
            return False
        return self._clock.now() - order.created_at < _REPEATABLE

    async def _verify(self, link: Link, kopecks: int, *, offered: bool) -> None:
        """A sum of the customer's own needs the account alone. Raises SumChanged, AccountGone, SumTooSmall,
        SumTooBig."""
        if not offered:
            await self._check_known(link.access)
        elif kopecks not in self._dues.sums(await self._dues.of(link)):
            raise SumChanged
        self._dues.check(kopecks)

    async def _check_known(self, access: Access) -> None:
        """No money is taken for an account that the supplier says it does not have. Raises AccountGone."""
        try:
            await self._supplier.find(access)
        except SupplierUnavailable:
            return
        except AccountUnknown:
            raise AccountGone from None

    async def _record(
        self, customer: Customer, link: Link, wanted: Wanted, due: Due
    ) -> tuple[Order, tuple[Order, ...]]:
        """The order, and those that are dropped for it."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            await self._check_still_due(unit, link, due)
            waiting = await self._waiting(unit, link)
            order = next((one for one in waiting if self._is_same(one, customer, wanted)), None)
            dropped = await self._drop(unit, [one for one in waiting if one is not order])
            offered = wanted.kopecks in self._dues.sums(due)
            if order is not None:
                order = await self._write(unit, order, replace(order, dropped=False, offered=offered))
            elif len(waiting) >= MOST_OPEN:
                raise TooManyOrders
            else:
                number = await unit.of(OrderRepository).next_number(self._today(link.account))
                order = Order(
                    secrets.token_hex(12), number, link.user_id, link.account, wanted.kopecks, now, offered=offered
                )
                order = self._with_request(order, customer, wanted)
                await unit.of(OrderRepository).add(order, now + _HOLD)
            await unit.commit()
        return order, dropped

    async def _waiting(self, unit: UnitOfWork, link: Link) -> list[Order]:
        """The customer's orders for an account that may still be paid, the newest first."""
        recent = await unit.of(OrderRepository).of_account(link.account, self._clock.now() - PAGE_LIFE)
        return [one for one in recent if one.user_id == link.user_id and one.open]

    async def _drop(self, unit: UnitOfWork, waiting: Iterable[Order]) -> tuple[Order, ...]:
        """Notices that wait to be shown in their messages are older than the screen that comes now."""
        dropped = tuple([await self._write(unit, one, replace(one, dropped=True)) for one in waiting])
        for one in dropped:
            if one.user_id is not None and one.shown_in is not None:
                await unit.of(NoticeRepository).drop_edits(one.user_id, one.shown_in, self._clock.now())
        return dropped

    def _with_request(self, order: Order, customer: Customer, wanted: Wanted) -> Order:
        month, back = Month.of(self._today(order.account)), wanted.return_url + order.key
        return self._settlement.with_request(order, month, back, wanted.email, customer.language)

    def _is_same(self, order: Order, customer: Customer, wanted: Wanted) -> bool:
        """Whether an order's link is good for a payment, and the provider would be asked for the same again."""
        if order.kopecks != wanted.kopecks or self._clock.now() - order.created_at > _GOOD:
            return False
        return self._with_request(order, customer, wanted).request == order.request

    async def _write(self, unit: UnitOfWork, before: Order, after: Order) -> Order:
        if after != before:
            ask_at = next_question(after, self._clock.now())
            await unit.of(OrderRepository).update(after, OPEN_ORDERS, ask_at=ask_at)
        return after

    async def _check_still_due(self, unit: UnitOfWork, link: Link, due: Due) -> None:
        """Money that has come since `due` was worked out changes the sum. Raises NotYours for a link that has ended
        meanwhile, PayingClosed, SumChanged."""
        self._dues.admit(await present(unit, link))
        since = self._clock.now() - WITHIN
        if await unit.of(OrderRepository).outstanding(link.account, since) > due.recent.outstanding:
            raise SumChanged

    def _today(self, account: str) -> date:
        return local_day(self._clock.now(), self._profile.region_of(account).timezone)


def own(customer: Customer, order: Order | None) -> Order:
    """Raises NotYours unless the customer made it and still has the account."""
    linked = order is not None and any(link.account == order.account for link in customer.links)
    if order is None or order.user_id != customer.user_id or not linked:
        raise NotYours
    return order
