"""Settling: the provider's own word about every order, by its answers, notifications, the clock and a daily comparison.

Everything unclear is asked about, under the order's key; only the provider's answer about this very payment makes it
paid. `states.py` has the moves, `reporting.py` tells of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.payments.errors import ProviderRefused, ProviderUnavailable, ResultUnknown
from services.payments.models import Order, OrderStatus, Transaction
from services.payments.ports import OrderRepository, PaymentProvider
from services.payments.questions import AT_ONCE, OF_ONE, ProviderQuestions
from services.payments.reporting import OrderReports
from services.payments.states import (
    EXPIRED,
    NEVER_MADE,
    PAGE_LIFE,
    REFUSED,
    answered,
    given_up,
    matches,
    next_question,
    question_after,
)
from services.ports import Alerts, Clock, Store
from services.supplier.models import Month
from services.supplier.profile import SupplierProfile

_RECONCILED = timedelta(days=31)  # for so long refunds are found without a notification
_KEPT = _RECONCILED + timedelta(days=1)  # links that ran out, of which money may still turn up
_SKEW = timedelta(minutes=5)  # by which the provider's clock may be behind ours


@dataclass(frozen=True, slots=True)
class ProviderLimits:
    """Time that an answer may take: `live` while a customer or a notification waits, else `background`, for the
    provider gives an answer up after 30 seconds. `retries`: pauses between tries while a customer waits, for the same
    key again is the same payment. `at_once`: orders that the clock asks about at the same time."""

    live: timedelta = timedelta(seconds=10)
    background: timedelta = timedelta(seconds=60)
    retries: tuple[timedelta, ...] = (timedelta(milliseconds=500), timedelta(milliseconds=1500))
    at_once: int = AT_ONCE


class Settlement:
    def __init__(
        self,
        store: Store,
        provider: PaymentProvider | None,
        clock: Clock,
        profile: SupplierProfile,
        alerts: Alerts,
        limits: ProviderLimits,
    ) -> None:
        self._store = store
        self._provider = provider
        self._clock = clock
        self._alerts = alerts
        self._limits = limits
        self._reports = OrderReports(clock, profile)
        self._questions = ProviderQuestions(limits.at_once)

    # Conversations

    def with_request(self, order: Order, month: Month, return_url: str, email: str | None, language: str) -> Order:
        """With the body of every attempt. Raises ProviderRefused where there is no provider."""
        return replace(order, request=self._configured().request(order, month, return_url, email, language))

    async def begin(self, order: Order) -> Order:
        """Ask for a link; an order that gets no answer is left to the clock."""
        try:
            return await self.sync(order, live=True)
        except ProviderUnavailable:
            await self._alerts.send(ProviderUnavailable.told)
            return order

    async def sync(self, order: Order, *, live: bool = False) -> Order:
        """The order by its provider's word now. `live`: a customer waits for it, and is shown it. Raises
        ProviderUnavailable, ResultUnknown."""
        try:
            async with asyncio.timeout((self._limits.live if live else self._limits.background).total_seconds()):
                seen = await (self._fetch_with_retries(order) if live else self._fetch(order))
        except TimeoutError:
            raise ProviderUnavailable from None
        except ProviderRefused as refusal:
            await self._alerts.send(f"payment {order.number} was refused: {refusal.facts.get('reason', '')}")
            return await self._give_up(order, REFUSED, live=live)
        if seen is None:
            return await self._give_up(order, NEVER_MADE, live=live)
        return await self._apply(order, seen, live=live)

    # Notifications

    async def take_notification(self, external_id: str, key: str) -> None:
        """A notification that a payment has changed. Only the provider is believed, and it is asked about our orders
        alone, by the clock where not at once. Raises ProviderUnavailable."""
        order = await self._order_named(external_id, key)
        if order is None:
            return
        self._questions.note_notification(order.key)
        if self._questions.under_way(order.key):
            return  # the question under way sees the note
        try:
            while self._questions.worth_asking(order.key, self._clock.now()) and self._questions.pop_note(order.key):
                with self._questions.asking_on_notification(order):
                    await self._check_notification(order, external_id)
        except ProviderUnavailable:
            self._questions.note_notification(order.key)
            raise
        finally:
            await self._leave_to_clock(order)

    async def _order_named(self, external_id: str, key: str) -> Order | None:
        """Our order, by the provider's id or, where its answer to our request was lost, by our key. An order that has
        an id has no other."""
        async with self._store.reading() as unit:
            if order := await unit.of(OrderRepository).of_provider(external_id):
                return order
            order = await unit.of(OrderRepository).get(key)
        return order if order and order.external_id is None else None

    async def _check_notification(self, order: Order, external_id: str) -> None:
        """Ask whether it was true."""
        try:
            async with asyncio.timeout(self._limits.live.total_seconds()):
                seen = await self._configured().get(external_id)
        except (ProviderUnavailable, TimeoutError):
            self._questions.note_answer(order.key, self._clock.now(), news=False)
            raise ProviderUnavailable from None
        async with self._store.reading() as unit:
            before = await unit.of(OrderRepository).get(order.key) or order
        after = await self._apply(before, seen) if seen else before
        news = (before.status, before.refunded) != (after.status, after.refunded)
        self._questions.note_answer(order.key, self._clock.now(), news=news)

    async def _leave_to_clock(self, order: Order) -> None:
        """A notification that came since the order was last asked about waits for the clock."""
        if self._questions.pop_note(order.key):
            at = self._questions.rests_until(order.key, self._clock.now())
            async with self._store.writing() as unit:
                if await unit.of(OrderRepository).ask_by(order.key, at):
                    await unit.commit()

    # The clock

    async def watch(self) -> None:
        """Ask about orders whose time has come. Meant to be called again while it waits: the slow ones keep their
        places and no others."""
        if self._provider is None:
            return
        async with self._store.reading() as unit:
            due = await unit.of(OrderRepository).due(self._clock.now(), OF_ONE, 3 * self._limits.at_once)
        await asyncio.gather(*map(self._follow_up, self._questions.room_for(due)))

    async def _follow_up(self, order: Order) -> None:
        """An order that cannot be explained must not keep the others waiting: its next time is written down first."""
        if self._questions.under_way(order.key):
            return  # by another tick, or because of a notification
        try:
            with self._questions.asking(order):
                await self._postpone(order)
                await self.sync(order)
            await self._leave_to_clock(order)
        except (ProviderUnavailable, ResultUnknown):
            return
        except Exception as error:  # noqa: BLE001
            await self._alerts.send(f"payment {order.number}: {type(error).__name__}", error)

    async def _postpone(self, order: Order) -> None:
        async with self._store.writing() as unit:
            known = await unit.of(OrderRepository).get(order.key)
            at = question_after(known, self._clock.now()) if known else None
            if known and await unit.of(OrderRepository).update(known, [known.status], ask_at=at):
                await unit.commit()

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
            await self._alerts.send("payments could not be compared with the provider's")
        if strange:
            await self._alerts.send(f"paid at the provider's for orders unknown here: {', '.join(strange[:10])}")

    async def forget(self) -> None:
        """Links that ran out long ago: most were made for a look at the sum."""
        async with self._store.writing() as unit:
            await unit.of(OrderRepository).forget(EXPIRED, self._clock.now() - _KEPT)
            await unit.commit()

    async def _compare(self, seen: Transaction) -> bool:
        """False for money that came for an order of which nothing is known."""
        try:
            async with self._store.reading() as unit:
                order = await unit.of(OrderRepository).get(seen.order)
            if order is None:
                return not (seen.order and seen.status is OrderStatus.PAID and seen.refunded < seen.kopecks)
            if order.status is not seen.status or order.refunded != seen.refunded:
                await self._apply(order, seen)
        except Exception as error:  # noqa: BLE001  # of one payment, which must not keep the others waiting
            await self._alerts.send(f"payment {seen.external_id}: {type(error).__name__}", error)
        return True

    # The provider's answers

    async def _fetch_with_retries(self, order: Order) -> Transaction | None:
        """A customer waits: after a bad answer the next try may tell."""
        for pause in self._limits.retries:
            try:
                return await self._fetch(order)
            except ProviderUnavailable:
                await asyncio.sleep(pause.total_seconds())
        return await self._fetch(order)

    async def _fetch(self, order: Order) -> Transaction | None:
        """The payment of an order, None when it was never made. Raises ProviderRefused, ProviderUnavailable;
        ResultUnknown when its provider does not know it any more."""
        provider = self._configured()
        if order.external_id:
            if seen := await provider.get(order.external_id):
                return seen
            await self._alerts.send(f"payment {order.number} is unknown to its provider")
            raise ResultUnknown
        if order.request and self._clock.now() < order.created_at + PAGE_LIFE:
            return await provider.create(order)  # the same key again asks for the outcome of the first request
        async for seen in provider.since(order.created_at - _SKEW):
            if seen.order == order.key:
                return seen
        return None

    async def _apply(self, order: Order, seen: Transaction, *, live: bool = False) -> Order:
        """Write an answer down if it is about this very payment; the order as it stands then."""
        if matches(order, seen):
            return await self._move(order, lambda known, now: answered(known, seen, now), live=live)
        await self._alerts.send(f"payment {order.number} is not what its provider says: left as it is")
        return order

    async def _give_up(self, order: Order, reason: str, *, live: bool) -> Order:
        """End an order that has no payment at the provider's."""
        return await self._move(order, lambda known, now: given_up(known, reason, now), live=live)

    async def _move(self, order: Order, move: Callable[[Order, datetime], Order], *, live: bool) -> Order:
        """Write a move down and tell of it, in one transaction."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            before = await unit.of(OrderRepository).get(order.key) or order
            after = move(before, now)
            if after is before or not await unit.of(OrderRepository).update(
                after, [before.status], ask_at=next_question(after, now)
            ):
                return before
            await self._reports.changed(unit, before, after, live=live)
            await unit.commit()
        if late := self._reports.late(before, after):
            await self._alerts.send(late)
        return after

    def _configured(self) -> PaymentProvider:
        if self._provider is None:
            raise ProviderRefused(reason="no provider is configured")
        return self._provider
