"""Owners' decisions about other people, and the day from which they count: the only place that knows.

A paid sum is a weak proof: a rouble paid to somebody's account is one. So a proof that was made beside another
one decides nothing about other people for 30 days. Until then everybody who was there before has heard of it and can
undo it with one press.
"""

from __future__ import annotations

from datetime import date, timedelta

from services.accounts.accounts import proved
from services.accounts.errors import DecidesLater
from services.accounts.models import Link
from services.accounts.ports import ProofRepository
from services.customers.models import Customer
from services.errors import NotYours
from services.ports import Clock, UnitOfWork
from services.supplier.periods import local_day
from services.supplier.profile import SupplierProfile

SETTLING = timedelta(days=30)


class Seniority:
    def __init__(self, clock: Clock, profile: SupplierProfile) -> None:
        self._clock = clock
        self._profile = profile

    def waits_until(self, owner: Link) -> date | None:
        """The account's local day from which an owner decides about others; None: they do already."""
        if owner.proved_first or owner.verified_at is None:
            return None
        zone = self._profile.region_of(owner.account).timezone
        since = local_day(owner.verified_at + SETTLING, zone) + timedelta(days=1)  # whole days, so that the date holds
        return since if local_day(self._clock.now(), zone) < since else None

    def admit(self, owner: Link) -> None:
        """Raises DecidesLater."""
        if since := self.waits_until(owner):
            raise DecidesLater(since=since)

    async def owner(self, unit: UnitOfWork, customer: Customer, link_id: str) -> Link:
        """The customer's own proof as it stands now. Raises NotYours, NotVerified, OwnersOnly."""
        link = await unit.of(ProofRepository).find(proved(customer, link_id).id)
        if link is None or not link.verified or link.user_id != customer.user_id:
            raise NotYours  # it has ended since the update was taken up
        return link

    async def decider(self, unit: UnitOfWork, customer: Customer, link_id: str) -> Link:
        """The proof of an owner who may decide about others. Raises DecidesLater as well."""
        link = await self.owner(unit, customer, link_id)
        self.admit(link)
        return link
