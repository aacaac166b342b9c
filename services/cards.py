"""The home card: what a customer wants to know about an account at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.errors import AccountUnknown, ClosedByOwner, NoMeters, NotVerified, SupplierUnavailable
from services.models import Account, Balance, Details, Link
from services.ports import Supplier
from services.readings import Readings, Round


@dataclass(frozen=True, slots=True)
class HomeCard:
    """`today` is the region's. `round` is None where the account has no meter and where its owner lets nobody
    else submit; when `unavailable`, what is missing could not be asked."""

    link: Link
    today: date
    account: Account | None = None
    balance: Balance | None = None
    round: Round | None = None
    unavailable: bool = False


class Cards:
    def __init__(self, supplier: Supplier, readings: Readings) -> None:
        self._supplier = supplier
        self._readings = readings

    async def home(self, link: Link) -> HomeCard:
        """Never raises for a supplier that is down: what can be told is told."""
        today = self._readings.today(link)
        try:
            if link.barred:
                return HomeCard(link, today, await self._supplier.find(link.account))
            balance = await self._supplier.balance(link.account)
            taken = await self._round(link)
            account = taken.account if taken else await self._supplier.find(link.account)
        except SupplierUnavailable:
            return HomeCard(link, today, unavailable=True)
        return HomeCard(link, today, account, balance, taken)

    async def details(self, link: Link) -> Details:
        """Raises NotVerified, AccountUnknown, SupplierUnavailable."""
        if not link.sees:
            raise NotVerified
        details = await self._supplier.details(link.account)
        if details is None:
            raise AccountUnknown
        return details

    async def address(self, link: Link) -> str | None:
        """None when the supplier cannot be asked now."""
        try:
            account = await self._supplier.find(link.account)
        except SupplierUnavailable:
            return None
        return account.address if account else None

    async def _round(self, link: Link) -> Round | None:
        try:
            return await self._readings.open(link)
        except (ClosedByOwner, NoMeters):
            return None
