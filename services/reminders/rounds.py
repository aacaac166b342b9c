"""Rounds: once for each local day all customers are looked at, page by page, in the order of their ids.

The rows of a page and the place that was reached are committed together, so that a round goes on after a kill where it
ended. A row that is there already stays as it is: its key names the person, the thing and the period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta

from services.customers.models import Customer
from services.notices.models import Tally
from services.notices.ports import NoticeRepository
from services.pages import PAGE, ROWS, one_page
from services.ports import Alerts, Clock, Store, UnitOfWork
from services.reminders.calendar import Pace, moment_of
from services.reminders.models import Counts, LookResult, Planned, ReminderSettings, Round
from services.reminders.planning import ReminderPlan
from services.reminders.ports import ReminderRepository
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Month
from services.supplier.periods import local_day, opens
from services.supplier.profile import Region, SupplierProfile

BEFOREHAND = range(1, 4)  # days before reading days on which the operator hears that they are too short
KEPT = timedelta(days=60)
COUNTED = timedelta(minutes=10)  # whose reminders are counted together: reads of others wait for no longer

OnProgress = Callable[[int, int], None]  # customers done, and all of them


class ReminderRounds:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        profile: SupplierProfile,
        plan: ReminderPlan,
        settings: ReminderSettings,
        alerts: Alerts,
    ) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._plan = plan
        self._settings = settings
        self._alerts = alerts

    async def run_due(self) -> None:
        """Rounds of the days that it is now somewhere, as far as they are not done."""
        try:
            await self._warn()
            for day in self.days():
                await self.go_on(day)
        except SupplierUnavailable:
            return  # the next tick goes on

    def days(self) -> list[date]:
        """The local days of all regions."""
        now = self._clock.now()
        return sorted({local_day(now, region.timezone) for region in self._regions()})

    def _regions(self) -> Iterator[Region]:
        yield from self._profile.regions
        yield self._profile.elsewhere

    async def go_on(self, day: date) -> None:
        """A round from where it stands. Raises SupplierUnavailable."""
        async with self._store.reading() as unit:
            known = await unit.of(ReminderRepository).round(day)
            state = known or Round(day, await unit.of(ReminderRepository).people())
        if not state.done:
            await self._run(state, Counts())

    async def run(self, day: date, *, dry: bool = False, on_progress: OnProgress = lambda *_: None) -> Counts:
        """All customers anew, whatever was done before. `dry`: nothing is planned, all is counted. Raises
        SupplierUnavailable."""
        counts = Counts()
        async with self._store.reading() as unit:
            state = Round(day, await unit.of(ReminderRepository).people())
        await self._run(state, counts, dry=dry, on_progress=on_progress)
        return counts

    async def _run(
        self, state: Round, counts: Counts, *, dry: bool = False, on_progress: OnProgress = lambda *_: None
    ) -> None:
        pace = Pace(state.people, self._settings.rate)
        while not state.done:
            async with one_page():
                page = await self._page(state)
                planned = await self._plan.of(page, state.day, pace, counts)
                state = await self._take(state, page, planned, counts, dry=dry)
            on_progress(state.looked, max(state.people, state.looked))

    async def _page(self, state: Round) -> Sequence[Customer]:
        async with self._store.reading() as unit:
            return await unit.of(ReminderRepository).page(state.after, PAGE)

    async def _take(
        self, state: Round, page: Sequence[Customer], planned: Sequence[Planned], counts: Counts, *, dry: bool
    ) -> Round:
        now = self._clock.now()
        async with self._store.reading() if dry else self._store.writing(durable=False) as unit:
            new = await _new(unit, planned, counts)
            state = replace(
                state,
                after=page[-1].user_id if page else state.after,
                looked=state.looked + len(page),
                planned=state.planned + len(new),
                done=len(page) < PAGE,
            )
            if not dry:
                if new:
                    await unit.of(NoticeRepository).plan([(one.notice, one.moment) for one in new], now)
                await unit.of(ReminderRepository).keep(state, now)
                await unit.commit()
        return state

    async def renew(self, customer: Customer) -> None:
        """Plan the reminders of a customer whom rounds have passed: they are back, or want them again. The round of
        their tomorrow may be over, where it is tomorrow in another region. Raises SupplierUnavailable."""
        pace, now = Pace(1, self._settings.rate), self._clock.now()
        today = [local_day(now, self._profile.region_of(link.account).timezone) for link in customer.links]
        for day in [day for day in self.days() if day >= min(today, default=day)]:
            async with self._store.reading() as unit:
                state = await unit.of(ReminderRepository).round(day)
            if state is None or not (state.done or state.after >= customer.user_id):
                continue
            planned = await self._plan.of([customer], day, pace, Counts())
            async with self._store.writing() as unit:
                if planned:
                    await unit.of(NoticeRepository).plan([(one.notice, one.moment) for one in planned], now)
                await unit.commit()

    async def tally(self) -> Tally:
        """Reminders of today, by the clock of the company."""
        now, zone = self._clock.now(), self._profile.elsewhere.timezone
        today = local_day(now, zone)
        moment, end = (moment_of(day, time(), zone) for day in (today, today + timedelta(days=1)))
        tally = Tally()
        while moment < end:
            async with self._store.reading() as unit:
                tally += await unit.of(ReminderRepository).tally(moment, moment + COUNTED, now - timedelta(minutes=1))
            moment += COUNTED
        return tally

    async def _warn(self) -> None:
        """Tell the operator before reading days that are too short for all customers, once a month."""
        for period in sorted({period for region in self._regions() if (period := self._ahead(region))}):
            async with self._store.writing() as unit:
                new = await unit.of(ReminderRepository).warn(period, self._clock.now())
                await unit.commit()
            if not new:
                continue
            async with self._store.reading() as unit:
                pace = Pace(await unit.of(ReminderRepository).people(), self._settings.rate)
            for words in sorted({self._warning(region, period, pace) for region in self._regions()} - {""}):
                await self._alerts.send(words)

    def _ahead(self, region: Region) -> Month | None:
        """The month whose reading days begin soon."""
        today = local_day(self._clock.now(), region.timezone)
        coming = (today + timedelta(days=days) for days in BEFOREHAND)
        return next((Month.of(day) for day in coming if day == opens(Month.of(day), region.reading_days)), None)

    def _warning(self, region: Region, period: Month, pace: Pace) -> str:
        days = pace.days(region.reading_days, period, self._settings.at)
        fits = pace.fits(region.reading_days, period, self._settings.at)
        if fits and days == 1:
            return ""
        hours = pace.needed / timedelta(hours=1)
        words = f"reminders of {period}: {pace.people} people take {hours:.0f} hours at {pace.rate:g} a second"
        if fits:
            return f"{words}; they are spread over {days} days"
        return f"{words}, more than the reading days have: some will hear nothing (see PAID_BROADCAST)"

    async def forget(self) -> None:
        """Rounds, warnings and messages that nothing refers to any more."""
        before, some_left = self._clock.now() - KEPT, True
        while some_left:
            async with one_page(), self._store.writing() as unit:
                some_left = await unit.of(ReminderRepository).forget(before, ROWS)
                await unit.commit()


async def _new(unit: UnitOfWork, planned: Sequence[Planned], counts: Counts) -> list[Planned]:
    """Those that are not in the outbox yet."""
    known = await unit.of(NoticeRepository).known([one.notice.key for one in planned]) if planned else frozenset()
    new = [one for one in planned if one.notice.key not in known]
    counts.planned += len(new)
    for one in planned:
        counts.note(one.region, LookResult.KNOWN if one.notice.key in known else LookResult.REMINDED)
    return new
