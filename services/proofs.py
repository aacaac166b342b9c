"""Proving that an account is one's own by a sum that was paid for it, and taking such a proof back.

A guess is written down before the supplier is asked, so that no kill gives anybody one more. Guesses count for
24 hours: days would begin twice where two regions have two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.accounts import Limits, owned
from services.crediting import matched
from services.errors import NoGuessesLeft, NothingPaid, NotYours, ProofLocked, SumNotFound, SupplierUnavailable
from services.members import owner_gone, tell_revoked
from services.models import Action, Customer, Link, Notice, OrderStatus, Payment, Trust, Urgency
from services.periods import local_day
from services.ports import Clock, Store, Supplier, Unit
from services.profile import SupplierProfile
from services.seniority import Seniority

MEMORY = timedelta(days=365)  # how far back a payment proves anything
YOUNGEST = timedelta(days=1)
COUNTED = timedelta(days=1)  # how long a guess counts
SLIP = timedelta(days=30)  # by which billing may book a payment later than it was made


class Proofs:
    def __init__(
        self,
        store: Store,
        supplier: Supplier,
        clock: Clock,
        profile: SupplierProfile,
        limits: Limits,
        seniority: Seniority,
    ) -> None:
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile
        self._limits = limits
        self._seniority = seniority

    async def left(self, customer: Customer, link: Link) -> int:
        """Guesses that remain now."""
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
        others = await self._paid_by_others(link, paid)
        return await self._settle(customer, link, guess_id, kopecks, telling(paid, today, others))

    async def _paid_by_others(self, link: Link, paid: Iterable[Payment]) -> tuple[Payment, ...]:
        """Those of `paid` that came through this bot and not from the one who guesses."""
        async with self._store.reading() as unit:
            orders = await unit.orders.of_account(link.account, self._clock.now() - MEMORY - SLIP)
        zone = self._profile.region_of(link.account).timezone
        made = [one for one in orders if one.status is OrderStatus.PAID]
        found = matched(made, paid, zone)
        return tuple(found[one.key] for one in made if one.user_id != link.user_id and one.key in found)

    async def _begin(self, customer: Customer, link: Link, key: str) -> int:
        async with self._store.writing() as unit:
            if (await unit.proofs.control(link.account)).locked:
                raise ProofLocked
            left = await self._left(unit, customer, link)
            if False in await unit.proofs.outcomes(key):
                raise SumNotFound(left=left)
            if not left:
                raise NoGuessesLeft
            guess_id = await unit.proofs.note(key, customer.user_id, link.account, self._clock.now())
            await unit.commit()
        return guess_id

    async def _left(self, unit: Unit, customer: Customer, link: Link) -> int:
        since = self._clock.now() - COUNTED
        by_person, at_account = await unit.proofs.guesses(customer.user_id, link.account, since)
        return max(0, min(self._limits.proofs_of_person - by_person, self._limits.proofs - at_account))

    async def _take_back(self, guess_id: int) -> None:
        async with self._store.writing() as unit:
            await unit.proofs.take_back(guess_id)
            await unit.commit()

    async def _settle(
        self, customer: Customer, link: Link, guess_id: int, kopecks: int, candidates: tuple[Payment, ...]
    ) -> Link:
        now = self._clock.now()
        async with self._store.writing() as unit:
            candidates = await self._since_renewal(unit, link, candidates)
            hit = sum(payment.amount == kopecks for payment in candidates) > 0  # every one is looked at, hit or not
            await unit.proofs.settle(guess_id, hit=hit)
            earlier = await unit.proofs.verified(link.account)
            left = await self._left(unit, customer, link)
            locked = (await unit.proofs.control(link.account)).locked
            at = _after(earlier, now)
            kept = hit and not locked and await unit.proofs.verify(customer.user_id, link.id, at, first=not earlier)
            if kept:
                await unit.proofs.record(link.account, customer.user_id, Action.VERIFIED, now)
                await self._warn(unit, link, earlier)
            await unit.commit()
        if locked:
            raise ProofLocked
        if not candidates:
            raise NothingPaid
        if not hit:
            raise SumNotFound(left=left)
        if not kept:
            raise NotYours  # the link was taken away meanwhile
        return replace(link, trust=Trust.VERIFIED, verified_at=at)

    async def _since_renewal(self, unit: Unit, link: Link, paid: tuple[Payment, ...]) -> tuple[Payment, ...]:
        """What was paid before the proofs of the account began anew is known to those whose proofs ended."""
        at = await unit.proofs.renewed_at(link.account)
        if at is None:
            return paid
        last = local_day(at, self._profile.region_of(link.account).timezone)
        return tuple(payment for payment in paid if payment.day > last)

    async def _warn(self, unit: Unit, link: Link, earlier: Iterable[Link]) -> None:
        """Everybody who has proved the account before hears of it at once; whoever decides about others can undo it."""
        for other in earlier:
            facts = {"tail": link.tail, "link": link.id, "own": other.id}
            key = f"verified:{link.id}:{other.user_id}"
            kind = "verified_beside" if self._seniority.waits_until(other) else "verified"
            notice = Notice(key, other.user_id, kind, facts, urgency=Urgency.ANSWER)
            await unit.notices.tell(notice, self._clock.now())

    async def disown(self, customer: Customer, own_id: str, link_id: str) -> None:
        """Undo a verification by somebody else, if they have not gone by themselves, and lock the account `own_id`
        against further ones. Raises NotYours unless the customer had proved it before the other one did,
        DecidesLater."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            own, other = await self._seniority.owner(unit, customer, own_id), await unit.proofs.find(link_id)
            if other and not own.came_before(other):
                raise NotYours
            self._seniority.admit(own)
            if other:
                await unit.customers.unlink(other.user_id, other.id)
                await owner_gone(unit, other.account, other.user_id, now)
                await tell_revoked(unit, [other], now)
                await unit.proofs.record(own.account, customer.user_id, Action.DISOWNED, now)
            control = await unit.proofs.control(own.account)
            await unit.proofs.set_control(own.account, replace(control, locked=True))
            await unit.commit()

    def _today(self, link: Link) -> date:
        return local_day(self._clock.now(), self._profile.region_of(link.account).timezone)


def telling(paid: Iterable[Payment], today: date, by_others: Iterable[Payment] = ()) -> tuple[Payment, ...]:
    """Payments that prove something: whoever paid a moment ago may be anybody, and what others paid through this bot
    is known: `by_others`, each of them once."""
    left = [payment for payment in paid if payment.day <= today - YOUNGEST and payment.amount > 0]
    for other in by_others:
        if other in left:
            left.remove(other)
    return tuple(left)


def _after(earlier: Iterable[Link], now: datetime) -> datetime:
    """Later than every earlier proof, also when the clock was turned back: who came first must stay known."""
    last = max((link.verified_at for link in earlier if link.verified_at), default=now)
    return max(now, last + timedelta(microseconds=1))
