"""Taking readings: from what a customer typed to a submission that the supplier has accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.accounts.accounts import present
from services.accounts.models import Link
from services.customers.models import Customer
from services.errors import NotYours
from services.notices.catalog import ReadingsAccepted, ReadingsRefused, ReadingsReplaced, SheetLetter, Values
from services.notices.letters import post
from services.notices.models import Notice
from services.ports import Alerts, Clock, Store, Unit
from services.readings import numbers, plausibility
from services.readings.errors import (
    AccountClosed,
    AccountGone,
    AlreadyCounted,
    AlreadySubmitted,
    ClosedByOwner,
    MeterGone,
    NoMeters,
    NoReadings,
    PeriodClosed,
    PeriodOver,
)
from services.readings.models import PENDING, Remark, Submission, SubmissionStatus, Submitted
from services.readings.plausibility import Doubt, Way
from services.supplier import preliminary
from services.supplier.errors import AccountUnknown, SupplierRefused, SupplierUnavailable
from services.supplier.models import Account, Meter, Month, Reading, Zone
from services.supplier.periods import Window, is_open, local_day, window
from services.supplier.ports import Supplier
from services.supplier.pricing import Estimate
from services.supplier.profile import Region, SupplierProfile

_UNCOUNTED = (*PENDING, SubmissionStatus.ACCEPTED)
_SETTLED = {SubmissionStatus.ACCEPTED: ReadingsAccepted, SubmissionStatus.REFUSED: ReadingsRefused}
_PATIENCE = timedelta(minutes=1)
_ENOUGH = 3  # submissions in vain before the supplier counts as away


@dataclass(frozen=True, slots=True)
class Question:
    doubt: Doubt
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class MeterView:
    """A meter with what was last settled. `previous` holds the newest reading of each zone before the present
    period's own; `submission` is the one of the period, `passed` tells whether the period has readings at all,
    `counted` whether billing has used them."""

    meter: Meter
    previous: Mapping[Zone, Reading]
    submission: Submission | None
    passed: bool
    counted: bool
    today: date

    @property
    def final(self) -> bool:
        """Billing has used what was submitted: nothing replaces it in this period."""
        return self.submission is not None and self.submission.status is SubmissionStatus.COUNTED

    @property
    def unverified_since(self) -> date | None:
        """The day on which the meter's verification ran out, None while it holds."""
        due = self.meter.verification_due
        return due if due and due < self.today else None

    @property
    def unchanged(self) -> Mapping[Zone, int] | None:
        """The previous values as new ones, None where a zone has none."""
        values = {zone: reading.value for zone, reading in self.previous.items()}
        return values if values.keys() == set(self.meter.zones) else None

    def read(self, text: str, missing: Sequence[Zone] = ()) -> tuple[Mapping[Zone, int], bool]:
        """Values in a message and whether decimals were cut off. Raises InputError."""
        typed = numbers.readings(text, self.meter.scheme, missing, self.meter.number)
        return plausibility.only_plausible(self.meter, typed, self.today), typed.fraction_cut

    def question(self, values: Mapping[Zone, int], remarks: Mapping[Zone, Remark]) -> Question | None:
        """The first doubt that the customer has not answered yet, or has answered when it was another one."""
        for doubt in plausibility.doubts(self.meter, values, self.today):
            ways = plausibility.ways(doubt, self.meter, values, self.today)
            if remarks.get(doubt.zone) not in plausibility.answers(ways):
                return Question(doubt, ways)
        return None

    def exchanged(self, doubt: Doubt, values: Mapping[Zone, int]) -> Mapping[Zone, int]:
        """`values` with the doubtful zone and another swapped, as they are where that explains nothing."""
        return plausibility.swapped(doubt, self.meter, values, self.today) or values


@dataclass(frozen=True, slots=True)
class Round:
    """All meters of an account in the present period."""

    link: Link
    account: Account
    region: Region
    window: Window
    meters: tuple[MeterView, ...]

    @property
    def passed(self) -> bool:
        return bool(self.meters) and all(view.passed for view in self.meters)

    @property
    def counted(self) -> bool:
        return bool(self.meters) and all(view.counted for view in self.meters)

    @property
    def final(self) -> bool:
        """There is nothing more that this customer may submit in the period."""
        return bool(self.meters) and all(view.final or self._outranked(view) for view in self.meters)

    def _outranked(self, view: MeterView) -> bool:
        return view.submission is not None and view.submission.outranks(self.link)

    def shows(self, submission: Submission) -> bool:
        """Whether its values are for the one who looks: their own, or they see everything about the account."""
        return self.link.sees or submission.user_id == self.link.user_id

    def admit(self, view: MeterView) -> None:
        """Raises ReadingsStand for a meter whose readings of the period are not this customer's to replace."""
        if view.final:
            raise _too_late(self.window)
        if view.submission and self._outranked(view):
            raise AlreadySubmitted(day=view.submission.day)

    def view(self, meter: str) -> MeterView:
        """Raises MeterGone when the account has no such meter (any more)."""
        for view in self.meters:
            if view.meter.number == meter:
                return view
        raise MeterGone


@dataclass(frozen=True, slots=True)
class Preview:
    """What will be submitted. `estimate` is None where no price is known or the volume cannot be told."""

    lines: tuple[Submitted, ...]
    estimate: Estimate | None
    replaces: Submission | None
    window: Window

    @property
    def cost(self) -> int | None:
        """Kopecks."""
        return self.estimate.total if self.estimate else None


@dataclass(frozen=True, slots=True)
class Seen:
    """Lines of the preview that the customer confirms, their `cost` in kopecks, and the preview's month, None where it
    was not noted."""

    lines: tuple[Submitted, ...]
    cost: int | None
    period: Month | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A submission with what may still be done. `remaining`: other meters of the account without readings yet."""

    submission: Submission
    link: Link
    region: Region
    window: Window
    correctable: bool
    remaining: tuple[Meter, ...]
    mailable: bool


class Readings:
    def __init__(
        self,
        store: Store,
        supplier: Supplier,
        clock: Clock,
        profile: SupplierProfile,
        alerts: Alerts,
        *,
        mails: bool,
    ) -> None:
        """`mails`: letters can be sent."""
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile
        self._alerts = alerts
        self._mails = mails
        self._puzzling: set[str] = set()

    def today(self, link: Link) -> date:
        """The account's local day."""
        return local_day(self._clock.now(), self._profile.region_of(link.account).timezone)

    async def open(self, link: Link) -> Round:
        """The account's meters as they stand. Raises NoReadings, SupplierUnavailable."""
        if not link.submits:
            raise ClosedByOwner
        region, now = self._profile.region_of(link.account), self._window(link)
        try:
            metering = await self._supplier.metering(link.access)
        except AccountUnknown:
            raise AccountGone from None
        if metering.account.closed:
            raise AccountClosed
        if not metering.meters:
            raise NoMeters
        async with self._store.reading() as unit:
            active = await unit.submissions.active(link.account, now.period)
        known = await self._recount(link, active)
        views = tuple(_view(meter, now, region, known) for meter in metering.meters)
        return Round(link, metering.account, region, now, views)

    async def preview(
        self, taken: Round, meter: str, values: Mapping[Zone, int], remarks: Mapping[Zone, Remark]
    ) -> Preview:
        """Consumption and cost of values of all zones."""
        view = taken.view(meter)
        lines = preliminary.lines(view.meter, values, remarks, view.today)
        return Preview(lines, await self._estimate(taken, view, lines), view.submission, taken.window)

    async def _estimate(self, taken: Round, view: MeterView, lines: tuple[Submitted, ...]) -> Estimate | None:
        tariff = await self._supplier.tariff(taken.link.access, taken.window.today)
        days = taken.region.reading_days
        usage = preliminary.by_readings(view.meter, lines, taken.window.period, days, view.today)
        return preliminary.priced(usage, tariff, _used(taken, view))

    async def submit(self, customer: Customer, link: Link, meter: str, key: str, seen: Seen) -> Submission:
        """Keep what the customer saw in the preview, then hand it to the supplier, who may be down meanwhile.
        The same `key` again gives the same submission. Raises PeriodOver, ReadingsStand, ClosedByOwner, NotYours."""
        async with self._store.writing() as unit:
            if known := await unit.submissions.get(key):
                return _own(customer, known)
            link = await present(unit, link)
            if not link.submits:
                raise ClosedByOwner
            submission = await self._record(unit, link, meter, key, seen)
            await unit.commit()
        return await self.deliver(submission)

    async def _record(self, unit: Unit, link: Link, meter: str, key: str, seen: Seen) -> Submission:
        now, present = self._clock.now(), self._window(link)
        if seen.period not in (None, present.period):
            raise PeriodOver
        earlier = await _replace_earlier(unit, link, meter, present, now)
        submission = Submission(
            key=key,
            number=await unit.submissions.next_number(present.today),
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
        await unit.submissions.add(submission)
        if earlier:
            await self._tell_replaced(unit, earlier, submission)
        return submission

    async def _tell_replaced(self, unit: Unit, earlier: Submission, by: Submission) -> None:
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
        await unit.notices.tell(Notice(f"replaced:{by.key}", member.user_id, facts), by.submitted_at)

    def _window(self, link: Link) -> Window:
        region = self._profile.region_of(link.account)
        return window(self._clock.now(), region.timezone, region.reading_days)

    async def deliver(self, submission: Submission) -> Submission:
        """Hand a kept submission to the supplier; what cannot be handed over now is queued."""
        try:
            await self._supplier.submit(submission)
        except SupplierUnavailable as error:
            await self._alerts.send(error.told)
            return await self._settle(submission, SubmissionStatus.QUEUED)
        except SupplierRefused as error:
            await self._report(submission, error)
            return await self._settle(submission, SubmissionStatus.REFUSED)
        return await self._settle(submission, SubmissionStatus.ACCEPTED)

    async def _report(self, submission: Submission, refusal: SupplierRefused) -> None:
        """The customer is told that somebody looks into it."""
        await self._alerts.send(f"readings {submission.number} were refused: {refusal.facts.get('reason', '')}")

    async def _settle(self, submission: Submission, status: SubmissionStatus, *, tell: bool = False) -> Submission:
        """The submission as it stands then: what has been settled already stays as it is."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            if not await unit.submissions.set_status(submission.key, status, PENDING, now):
                return await unit.submissions.get(submission.key) or submission
            if status is SubmissionStatus.REFUSED and submission.replaces:
                await self._reinstate(unit, submission.replaces)
            if tell:
                await self._tell(unit, submission.key, status)
            await unit.commit()
        return replace(submission, status=status)

    async def _tell(self, unit: Unit, key: str, status: SubmissionStatus) -> None:
        """Its customer may have been erased while the supplier was asked."""
        settled = await unit.submissions.get(key)
        if settled and settled.user_id is not None:
            facts = _SETTLED[status](number=settled.number)
            await unit.notices.tell(Notice(f"{status}:{key}", settled.user_id, facts), self._clock.now())

    async def _reinstate(self, unit: Unit, key: str) -> None:
        """A correction that the supplier refuses leaves the earlier readings in force; they are handed over anew."""
        replaced = (SubmissionStatus.REPLACED,)
        await unit.submissions.set_status(key, SubmissionStatus.QUEUED, replaced, self._clock.now())

    async def deliver_waiting(self) -> None:
        """Hand over what had to wait, and tell its customers how it went."""
        now = self._clock.now()
        async with self._store.reading() as unit:
            waiting = await unit.submissions.waiting(now - _PATIENCE, now, limit=100)
        in_vain = 0
        for submission in waiting:
            in_vain += not await self._deliver_late(submission)
            if in_vain >= _ENOUGH:
                return  # the supplier is away: the next tick asks again

    async def _deliver_late(self, submission: Submission) -> bool:
        """False when the supplier could not be asked."""
        try:
            await self._supplier.submit(submission)
        except SupplierUnavailable:
            await self._settle(submission, SubmissionStatus.QUEUED)
            return False
        except SupplierRefused as error:
            await self._report(submission, error)
            status = SubmissionStatus.REFUSED
        except Exception as error:  # noqa: BLE001  # a bug that one of them meets is no reason to keep the others
            await self._settle(submission, SubmissionStatus.QUEUED)
            await self._wonder(submission, error)
            return True
        else:
            status = SubmissionStatus.ACCEPTED
        await self._settle(submission, status, tell=True)
        return True

    async def _wonder(self, submission: Submission, error: Exception) -> None:
        """The next tick tries again, and says nothing more."""
        if submission.key not in self._puzzling:
            self._puzzling.add(submission.key)
            what = f"readings {submission.number} cannot be handed over: {type(error).__name__}"
            await self._alerts.send(what, error)

    async def history(self, link: Link, limit: int, offset: int = 0) -> tuple[Submission, ...]:
        """What this customer submitted for the account, newest first, with what billing has counted by now; without
        asking the supplier about an account that is closed to them."""
        async with self._store.reading() as unit:
            found = await unit.submissions.of_account(link.user_id, link.account, limit, offset)
        return found if link.barred else await self._recount(link, found)

    async def get(self, customer: Customer, key: str) -> Submission:
        """As it stands, as `history` shows it. Raises NotYours unless the customer made it and still has the
        account."""
        found = await self.find(customer, key)
        if found is None:
            raise NotYours
        link = _link(customer, found)
        return found if link.barred else (await self._recount(link, (found,)))[0]

    async def find(self, customer: Customer, key: str) -> Submission | None:
        """The submission that a confirmation has led to, if it has."""
        async with self._store.reading() as unit:
            found = await unit.submissions.get(key)
        return _own(customer, found) if found else None

    async def outcome(self, customer: Customer, submission: Submission) -> Outcome:
        link = _link(customer, submission)
        region, now = self._profile.region_of(link.account), self._window(link)
        still_open = is_open(submission.period, self._clock.now(), region.timezone, region.reading_days)
        correctable = still_open and submission.status in _UNCOUNTED and link.submits
        remaining = await self._remaining(link, submission.meter)
        return Outcome(submission, link, region, now, correctable, remaining, self._mails)

    async def _remaining(self, link: Link, done: str) -> tuple[Meter, ...]:
        try:
            taken = await self.open(link)
        except (NoReadings, SupplierUnavailable):
            return ()
        return tuple(view.meter for view in taken.meters if not view.passed and view.meter.number != done)

    async def correct(self, customer: Customer, key: str) -> tuple[Round, MeterView]:
        """The meter of a submission, to be read anew. Raises PeriodClosed, NotYours."""
        submission = await self.get(customer, key)
        link = _link(customer, submission)
        region = self._profile.region_of(link.account)
        if not is_open(submission.period, self._clock.now(), region.timezone, region.reading_days):
            raise PeriodClosed
        taken = await self.open(link)
        return taken, taken.view(submission.meter)

    async def _recount(self, link: Link, found: tuple[Submission, ...]) -> tuple[Submission, ...]:
        accepted = [one for one in found if one.status is SubmissionStatus.ACCEPTED]
        counted = await self._counted(link, accepted) if accepted else frozenset()
        if counted:
            await self._mark_counted(counted)
        return tuple(replace(one, status=SubmissionStatus.COUNTED) if one.key in counted else one for one in found)

    async def _counted(self, link: Link, accepted: Sequence[Submission]) -> frozenset[str]:
        """What the bot knows itself is shown even when the supplier cannot be asked."""
        if not self._supplier.capabilities.tells_counted:
            return frozenset()
        try:
            return await self._supplier.counted(link.access, accepted)
        except (SupplierUnavailable, AccountUnknown):
            return frozenset()

    async def _mark_counted(self, keys: frozenset[str]) -> None:
        async with self._store.writing() as unit:
            for key in keys:
                await unit.submissions.set_status(
                    key, SubmissionStatus.COUNTED, (SubmissionStatus.ACCEPTED,), self._clock.now()
                )
            await unit.commit()

    async def kept(self, key: str) -> Submission | None:
        """A submission whose letter is on its way to its customer."""
        async with self._store.reading() as unit:
            return await unit.submissions.get(key)

    async def mail(self, customer: Customer, key: str, address: str, request: str) -> None:
        """Queue the submission's sheet for an e-mail address; the same `request` again is the same letter.
        Raises TooManyMails, NotYours."""
        await self.get(customer, key)
        letter = SheetLetter(address=address, submission=key)
        async with self._store.writing() as unit:
            await post(unit, customer, f"mail:{request}", letter, self._clock.now())
            await unit.commit()


def _own(customer: Customer, submission: Submission) -> Submission:
    linked = any(link.account == submission.account for link in customer.links)
    if submission.user_id != customer.user_id or not linked:
        raise NotYours
    return submission


async def _replace_earlier(unit: Unit, link: Link, meter: str, present: Window, at: datetime) -> Submission | None:
    """The meter's earlier submission of the period, which ends with this, None without one. Raises ReadingsStand."""
    active = await unit.submissions.active(link.account, present.period)
    earlier = next((one for one in active if one.meter == meter), None)
    if earlier and earlier.outranks(link):
        raise AlreadySubmitted(day=earlier.day)
    if earlier and not await unit.submissions.set_status(earlier.key, SubmissionStatus.REPLACED, _UNCOUNTED, at):
        raise _too_late(present)
    return earlier


async def _member(unit: Unit, submission: Submission) -> Link | None:
    """The submitter's link, None when they have the account no more."""
    members = await unit.shares.members(submission.account)
    found = next((link for link in members if link.user_id == submission.user_id), None)
    return replace(found, control=await unit.proofs.control(found.account)) if found else None


def _said(submission: Submission) -> Values:
    return tuple((line.zone, line.value) for line in submission.values)


def _link(customer: Customer, submission: Submission) -> Link:
    return next(link for link in customer.links if link.account == submission.account)


def _too_late(now: Window) -> AlreadyCounted:
    return AlreadyCounted(since=now.closes + timedelta(days=1))


def _view(meter: Meter, now: Window, region: Region, active: tuple[Submission, ...]) -> MeterView:
    days = region.reading_days
    of_period = preliminary.of_period(meter, now.period, days)
    settled = preliminary.settled(meter, now.period, days)
    submission = next((one for one in active if one.meter == meter.number), None)
    passed = submission is not None or {reading.zone for reading in of_period} >= set(meter.zones)
    used = {reading.zone for reading in of_period if reading.counted} >= set(meter.zones)
    counted = used or (submission is not None and submission.status is SubmissionStatus.COUNTED)
    previous = preliminary.previous(settled, now.today)
    return MeterView(settled, previous, submission, passed, counted, now.today)


def _used(taken: Round, view: MeterView) -> int:
    """kWh that the account's other meters have taken of this month's tiers, as far as the customer may know."""
    others = (other.submission for other in taken.meters if other.meter.number != view.meter.number)
    known = (submission for submission in others if submission and taken.shows(submission))
    return sum(line.consumption or 0 for submission in known for line in submission.values)
