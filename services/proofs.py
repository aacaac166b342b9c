"""Proving that an account is one's own by a sum that was paid for it, and taking such a proof back.

A guess is written down before the supplier is asked, so that no kill gives anybody one more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from services.accounts import Limits, owned
from services.errors import NoGuessesLeft, NothingPaid, NotYours, ProofLocked, SumNotFound, SupplierUnavailable
from services.members import withdraw_shares
from services.models import Action, Customer, Link, Notice, Payment, Trust, Urgency
from services.periods import local_day
from services.ports import Clock, Store, Supplier, Unit
from services.profile import SupplierProfile

MEMORY = timedelta(days=365)  # how far back a payment proves anything
YOUNGEST = timedelta(days=1)


class Proofs:
    def __init__(self, store: Store, supplier: Supplier, clock: Clock, profile: SupplierProfile, limits: Limits):
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile
        self._limits = limits

    async def left(self, customer: Customer, link: Link) -> int:
        """Guesses that remain today."""
        async with self._store.reading() as unit:
            return await self._left(unit, customer, link)

    async def prove(self, customer: Customer, link_id: str, kopecks: int, key: str) -> Link:
        """The verified link. The same `key` again is the same guess. Raises NotYours, SumNotFound, NoGuessesLeft,
        NothingPaid, ProofLocked, SupplierUnavailable."""
        link = owned(customer, link_id)
        if link.verified:
            return link
        guess_id = await self._begin(customer, link, key)
        today = self._today(link)
        try:
            paid = await self._supplier.payments(link.account, today - MEMORY)
        except SupplierUnavailable:
            await self._take_back(guess_id)
            raise
        return await self._settle(customer, link, guess_id, kopecks, _telling(paid, today))

    async def _begin(self, customer: Customer, link: Link, key: str) -> int:
        async with self._store.writing() as unit:
            if (await unit.proofs.control(link.account)).locked:
                raise ProofLocked
            left = await self._left(unit, customer, link)
            if False in await unit.proofs.outcomes(key):
                raise SumNotFound(left=left)
            if not left:
                raise NoGuessesLeft
            guess_id = await unit.proofs.note(key, customer.user_id, link.account, self._today(link))
            await unit.commit()
        return guess_id

    async def _left(self, unit: Unit, customer: Customer, link: Link) -> int:
        by_person, at_account = await unit.proofs.guesses(customer.user_id, link.account, self._today(link))
        return max(0, min(self._limits.proofs_of_person - by_person, self._limits.proofs - at_account))

    async def _take_back(self, guess_id: int) -> None:
        async with self._store.writing() as unit:
            await unit.proofs.take_back(guess_id)
            await unit.commit()

    async def _settle(
        self, customer: Customer, link: Link, guess_id: int, kopecks: int, telling: tuple[Payment, ...]
    ) -> Link:
        now = self._clock.now()
        hit = sum(payment.amount == kopecks for payment in telling) > 0  # every one is looked at, hit or not
        async with self._store.writing() as unit:
            await unit.proofs.settle(guess_id, hit=hit)
            earlier = await unit.proofs.verified(link.account)
            left = await self._left(unit, customer, link)
            if hit and await unit.proofs.verify(customer.user_id, link.id, now):
                await unit.proofs.record(link.account, customer.user_id, Action.VERIFIED, now)
                await self._warn(unit, link, earlier)
            await unit.commit()
        if not telling:
            raise NothingPaid
        if not hit:
            raise SumNotFound(left=left)
        return replace(link, trust=Trust.VERIFIED, verified_at=now)

    async def _warn(self, unit: Unit, link: Link, earlier: Iterable[Link]) -> None:
        """Everybody who has proved the account before hears of it at once."""
        facts = {"tail": link.tail, "link": link.id}
        for other in earlier:
            key = f"verified:{link.id}:{other.user_id}"
            notice = Notice(key, other.user_id, "verified", facts, urgency=Urgency.ANSWER)
            await unit.notices.tell(notice, self._clock.now())

    async def disown(self, customer: Customer, link_id: str) -> bool:
        """Undo a verification by somebody else and lock the account against further ones. False when it is undone
        already. Raises NotYours unless the customer had proved the account before the other one did."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            other = await unit.proofs.find(link_id)
            if other is None:
                return False
            if not _came_before(customer, other):
                raise NotYours
            await unit.customers.unlink(other.user_id, other.id)
            await withdraw_shares(unit, other.account, other.user_id, now)
            control = await unit.proofs.control(other.account)
            await unit.proofs.set_control(other.account, replace(control, locked=True))
            await unit.proofs.record(other.account, customer.user_id, Action.DISOWNED, now)
            notice = Notice(f"disowned:{other.id}", other.user_id, "disowned", {"tail": other.tail})
            await unit.notices.tell(notice, now)
            await unit.commit()
        return True

    def _today(self, link: Link) -> date:
        return local_day(self._clock.now(), self._profile.region_of(link.account).timezone)


def _telling(paid: Iterable[Payment], today: date) -> tuple[Payment, ...]:
    """Payments that prove something: whoever paid a moment ago may be anybody."""
    return tuple(payment for payment in paid if payment.day <= today - YOUNGEST)


def _came_before(customer: Customer, other: Link) -> bool:
    own = next((link for link in customer.links if link.account == other.account and link.verified), None)
    if own is None or own.verified_at is None or own.user_id == other.user_id:
        return False
    return other.verified_at is None or own.verified_at < other.verified_at
