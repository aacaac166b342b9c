"""Submitting: what the customer has seen in the preview and confirmed, in place of earlier readings of the period."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.accounts.accounts import present
from services.accounts.models import Link
from services.accounts.ports import ProofRepository, ShareRepository
from services.customers.models import Customer
from services.notices.catalog import ReadingsReplaced, Values
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store, UnitOfWork
from services.readings.errors import (
    AlreadySubmitted,
    ClosedByOwner,
    OwnerSubmits,
    OwnerSubmitted,
    PeriodClosed,
    PeriodOver,
)
from services.readings.handing_over import HandingOver
from services.readings.history import UNCOUNTED, ReadingHistory, own
from services.readings.models import MeterForm, Submission, SubmissionStatus
from services.readings.ports import SubmissionRepository
from services.readings.readings import Readings
from services.readings.steps import Seen, ShowPreview, Step
from services.readings.views import too_late
from services.supplier.errors import SupplierUnavailable
from services.supplier.periods import Window, is_open, window
from services.supplier.profile import SupplierProfile


class Submitting:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        profile: SupplierProfile,
        readings: Readings,
        history: ReadingHistory,
        handing_over: HandingOver,
    ) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._readings = readings
        self._history = history
        self._handing_over = handing_over

    async def confirm(self, customer: Customer, link: Link, form: MeterForm, key: str, seen: Seen) -> Submission | Step:
        """The submission of a form, or what is to be asked instead of its preview. With the supplier down, the preview
        that was seen is what counts. Raises what `Readings` and `submit` raise."""
        if known := await self._history.find(customer, key):
            # It is there already where the process ended before it handed it over, or before it said so.
            return await self._handing_over.deliver(known) if known.pending else known
        try:
            step = await self._readings.go_on(link, form)
        except SupplierUnavailable:
            if not seen.lines:
                raise
        else:
            if not isinstance(step, ShowPreview):
                return step
            seen = replace(seen, lines=step.preview.lines, cost=step.preview.cost)
        return await self.submit(customer, link, form.meter, key, seen)

    async def submit(self, customer: Customer, link: Link, meter: str, key: str, seen: Seen) -> Submission:
        """Keep what the customer saw in the preview, then hand it to the supplier, who may be down meanwhile.
        The same `key` again gives the same submission. Raises PeriodOver, ReadingsStand, ClosedByOwner, NotYours."""
        async with self._store.writing() as unit:
            if known := await unit.of(SubmissionRepository).get(key):
                return own(customer, known)
            link = await present(unit, link)
            if not link.submits:
                raise OwnerSubmits if link.sees else ClosedByOwner
            submission = await self._record(unit, link, meter, key, seen)
            await unit.commit()
        return await self._handing_over.deliver(submission)

    async def _record(self, unit: UnitOfWork, link: Link, meter: str, key: str, seen: Seen) -> Submission:
        region, now = self._profile.region_of(link.account), self._clock.now()
        present = window(now, region.timezone, region.reading_days)
        if seen.period not in (None, present.period):
            raise PeriodOver
        earlier = await _replace_earlier(unit, link, meter, present, now)
        submission = Submission(
            key=key,
            number=await unit.of(SubmissionRepository).next_number(present.today),
            user_id=link.user_id,
            account=link.account,
            meter=meter,
            period=present.period,
            day=present.today,
            submitted_at=now,
            values=seen.lines,
            replaces=earlier.key if earlier else None,
            cost=seen.cost,
            trust=link.trust,
        )
        await unit.of(SubmissionRepository).add(submission)
        if earlier:
            await _tell_replaced(unit, earlier, submission)
        return submission

    async def correct(self, customer: Customer, key: str) -> Step:
        """The meter of a submission, to be read anew. Raises PeriodClosed, NotYours and what `Readings` raises."""
        submission = await self._history.get(customer, key)
        link = next(link for link in customer.links if link.account == submission.account)
        region = self._profile.region_of(link.account)
        if not is_open(submission.period, self._clock.now(), region.timezone, region.reading_days):
            raise PeriodClosed
        return await self._readings.go_on(link, MeterForm(submission.meter))


async def _replace_earlier(
    unit: UnitOfWork, link: Link, meter: str, present: Window, at: datetime
) -> Submission | None:
    """The meter's earlier submission of the period, which ends with this, None without one. Raises ReadingsStand."""
    active = await unit.of(SubmissionRepository).active(link.account, present.period)
    earlier = next((one for one in active if one.meter == meter), None)
    if earlier and earlier.outranks(link):
        raise (OwnerSubmitted if link.sees else AlreadySubmitted)(day=earlier.day)
    if earlier and not await unit.of(SubmissionRepository).set_status(
        earlier.key, SubmissionStatus.REPLACED, UNCOUNTED, at
    ):
        raise too_late(present)
    return earlier


async def _tell_replaced(unit: UnitOfWork, earlier: Submission, by: Submission) -> None:
    """The earlier submitter hears of it at once, unless they did it; with values, if these are for them."""
    member = await _member(unit, earlier)
    if member is None or earlier.user_id in (None, by.user_id):
        return
    facts = ReadingsReplaced(
        number=earlier.number,
        tail=member.tail,
        was=_said(earlier) if member.sees else None,
        now=_said(by) if member.sees else None,
        submission=earlier.key if member.submits and not by.outranks(member) else None,
    )
    await unit.of(NoticeRepository).tell(Notice(f"replaced:{by.key}", member.user_id, facts), by.submitted_at)


async def _member(unit: UnitOfWork, submission: Submission) -> Link | None:
    """The submitter's link, None when they have the account no more."""
    members = await unit.of(ShareRepository).members(submission.account)
    found = next((link for link in members if link.user_id == submission.user_id), None)
    return replace(found, control=await unit.of(ProofRepository).control(found.account)) if found else None


def _said(submission: Submission) -> Values:
    return tuple((line.zone, line.value) for line in submission.values)
