"""Reminders on their way out: whether there is still a reason for one, and the facts that it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.accounts.models import Link
from services.customers.models import Customer
from services.customers.ports import CustomerRepository
from services.notices.catalog import PaymentDue, ReadingsDue, VerificationDue
from services.notices.policy import quiet_until
from services.payments.due import Due, Dues
from services.ports import Clock, Store
from services.readings.errors import AccountGone, NoReadings
from services.readings.readings import Readings
from services.readings.views import AccountReadings
from services.reminders.calendar import ReadingCalendar, moment_of, reading_step
from services.reminders.models import LATEST, SentReminder
from services.reminders.planning import unwanted
from services.reminders.ports import ReminderRepository
from services.supplier.errors import AccountUnknown
from services.supplier.models import Meter
from services.supplier.periods import WindowState, closes, local_day, pay_by
from services.supplier.ports import Supplier
from services.supplier.profile import Region, SupplierProfile

SOON = timedelta(minutes=30)  # before which a customer who wants to hear later does not


@dataclass(frozen=True, slots=True)
class MissingReadings:
    """Accounts of a customer without readings. `evening`, `tomorrow`: when they can hear of it again."""

    accounts: tuple[AccountReadings, ...]
    evening: datetime | None
    tomorrow: date | None


@dataclass(frozen=True, slots=True)
class EndingMeter:
    link: Link
    meter: Meter


class Reminding:
    """Each question may raise SupplierUnavailable."""

    def __init__(
        self,
        store: Store,
        supplier: Supplier,
        clock: Clock,
        profile: SupplierProfile,
        readings: Readings,
        dues: Dues,
    ) -> None:
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile
        self._readings = readings
        self._dues = dues

    async def missing(self, user_id: int, facts: ReadingsDue) -> MissingReadings | None:
        """None where there is nothing to remind of any more, or the reading days are over."""
        customer = await self._customer(user_id)
        if customer is None:
            return None
        found = [
            account
            for link in customer.links
            if self._is_of(link, facts)
            and unwanted(customer, link, self._today(link)) is None
            and (account := await self._open(link))
        ]
        if not found:
            return None
        link = found[0].link
        return MissingReadings(tuple(found), self.evening(customer, link), self.tomorrow(link))

    def _is_of(self, link: Link, facts: ReadingsDue) -> bool:
        """One that is late comes on the next day, unless that is the last one, which has its own."""
        region, today = self._region(link), self._today(link)
        if ReadingCalendar.of(region.timezone, region.reading_days) != ReadingCalendar(facts.zone, facts.days):
            return False
        return today == facts.day or (not facts.last and facts.day < today < closes(facts.period, region.reading_days))

    async def _open(self, link: Link) -> AccountReadings | None:
        try:
            account = await self._readings.open(link)
        except NoReadings:
            return None
        missing = account.window.state is WindowState.OPEN and not (account.passed or account.final)
        return account if missing else None

    def evening(self, customer: Customer, link: Link) -> datetime | None:
        """Today's last hour in which the customer wants to hear of an account."""
        zone, now = self._region(link).timezone, self._clock.now()
        hours = (moment_of(self._today(link), time(hour), zone) for hour in range(LATEST - 1, 0, -1))
        wanted = (moment for moment in hours if quiet_until(customer.quiet, moment, zone) is None)
        last = next(wanted, None)
        return last if last and last >= now + SOON else None

    def tomorrow(self, link: Link) -> date | None:
        """None on the last reading day, and outside them."""
        days, today = self._region(link).reading_days, self._today(link)
        next_day = today + timedelta(days=1)
        return next_day if reading_step(next_day, days) and reading_step(today, days) else None

    async def note_sent(self, user_id: int, links: Sequence[Link], message_id: int) -> None:
        """Numbers that answer this message are for these accounts."""
        sent = SentReminder(message_id, tuple(link.id for link in links), self._clock.now())
        async with self._store.writing() as unit:
            await unit.of(ReminderRepository).note_sent(user_id, sent)
            await unit.commit()

    async def owed(self, user_id: int, facts: PaymentDue) -> list[Due]:
        """Bills that are still to be paid, while that is in time."""
        customer, last = await self._customer(user_id), pay_by(facts.month)
        links = customer.links if customer else ()
        return [
            due
            for link in links
            if (self._today(link) == last if facts.last else self._today(link) < last)
            and (due := await self._due(link))
            and due.pay_by == last
            and due.by_bill
        ]

    async def _due(self, link: Link) -> Due | None:
        try:
            return await self._dues.offered(link)
        except AccountGone:
            return None

    async def ending(self, user_id: int, facts: VerificationDue) -> list[EndingMeter]:
        """Meters whose verification ends on the day, before it is over."""
        customer = await self._customer(user_id)
        links = [link for link in customer.links if not link.barred] if customer else []
        return [
            EndingMeter(link, meter)
            for link in links
            if self._today(link) <= facts.due
            for meter in await self._meters(link)
            if meter.verification_due == facts.due
        ]

    async def _meters(self, link: Link) -> Sequence[Meter]:
        try:
            metering = await self._supplier.metering(link.access)
        except AccountUnknown:
            return ()
        return () if metering.account.closed else metering.meters

    async def _customer(self, user_id: int) -> Customer | None:
        async with self._store.reading() as unit:
            customer = await unit.of(CustomerRepository).get(user_id)
        return customer if customer and customer.agreed else None

    def _region(self, link: Link) -> Region:
        return self._profile.region_of(link.account)

    def _today(self, link: Link) -> date:
        return local_day(self._clock.now(), self._region(link).timezone)
