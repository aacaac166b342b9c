"""The amount due: the bill, less payments through the bot that the supplier does not show yet; and ways to pay it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.accounts.disclosures import Disclosures
from services.accounts.models import Link
from services.payments.crediting import WITHIN
from services.payments.errors import OwnerPays, PayingClosed, SumTooBig, SumTooSmall
from services.payments.models import Order
from services.payments.ports import OrderRepository, PaymentProvider
from services.ports import Clock, Store
from services.readings.errors import AccountGone
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Bill
from services.supplier.periods import local_day, pay_by
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
    are the customer's."""

    outstanding: int = 0
    own: tuple[OwnPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """The amount due, in kopecks: every screen takes the sum to pay from here. `bill` is None when the supplier cannot
    be asked; `today` is the region's."""

    link: Link
    bill: Bill | None
    recent: RecentPayments
    today: date

    @property
    def to_pay(self) -> int:
        """The sum that the customer wants to see, with the preliminary charge or without it."""
        return self.total(preliminary=self.link.preliminary)

    @property
    def by_bill(self) -> int:
        return self.total(preliminary=False)

    @property
    def charge(self) -> int:
        """The preliminary charge within `to_pay`."""
        return (self.bill and self.link.preliminary and self.bill.preliminary) or 0

    @property
    def pay_by(self) -> date | None:
        """The last day on which the bill can be paid in time."""
        return pay_by(self.bill.closed) if self.bill and self.bill.closed else None

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
            raise OwnerPays if link.sees else PayingClosed
        return link

    def check(self, kopecks: int) -> int:
        """Raises SumTooSmall, SumTooBig."""
        if kopecks < SMALLEST:
            raise SumTooSmall
        if kopecks > self.limit:
            raise SumTooBig(limit=Decimal(self.limit) / 100)
        return kopecks

    async def of(self, link: Link) -> Due:
        """Never raises for a supplier that is down: any sum can be paid meanwhile. Raises AccountGone."""
        try:
            claim = await self._disclosures.bill(link)
        except SupplierUnavailable:
            bill, outstanding = None, await self._disclosures.outstanding(link)
        except AccountUnknown:
            raise AccountGone from None
        else:
            bill, outstanding = claim.bill, claim.outstanding
        return Due(link, bill, await self._recent(link, outstanding), self._today(link))

    async def offered(self, link: Link) -> Due | None:
        """None where the customer cannot pay here."""
        if not self.payable(link):
            return None
        try:
            return await self.of(link)
        except AccountGone:
            return None

    def sums(self, due: Due) -> frozenset[int]:
        """Kopecks due now, with the preliminary charge and without it, as far as they can be paid at once."""
        return frozenset(min(due.total(preliminary=preliminary), self.limit) for preliminary in (True, False))

    async def _recent(self, link: Link, outstanding: int) -> RecentPayments:
        if not outstanding:
            return RecentPayments()
        async with self._store.reading() as unit:
            uncredited = await unit.of(OrderRepository).uncredited(self._clock.now() - WITHIN, link.account)
        own = (self._own(one) for one in uncredited if one.user_id == link.user_id)
        return RecentPayments(outstanding, tuple(own))

    def _today(self, link: Link) -> date:
        return local_day(self._clock.now(), self._profile.region_of(link.account).timezone)

    def _own(self, order: Order) -> OwnPayment:
        zone = self._profile.region_of(order.account).timezone
        return OwnPayment(order.paid_on(zone), order.kopecks - order.refunded)
