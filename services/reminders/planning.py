"""Planning: the reminders that a page of customers is due on a day, each with its moment.

Rows wait in the outbox until then. Whether there is still a reason to remind is asked anew when one is sent
(`reminding.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from services.accounts.models import Link
from services.customers.models import Customer, NotificationKind
from services.notices.catalog import PaymentDue, ReadingsDue, VerificationDue
from services.notices.models import Facts, Notice
from services.reminders.calendar import (
    BEFORE_VERIFICATION,
    Pace,
    ReadingCalendar,
    pay_step,
    reading_step,
    verification_step,
)
from services.reminders.models import Counts, LookResult, Planned, ReminderSettings, Step
from services.supplier.models import Month
from services.supplier.ports import Supplier
from services.supplier.profile import Region, SupplierProfile

_ONE_DAY = 1  # reminders that are not spread over more


class ReminderPlan:
    """Each question may raise SupplierUnavailable."""

    def __init__(self, supplier: Supplier, profile: SupplierProfile, settings: ReminderSettings) -> None:
        self._supplier = supplier
        self._profile = profile
        self._settings = settings

    async def of(self, customers: Sequence[Customer], day: date, pace: Pace, counts: Counts) -> list[Planned]:
        """Reminders of a day; `counts` gets the reasons for and against them."""
        counts.looked += len(customers)
        agreed = [customer for customer in customers if self._agreed(customer, counts)]
        return [
            *await self._readings(agreed, day, pace, counts),
            *await self._payments(agreed, day, pace),
            *await self._verifications(agreed, day, pace),
        ]

    def _agreed(self, customer: Customer, counts: Counts) -> bool:
        if not customer.agreed:
            counts.note_all((self._region(link).name for link in customer.links), LookResult.NO_CONSENT)
        return customer.agreed

    # Readings

    async def _readings(self, customers: Iterable[Customer], day: date, pace: Pace, counts: Counts) -> list[Planned]:
        asked = [(one, link) for one in customers for link in self._to_ask(one, day, counts)]
        if not asked:
            return []
        missing = await self._supplier.without_readings([link.access for _, link in asked], Month.of(day))
        found: defaultdict[tuple[int, ReadingCalendar], list[Link]] = defaultdict(list)
        by_id = {}
        for customer, link in asked:
            region = self._region(link)
            if link.account not in missing:
                counts.note(region.name, LookResult.READ)
            elif self._first_day(customer, region, day, pace) > day:
                counts.note(region.name, LookResult.LATER)
            else:
                by_id[customer.user_id] = customer
                found[customer.user_id, ReadingCalendar.of(region.timezone, region.reading_days)].append(link)
        return [self._reading(by_id[person], links, day, pace) for (person, _), links in found.items()]

    def _to_ask(self, customer: Customer, day: date, counts: Counts) -> Iterator[Link]:
        """Accounts whose readings the customer wants to be reminded of, on one of their reading days."""
        for link in customer.links:
            region = self._region(link)
            if reading_step(day, region.reading_days) is None:
                continue
            if reason := unwanted(customer, link, day):
                counts.note(region.name, reason)
            else:
                yield link

    def _first_day(self, customer: Customer, region: Region, day: date, pace: Pace) -> date:
        if reading_step(day, region.reading_days) is Step.LAST:
            return day
        return pace.first_day(customer.user_id, region.reading_days, Month.of(day), self._settings.at)

    def _reading(self, customer: Customer, links: Sequence[Link], day: date, pace: Pace) -> Planned:
        region, period = self._region(links[0]), Month.of(day)
        step = reading_step(day, region.reading_days) or Step.LAST
        spread = pace.days(region.reading_days, period, self._settings.at) if step is Step.FIRST else _ONE_DAY
        notice = reading_notice(customer.user_id, region, step, day)
        return Planned(notice, self._moment(customer, region, day, pace, spread), region.name)

    # Bills

    async def _payments(self, customers: Sequence[Customer], day: date, pace: Pace) -> list[Planned]:
        told = pay_step(day)
        if told is None:
            return []
        month, step = told
        asked = {
            one.user_id: [link for link in one.links if link.pays]
            for one in customers
            if NotificationKind.PAY_BY not in one.muted
        }
        accesses = [link.access for links in asked.values() for link in links]
        charged = await self._supplier.charged(accesses, month) if accesses else {}
        owing = {number for number, one in charged.items() if one.newest and one.statement.to_pay > 0}
        facts = PaymentDue(month=month, last=step is Step.LAST)
        return [
            self._planned(one, links[0], f"pay_by:{month}:{step}", facts, day, pace)
            for one in customers
            if (links := [link for link in asked.get(one.user_id, []) if link.account in owing])
        ]

    # Meters

    async def _verifications(self, customers: Sequence[Customer], day: date, pace: Pace) -> list[Planned]:
        asked = {
            one.user_id: [link for link in one.links if not link.barred]
            for one in customers
            if NotificationKind.METER_VERIFICATION not in one.muted
        }
        accesses = [link.access for links in asked.values() for link in links]
        last = day + timedelta(days=max(BEFORE_VERIFICATION))
        ending = await self._supplier.verifications(accesses, day, last) if accesses else {}
        return [
            self._planned(
                one, link, f"verification:{due}:{verification_step(day, due)}", VerificationDue(due=due), day, pace
            )
            for one in customers
            for due, link in _first_of_each(asked.get(one.user_id, []), ending).items()
        ]

    def _planned(self, customer: Customer, link: Link, key: str, facts: Facts, day: date, pace: Pace) -> Planned:
        region = self._region(link)
        notice = Notice(f"remind:{key}:{customer.user_id}", customer.user_id, facts)
        return Planned(notice, self._moment(customer, region, day, pace, _ONE_DAY), region.name)

    def _moment(self, customer: Customer, region: Region, day: date, pace: Pace, spread: int) -> datetime:
        at = time(customer.remind_hour) if customer.remind_hour is not None else self._settings.at
        return pace.moment(customer.user_id, day, at, region.timezone, spread)

    def _region(self, link: Link) -> Region:
        return self._profile.region_of(link.account)


def reading_notice(user_id: int, region: Region, step: Step, day: date) -> Notice:
    """`NEXT` and `EVENING` are of a day, the others of the month."""
    place, period = ReadingCalendar.of(region.timezone, region.reading_days), Month.of(day)
    when = f"{step}:{day:%d}" if step in (Step.NEXT, Step.EVENING) else str(step)
    last = reading_step(day, region.reading_days) is Step.LAST
    facts = ReadingsDue(period=period, zone=place.zone, days=place.days, day=day, last=last)
    return Notice(f"remind:readings:{period}:{when}:{place.days}:{place.zone}:{user_id}", user_id, facts)


def unwanted(customer: Customer, link: Link, day: date) -> LookResult | None:
    """The reason not to remind a customer of an account's readings; None where they want it."""
    if NotificationKind.REMINDER in customer.muted or not link.reminded:
        return LookResult.NOT_WANTED
    if link.is_away(day):
        return LookResult.AWAY
    return None if link.submits else LookResult.NOT_ALLOWED


def _first_of_each(links: Iterable[Link], ending: Mapping[str, frozenset[date]]) -> dict[date, Link]:
    """Days on which verifications end, each with the first account that has one."""
    found: dict[date, Link] = {}
    for link in links:
        for due in sorted(ending.get(link.account, frozenset())):
            found.setdefault(due, link)
    return found
