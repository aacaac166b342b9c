"""The amount due: the bill, less payments through the bot that the supplier does not show yet; and ways to pay it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.accounts.disclosures import Disclosures
from services.accounts.models import Link
from services.payments.crediting import WITHIN
from services.payments.errors import PayingClosed, SumTooBig, SumTooSmall
from services.payments.models import Order
from services.payments.ports import OrderRepository, PaymentProvider
from services.payments.states import PAGE_LIFE
from services.ports import Clock, Store
from services.readings.errors import AccountGone
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Bill
from services.supplier.profile import SupplierProfile

SMALLEST = 100  # kopecks


@dataclass(frozen=True, slots=True)
class PaymentLimits:
    """`most`: kopecks that are taken at once."""

    most: int


@dataclass(frozen=True, slots=True)
class OwnPayment:
    """A payment of the customer's through the bot, on a day of the region's; less refunds."""

    day: date
    kopecks: int


@dataclass(frozen=True, slots=True)
class RecentPayments:
    """Payments of an account through the bot: `outstanding` kopecks are not in the supplier's sums yet, `own` of them
    are the customer's; `waiting` is an order whose link they may still use."""

    outstanding: int
    waiting: Order | None
    own: tuple[OwnPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """The amount due, in kopecks. `bill` is None when the supplier cannot be asked."""

    link: Link
    bill: Bill | None
    recent: RecentPayments

    def total(self, *, preliminary: bool) -> int:
        if self.bill is None:
            return 0
        charge = (self.bill.preliminary or 0) if preliminary else 0
        return max(0, self._owed(self.bill) + charge)

    @property
    def advance(self) -> int:
        """Paid in excess of charges."""
        if self.bill is None:
            return 0
        return max(0, -self._owed(self.bill))

    def _owed(self, bill: Bill) -> int:
        """Money that came through the bot is paid, whatever the supplier knows of it yet."""
        return bill.owed - self.recent.outstanding


@dataclass(frozen=True, slots=True)
class PaymentMethods:
    """Ways to pay: by a link to the provider's page, by the bank's code. `email`: the link needs one."""

    link: bool
    code: bool
    email: bool

    @property
    def any(self) -> bool:
        return self.link or self.code


class Dues:
    def __init__(
        self,
        store: Store,
        disclosures: Disclosures,
        provider: PaymentProvider | None,
        clock: Clock,
        profile: SupplierProfile,
        limits: PaymentLimits,
    ) -> None:
        """Without a provider there is the payment code alone."""
        self._store = store
        self._disclosures = disclosures
        self._provider = provider
        self._clock = clock
        self._profile = profile
        self.limit = limits.most

    @property
    def methods(self) -> PaymentMethods:
        provider = self._provider
        return PaymentMethods(bool(provider), bool(self._profile.requisites), bool(provider and provider.wants_email))

    def payable(self, link: Link) -> bool:
        return self.methods.any and link.pays

    def admit(self, link: Link) -> Link:
        """Raises PayingClosed."""
        if not link.pays:
            raise PayingClosed
        return link

    def check(self, kopecks: int) -> int:
        """Raises SumTooSmall, SumTooBig."""
        if kopecks < SMALLEST:
            raise SumTooSmall
        if kopecks > self.limit:
            raise SumTooBig(limit=Decimal(self.limit) / 100)
        return kopecks

    async def of(self, link: Link) -> Due:
        """Never raises for a supplier that is down: any sum can be paid meanwhile. Raises PayingClosed, AccountGone."""
        self.admit(link)
        bill, outstanding = await self._bill(link)
        return Due(link, bill, await self._recent(link, outstanding))

    def sums(self, due: Due) -> frozenset[int]:
        """Kopecks due now, with the preliminary charge and without it, as far as they can be paid at once."""
        return frozenset(self._at_once(due, preliminary=preliminary) for preliminary in (True, False))

    async def recommended(self, link: Link) -> int | None:
        """Kopecks, with the preliminary charge; None where the customer cannot pay here. 0: any sum."""
        if not self.payable(link):
            return None
        try:
            return self._at_once(await self.of(link), preliminary=True)
        except AccountGone:
            return None

    def _at_once(self, due: Due, *, preliminary: bool) -> int:
        return min(due.total(preliminary=preliminary), self.limit)

    async def _bill(self, link: Link) -> tuple[Bill | None, int]:
        """The bill, None when the supplier cannot be asked, and outstanding kopecks. Raises AccountGone."""
        try:
            claim = await self._disclosures.bill(link)
        except SupplierUnavailable:
            return None, await self._disclosures.outstanding(link)
        except AccountUnknown:
            raise AccountGone from None
        return claim.bill, claim.outstanding

    async def _recent(self, link: Link, outstanding: int) -> RecentPayments:
        now = self._clock.now()
        async with self._store.reading() as unit:
            latest = await unit.of(OrderRepository).of_account(link.account, now - PAGE_LIFE)
            uncredited = await unit.of(OrderRepository).uncredited(now - WITHIN, link.account) if outstanding else ()
        waiting = (one for one in latest if one.user_id == link.user_id and one.url and one.open and not one.dropped)
        own = (self._own(one) for one in uncredited if one.user_id == link.user_id)
        return RecentPayments(outstanding, next(waiting, None), tuple(own))

    def _own(self, order: Order) -> OwnPayment:
        zone = self._profile.region_of(order.account).timezone
        return OwnPayment(order.paid_on(zone), order.kopecks - order.refunded)
