"""A person's own data: their consents and taking them back, a copy of it all, its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.accounts.disclosures import MEMORY
from services.accounts.members import leave
from services.accounts.ports import DisclosureRepository
from services.accounts.proofs import COUNTED_LONG
from services.customers.models import Customer, GivenConsent, Section
from services.customers.ports import PersonalDataRepository
from services.ports import Clock, Store

KEEP = timedelta(days=3)  # counts by the day: no region is a day away, and a clock may be turned back by one


class Privacy:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def consents(self, customer: Customer) -> tuple[GivenConsent, ...]:
        """The newest of each kind, withdrawn ones included."""
        async with self._store.reading() as unit:
            return await unit.of(PersonalDataRepository).consents(customer.user_id)

    async def withdraw(self, customer: Customer, given: int) -> None:
        """From now on every conversation asks for consents first. The history of consents stays."""
        async with self._store.writing() as unit:
            await unit.of(PersonalDataRepository).withdraw(customer.user_id, given, self._clock.now())
            await unit.commit()

    async def everything(self, customer: Customer) -> Sequence[Section]:
        """All that the bot keeps about them."""
        async with self._store.reading() as unit:
            return await unit.of(PersonalDataRepository).everything(customer.user_id)

    async def forget(self) -> None:
        """Remove guesses, look-ups, wrong answers, counts of letters, invitations and shown sums that count no more."""
        over = self._clock.now() - KEEP
        async with self._store.writing() as unit:
            await unit.of(PersonalDataRepository).forget(over, over - COUNTED_LONG)
            await unit.of(DisclosureRepository).forget((over - MEMORY).date())
            await unit.commit()

    async def erase(self, customer: Customer) -> None:
        """Nothing that is about them stays but the history of consents. What they submitted stays with the account,
        without them. Once more is fine."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            for link in customer.links:
                await leave(unit, link, now)
            await unit.of(PersonalDataRepository).erase(customer.user_id, now)
            await unit.commit()
