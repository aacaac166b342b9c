"""The customers whom a broadcast is for, and those of them who do not hear it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

from services.accounts.models import Link
from services.broadcasts.errors import UnknownBroadcast
from services.broadcasts.models import Audience, Reach, Silence
from services.broadcasts.ports import BroadcastRepository
from services.customers.models import Customer
from services.pages import PAGE, one_page
from services.ports import Store
from services.supplier.models import Access
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

LISTED: Final = 500  # customers of a list of accounts that are looked at together, as each look is at the whole list


class Audiences:
    """Each question may raise SupplierUnavailable."""

    def __init__(self, store: Store, supplier: Supplier, profile: SupplierProfile) -> None:
        self._store = store
        self._supplier = supplier
        self._profile = profile

    async def page(self, audience: Audience, after: int) -> Sequence[Customer]:
        """The next customers by id among whom recipients are to be looked for. Raises UnknownBroadcast."""
        async with self._store.reading() as unit:
            repository = unit.of(BroadcastRepository)
            if audience.corrects is None:
                return await repository.customers(audience.accounts, after, LISTED if audience.accounts else PAGE)
            corrected = await repository.get(audience.corrects)
            if corrected is None:
                raise UnknownBroadcast(number=audience.corrects)
            return await repository.recipients(corrected, after, PAGE)

    async def hearing(self, customers: Sequence[Customer], audience: Audience) -> list[Customer]:
        """Those who get it."""
        return [
            one for one, links in await self._fitting(customers, audience) if _silence(one, links, audience) is None
        ]

    async def reach(self, audience: Audience) -> Reach:
        """All pages are looked at: of a million customers for minutes."""
        reach, linked = Reach(), set[str]()
        async for page in self._pages(audience):
            if audience.accounts:
                linked.update(link.account for customer in page for link in customer.links)
            for customer, links in await self._fitting(page, audience):
                silence = _silence(customer, links, audience)
                reach.people += silence is None
                reach.silent.update([silence] if silence else [])
        if audience.accounts:
            known = await self._known(audience.accounts)
            reach.unknown = tuple(one for one in audience.accounts if one not in known)
            reach.unlinked = len(known - linked)
        return reach

    async def _pages(self, audience: Audience) -> AsyncIterator[Sequence[Customer]]:
        page = await self.page(audience, 0)
        while page:
            async with one_page():
                yield page
                page = await self.page(audience, page[-1].user_id)

    async def _known(self, accounts: Sequence[str]) -> set[str]:
        """Numbers that the supplier has, and that are not closed."""
        found = set[str]()
        for start in range(0, len(accounts), LISTED):
            async with one_page():
                accesses = [Access.of_bot(account) for account in accounts[start : start + LISTED]]
                found.update(await self._supplier.addresses(accesses))
        return found

    async def _fitting(
        self, customers: Sequence[Customer], audience: Audience
    ) -> list[tuple[Customer, Sequence[Link]]]:
        """Customers of the audience with their accounts that fit; those of a correction were told the wrong
        thing, and get it with their accounts or without."""
        if audience.corrects is not None:
            return [(one, one.links) for one in customers]
        listed = frozenset(audience.accounts)
        fitting = {one.user_id: [link for link in one.links if self._fits(link, audience, listed)] for one in customers}
        if audience.street:
            accesses = [link.access for links in fitting.values() for link in links]
            addresses, wanted = await self._supplier.addresses(accesses), plain(audience.street)
            on_street = {number for number, address in addresses.items() if wanted in plain(address)}
            fitting = {
                person: [link for link in links if link.account in on_street] for person, links in fitting.items()
            }
        return [(one, links) for one in customers if (links := fitting[one.user_id])]

    def _fits(self, link: Link, audience: Audience, listed: frozenset[str]) -> bool:
        if listed and link.account not in listed:
            return False
        return not audience.region or self._profile.region_of(link.account).name == audience.region


def _silence(customer: Customer, links: Sequence[Link], audience: Audience) -> Silence | None:
    if not customer.agreed:
        return Silence.NO_CONSENT
    if customer.stopped:
        return Silence.STOPPED
    barred = audience.corrects is None and all(link.barred for link in links)
    return Silence.BARRED if barred else None


def plain(address: str) -> str:
    """With the ends marked, so that «ул. Мира, д. 1» is not «ул. Мира, д. 12»; empty where there are no words."""
    words = address.casefold().replace("\u0451", "\u0435").replace(",", " ").replace(".", " ").split()
    return f" {' '.join(words)} " if words else ""
