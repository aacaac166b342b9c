"""Papers of payments that have succeeded, into the chat and by mail."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.accounts.models import Link
from services.customers.models import Customer
from services.customers.ports import CustomerRepository
from services.notices.catalog import PaymentLetter
from services.notices.letters import post
from services.payments.checkout import own
from services.payments.due import Dues
from services.payments.errors import NotPaid
from services.payments.models import Order, OrderStatus
from services.payments.ports import OrderRepository
from services.ports import Clock, Store, UnitOfWork
from services.supplier.profile import SupplierProfile


@dataclass(frozen=True, slots=True)
class PaidOrder:
    """A payment as its payer may see it. `account`: its whole number, or the last four digits where no more is theirs
    to know; `fiscal`: the provider sends a receipt of the cash register law to the payer's e-mail."""

    order: Order
    account: str
    zone: ZoneInfo
    fiscal: bool


class PaymentPapers:
    def __init__(self, store: Store, clock: Clock, dues: Dues, profile: SupplierProfile) -> None:
        self._store = store
        self._clock = clock
        self._dues = dues
        self._profile = profile

    async def get(self, customer: Customer, key: str) -> PaidOrder:
        """With what was given back by now. Raises NotYours unless the customer made it and still has the account,
        NotPaid."""
        async with self._store.reading() as unit:
            return await self._paid(unit, customer, key)

    async def kept(self, user_id: int, key: str) -> PaidOrder | None:
        """A payment whose letter is on its way; None where its customer is gone. Raises as `get`."""
        async with self._store.reading() as unit:
            customer = await unit.of(CustomerRepository).get(user_id)
            return await self._paid(unit, customer, key) if customer else None

    async def mail(self, customer: Customer, key: str, address: str, request: str) -> None:
        """Queue the paper for an e-mail address; the same `request` again is the same letter. Raises TooManyMails,
        and as `get`."""
        async with self._store.writing() as unit:
            await self._paid(unit, customer, key)
            await post(unit, customer, f"mail:{request}", PaymentLetter(address, key), self._clock.now())
            await unit.commit()

    async def _paid(self, unit: UnitOfWork, customer: Customer, key: str) -> PaidOrder:
        order = own(customer, await unit.of(OrderRepository).get(key))
        if order.status is not OrderStatus.PAID:
            raise NotPaid
        link = next(link for link in customer.links if link.account == order.account)
        region = self._profile.region_of(order.account)
        return PaidOrder(order, _shown(link), region.timezone, self._dues.methods.email)


def _shown(link: Link) -> str:
    return link.account if link.sees else link.tail
