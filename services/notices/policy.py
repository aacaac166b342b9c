"""Notice policy: which notices a customer is told, and when.

The sender asks it when a notice is about to go out, so that rows that wait meanwhile obey the customer's latest wish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.appeals.losses import note_loss
from services.customers.models import Customer, NotificationKind, Quiet
from services.customers.ports import CustomerRepository
from services.notices.models import Channel, Facts, Notice, Urgency
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store, UnitOfWork
from services.supplier.profile import SupplierProfile


class NoticePolicy:
    def __init__(self, store: Store, clock: Clock, profile: SupplierProfile) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile

    async def admitted(self, notices: Sequence[Notice]) -> dict[str, Customer | None]:
        """The keys of those that may go out now, with their customers; None for a chat that is no customer's. One that
        may not is held until the quiet hours end, or dropped."""
        async with self._store.reading() as unit:
            admitted = self._fitting(notices, await self._customers(unit, notices))
        if others := [one for one in notices if one.key not in admitted]:
            async with self._store.writing() as unit:  # the wishes may have changed since
                customers = await self._customers(unit, others)
                admitted |= self._fitting(others, customers)
                for one in others:
                    if one.key not in admitted:
                        await self._put_off(unit, one, customers[one.user_id])
                await unit.commit()
        return admitted

    async def _customers(self, unit: UnitOfWork, notices: Sequence[Notice]) -> Mapping[int, Customer]:
        return await unit.of(CustomerRepository).get_all({one.user_id for one in notices})

    def _fitting(self, notices: Sequence[Notice], customers: Mapping[int, Customer]) -> dict[str, Customer | None]:
        found = ((one, customers.get(one.user_id)) for one in notices)
        return {one.key: customer for one, customer in found if self._fits(one, customer)}

    def _fits(self, notice: Notice, customer: Customer | None) -> bool:
        """A chat that is no customer's, a group for one, has no wishes."""
        return customer is None or not (_is_muted(notice, customer) or self._quiet_until(notice, customer))

    def _quiet_until(self, notice: Notice, customer: Customer) -> datetime | None:
        """The end of the quiet hours that this notice has to wait for. Urgent notices and letters never wait."""
        if notice.urgency is Urgency.ANSWER or notice.channel is Channel.MAIL:
            return None
        return quiet_until(customer.quiet, self._clock.now(), self._profile.zone_of(customer))

    async def _put_off(self, unit: UnitOfWork, notice: Notice, customer: Customer) -> None:
        """One whose quiet hours have ended since it was looked at stays as it is."""
        if _is_muted(notice, customer):
            await unit.of(NoticeRepository).drop(notice.key, self._clock.now())
        elif until := self._quiet_until(notice, customer):
            await unit.of(NoticeRepository).hold(notice.key, until)

    async def tell_instead(self, notice: Notice, instead: Facts | None) -> None:
        """The notice does not come. Its customer is told, unless everything about them was erased meanwhile."""
        if instead is None:
            return
        async with self._store.writing() as unit:
            if await unit.of(CustomerRepository).get(notice.user_id):
                lost = Notice(f"{instead.kind}:{notice.key}", notice.user_id, instead)
                await unit.of(NoticeRepository).tell(lost, self._clock.now())
                await unit.commit()

    async def note_loss(self, notice: Notice) -> None:
        """The notice was given up. Staff see it where it was their answer."""
        async with self._store.writing() as unit:
            await note_loss(unit, notice.facts, self._clock.now())
            await unit.commit()

    async def switch(self, customer: Customer, kind: NotificationKind, *, on: bool) -> None:
        async with self._store.writing() as unit:
            known = await unit.of(CustomerRepository).get(customer.user_id) or customer
            await unit.of(CustomerRepository).mute(
                customer.user_id, known.muted - {kind} if on else known.muted | {kind}
            )
            await unit.of(NoticeRepository).release(customer.user_id, self._clock.now())
            await unit.commit()

    async def set_quiet(self, customer: Customer, quiet: Quiet) -> None:
        async with self._store.writing() as unit:
            await unit.of(CustomerRepository).set_quiet(customer.user_id, quiet)
            await unit.of(NoticeRepository).release(customer.user_id, self._clock.now())
            await unit.commit()


def _is_muted(notice: Notice, customer: Customer) -> bool:
    return notice.facts.switch in customer.muted


def quiet_until(quiet: Quiet, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that it is now, None outside them."""
    local = moment.astimezone(zone)
    if quiet.hours is None:
        return None
    first, end = quiet.hours
    overnight, begun, over = first > end, local.hour >= first, local.hour >= end
    if not (begun or not over if overnight else begun and not over):
        return None
    day = local.date() + timedelta(days=overnight and begun)
    return datetime.combine(day, time(end), zone)
