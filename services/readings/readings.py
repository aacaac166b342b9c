"""Taking readings: a message with numbers, or a press, is answered with what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from services.accounts.models import Link
from services.errors import InputError
from services.ports import Clock, Store
from services.readings.errors import AccountClosed, AccountGone, ClosedByOwner, NoMeters, OwnerSubmits
from services.readings.models import MeterForm, Remark
from services.readings.plausibility import REMARKS, Doubt, Way
from services.readings.ports import SubmissionRepository
from services.readings.recount import Recount
from services.readings.steps import AskDoubt, AskMeter, AskZones, Preview, ShowPreview, Step, UnreadableNumbers
from services.readings.views import AccountReadings, MeterView, view_of
from services.supplier import preliminary
from services.supplier.errors import AccountUnknown
from services.supplier.models import Zone
from services.supplier.periods import local_day, window
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile


class Readings:
    """Each question about a meter may raise NoReadings, ReadingsStand, MeterGone, SupplierUnavailable."""

    def __init__(
        self, store: Store, supplier: Supplier, clock: Clock, profile: SupplierProfile, recount: Recount
    ) -> None:
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile
        self._recount = recount

    def today(self, link: Link) -> date:
        """The account's local day."""
        return local_day(self._clock.now(), self._profile.region_of(link.account).timezone)

    async def open(self, link: Link) -> AccountReadings:
        """The account's meters as they stand. Raises NoReadings, SupplierUnavailable."""
        if not link.submits:
            raise OwnerSubmits if link.sees else ClosedByOwner
        try:
            metering = await self._supplier.metering(link.access)
        except AccountUnknown:
            raise AccountGone from None
        if metering.account.closed:
            raise AccountClosed
        if not metering.meters:
            raise NoMeters
        region = self._profile.region_of(link.account)
        now = window(self._clock.now(), region.timezone, region.reading_days)
        async with self._store.reading() as unit:
            active = await unit.of(SubmissionRepository).active(link.account, now.period)
        known = await self._recount.of(link, active)
        views = tuple(view_of(meter, now, region, known) for meter in metering.meters)
        return AccountReadings(link, metering.account, region, now, views)

    async def take(
        self, link: Link, forms: Iterable[MeterForm], text: str | None, meter: str | None = None
    ) -> AskMeter | Step | UnreadableNumbers:
        """The step after a message. `forms`: those that may be gone on with; `text`: the words that are still to be
        read; `meter`: the one that is asked about."""
        account = await self.open(link)
        if meter is None and len(account.meters) > 1:
            return AskMeter(account)
        view = account.view(meter) if meter else account.meters[0]
        return await self.turn_to(account, view, forms, text)

    async def turn_to(
        self, account: AccountReadings, view: MeterView, forms: Iterable[MeterForm], text: str | None
    ) -> Step | UnreadableNumbers:
        """The like for a meter that was picked."""
        account.admit(view)
        left = next((form for form in forms if form.meter == view.meter.number), MeterForm(view.meter.number))
        form = left.emptied() if left.outlived(view.today) else left
        if not text or not form.fits(view.meter):
            return await self._step(account, view, form)
        try:
            told = view.read(form, text)
        except InputError as error:
            return UnreadableNumbers(account, view, form, error)
        return await self._step(account, view, told)

    async def go_on(self, link: Link, form: MeterForm) -> Step:
        """Where a form stands by now."""
        return await self._step(*await self.look(link, form), form)

    async def keep_unchanged(self, link: Link, form: MeterForm) -> Step:
        """The meter still shows the previous values."""
        account, view = await self.look(link, form)
        if same := view.unchanged:
            remarks = dict.fromkeys(same, Remark.CERTAIN)
            form = replace(form, values=same, remarks=remarks, day=view.today)
        return await self._step(account, view, form)

    async def explain(self, link: Link, form: MeterForm, zone: Zone, value: int, way: Way) -> Step:
        """An answer to the doubt about a value; one that was given before stands as it was."""
        account, view = await self.look(link, form)
        question = view.question(form)
        if question and question.offers(zone, value, way):
            form = _answered(view, form, question.doubt, way)
        return await self._step(account, view, form)

    async def look(self, link: Link, form: MeterForm) -> tuple[AccountReadings, MeterView]:
        """A form's account and meter as they are now."""
        account = await self.open(link)
        view = account.view(form.meter)
        account.admit(view)
        return account, view

    async def _step(self, account: AccountReadings, view: MeterView, form: MeterForm) -> Step:
        changed = not form.fits(view.meter)
        form = form.emptied() if changed else form
        if question := view.question(form):
            return AskDoubt(account, view, form, question)
        if view.missing(form):
            return AskZones(account, view, form, changed)
        return ShowPreview(account, view, form, await self._preview(account, view, form))

    async def _preview(self, account: AccountReadings, view: MeterView, form: MeterForm) -> Preview:
        """Consumption and cost of values of all zones."""
        lines = preliminary.lines(view.meter, form.values, form.remarks, view.today)
        tariff = await self._supplier.tariff(account.link.access, account.window.today)
        days = account.region.reading_days
        usage = preliminary.by_readings(view.meter, lines, account.window.period, days, view.today)
        estimate = preliminary.priced(usage, tariff, account.used_beside(view))
        return Preview(lines, estimate, view.submission, account.window)


def _answered(view: MeterView, form: MeterForm, doubt: Doubt, way: Way) -> MeterForm:
    if way is Way.FIX:
        return replace(form, values={zone: value for zone, value in form.values.items() if zone is not doubt.zone})
    if way is Way.SWAPPED:
        return replace(form, values=view.swapped(doubt, form))
    return replace(form, remarks={**form.remarks, doubt.zone: REMARKS[way]})
