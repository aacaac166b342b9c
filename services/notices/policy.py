"""What is told to a customer unasked, and when: the only place that knows.

It is asked when a notice is about to go out, so that what waits meanwhile obeys the customer's latest wish.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.customers.models import Customer, Quiet, Topic
from services.notices.models import Notice, Urgency
from services.ports import Clock, Store, Unit
from services.supplier.profile import SupplierProfile


class Telling:
    def __init__(self, store: Store, clock: Clock, profile: SupplierProfile) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile

    async def admits(self, notice: Notice) -> bool:
        """Whether the notice may go out now. One that may not is held until the quiet hours end, or dropped."""
        async with self._store.reading() as unit:
            if self._fits(notice, await unit.customers.get(notice.user_id)):
                return True
        async with self._store.writing() as unit:  # the wish may have changed since
            customer = await unit.customers.get(notice.user_id)
            if customer is None or self._fits(notice, customer):
                return True
            await self._put_off(unit, notice, customer)
            await unit.commit()
        return False

    def _fits(self, notice: Notice, customer: Customer | None) -> bool:
        """Who is no customer, a group for one, has no wishes."""
        return customer is None or not (notice.kind in customer.muted or self._quiet_until(notice, customer))

    def _quiet_until(self, notice: Notice, customer: Customer) -> datetime | None:
        """When the quiet hours end that this notice has to wait for. What is urgent never waits."""
        if notice.urgency is Urgency.ANSWER:
            return None
        return quiet_until(customer.quiet, self._clock.now(), self._profile.zone_of(customer))

    async def _put_off(self, unit: Unit, notice: Notice, customer: Customer) -> None:
        until = self._quiet_until(notice, customer)
        if notice.kind in customer.muted or until is None:
            await unit.notices.drop(notice.key, self._clock.now())
        else:
            await unit.notices.hold(notice.key, until)

    async def switch(self, customer: Customer, topic: Topic, *, on: bool) -> None:
        async with self._store.writing() as unit:
            known = await unit.customers.get(customer.user_id) or customer
            await unit.customers.mute(customer.user_id, known.muted - {topic} if on else known.muted | {topic})
            await unit.notices.release(customer.user_id, self._clock.now())
            await unit.commit()

    async def set_quiet(self, customer: Customer, quiet: Quiet) -> None:
        async with self._store.writing() as unit:
            await unit.customers.set_quiet(customer.user_id, quiet)
            await unit.notices.release(customer.user_id, self._clock.now())
            await unit.commit()


def quiet_until(quiet: Quiet, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that it is now, None outside them."""
    local = moment.astimezone(zone)
    if quiet.hours is None:
        return None
    first, end = quiet.hours
    if end <= local.hour < first:
        return None
    day = local.date() + timedelta(days=local.hour >= first)
    return datetime.combine(day, time(end), zone)
