"""Submissions of meter readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.accounts.models import Link, Trust
from services.supplier.models import Access, Meter, Month, Zone

SAME_SITTING = timedelta(days=1)


class Remark(StrEnum):
    """A customer's remark about a value that looked doubtful; billing gets it with the value."""

    NONE = ""
    CERTAIN = "certain"
    REPLACED = "meter_replaced"
    ROLLED_OVER = "rolled_over"


class SubmissionStatus(StrEnum):
    """queued: kept by us until the supplier can be reached; sent: being given to the supplier, no answer yet;
    accepted: the supplier has it; counted: used by billing; refused: the supplier said no; replaced: corrected
    by a later one."""

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    COUNTED = "counted"
    REFUSED = "refused"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class MeterForm:
    """A customer's form for one meter: values by zone, the newest of `day`, and remarks about doubtful ones."""

    meter: str
    values: Mapping[Zone, int] = field(default_factory=dict)
    remarks: Mapping[Zone, Remark] = field(default_factory=dict)
    day: date | None = None
    fraction_cut: bool = False

    def emptied(self) -> MeterForm:
        return MeterForm(self.meter)

    def outlived(self, today: date) -> bool:
        """Whether the values are of days ago: half of yesterday's readings may be all of today's."""
        return self.day is not None and today - self.day > SAME_SITTING

    def fits(self, meter: Meter) -> bool:
        """False when the meter no longer has the zones of the values, which are asked for anew then."""
        return set(self.values) <= set(meter.zones)


PENDING = (SubmissionStatus.QUEUED, SubmissionStatus.SENT)


@dataclass(frozen=True, slots=True)
class Submitted:
    """One register of a submission. `previous` is the value it was compared with, kWh `consumption` is
    None where it cannot be known (replaced meter)."""

    zone: Zone
    value: int
    previous: int | None
    consumption: int | None
    remark: Remark = Remark.NONE


@dataclass(frozen=True, slots=True)
class Submission:
    """Readings of one meter that a customer confirmed once. `key` is the confirmation's id; without `user_id` the
    customer had everything about them erased; `trust`: the highest that the customer has had, then or since."""

    key: str
    number: str
    user_id: int | None
    account: str
    meter: str
    period: Month
    day: date
    submitted_at: datetime
    values: tuple[Submitted, ...]
    status: SubmissionStatus = SubmissionStatus.SENT
    replaces: str | None = None
    cost: int | None = None
    trust: Trust = Trust.CONFIRMED

    @property
    def access(self) -> Access:
        return Access(self.account, self.user_id)

    @property
    def pending(self) -> bool:
        """The supplier has yet to answer."""
        return self.status in PENDING

    def outranks(self, link: Link) -> bool:
        """Whether its customer had a higher trust than the link's, who cannot replace it then."""
        return self.user_id != link.user_id and self.trust.above(link.trust)
