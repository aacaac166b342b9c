"""An account's meters as they stand in the present period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from services.accounts.models import Link
from services.readings import numbers
from services.readings.errors import AlreadyCounted, AlreadySubmitted, MeterGone, OwnerSubmitted
from services.readings.models import MeterForm, Submission, SubmissionStatus
from services.readings.plausibility import Doubt, Habits, Way, answers
from services.supplier import preliminary
from services.supplier.models import Account, Meter, Reading, Zone
from services.supplier.periods import Window
from services.supplier.profile import Region


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt about a value, and the answers that are offered."""

    doubt: Doubt
    ways: tuple[Way, ...]

    def offers(self, zone: Zone, value: int, way: Way) -> bool:
        return (self.doubt.zone, self.doubt.value) == (zone, value) and way in self.ways


@dataclass(frozen=True)
class MeterView:
    """A meter without the readings that new ones replace. `submission` is the one of the period, `passed` tells whether
    the period has readings at all, `counted` whether billing has used them."""

    meter: Meter
    submission: Submission | None
    passed: bool
    counted: bool
    today: date

    @cached_property
    def previous(self) -> Mapping[Zone, Reading]:
        """The newest reading of each zone before the present period's own."""
        return preliminary.previous(self.meter, self.today)

    @cached_property
    def habits(self) -> Habits:
        return Habits(self.meter, self.today)

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

    def read(self, form: MeterForm, text: str) -> MeterForm:
        """Numbers fill in the zones that are asked for, or a better value for a doubtful one; at the preview all begin
        anew. Raises InputError."""
        asked = self._asked(form)
        typed = numbers.readings(text, self.meter.scheme, asked, self.meter.number)
        values = self.habits.only_plausible(typed)
        kept = {zone: value for zone, value in form.values.items() if asked and zone not in values}
        remarks = {zone: remark for zone, remark in form.remarks.items() if zone in kept}
        cut = typed.fraction_cut or (form.fraction_cut and bool(kept))
        return MeterForm(form.meter, {**kept, **values}, remarks, self.today, cut)

    def _asked(self, form: MeterForm) -> Sequence[Zone]:
        question = self.question(form)
        return [question.doubt.zone] if question else self.missing(form)

    def missing(self, form: MeterForm) -> Sequence[Zone]:
        return [zone for zone in self.meter.zones if zone not in form.values]

    def question(self, form: MeterForm) -> Question | None:
        """The first doubt that the customer has not answered yet, or has answered when it was another one."""
        for doubt in self.habits.doubts(form.values):
            ways = self.habits.ways(doubt, form.values)
            if form.remarks.get(doubt.zone) not in answers(ways):
                return Question(doubt, ways)
        return None

    def swapped(self, doubt: Doubt, form: MeterForm) -> Mapping[Zone, int]:
        """The values with the doubtful zone and another exchanged, as they are where that explains nothing."""
        return self.habits.swapped(doubt, form.values) or form.values


@dataclass(frozen=True, slots=True)
class AccountReadings:
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
            raise too_late(self.window)
        if view.submission and self._outranked(view):
            raise (OwnerSubmitted if self.link.sees else AlreadySubmitted)(day=view.submission.day)

    def view(self, meter: str | None) -> MeterView:
        """Raises MeterGone when the account has no such meter (any more)."""
        for view in self.meters:
            if view.meter.number == meter:
                return view
        raise MeterGone

    def used_beside(self, view: MeterView) -> int:
        """kWh that the other meters have taken of this month's tiers, as far as the customer may know."""
        others = (other.submission for other in self.meters if other.meter.number != view.meter.number)
        known = (submission for submission in others if submission and self.shows(submission))
        return sum(line.consumption or 0 for submission in known for line in submission.values)


def too_late(now: Window) -> AlreadyCounted:
    return AlreadyCounted(since=now.closes + timedelta(days=1))


def view_of(meter: Meter, now: Window, region: Region, active: tuple[Submission, ...]) -> MeterView:
    """`active`: the account's submissions of the period."""
    of_period = preliminary.of_period(meter, now.period, region.reading_days)
    submission = next((one for one in active if one.meter == meter.number), None)
    passed = submission is not None or {reading.zone for reading in of_period} >= set(meter.zones)
    used = {reading.zone for reading in of_period if reading.counted} >= set(meter.zones)
    counted = used or (submission is not None and submission.status is SubmissionStatus.COUNTED)
    return MeterView(preliminary.without(meter, of_period), submission, passed, counted, now.today)
