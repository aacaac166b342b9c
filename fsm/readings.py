"""Readings: states and draft."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import blake2b

from aiogram.fsm.state import State, StatesGroup
from pydantic import Field

from fsm.draft import Draft
from services.accounts.models import Link
from services.readings.models import Remark, Submitted
from services.supplier.models import Month, Zone


class Metering(StatesGroup):
    """Taking readings: which meter, its values, a doubt about one, the preview."""

    meter = State()
    values = State()
    doubt = State()
    preview = State()


_SAME_SITTING = timedelta(days=1)


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

    def resumable(self, link: Link | None, today: date) -> bool:
        """Whether there are numbers in it for this account that are not too old."""
        kept = bool(self.typed) or (bool(self.values) and not self.outlived(today))
        return kept and link is not None and link.id == self.link_id

    def outlived(self, today: date) -> bool:
        """Whether the values are of days ago: half of yesterday's readings may be all of today's."""
        return self.day is not None and today - self.day > _SAME_SITTING

    def begin_anew(self) -> None:
        self.values, self.remarks, self.day, self.fraction_cut = {}, {}, None, False

    def fit(self, zones: Iterable[Zone]) -> bool:
        """False when the meter no longer has the zones of its values, which are asked for anew then."""
        fits = set(self.values) <= set(zones)
        if not fits:
            self.begin_anew()
        return fits

    def hear(self, typed: str, message: int | None, at: datetime | None) -> ReadingDraft:
        """The form with a message to be read; one that was edited is read instead of what it said before."""
        former = self.before if self.before and self.message == message else self
        before = former.model_copy(update={"before": None})
        return former.model_copy(update={"typed": typed, "message": message, "typed_at": at, "before": before})

    def overhear(self, typed: str, message: int, at: datetime) -> ReadingDraft:
        """A message that nobody asked for: its meter is yet to be picked. The form of that meter takes it up where
        it was left not long ago."""
        left = self if self.meter else self.before
        if left and left.typed_at and at - left.typed_at > _SAME_SITTING:
            left = None
        before = left and left.model_copy(update={"before": None})
        return ReadingDraft(link_id=self.link_id, typed=typed, message=message, typed_at=at, before=before)

    def turn_to(self, meter: str) -> ReadingDraft:
        """The form of a meter, with what is still to be read."""
        if self.meter == meter:
            return self
        left = self.before if self.before and self.before.meter == meter else None
        form = left or ReadingDraft(link_id=self.link_id, meter=meter)
        return form.hear(self.typed, self.message, self.typed_at) if self.typed else form
