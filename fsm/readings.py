"""Readings: states and draft."""

from __future__ import annotations

import json
from datetime import date, datetime
from hashlib import blake2b

from aiogram.fsm.state import State, StatesGroup
from pydantic import Field

from fsm.draft import Draft
from services.accounts.models import Link
from services.errors import DraftLost
from services.readings.models import SAME_SITTING, MeterForm, Remark, Submitted
from services.readings.steps import Seen
from services.supplier.models import Month, Zone


class Metering(StatesGroup):
    """Taking readings: which meter, its values, a doubt about one, the preview."""

    meter = State()
    values = State()
    doubt = State()
    preview = State()


class ReadingDraft(Draft):
    """Values of one meter by zone, the newest of `day`; `lines`, `cost` (kopecks) and `period` are those of the
    preview. `typed` is still to be read: it waits for the supplier or for a `meter` to be picked. `message` is the one
    that was typed last, at `typed_at`, `before` the form without it."""

    states = Metering
    link_id: str
    meter: str | None = None
    values: dict[Zone, int] = Field(default_factory=dict)
    remarks: dict[Zone, Remark] = Field(default_factory=dict)
    day: date | None = None
    fraction_cut: bool = False
    lines: tuple[Submitted, ...] = ()
    cost: int | None = None
    period: Month | None = None
    typed: str | None = None
    message: int | None = None
    typed_at: datetime | None = None
    before: ReadingDraft | None = None

    @property
    def confirmation(self) -> str:
        """The key of the submission that this would become. Other values have another one, so that the button
        of an older preview is known for what it is; the same ones have it again when an update runs twice. So has
        another month."""
        said = [self.id, self.link_id, self.meter, sorted(self.values.items()), sorted(self.remarks.items())]
        said += [str(self.period)] if self.period else []
        return blake2b(json.dumps(said).encode(), digest_size=12).hexdigest()

    @property
    def form(self) -> MeterForm:
        """Values and remarks of the meter. Raises DraftLost where none is picked."""
        if self.meter is None:
            raise DraftLost
        return MeterForm(self.meter, self.values, self.remarks, self.day, self.fraction_cut)

    @property
    def forms(self) -> tuple[MeterForm, ...]:
        """Those that may be gone on with, by the meter that is turned to."""
        return tuple(draft.form for draft in (self, self.before) if draft and draft.meter)

    def fill(self, form: MeterForm) -> None:
        self.values, self.remarks = dict(form.values), dict(form.remarks)
        self.day, self.fraction_cut = form.day, form.fraction_cut

    @property
    def seen(self) -> Seen:
        return Seen(self.lines, self.cost, self.period)

    def resumable(self, link: Link | None, today: date) -> bool:
        """Whether there are numbers in it for this account that are not too old."""
        kept = bool(self.typed) or (bool(self.values) and not self.form.outlived(today))
        return kept and link is not None and link.id == self.link_id

    def with_text(self, typed: str, message: int | None, at: datetime | None) -> ReadingDraft:
        """The form with a message to be read; one that was edited is read instead of what it said before."""
        former = self.before if self.before and self.message == message else self
        before = former.model_copy(update={"before": None})
        return former.model_copy(update={"typed": typed, "message": message, "typed_at": at, "before": before})

    def with_unprompted_text(self, typed: str, message: int, at: datetime) -> ReadingDraft:
        """A message that no question asked for: its meter is yet to be picked. The form of that meter takes it up where
        it was left not long ago."""
        left = self if self.meter else self.before
        if left and left.typed_at and at - left.typed_at > SAME_SITTING:
            left = None
        before = left and left.model_copy(update={"before": None})
        return ReadingDraft(link_id=self.link_id, typed=typed, message=message, typed_at=at, before=before)

    def turn_to(self, meter: str) -> ReadingDraft:
        """The draft of a meter, with the words that are still to be read."""
        if self.meter == meter:
            return self
        left = self.before if self.before and self.before.meter == meter else None
        form = left or ReadingDraft(link_id=self.link_id, meter=meter)
        return form.with_text(self.typed, self.message, self.typed_at) if self.typed else form
