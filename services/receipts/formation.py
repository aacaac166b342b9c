"""Formation: receipts of a charged month for all subscribers, each once by its channel.

A delivery and its notice are committed together, so that a formation which was killed is simply run again. What the
bill says then, and whether its subscriber may still get it, is asked anew when the notice is sent (`delivering.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.accounts.models import Link
from services.customers.ports import CustomerRepository
from services.notices.catalog import ReceiptLetter, ReceiptReady
from services.notices.models import Channel, Notice
from services.notices.ports import NoticeRepository
from services.pages import PAGE, ROWS, one_page
from services.ports import Alerts, Clock, Store, UnitOfWork
from services.receipts.models import ChargedMonth, Delivery, Place, Subscription, digest
from services.receipts.ports import ChargedMonthRepository, DeliveryRepository, ImportedReceipts, SubscriptionRepository
from services.receipts.subscribers import entitled
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Access, Charged, Month
from services.supplier.periods import local_day
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

BACK = 2  # months: older ones are formed by command alone, but for corrections
KEPT = timedelta(days=3 * 366)  # a debt is barred after three years (Civil Code, 196)


@dataclass(slots=True)
class Formed:
    """Subscriptions that were looked at, by what became of them. `sent`: receipts that go out, `corrected` of them
    instead of earlier ones; `known`: those that their subscribers have or that are on the way; `apart`: those whose
    accounts a formation by itself leaves out; `own`: of those not charged, the ones that have the supplier's own."""

    looked: int = 0
    sent: int = 0
    corrected: int = 0
    known: int = 0
    uncharged: int = 0
    without_access: int = 0
    without_mail: int = 0
    apart: int = 0
    own: int = 0

    @property
    def charged(self) -> bool:
        """Whether any account of a subscriber was charged in the month, as far as was looked."""
        return self.looked > self.uncharged


OnProgress = Callable[[int, int], None]  # subscriptions done, and all of them


@dataclass(slots=True)
class _Past:
    """Deliveries of a month to one subscriber; `made`: the newest of which the paper was made."""

    newest: Delivery | None = None
    made: Delivery | None = None

    def take(self, delivery: Delivery) -> None:
        self.newest = delivery
        self.made = delivery if delivery.made_at else self.made


@dataclass(frozen=True, slots=True)
class _Bill:
    """`paper`: the digest of the supplier's own receipt, empty without one."""

    subscription: Subscription
    link: Link
    charged: Charged
    paper: str


class Formation:
    def __init__(
        self,
        store: Store,
        supplier: Supplier,
        imported: ImportedReceipts,
        clock: Clock,
        profile: SupplierProfile,
        *,
        mails: bool,
    ) -> None:
        """`mails`: letters can be sent."""
        self._store = store
        self._supplier = supplier
        self._imported = imported
        self._clock = clock
        self._profile = profile
        self._mails = mails

    async def form(
        self,
        month: Month,
        *,
        keep: Callable[[Charged], bool] = lambda _: True,
        dry: bool = False,
        on_progress: OnProgress = lambda *_: None,
    ) -> Formed:
        """`keep`: which bills are formed besides corrections; `dry`: nothing is, all is counted. Raises
        SupplierUnavailable."""
        formed, after = Formed(), None
        async with self._store.reading() as unit:
            count = await unit.of(SubscriptionRepository).count()
        while page := await self._page(after):
            async with one_page():
                bills = await self._bills(page, month, formed)
                await self._form(month, bills, keep, formed, dry=dry)
            after = page[-1]
            on_progress(formed.looked, max(count, formed.looked))
        return formed

    async def _page(self, after: Subscription | None) -> Sequence[Subscription]:
        async with self._store.reading() as unit:
            return await unit.of(SubscriptionRepository).page(after, PAGE)

    async def _bills(self, page: Sequence[Subscription], month: Month, formed: Formed) -> list[_Bill]:
        """Of subscribers who may get them."""
        accesses = {one.account: Access(one.account, one.user_id) for one in page}
        charged = await self._supplier.charged(accesses.values(), month)
        own = await self._imported.found(accesses.keys(), month)
        bills = []
        formed.looked += len(page)
        for one in page:
            if one.account not in charged:
                formed.uncharged += 1
                formed.own += one.account in own
            elif one.channel is Channel.MAIL and not self._mails:
                formed.without_mail += 1
            elif link := await self._link(one):
                paper = own[one.account].digest if one.account in own else ""
                bills.append(_Bill(one, link, charged[one.account], paper))
            else:
                formed.without_access += 1
        return bills

    async def _link(self, subscription: Subscription) -> Link | None:
        async with self._store.reading() as unit:
            customer = await unit.of(CustomerRepository).get(subscription.user_id)
        return entitled(customer, subscription, self._profile.receipts.subscribe)

    async def _form(
        self, month: Month, bills: Sequence[_Bill], keep: Callable[[Charged], bool], formed: Formed, *, dry: bool
    ) -> None:
        if not bills:
            return
        now = self._clock.now()
        async with self._store.reading() if dry else self._store.writing(durable=False) as unit:
            pasts = await _pasts(unit, month, bills)
            waiting = await unit.of(NoticeRepository).waiting([one.newest.key for one in pasts.values() if one.newest])
            new = [
                (bill, _delivery(bill, pasts[bill.subscription.place], now))
                for bill in bills
                if _is_wanted(bill, pasts[bill.subscription.place], waiting, keep, formed)
            ]
            if new and not dry:
                await unit.of(DeliveryRepository).add([delivery for _, delivery in new])
                await unit.of(NoticeRepository).tell_all([_notice(bill, delivery) for bill, delivery in new], now)
                await unit.commit()

    async def forget(self) -> None:
        """Deliveries of which nothing more can come."""
        before, some_left = self._clock.now() - KEPT, True
        while some_left:
            async with one_page(), self._store.writing() as unit:
                some_left = await unit.of(DeliveryRepository).forget(before, ROWS)
                await unit.commit()


async def _pasts(unit: UnitOfWork, month: Month, bills: Iterable[_Bill]) -> Mapping[Place, _Past]:
    pasts: defaultdict[Place, _Past] = defaultdict(_Past)
    for delivery in await unit.of(DeliveryRepository).of_accounts(month, {one.link.account for one in bills}):
        pasts[delivery.place].take(delivery)
    return pasts


def _is_wanted(
    bill: _Bill, past: _Past, waiting: frozenset[str], keep: Callable[[Charged], bool], formed: Formed
) -> bool:
    """A notice whose paper is not made yet will say what the bill says then."""
    has_it = past.made is not None and not past.made.says_otherwise(digest(bill.charged.statement), bill.paper)
    to_be_made = past.newest is not None and past.newest.made_at is None and past.newest.key in waiting
    if has_it or to_be_made:
        formed.known += 1
        return False
    if past.made is None and not keep(bill.charged):
        formed.apart += 1
        return False
    formed.sent += 1
    formed.corrected += past.made is not None
    return True


def _delivery(bill: _Bill, past: _Past, now: datetime) -> Delivery:
    account, user_id, channel = bill.subscription.place
    statement, edition = bill.charged.statement, past.newest.edition + 1 if past.newest else 1
    return Delivery(account, statement.month, user_id, channel, edition, digest(statement), statement.to_pay, now)


def _notice(bill: _Bill, delivery: Delivery) -> Notice:
    about = (delivery.account, delivery.month, delivery.edition, bill.link.id)
    by_mail = delivery.channel is Channel.MAIL
    facts = ReceiptLetter("", *about) if by_mail else ReceiptReady(*about)
    return Notice(delivery.key, delivery.user_id, facts)


class FormationDay:
    """Formation by itself, some time after charges came or changed."""

    def __init__(
        self, formation: Formation, store: Store, clock: Clock, profile: SupplierProfile, alerts: Alerts
    ) -> None:
        self._formation = formation
        self._store = store
        self._clock = clock
        self._profile = profile
        self._alerts = alerts

    async def form_due(self) -> None:
        """Months that have begun and whose charges have not changed for as long as an operator has to withdraw an
        import."""
        wait, present = timedelta(minutes=self._profile.receipts.form_after_minutes), Month.of(self._today())
        async with self._store.reading() as unit:
            due = await unit.of(ChargedMonthRepository).unformed(self._clock.now(), wait)
        for charged in (one for one in due if one.month <= present):
            try:
                await self._form(charged)
            except SupplierUnavailable:
                return  # the next tick asks again
            except Exception as error:  # noqa: BLE001  # other months are formed all the same
                what = f"receipts of {charged.month} could not be formed: {type(error).__name__}"
                await self._alerts.send(what, error)

    async def _form(self, charged: ChargedMonth) -> None:
        month = charged.month
        recent = month >= Month.of(self._today()).plus(-BACK)
        if recent or await self._was_formed(month):
            await self._formation.form(month, keep=lambda bill: recent and bill.newest)
        async with self._store.writing() as unit:
            await unit.of(ChargedMonthRepository).form(charged)
            await unit.commit()

    def _today(self) -> date:
        return local_day(self._clock.now(), self._profile.elsewhere.timezone)

    async def _was_formed(self, month: Month) -> bool:
        async with self._store.reading() as unit:
            return await unit.of(DeliveryRepository).formed(month)
