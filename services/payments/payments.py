"""Paying: the right sum, one payment for a confirmation, and the provider's own word about what became of it.

An order is written down with the whole request before the provider hears of it. Whatever is unclear afterwards is
asked about, under the same key; only the provider's answer about this very payment makes it paid.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from services.accounts.accounts import owned, present
from services.accounts.disclosures import Disclosures
from services.accounts.models import Link
from services.customers.models import Customer
from services.errors import NotAllowed, NotYours
from services.notices.models import Notice, Urgency
from services.payments.crediting import Crediting
from services.payments.errors import (
    PayingClosed,
    ProviderRefused,
    ProviderUnavailable,
    ResultUnknown,
    SumChanged,
    SumTooBig,
    SumTooSmall,
    TooManyOrders,
)
from services.payments.models import OPEN_ORDERS, Order, OrderStatus, Transaction
from services.payments.ports import PaymentProvider
from services.payments.questions import AT_ONCE, OF_ONE, ProviderQuestions
from services.payments.requisites import Requisites, payload, purpose
from services.ports import Clock, Operator, Store, Unit
from services.readings.errors import AccountGone
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Bill, Month
from services.supplier.periods import local_day
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

SMALLEST = 100  # kopecks
MOST_OPEN = 5  # links of one person at one account
CURRENCY = "RUB"
EXPIRED = "expired_on_confirmation"
REFUSED = "refused"
NEVER_MADE = "never_made"
PAGE_LIFE = timedelta(hours=1)  # of the provider's page; the provider forgets a key after a day
_WAIT = 10  # seconds that a customer waits for the link before it is promised for later
# Between tries while a customer waits: the same key again is the same payment.
_AGAIN = (timedelta(milliseconds=500), timedelta(milliseconds=1500))
_LONGEST = 60  # seconds that anything else may take: the provider gives an answer up after 30
_HOLD = timedelta(seconds=20)  # for which the ticks leave a new order to the conversation that makes it
_PAUSES = (
    (timedelta(minutes=2), timedelta(seconds=5)),
    (timedelta(minutes=10), timedelta(seconds=15)),
    (timedelta(minutes=70), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=10)),
    (timedelta(days=3), timedelta(hours=1)),
    (timedelta(days=30), timedelta(hours=12)),
)
_REPEATABLE = timedelta(days=1)  # for so long a payment that failed can be tried again as it was
_NEWS = {OrderStatus.PENDING: "link", OrderStatus.PAID: "paid", OrderStatus.CANCELED: "declined"}
_LEFT = {OrderStatus.PAID: "was_paid", OrderStatus.CANCELED: "was_declined"}
_UNANSWERED = timedelta(hours=12)  # until a paid order is asked about again of which a refund was announced
_RECONCILED = timedelta(days=31)  # for so long refunds are found without a notification


@dataclass(frozen=True, slots=True)
class Paid:
    """By the customer through the bot on a day of the region's; less what was given back."""

    day: date
    kopecks: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """What has been done about paying an account: `outstanding` kopecks came through the bot and are not in the
    supplier's sums yet, `own` of them from the customer; `waiting` is an order whose link they may still use."""

    outstanding: int
    waiting: Order | None
    own: tuple[Paid, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """What there is to pay, in kopecks. `bill` is None when the supplier cannot be asked."""

    link: Link
    bill: Bill | None
    earlier: Earlier

    def total(self, *, preliminary: bool) -> int:
        if self.bill is None:
            return 0
        charge = (self.bill.preliminary or 0) if preliminary else 0
        return max(0, self._owed(self.bill) + charge)

    @property
    def advance(self) -> int:
        """Paid in excess of what is charged already."""
        if self.bill is None:
            return 0
        return max(0, -self._owed(self.bill))

    def _owed(self, bill: Bill) -> int:
        """What was paid through the bot is paid, whatever the supplier knows of it yet."""
        return bill.owed - self.earlier.outstanding


@dataclass(frozen=True, slots=True)
class Ways:
    """How customers can pay: by a link to the provider's page, by the bank's code. `email`: the link needs one."""

    link: bool
    code: bool
    email: bool

    @property
    def any(self) -> bool:
        return self.link or self.code


@dataclass(frozen=True, slots=True)
class Code:
    """A payment code for any bank: what to pay, for what, to whom, and its content."""

    link: Link
    kopecks: int
    purpose: str
    requisites: Requisites
    payload: bytes


class Payments:
    def __init__(
        self,
        store: Store,
        supplier: Supplier,
        crediting: Crediting,
        disclosures: Disclosures,
        provider: PaymentProvider | None,
        clock: Clock,
        profile: SupplierProfile,
        operator: Operator,
        limit: int,
    ) -> None:
        """`limit`: the most that is taken at once, kopecks. Without a provider there is the payment code alone."""
        self._store = store
        self._supplier = supplier
        self._crediting = crediting
        self._disclosures = disclosures
        self._provider = provider
        self._clock = clock
        self._profile = profile
        self._operator = operator
        self._questions = ProviderQuestions()
        self.limit = limit

    @property
    def ways(self) -> Ways:
        provider = self._provider
        return Ways(bool(provider), bool(self._profile.requisites), bool(provider and provider.wants_email))

    def payable(self, link: Link) -> bool:
        return self.ways.any and link.pays

    def check(self, kopecks: int) -> int:
        """Raises SumTooSmall, SumTooBig."""
        if kopecks < SMALLEST:
            raise SumTooSmall
        if kopecks > self.limit:
            raise SumTooBig(limit=Decimal(self.limit) / 100)
        return kopecks

    async def earlier(self, link: Link) -> Earlier:
        return await self._earlier(link, await self._disclosures.outstanding(link))

    async def _earlier(self, link: Link, outstanding: int) -> Earlier:
        async with self._store.reading() as unit:
            recent = await unit.orders.of_account(link.account, self._clock.now() - PAGE_LIFE)
        waiting = (one for one in recent if one.user_id == link.user_id and one.url and one.open and not one.dropped)
        own = await self._crediting.own(link) if outstanding else ()
        return Earlier(outstanding, next(waiting, None), tuple(map(self._paid, own)))

    def _paid(self, order: Order) -> Paid:
        zone = self._profile.region_of(order.account).timezone
        return Paid(local_day(order.settled_at or order.created_at, zone), order.kopecks - order.refunded)

    def admit(self, link: Link) -> Link:
        """Raises PayingClosed."""
        if not link.pays:
            raise PayingClosed
        return link

    async def due(self, link: Link) -> Due:
        """Never raises for a supplier that is down: any sum can be paid meanwhile. Raises PayingClosed, AccountGone."""
        self.admit(link)
        bill, outstanding = await self._bill(link)
        return Due(link, bill, await self._earlier(link, outstanding))

    def sums(self, due: Due) -> frozenset[int]:
        """What is due now, with the preliminary charge and without it, as far as it can be paid at once."""
        return frozenset(self._at_once(due, preliminary=preliminary) for preliminary in (True, False))

    def _at_once(self, due: Due, *, preliminary: bool) -> int:
        return min(due.total(preliminary=preliminary), self.limit)

    async def repeatable(self, order: Order, due: Due) -> bool:
        """Whether the sum of a payment that failed is meant still: it is due now, or may be the customer's own choice
        of today, and nothing has been paid for the account since."""
        if order.kopecks in self.sums(due):
            return True
        async with self._store.reading() as unit:
            recent = await unit.orders.of_account(order.account, order.created_at - _RECONCILED)
        heard = (one.learned_at for one in recent if one.status is OrderStatus.PAID)
        if order.kopecks > self.limit or any(at and at >= order.created_at for at in heard):
            return False
        return self._clock.now() - order.created_at < _REPEATABLE

    async def recommended(self, link: Link) -> int | None:
        """Kopecks, with the preliminary charge; None where the customer cannot pay here. 0: any sum."""
        if not self.payable(link):
            return None
        try:
            return self._at_once(await self.due(link), preliminary=True)
        except AccountGone:
            return None

    async def _bill(self, link: Link) -> tuple[Bill | None, int]:
        """The bill, None when the supplier cannot be asked, and outstanding kopecks. Raises AccountGone."""
        try:
            claim = await self._disclosures.bill(link)
        except SupplierUnavailable:
            return None, await self._disclosures.outstanding(link)
        except AccountUnknown:
            raise AccountGone from None
        if claim.bill is None:
            raise AccountGone
        return claim.bill, claim.outstanding

    async def _check_known(self, account: str) -> None:
        """No money is taken for an account that the supplier says it does not have. Raises AccountGone."""
        try:
            found = await self._supplier.find(account)
        except SupplierUnavailable:
            return
        except AccountUnknown:
            found = None
        if found is None:
            raise AccountGone

    async def _still_due(self, link: Link, kopecks: int) -> Due:
        """Raises SumChanged, AccountGone, PayingClosed."""
        due = await self.due(link)
        if kopecks not in self.sums(due):
            raise SumChanged
        return due

    async def code(self, customer: Customer, link_id: str, kopecks: int, *, offered: bool) -> Code:
        """`offered` as in `confirm`. Raises NotYours, PayingClosed, AccountGone, SumTooSmall, SumTooBig, SumChanged;
        NotAllowed where there are no requisites."""
        link, requisites = self.admit(owned(customer, link_id)), self._profile.requisites
        if requisites is None:
            raise NotAllowed
        if offered:
            await self._still_due(link, kopecks)
        else:
            await self._check_known(link.account)
        month = Month.of(self._today(link.account))
        content = payload(requisites, account=link.account, month=month, kopecks=self.check(kopecks))
        return Code(link, kopecks, purpose(requisites, link.account, month), requisites, content)

    async def confirm(
        self,
        customer: Customer,
        link_id: str,
        key: str,
        kopecks: int,
        return_url: str,
        email: str | None,
        *,
        offered: bool = False,
    ) -> Order:
        """The one payment of a confirmation, as far as it has come. `offered`: the sum is no choice of the customer's
        and has to be due. Raises NotYours, PayingClosed, AccountGone, SumTooSmall, SumTooBig, SumChanged."""
        link = owned(customer, link_id)
        async with self._store.reading() as unit:
            order = await unit.orders.get(key)
        if order is None:
            due = await self._still_due(link, kopecks) if offered else None
            if due is None:
                await self._check_known(link.account)
            order = await self._record(customer, link, key, self.check(kopecks), return_url, email, due)
        if order.user_id != customer.user_id:
            raise NotYours
        return await self._begin(order) if order.status is OrderStatus.NEW else order

    async def _record(
        self,
        customer: Customer,
        link: Link,
        key: str,
        kopecks: int,
        return_url: str,
        email: str | None,
        due: Due | None,
    ) -> Order:
        """Money that has come since `due` was worked out changes the sum. Raises NotYours for a link that has ended
        meanwhile."""
        now, today = self._clock.now(), self._today(link.account)
        async with self._store.writing() as unit:
            if order := await unit.orders.get(key):
                return order
            link = self.admit(await present(unit, link))
            if due and await self._crediting.known(unit, link.account) > due.earlier.outstanding:
                raise SumChanged
            recent = await unit.orders.of_account(link.account, now - PAGE_LIFE)
            if sum(one.user_id == link.user_id and one.open for one in recent) >= MOST_OPEN:
                raise TooManyOrders
            number = await unit.orders.next_number(today)
            order = Order(key, number, link.user_id, link.account, kopecks, now)
            order = replace(
                order,
                request=self._provider_or_refuse().request(
                    order, Month.of(today), return_url, email, customer.language
                ),
            )
            await unit.orders.add(order, now + _HOLD)
            await unit.commit()
        return order

    async def _begin(self, order: Order) -> Order:
        try:
            return await self._ask(order, live=True)
        except ProviderUnavailable:
            await self._operator.alert(ProviderUnavailable.told)
            return order

    def _provider_or_refuse(self) -> PaymentProvider:
        if self._provider is None:
            raise ProviderRefused(reason="no provider is configured")
        return self._provider

    async def show_in(self, order: Order, message_id: int) -> None:
        """This message shows the order as given here; it is brought up to date when the order ends."""
        async with self._store.writing() as unit:
            known = await unit.orders.get(order.key) or order
            if order.open and not known.open:  # it has ended while it was being shown
                await self._tell(unit, known, _LEFT[known.status], edits=message_id, mark=str(message_id))
            await unit.orders.show_in(order.key, None if known.status is OrderStatus.PAID else message_id)
            await unit.commit()

    async def get(self, customer: Customer, key: str) -> Order:
        """Raises NotYours unless the customer made it and still has the account."""
        async with self._store.reading() as unit:
            return _own(customer, await unit.orders.get(key))

    async def find(self, customer: Customer, key: str) -> Order | None:
        """The order that a confirmation has led to, if it has."""
        async with self._store.reading() as unit:
            found = await unit.orders.get(key)
        return _own(customer, found) if found else None

    async def refresh(self, customer: Customer, key: str) -> Order:
        """As it stands by the provider's own word now. Raises NotYours, ResultUnknown."""
        order = await self.get(customer, key)
        if not order.open:
            return order
        try:
            return await self._ask(order, live=True)
        except ProviderUnavailable:
            raise ResultUnknown from None

    async def drop(self, customer: Customer, key: str) -> Order:
        """The customer no longer wants to pay. Money that comes all the same is money. Raises NotYours."""
        order = await self.get(customer, key)
        now = self._clock.now()
        if order.open:
            async with self._store.writing() as unit:
                order = await unit.orders.get(key) or order
                order = replace(order, dropped=True)
                if await unit.orders.update(order, OPEN_ORDERS, ask_at=_next(order, now)):
                    await unit.commit()
        return order

    # What the provider says

    async def hint(self, external_id: str, key: str) -> None:
        """A notice says that a payment has changed. Only the provider is believed, and it is asked about our orders
        alone, by the clock where not at once. Raises ProviderUnavailable."""
        order = await self._named(external_id, key)
        if order is None:
            return
        self._questions.note(order.key)
        if self._questions.asked(order.key):
            return  # the question under way sees the note
        try:
            while self._questions.worth(order.key, self._clock.now()) and self._questions.noted(order.key):
                with self._questions.noticed(order):
                    await self._answer_notice(order, external_id)
        except ProviderUnavailable:
            self._questions.note(order.key)
            raise
        finally:
            await self._leave_to_clock(order)

    async def _named(self, external_id: str, key: str) -> Order | None:
        """Our order, by the provider's id or, where its answer to our request was lost, by our key. An order that has
        an id has no other."""
        async with self._store.reading() as unit:
            if order := await unit.orders.of_provider(external_id):
                return order
            order = await unit.orders.get(key)
        return order if order and order.external_id is None else None

    async def _answer_notice(self, order: Order, external_id: str) -> None:
        try:
            async with asyncio.timeout(_WAIT):
                seen = await self._provider_or_refuse().get(external_id)
        except (ProviderUnavailable, TimeoutError):
            self._questions.told(order.key, self._clock.now(), news=False)
            raise ProviderUnavailable from None
        async with self._store.reading() as unit:
            before = await unit.orders.get(order.key) or order
        after = await self._heed(before, seen) if seen else before
        news = (before.status, before.refunded) != (after.status, after.refunded)
        self._questions.told(order.key, self._clock.now(), news=news)

    async def _leave_to_clock(self, order: Order) -> None:
        """A notice that came since the order was last asked about waits for the clock."""
        if self._questions.noted(order.key):
            at = self._questions.rests_until(order.key, self._clock.now())
            async with self._store.writing() as unit:
                if await unit.orders.ask_by(order.key, at):
                    await unit.commit()

    async def watch(self) -> None:
        """Ask about orders whose time has come. Meant to be called again while it waits: the slow ones keep their
        places and no others."""
        if self._provider is None:
            return
        async with self._store.reading() as unit:
            due = await unit.orders.due(self._clock.now(), OF_ONE, 3 * AT_ONCE)
        await asyncio.gather(*map(self._look_after, self._questions.turns(due)))

    async def _look_after(self, order: Order) -> None:
        """One order that nobody can explain must not keep the others waiting: its next time is written down first."""
        if self._questions.asked(order.key):
            return  # by another tick, or because of a notice
        try:
            with self._questions.about(order):
                await self._put_off(order)
                await self._ask(order)
            await self._leave_to_clock(order)
        except (ProviderUnavailable, ResultUnknown):
            return
        except Exception as error:  # noqa: BLE001
            await self._operator.alert(f"payment {order.number}: {type(error).__name__}", error)

    async def _put_off(self, order: Order) -> None:
        async with self._store.writing() as unit:
            known = await unit.orders.get(order.key)
            if known and await unit.orders.update(known, [known.status], ask_at=_again(known, self._clock.now())):
                await unit.commit()

    async def _ask(self, order: Order, *, live: bool = False) -> Order:
        """`live`: somebody waits for what comes of it, and is shown it. Raises ProviderUnavailable."""
        try:
            async with asyncio.timeout(_WAIT if live else _LONGEST):
                seen = await (self._insist(order) if live else self._learn(order))
        except TimeoutError:
            raise ProviderUnavailable from None
        except ProviderRefused as error:
            return await self._refuse(order, error, live=live)
        if seen is None:
            return await self._end(order, NEVER_MADE, live=live)
        return await self._heed(order, seen, live=live)

    async def _insist(self, order: Order) -> Transaction | None:
        """A customer waits: after a bad answer the next try may tell."""
        for pause in _AGAIN:
            try:
                return await self._learn(order)
            except ProviderUnavailable:
                await asyncio.sleep(pause.total_seconds())
        return await self._learn(order)

    async def _learn(self, order: Order) -> Transaction | None:
        """The payment of an order, None when it was never made. Raises ProviderRefused, ProviderUnavailable;
        ResultUnknown when its provider does not know it any more."""
        provider = self._provider_or_refuse()
        if order.external_id:
            if seen := await provider.get(order.external_id):
                return seen
            await self._operator.alert(f"payment {order.number} is unknown to its provider")
            raise ResultUnknown
        if order.request and self._clock.now() < order.created_at + PAGE_LIFE:
            # The same key again is the provider's own way to be asked what became of a request.
            return await provider.create(order)
        async for seen in provider.since(order.created_at - timedelta(minutes=5)):
            if seen.order == order.key:
                return seen
        return None

    async def _refuse(self, order: Order, refusal: ProviderRefused, *, live: bool) -> Order:
        await self._operator.alert(f"payment {order.number} was refused: {refusal.facts.get('reason', '')}")
        return await self._end(order, REFUSED, live=live)

    async def _end(self, order: Order, reason: str, *, live: bool) -> Order:
        """Without a payment at the provider's."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            before = await unit.orders.get(order.key) or order
            ended = replace(before, status=OrderStatus.CANCELED, reason=reason, request={})
            after = replace(ended, settled_at=now, learned_at=now)
            if not await unit.orders.update(after, [OrderStatus.NEW], ask_at=None):
                return before
            await self._report(unit, before, after, live=live)
            await unit.commit()
        return after

    async def _heed(self, order: Order, seen: Transaction, *, live: bool = False) -> Order:
        """Write down what the provider says, if it speaks of this very payment; the order as it stands then."""
        if not _same(order, seen):
            await self._operator.alert(f"payment {order.number} is not what its provider says: left as it is")
            return order
        now = self._clock.now()
        async with self._store.writing() as unit:
            before = await unit.orders.get(order.key) or order
            after = _after(before, seen, now)
            if not await unit.orders.update(after, [before.status], ask_at=_next(after, now)):
                return before
            await self._report(unit, before, after, live=live)
            await unit.commit()
        await self._point_out(before, after)
        return after

    async def _point_out(self, before: Order, after: Order) -> None:
        """Money of a day that may have been exported already."""
        if before.status is after.status or after.status is not OrderStatus.PAID:
            return
        day, today = self._paid(after).day, self._today(after.account)
        if day < today:
            await self._operator.alert(f"payments of {day} became known on {today}: export them anew from that day on")

    async def _report(self, unit: Unit, before: Order, after: Order, *, live: bool) -> None:
        """A success is always a message of its own; the rest only where no conversation shows it."""
        if after.status is not before.status and (after.status is OrderStatus.PAID or not (live or after.dropped)):
            await self._announce(unit, after)
        if after.refunded > before.refunded:
            await unit.orders.refund(after.key, after.refunded - before.refunded, self._clock.now())
            await self._tell(unit, after, "refunded", mark=str(after.refunded))

    async def _announce(self, unit: Unit, order: Order) -> None:
        """In a message of its own, which leads on from now on; the one with the link tells the end. A link that ran out
        is told there alone: it is no news."""
        if order.status is OrderStatus.CANCELED and order.reason == EXPIRED:
            await self._tell(unit, order, "expired", edits=order.shown_in)
            return
        await self._tell(unit, order, _NEWS[order.status])
        if order.shown_in and not order.open:
            await self._tell(unit, order, _LEFT[order.status], edits=order.shown_in)
        await unit.orders.show_in(order.key, None)
        if order.status is OrderStatus.PAID:
            await self._overtake(unit, order)

    async def _overtake(self, unit: Unit, paid: Order) -> None:
        """Links to the same sum that wait still: it is probably due no more."""
        for one in await unit.orders.of_account(paid.account, self._clock.now() - PAGE_LIFE):
            waits = one.open and one.key != paid.key and one.kopecks == paid.kopecks and not one.dropped
            if waits and one.shown_in:
                await self._tell(unit, one, "overtaken", edits=one.shown_in, mark=paid.key)

    async def _tell(
        self, unit: Unit, order: Order, what: str, *, edits: int | None = None, mark: str | None = None
    ) -> None:
        """`mark` tells it apart from the same of before. The order's customer may have been erased meanwhile."""
        if order.user_id is None:
            return
        facts = {
            "order": order.key,
            "number": order.number,
            "tail": order.tail,
            "kopecks": str(order.refunded if what == "refunded" else order.kopecks),
            "reason": order.reason,
            "url": order.url or "",
            "day": self._earlier_day(order),
        }
        key = ":".join(filter(None, ("order", what, order.key, mark)))
        notice = Notice(key, order.user_id, f"order_{what}", facts, urgency=Urgency.ANSWER, edits=edits)
        await unit.notices.tell(notice, self._clock.now())

    def _earlier_day(self, order: Order) -> str:
        """The day of a payment, in ISO 8601; empty for today's and for orders that are not paid."""
        day = self._paid(order).day if order.status is OrderStatus.PAID else None
        return str(day) if day and day != self._today(order.account) else ""

    async def reconcile(self) -> None:
        """Compare with everything that the provider has made lately: nothing paid or given back stays unknown."""
        if self._provider is None:
            return
        strange: list[str] = []
        try:
            async for seen in self._provider.since(self._clock.now() - _RECONCILED):
                if not await self._compare(seen):
                    strange.append(seen.external_id)  # noqa: PERF401  # kept when the list breaks off
        except ProviderUnavailable:
            await self._operator.alert("payments could not be compared with the provider's")
        if strange:
            await self._operator.alert(f"paid at the provider's for orders unknown here: {', '.join(strange[:10])}")

    async def _compare(self, seen: Transaction) -> bool:
        """False for money that came for an order of which nothing is known."""
        try:
            return await self._bring_up_to_date(seen)
        except Exception as error:  # noqa: BLE001  # of one payment, which must not keep the others waiting
            await self._operator.alert(f"payment {seen.external_id}: {type(error).__name__}", error)
            return True

    async def _bring_up_to_date(self, seen: Transaction) -> bool:
        async with self._store.reading() as unit:
            order = await unit.orders.get(seen.order)
        if order is None:
            return not (seen.order and seen.status is OrderStatus.PAID and seen.refunded < seen.kopecks)
        if order.status is not seen.status or order.refunded != seen.refunded:
            await self._heed(order, seen)
        return True

    def _today(self, account: str) -> date:
        return local_day(self._clock.now(), self._profile.region_of(account).timezone)


def _own(customer: Customer, order: Order | None) -> Order:
    linked = order is not None and any(link.account == order.account for link in customer.links)
    if order is None or order.user_id != customer.user_id or not linked:
        raise NotYours
    return order


def _same(order: Order, seen: Transaction) -> bool:
    """Whether the provider speaks of this order: our key, sum and currency, and no other payment's id."""
    return (
        seen.order == order.key
        and order.external_id in (None, seen.external_id)
        and (seen.kopecks, seen.currency) == (order.kopecks, CURRENCY)
    )


def _after(before: Order, seen: Transaction, now: datetime) -> Order:
    """Paid stays paid, and money that comes late is money."""
    after = replace(
        before, external_id=seen.external_id, url=seen.url or before.url, refunded=max(before.refunded, seen.refunded)
    )
    if before.status is OrderStatus.PAID or (not before.open and seen.status is not OrderStatus.PAID):
        return after
    if seen.status is OrderStatus.PENDING:
        return replace(after, status=OrderStatus.PENDING)
    at = _taken_at(before, seen, now)
    return replace(after, status=seen.status, reason=seen.reason, settled_at=at, learned_at=now, request={})


def _taken_at(order: Order, seen: Transaction, now: datetime) -> datetime:
    """The moment of payment by the provider's clock, which may differ from ours: not before the order was made, not in
    the future."""
    if seen.status is not OrderStatus.PAID or seen.captured_at is None:
        return now
    return min(now, max(order.created_at, seen.captured_at))


def _next(order: Order, now: datetime) -> datetime | None:
    """When to ask again; None when there is nothing to learn."""
    return _again(order, now) if order.open else None


def _again(order: Order, now: datetime) -> datetime | None:
    """The older the order, the later; None for one that is too old. Money that came is not given up."""
    if order.status is OrderStatus.PAID:
        return now + _UNANSWERED
    age = now - order.created_at
    return next((now + pause for young, pause in _PAUSES if age < young), None)
