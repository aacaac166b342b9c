"""Wishes about reminders: the hour, another time today or tomorrow, accounts that need none, empty homes; and the
accounts that an answer to a reminder is for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from services.accounts.models import Link
from services.customers.models import Customer
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store
from services.readings.errors import NoReadings
from services.readings.readings import Readings
from services.reminders.calendar import moment_of, reading_step
from services.reminders.models import OFFERED_HOURS, ReminderSettings, SentReminder, Step
from services.reminders.planning import reading_notice
from services.reminders.ports import ReminderRepository
from services.reminders.reminding import Reminding
from services.reminders.rounds import ReminderRounds
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Month
from services.supplier.periods import local_day
from services.supplier.profile import SupplierProfile

ANSWERED: Final = timedelta(hours=12)  # in which numbers that are typed after a reminder are for its account
AWAY_MONTHS: Final = (1, 2, 3, 6)  # offered, to the first day of a month


class ReminderWishes:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        profile: SupplierProfile,
        settings: ReminderSettings,
        reminding: Reminding,
        rounds: ReminderRounds,
        readings: Readings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._settings = settings
        self._reminding = reminding
        self._rounds = rounds
        self._readings = readings

    def at(self, customer: Customer) -> time:
        """The local time of a customer's reminders."""
        return time(customer.remind_hour) if customer.remind_hour is not None else self._settings.at

    def today(self, customer: Customer) -> date:
        return local_day(self._clock.now(), self._profile.zone_of(customer))

    def _day(self, link: Link) -> date:
        return local_day(self._clock.now(), self._profile.region_of(link.account).timezone)

    def away_days(self, link: Link) -> list[date]:
        """Days that are offered as the end of an absence."""
        month = Month.of(self._day(link))
        return [month.plus(months).first for months in AWAY_MONTHS]

    async def set_hour(self, customer: Customer, hour: int) -> None:
        """Reminders that are planned already move to the hour of their day."""
        if hour not in OFFERED_HOURS:
            return
        zone, now = self._profile.zone_of(customer), self._clock.now()
        async with self._store.writing() as unit:
            await unit.of(ReminderRepository).set_hour(customer.user_id, hour)
            for key, planned in await unit.of(NoticeRepository).planned(customer.user_id, now):
                if key.startswith("remind:") and f":{Step.EVENING}:" not in key:
                    moment = moment_of(planned.astimezone(zone).date(), time(hour), zone)
                    await unit.of(NoticeRepository).plan_anew(key, moment)
            await unit.commit()

    async def remind(self, customer: Customer, link: Link, *, on: bool) -> None:
        async with self._store.writing() as unit:
            await unit.of(ReminderRepository).remind(customer.user_id, link.id, on=on)
            await unit.commit()

    async def set_away(self, customer: Customer, link: Link, until: date | None) -> None:
        """Until that day the account needs no reminders; None: somebody lives there."""
        async with self._store.writing() as unit:
            await unit.of(ReminderRepository).set_away(customer.user_id, link.id, until)
            await unit.commit()

    async def renew(self, customer: Customer) -> None:
        """Have what is due today come, after all."""
        try:
            await self._rounds.renew(customer)
        except SupplierUnavailable:
            return  # the reminder of the last day comes all the same

    async def in_the_evening(self, customer: Customer, link: Link) -> datetime | None:
        """The moment at which the customer hears again today; None: it is too late for that."""
        moment = self._reminding.evening(customer, link)
        if moment and reading_step(self._day(link), self._profile.region_of(link.account).reading_days):
            await self._plan(self._notice(customer, link, Step.EVENING, self._day(link)), moment)
            return moment
        return None

    async def tomorrow(self, customer: Customer, link: Link) -> datetime | None:
        """The same for tomorrow. On the last day the reminder of that day is the one."""
        day, region = self._reminding.tomorrow(link), self._profile.region_of(link.account)
        if day is None:
            return None
        step = Step.LAST if reading_step(day, region.reading_days) is Step.LAST else Step.NEXT
        moment = moment_of(day, self.at(customer), region.timezone)
        await self._plan(self._notice(customer, link, step, day), moment)
        return moment

    def _notice(self, customer: Customer, link: Link, step: Step, day: date) -> Notice:
        return reading_notice(customer.user_id, self._profile.region_of(link.account), step, day)

    async def _plan(self, notice: Notice, moment: datetime) -> None:
        async with self._store.writing() as unit:
            await unit.of(NoticeRepository).plan([(notice, moment.astimezone(UTC))], self._clock.now())
            await unit.commit()

    # Answers

    async def named_by(self, customer: Customer, message_id: int) -> list[Link] | None:
        """Accounts that a reminder names and that are still the customer's; None: the message is no reminder."""
        async with self._store.reading() as unit:
            sent = await unit.of(ReminderRepository).sent(customer.user_id, message_id)
        return _owned(customer, sent) if sent else None

    async def reminded_of(self, customer: Customer) -> Link | None:
        """The account that numbers are for which were typed after a reminder, not as a reply: the only one that it
        names, where its readings are missing and the account in view is another one."""
        async with self._store.reading() as unit:
            sent = await unit.of(ReminderRepository).newest(customer.user_id)
        if sent is None or sent.sent_at < self._clock.now() - ANSWERED:
            return None
        named = _owned(customer, sent)
        if len(named) != 1 or named[0] == customer.current:
            return None
        try:
            account = await self._readings.open(named[0])
        except (NoReadings, SupplierUnavailable):
            return None
        return None if account.passed else named[0]


def _owned(customer: Customer, sent: SentReminder) -> list[Link]:
    return [link for link in customer.links if link.id in sent.links]
