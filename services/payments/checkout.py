"""Checking out: one payment for a confirmation, or a payment code; and a customer's own orders.

An order is written down with the whole request before the provider hears of it, so that every attempt is the same
payment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.accounts.accounts import owned, present
from services.accounts.models import Link
from services.customers.models import Customer
from services.errors import NotAllowed, NotYours
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

MOST_OPEN = 5  # links of one person at one account
_HOLD = timedelta(seconds=20)  # for which the clock leaves a new order to the conversation that makes it
_REPEATABLE = timedelta(days=1)  # for so long a payment that failed can be tried again as it was
_OLDEST = timedelta(days=31)  # of other orders, before one that failed, that may have been paid after it


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A payment as a customer confirms it. `key`: its id, however often it is pressed; `return_url`: back from the
    provider's page; `email`: for the receipt; `offered`: the sum is no choice of the customer's and has to be due."""

    key: str
    link_id: str
    kopecks: int
    return_url: str
    email: str | None = None
    offered: bool = False


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
        """`offered` as in Confirmation. Raises NotYours, PayingClosed, AccountGone, SumTooSmall, SumTooBig, SumChanged;
        NotAllowed where there are no requisites."""
        link, requisites = self._dues.admit(owned(customer, link_id)), self._profile.requisites
        if requisites is None:
            raise NotAllowed
        await self._verified(link, kopecks, offered=offered)
        month = Month.of(self._today(link.account))
        content = payload(requisites, account=link.account, month=month, kopecks=kopecks)
        return PaymentCode(link, kopecks, purpose(requisites, link.account, month), requisites, content)

    async def confirm(self, customer: Customer, confirmed: Confirmation) -> Order:
        """The one payment of a confirmation, as far as it has come. Raises NotYours, PayingClosed, AccountGone,
        SumTooSmall, SumTooBig, SumChanged, TooManyOrders."""
        link = owned(customer, confirmed.link_id)
        async with self._store.reading() as unit:
            order = await unit.of(OrderRepository).get(confirmed.key)
        if order is None:
            due = await self._verified(link, confirmed.kopecks, offered=confirmed.offered)
            order = await self._record(customer, link, confirmed, due)
        if order.user_id != customer.user_id:
            raise NotYours
        return await self._settlement.begin(order) if order.status is OrderStatus.NEW else order

    async def find(self, customer: Customer, key: str) -> Order | None:
        """The order of a confirmation, None where there is none. Raises NotYours."""
        async with self._store.reading() as unit:
            found = await unit.of(OrderRepository).get(key)
        return _own(customer, found) if found else None

    async def get(self, customer: Customer, key: str) -> Order:
        """Raises NotYours unless the customer made it and still has the account."""
        async with self._store.reading() as unit:
            return _own(customer, await unit.of(OrderRepository).get(key))

    async def refresh(self, customer: Customer, key: str) -> Order:
        """As it stands by the provider's own word now. Raises NotYours, ResultUnknown."""
        order = await self.get(customer, key)
        if not order.open:
            return order
        try:
            return await self._settlement.sync(order, live=True)
        except ProviderUnavailable:
            raise ResultUnknown from None

    async def drop(self, customer: Customer, key: str) -> Order:
        """The customer no longer wants to pay. Money that comes all the same is money. Raises NotYours."""
        order = await self.get(customer, key)
        if order.open:
            async with self._store.writing() as unit:
                order = replace(await unit.of(OrderRepository).get(key) or order, dropped=True)
                if await unit.of(OrderRepository).update(
                    order, OPEN_ORDERS, ask_at=next_question(order, self._clock.now())
                ):
                    await unit.commit()
        return order

    async def show_in(self, order: Order, message_id: int) -> None:
        """A message shows the order as given here; it is brought up to date when the order ends."""
        async with self._store.writing() as unit:
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

    async def _verified(self, link: Link, kopecks: int, *, offered: bool) -> Due | None:
        """The amount due of an offered sum; None for a sum of the customer's own, which needs the account alone. Raises
        SumChanged, AccountGone, PayingClosed, SumTooSmall, SumTooBig."""
        due = await self._dues.of(link) if offered else None
        if due is None:
            await self._check_known(link.access)
        elif kopecks not in self._dues.sums(due):
            raise SumChanged
        self._dues.check(kopecks)
        return due

    async def _check_known(self, access: Access) -> None:
        """No money is taken for an account that the supplier says it does not have. Raises AccountGone."""
        try:
            await self._supplier.find(access)
        except SupplierUnavailable:
            return
        except AccountUnknown:
            raise AccountGone from None

    async def _record(self, customer: Customer, link: Link, confirmed: Confirmation, due: Due | None) -> Order:
        now, today = self._clock.now(), self._today(link.account)
        async with self._store.writing() as unit:
            if order := await unit.of(OrderRepository).get(confirmed.key):
                return order
            await self._check_still_open(unit, link, due)
            number = await unit.of(OrderRepository).next_number(today)
            order = Order(confirmed.key, number, link.user_id, link.account, confirmed.kopecks, now)
            order = self._settlement.with_request(
                order, Month.of(today), confirmed.return_url, confirmed.email, customer.language
            )
            await unit.of(OrderRepository).add(order, now + _HOLD)
            await unit.commit()
        return order

    async def _check_still_open(self, unit: UnitOfWork, link: Link, due: Due | None) -> None:
        """Money that has come since `due` was worked out changes the sum. Raises NotYours for a link that has ended
        meanwhile, PayingClosed, SumChanged, TooManyOrders."""
        now = self._clock.now()
        self._dues.admit(await present(unit, link))
        if due and await unit.of(OrderRepository).outstanding(link.account, now - WITHIN) > due.recent.outstanding:
            raise SumChanged
        recent = await unit.of(OrderRepository).of_account(link.account, now - PAGE_LIFE)
        if sum(one.user_id == link.user_id and one.open for one in recent) >= MOST_OPEN:
            raise TooManyOrders

    def _today(self, account: str) -> date:
        return local_day(self._clock.now(), self._profile.region_of(account).timezone)


def _own(customer: Customer, order: Order | None) -> Order:
    linked = order is not None and any(link.account == order.account for link in customer.links)
    if order is None or order.user_id != customer.user_id or not linked:
        raise NotYours
    return order
