"""Proving that an account is one's own by a sum that was paid for it, and taking such a proof back.

Only a payment with kopecks counts that could not be worked out from what the bot has shown to people who had not
proved the account (`services/accounts/disclosures.py`), or any that the person has made through the bot. Sums in
whole roubles are those that a stranger would try first.

A guess is written down before the supplier is asked, so that no kill gives anybody one more. Guesses count for
24 hours: days would begin twice where two regions have two. Over 30 days they count, too, so that neither a crowd
guesses nor one stranger uses up what is left for the owner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.accounts.accounts import Limits, owned
from services.accounts.disclosures import MEMORY
from services.accounts.errors import NoGuessesLeft, NothingPaid, ProofLocked, RoundSum, SumNotFound
from services.accounts.members import shut_out, tell_revoked
from services.accounts.models import Action, Link, Trust, Watch
from services.accounts.ports import DisclosureRepository, ProofRepository
from services.accounts.seniority import Seniority
from services.customers.models import Customer
from services.customers.ports import PersonalDataRepository
from services.errors import NotYours
from services.notices.catalog import Verified, VerifiedBeside
from services.notices.models import Channel, Notice
from services.notices.ports import NoticeRepository
from services.payments.crediting import matched
from services.payments.models import OrderStatus
from services.payments.ports import OrderRepository
from services.ports import Clock, Store, UnitOfWork
from services.receipts.models import Subscription
from services.receipts.ports import SubscriptionRepository
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Payment
from services.supplier.periods import local_day
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

YOUNGEST = timedelta(days=1)
COUNTED = timedelta(days=1)  # how long a guess counts
COUNTED_LONG = timedelta(days=30)
SLIP = timedelta(days=30)  # by which billing may book a payment later than it was made


@dataclass(frozen=True, slots=True)
class Terms:
    """`left`: guesses that remain; `before`: the day before which a payment must have been made to prove the account,
    save one's own through the bot; `renewed_on`: the day of the last year on which all proofs of the account ended."""

    left: int
    before: date
    renewed_on: date | None = None

    @property
    def only_own(self) -> bool:
        """No day lies between the end of all proofs and the first look at the sum."""
        return self.renewed_on is not None and self.before <= self.renewed_on + timedelta(days=1)


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

    async def terms(self, customer: Customer, link: Link) -> Terms:
        async with self._store.reading() as unit:
            return await self._terms(unit, customer, link)

    async def _terms(self, unit: UnitOfWork, customer: Customer, link: Link) -> Terms:
        watch = await unit.of(DisclosureRepository).watch(link.account)
        renewed_at = await unit.of(ProofRepository).renewed_at(link.account)
        before = self._day(link, watch.since if watch else None)
        lately = renewed_at is not None and self._clock.now() - renewed_at < MEMORY
        renewed_on = self._day(link, renewed_at) if lately else None
        return Terms(await self._left(unit, customer, link), before, renewed_on)

    async def prove(self, customer: Customer, link_id: str, kopecks: int, key: str) -> Link:
        """The verified link. The same `key` again is the same guess. Raises NotYours, SumNotFound, NoGuessesLeft,
        NothingPaid, RoundSum, ProofLocked, SupplierUnavailable."""
        link = owned(customer, link_id)
        if link.verified:
            return link
        guess_id = await self._begin(customer, link, key, kopecks)
        today = self._today(link)
        try:
            paid = await self._supplier.payments(link.access, today - MEMORY)
        except AccountUnknown:
            paid = ()
        except SupplierUnavailable:
            await self._take_back(guess_id)
            raise
        return await self._settle(customer, link, guess_id, kopecks, await self._telling(link, paid, today))

    async def _telling(self, link: Link, paid: Collection[Payment], today: date) -> Mapping[Payment, datetime | None]:
        """Payments of `paid` that prove something for the guessing customer, with the moments of those that they have
        made through the bot."""
        async with self._store.reading() as unit:
            orders = await unit.of(OrderRepository).of_account(link.account, self._clock.now() - MEMORY - SLIP)
            watch = await unit.of(DisclosureRepository).watch(link.account)
        made = [one for one in orders if one.status is OrderStatus.PAID]
        found = matched(made, paid, self._profile.region_of(link.account).timezone)
        own = {found[one.key]: one.settled_at for one in made if one.key in found and one.user_id == link.user_id}
        others = [found[one.key] for one in made if one.key in found and one.user_id != link.user_id]
        return {payment: own.get(payment) for payment in telling(paid, today, watch, own, others)}

    async def _begin(self, customer: Customer, link: Link, key: str, kopecks: int) -> int:
        async with self._store.writing() as unit:
            if (await unit.of(ProofRepository).control(link.account)).locked:
                raise ProofLocked
            if is_round(kopecks) and customer.user_id not in await self._payers(unit, link):
                raise RoundSum  # it could prove nothing, so it is no guess
            terms = await self._terms(unit, customer, link)
            if False in await unit.of(ProofRepository).outcomes(key):
                raise SumNotFound(left=terms.left, before=terms.before)
            if not terms.left:
                raise NoGuessesLeft
            guess_id = await unit.of(ProofRepository).note(key, customer.user_id, link.account, self._clock.now())
            await unit.commit()
        return guess_id

    async def _left(self, unit: UnitOfWork, customer: Customer, link: Link) -> int:
        """Guesses that remain. A payer through the bot can prove the account by that payment, so guesses of strangers
        do not bind them. A person who has deleted everything may have made any that have lost their person."""
        now, limits, user_id = self._clock.now(), self._limits, customer.user_id
        payers = await self._payers(unit, link)
        erased = await unit.of(PersonalDataRepository).erased_since(user_id, now - COUNTED_LONG)
        today = await unit.of(ProofRepository).guesses(user_id, link.account, now - COUNTED, payers, erased=erased)
        left = [limits.proofs_of_person - today.by_person, limits.proofs - today.by_person_here]
        if user_id not in payers:
            month = await unit.of(ProofRepository).guesses(
                user_id, link.account, now - COUNTED_LONG, payers, erased=erased
            )
            left += [limits.proofs_of_month - month.by_person_here, limits.proofs_of_crowd - month.by_crowd]
        return max(0, min(left))

    async def _payers(self, unit: UnitOfWork, link: Link) -> frozenset[int]:
        return await unit.of(OrderRepository).payers(link.account, self._today(link) - MEMORY)

    async def _take_back(self, guess_id: int) -> None:
        async with self._store.writing() as unit:
            await unit.of(ProofRepository).take_back(guess_id)
            await unit.commit()

    async def _settle(
        self, customer: Customer, link: Link, guess_id: int, kopecks: int, proving: Mapping[Payment, datetime | None]
    ) -> Link:
        now = self._clock.now()
        async with self._store.writing() as unit:
            candidates = await self._since_renewal(unit, link, proving)
            hit = sum(payment.amount == kopecks for payment in candidates) > 0  # every one is looked at, hit or not
            await unit.of(ProofRepository).settle(guess_id, hit=hit)
            earlier = await unit.of(ProofRepository).verified(link.account)
            terms = await self._terms(unit, customer, link)
            locked = (await unit.of(ProofRepository).control(link.account)).locked
            at = _after(earlier, now)
            kept = (
                hit
                and not locked
                and await unit.of(ProofRepository).verify(customer.user_id, link.id, at, first=not earlier)
            )
            if kept:
                await self._begin_receipts(unit, link, now)
                await unit.of(ProofRepository).record(link.account, customer.user_id, Action.VERIFIED, now)
                await self._warn(unit, link, earlier)
            await unit.commit()
        if locked:
            raise ProofLocked
        if not candidates:
            raise NothingPaid
        if not hit:
            raise SumNotFound(left=terms.left, before=terms.before)
        if not kept:
            raise NotYours  # the link was taken away meanwhile
        return replace(link, trust=Trust.VERIFIED, verified_at=at)

    async def _begin_receipts(self, unit: UnitOfWork, link: Link, now: datetime) -> None:
        """Receipts come into the chat from the first proof on. Who proves the account again has decided already."""
        if not await unit.of(ProofRepository).has_proved(link):
            subscription = Subscription(link.user_id, link.account, Channel.TELEGRAM, now)
            await unit.of(SubscriptionRepository).begin(subscription)

    async def _since_renewal(
        self, unit: UnitOfWork, link: Link, paid: Mapping[Payment, datetime | None]
    ) -> tuple[Payment, ...]:
        """Payments after the proofs of the account began anew: people whose proofs ended know the earlier ones. Of that
        day only one's own through the bot count, by their moment."""
        at = await unit.of(ProofRepository).renewed_at(link.account)
        if at is None:
            return tuple(paid)
        last = self._day(link, at)
        return tuple(payment for payment, made_at in paid.items() if payment.day > last or (made_at and made_at > at))

    async def _warn(self, unit: UnitOfWork, link: Link, earlier: Iterable[Link]) -> None:
        """Earlier owners hear of it at once; those of them who decide about others can undo it."""
        for other in earlier:
            what = VerifiedBeside if self._seniority.waits_until(other) else Verified
            facts = what(tail=link.tail, link=link.id, own=other.id)
            notice = Notice(f"verified:{link.id}:{other.user_id}", other.user_id, facts)
            await unit.of(NoticeRepository).tell(notice, self._clock.now())

    async def disown(self, customer: Customer, own_id: str, link_id: str) -> None:
        """Undo a verification by somebody else, if they have not gone by themselves, and lock the account `own_id`
        against further ones. Raises NotYours unless the customer had proved it before the other one did,
        DecidesLater."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            own, other = (
                await self._seniority.owner(unit, customer, own_id),
                await unit.of(ProofRepository).find(link_id),
            )
            if other and not own.came_before(other):
                raise NotYours
            self._seniority.admit(own)
            if other:
                await shut_out(unit, other, now)
                await tell_revoked(unit, [other], now)
                await unit.of(ProofRepository).record(own.account, customer.user_id, Action.DISOWNED, now)
            control = await unit.of(ProofRepository).control(own.account)
            await unit.of(ProofRepository).set_control(own.account, replace(control, locked=True))
            await unit.commit()

    def _today(self, link: Link) -> date:
        return self._day(link)

    def _day(self, link: Link, moment: datetime | None = None) -> date:
        return local_day(moment or self._clock.now(), self._profile.region_of(link.account).timezone)


def telling(
    paid: Iterable[Payment],
    today: date,
    watch: Watch | None,
    own: Iterable[Payment] = (),
    by_others: Iterable[Payment] = (),
) -> tuple[Payment, ...]:
    """Payments that prove something: none of today, which a stranger may have made for it. `own` and `by_others` of
    them came through this bot, each is taken once; the first prove whatever has been shown, the second are known."""
    paid = tuple(paid)
    told = watch.told_by(paid) if watch else frozenset[int]()
    left = [payment for payment in paid if payment.day <= today - YOUNGEST and payment.amount > 0]
    theirs = [payment for payment in own if payment in left]
    for payment in (*theirs, *by_others):
        if payment in left:
            left.remove(payment)
    return (*theirs, *(payment for payment in left if not (is_round(payment.amount) or payment.amount in told)))


def is_round(kopecks: int) -> bool:
    """In whole roubles."""
    return kopecks % 100 == 0


def _after(earlier: Iterable[Link], now: datetime) -> datetime:
    """Later than every earlier proof, also when the clock was turned back: who came first must stay known."""
    last = max((link.verified_at for link in earlier if link.verified_at), default=now)
    return max(now, last + timedelta(microseconds=1))
