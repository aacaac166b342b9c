"""The home card: what a customer wants to know about an account at a glance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from services.accounts.disclosures import Disclosures
from services.accounts.errors import not_for
from services.accounts.models import Link
from services.payments.due import Due, Dues
from services.readings.errors import AccountGone, NoReadings
from services.readings.readings import Readings
from services.readings.views import AccountReadings
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Account, Details
from services.supplier.ports import Supplier


@dataclass(frozen=True, slots=True)
class HomeCard:
    """`today` is the region's; `due` is None where the account is not for the customer, or gone. `readings` is None
    where it has no meter or is closed, and where its owner lets nobody else submit; when `unavailable`, what is missing
    could not be asked."""

    link: Link
    today: date
    account: Account | None = None
    due: Due | None = None
    readings: AccountReadings | None = None
    unavailable: bool = False
    payable: bool = False

    @property
    def to_pay(self) -> int:
        """Kopecks; 0 also where the sum is not known."""
        return self.due.to_pay if self.due else 0

    @property
    def closed(self) -> bool:
        return self.account is not None and self.account.closed

    @property
    def gone(self) -> bool:
        """The supplier has the account no more."""
        return self.account is None and not self.unavailable


@dataclass(frozen=True, slots=True)
class Information:
    """`outstanding`: kopecks paid through the bot that the statement does not hold yet."""

    details: Details
    outstanding: int
    payable: bool


class Cards:
    def __init__(self, supplier: Supplier, readings: Readings, dues: Dues, disclosures: Disclosures) -> None:
        self._supplier = supplier
        self._readings = readings
        self._dues = dues
        self._disclosures = disclosures

    async def home(self, link: Link) -> HomeCard:
        """Never raises for a supplier that is down: what can be told is told."""
        today = self._readings.today(link)
        card = HomeCard(link, today, payable=self._dues.payable(link))
        try:
            if not link.barred:
                card = replace(card, due=await self._dues.of(link))
                if card.due and card.due.bill is None:
                    return replace(card, unavailable=True)
                card = replace(card, readings=await self._open(link))
            account = card.readings.account if card.readings else await self._supplier.find(link.access)
        except SupplierUnavailable:
            return replace(card, unavailable=True)
        except (AccountUnknown, AccountGone):
            return card
        return replace(card, account=account)

    async def homes(self, links: Iterable[Link]) -> list[HomeCard]:
        """The cards of several accounts, in their order."""
        return await asyncio.gather(*map(self.home, links))

    async def details(self, link: Link) -> Information:
        """Raises NotVerified, OwnersOnly, AccountGone, SupplierUnavailable."""
        if not link.sees:
            raise not_for(link)
        try:
            details, outstanding = await self._disclosures.details(link)
        except AccountUnknown:
            raise AccountGone from None
        return Information(details, outstanding, self._dues.payable(link))

    async def address(self, link: Link) -> str | None:
        """None when the supplier has the account no more, or cannot be asked now."""
        try:
            return (await self._supplier.find(link.access)).address
        except (SupplierUnavailable, AccountUnknown):
            return None

    async def _open(self, link: Link) -> AccountReadings | None:
        try:
            return await self._readings.open(link)
        except NoReadings:
            return None
