"""What the business talks about. Money is integer kopecks, energy is whole kWh, moments are aware UTC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any


class Zone(StrEnum):
    """Tariff zone of a meter register; values are the registry files' words."""

    SINGLE = "single"
    DAY = "day"
    NIGHT = "night"
    PEAK = "peak"
    HALF_PEAK = "half_peak"


class ZoneScheme(StrEnum):
    """How a meter splits the day; values are the registry files' words."""

    SINGLE = "single"
    DAY_NIGHT = "day_night"
    PEAK_HALF_NIGHT = "peak_half_night"

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Zones in the order in which the meter's own screen shows them, and customers are asked for them."""
        return _ZONES[self]

    def display_label(self, zone: Zone) -> str:
        """What the meter's own screen calls the zone: T1 and T2, on three-zone meters T2 is the night."""
        return _DISPLAY[self][zone]


_ZONES = {
    ZoneScheme.SINGLE: (Zone.SINGLE,),
    ZoneScheme.DAY_NIGHT: (Zone.DAY, Zone.NIGHT),
    ZoneScheme.PEAK_HALF_NIGHT: (Zone.PEAK, Zone.NIGHT, Zone.HALF_PEAK),
}
_DISPLAY = {
    ZoneScheme.SINGLE: {Zone.SINGLE: "T"},
    ZoneScheme.DAY_NIGHT: {Zone.DAY: "T1", Zone.NIGHT: "T2"},
    ZoneScheme.PEAK_HALF_NIGHT: {Zone.PEAK: "T1", Zone.NIGHT: "T2", Zone.HALF_PEAK: "T3"},
}


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A billing period."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """`2026-10`; raises ValueError."""
        day = date.fromisoformat(f"{text}-01")
        return cls(day.year, day.month)

    def plus(self, months: int) -> Month:
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def since(self, other: Month) -> int:
        """Whole months from `other` to this one."""
        return (self.year - other.year) * 12 + self.month - other.month

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    def day(self, number: int) -> date:
        return date(self.year, self.month, number)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True)
class Account:
    """A personal account at the supplier. `address` is the full one: show it through `address.hide_flat`."""

    number: str
    address: str
    closed: bool = False

    @property
    def tail(self) -> str:
        """The last four digits, the most that may stand in a title or a push preview."""
        return self.number[-4:]


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one register. `counted`: billing has used it."""

    zone: Zone
    day: date
    value: int
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter in use. `readings` are newest first, of all its zones, about two years back."""

    number: str
    scheme: ZoneScheme
    digits: int = 6
    coefficient: int = 1
    verification_due: date | None = None
    place: str = ""
    readings: tuple[Reading, ...] = ()

    @property
    def zones(self) -> tuple[Zone, ...]:
        return self.scheme.zones

    @property
    def limit(self) -> int:
        """The first value that the display cannot show."""
        return int(10**self.digits)

    def of_zone(self, zone: Zone) -> tuple[Reading, ...]:
        """Readings of one zone, newest first."""
        return tuple(reading for reading in self.readings if reading.zone is zone)


@dataclass(frozen=True, slots=True)
class Tier:
    """A price of one zone up to a monthly volume. `up_to_kwh` None means no limit; `price` is roubles per kWh."""

    up_to_kwh: int | None
    price: Decimal


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices in force on a day: tiers of every zone in ascending order, the limits being the same in all zones."""

    code: str
    valid_from: date
    tiers: Mapping[Zone, tuple[Tier, ...]]


@dataclass(frozen=True, slots=True)
class Balance:
    """`to_pay` in kopecks: positive is a debt, negative an advance, as of `month`'s closing and later payments."""

    to_pay: int
    month: Month | None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that the supplier has credited to an account. `amount` in kopecks; `reference` is the payer's side's."""

    day: date
    amount: int
    source: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Sums of an account that people saw who had not proved it, all people taken together: `sums` in kopecks, debts and
    advances alike, the first one at `since`. `known`: day and amount of the payments that were credited before, equal
    ones as often as they were."""

    since: datetime
    seen_on: date
    known: tuple[tuple[date, int], ...] = ()
    sums: frozenset[int] = frozenset()

    def told_by(self, paid: Iterable[Payment]) -> frozenset[int]:
        """Amounts of `paid` that can be worked out from the sums. Payments that were credited later have moved these
        before somebody's eyes, so earlier ones of the same amount are known, too. So are amounts that equal a shown
        sum, or the difference of two: an advance is a debt below nothing."""
        amounts = Counter((payment.day, payment.amount) for payment in paid)
        later = {amount for _, amount in amounts - Counter(self.known)}
        seen = {0} | self.sums | {-one for one in self.sums}
        shown = {amount for _, amount in amounts if any(one + amount in seen for one in seen)}
        return frozenset(later | shown)


@dataclass(frozen=True, slots=True)
class Statement:
    """How the sum to pay came about, in kopecks: from the `opening` of the last charged month to now. Positive is
    owed. None: the supplier does not give it."""

    month: Month
    opening: int
    charged: int
    recalculated: int
    penalty: int
    paid: int
    to_pay: int
    common_needs: int | None = None


class Basis(StrEnum):
    """What a preliminary charge comes from: readings of the month, the habit of the last months where a meter has
    none; none: there is no such charge, or the supplier does not say."""

    READINGS = "readings"
    AVERAGE = "average"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ZoneCharge:
    """kWh of one zone and what they cost, in kopecks."""

    zone: Zone
    kwh: int
    kopecks: int


@dataclass(frozen=True, slots=True)
class MeterCharge:
    """What one meter adds to a preliminary charge: since the previous readings, or of an average one month's share."""

    meter: str
    basis: Basis
    zones: tuple[ZoneCharge, ...]

    @property
    def kwh(self) -> int:
        return sum(charge.kwh for charge in self.zones)

    @property
    def kopecks(self) -> int:
        return sum(charge.kopecks for charge in self.zones)


@dataclass(frozen=True, slots=True)
class Bill:
    """What there is to pay now, in kopecks, none of them negative. `preliminary` is what `month` will probably be
    charged, None where that is not known or the month is charged already; `meters` explain it where the supplier
    does. Either debt and penalty are nothing or the advance is."""

    month: Month
    debt: int = 0
    penalty: int = 0
    advance: int = 0
    preliminary: int | None = None
    basis: Basis = Basis.NONE
    meters: tuple[MeterCharge, ...] = ()

    @property
    def owed(self) -> int:
        """Kopecks without the preliminary charge; negative is an advance."""
        return self.debt + self.penalty - self.advance


@dataclass(frozen=True, slots=True)
class Details:
    """What the supplier knows about an account, for its verified owners. Empty texts and None: not known."""

    account: Account
    phone: str = ""
    residents: int | None = None
    area: Decimal | None = None
    season_ratio: Decimal | None = None
    social_norm: Decimal | None = None
    meters: tuple[Meter, ...] = ()
    statement: Statement | None = None


class OrderStatus(StrEnum):
    """new: confirmed by the customer, the provider has not answered yet; pending: it waits for the money; paid: it
    has the money; canceled: it will never take it."""

    NEW = "new"
    PENDING = "pending"
    PAID = "paid"
    CANCELED = "canceled"


OPEN_ORDERS = (OrderStatus.NEW, OrderStatus.PENDING)


@dataclass(frozen=True, slots=True)
class Order:
    """A payment that a customer confirmed once. Sums are kopecks.

    `key` is the confirmation's id and the provider's idempotence key; `request` is the body of every attempt, emptied
    when the order has ended; without `user_id` the customer had everything about them erased. `reason` is the
    provider's word for a cancellation; `dropped`: the customer no longer wants to pay; `shown_in`: the message that
    has its buttons; `settled_at`: when the provider took the money, or will never take it, and `learned_at`: when the
    bot heard of it; `credited_on`: the supplier's day of it.
    """

    key: str
    number: str
    user_id: int | None
    account: str
    kopecks: int
    created_at: datetime
    request: Mapping[str, Any] = field(default_factory=dict)
    status: OrderStatus = OrderStatus.NEW
    external_id: str | None = None
    url: str | None = None
    reason: str = ""
    settled_at: datetime | None = None
    learned_at: datetime | None = None
    credited_on: date | None = None
    refunded: int = 0
    dropped: bool = False
    shown_in: int | None = None

    @property
    def open(self) -> bool:
        """Money may still come."""
        return self.status in OPEN_ORDERS

    @property
    def tail(self) -> str:
        return self.account[-4:]


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that came or, negative, went back through the bot. `number` of its order; `kopecks`."""

    account: str
    number: str
    kopecks: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Transaction:
    """A payment as its provider sees it. `order` is the key of ours; sums are kopecks of `currency`; `captured_at`:
    when it took the money, None where it does not say."""

    external_id: str
    order: str
    status: OrderStatus
    kopecks: int
    currency: str
    url: str | None = None
    reason: str = ""
    refunded: int = 0
    captured_at: datetime | None = None


class Trust(StrEnum):
    """A customer's way to an account, the lowest first: its address, its owner's invitation, a paid sum."""

    CONFIRMED = "confirmed"
    SHARED = "shared"
    VERIFIED = "verified"

    def above(self, other: Trust) -> bool:
        ladder = list(Trust)
        return ladder.index(self) > ladder.index(other)


class Remark(StrEnum):
    """What the customer said about a value that looked doubtful; billing gets it with the value."""

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
    def pending(self) -> bool:
        """The supplier has yet to answer."""
        return self.status in PENDING

    def outranks(self, link: Link) -> bool:
        """Whether its customer had a higher trust than the link's, who cannot replace it then."""
        return self.user_id != link.user_id and self.trust.above(link.trust)


class Consent(StrEnum):
    """The two documents a customer agrees to, each separately."""

    SERVICES = "services"
    PERSONAL_DATA = "personal_data"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A document as it was shown: version and words in one language."""

    consent: Consent
    version: str
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent that a customer gave once, with the document as it was shown then. `id` names this giving of it."""

    id: int
    text: ConsentText
    given_at: datetime
    withdrawn_at: datetime | None = None


class Role(StrEnum):
    """What an invited person may do; each includes the one before."""

    VIEW = "view"
    READINGS = "readings"
    PAY = "pay"


@dataclass(frozen=True, slots=True)
class Control:
    """What the verified owners of an account allow others: readings from people who confirmed the address only,
    anything at all, and being verified."""

    anyone_submits: bool = True
    closed: bool = False
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An account in a customer's list, `alone` when there is no other. `id` is opaque and the only thing that buttons
    carry. `proved_first`: no other proof of the account stood when this one was made."""

    id: str
    user_id: int
    account: str
    trust: Trust
    label: str = ""
    verified_at: datetime | None = None
    proved_first: bool = False
    linked_at: datetime | None = None
    control: Control = Control()
    role: Role | None = None
    granted_by: int | None = None
    person: str | None = None
    used_at: datetime | None = None
    alone: bool = True

    @property
    def verified(self) -> bool:
        return self.trust is Trust.VERIFIED

    @property
    def shared(self) -> bool:
        return self.trust is Trust.SHARED

    @property
    def barred(self) -> bool:
        """The account's verified owners have closed it to everybody else."""
        return self.control.closed and not self.verified

    @property
    def sees(self) -> bool:
        """Whether the full address and everything else about the account is for this customer."""
        return self.verified or (self.shared and not self.barred)

    @property
    def submits(self) -> bool:
        """Whether its verified owners let this customer submit readings."""
        allowed = self.role is not Role.VIEW if self.shared else self.control.anyone_submits
        return self.verified or (allowed and not self.barred)

    @property
    def pays(self) -> bool:
        """Whether its verified owners let this customer pay."""
        return self.verified or (self.role in (None, Role.PAY) and not self.barred)

    @property
    def tail(self) -> str:
        return self.account[-4:]

    def came_before(self, other: Link) -> bool:
        """Whether this customer proved the account before somebody else did, who may not have done so yet."""
        if self.account != other.account or self.user_id == other.user_id or self.verified_at is None:
            return False
        return other.verified_at is None or self.verified_at < other.verified_at


class Switch(StrEnum):
    """The fields of Control."""

    SUBMIT = "anyone_submits"
    CLOSED = "closed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time way to an account. `granted_by`: the user whose account it is; `id` is opaque, for buttons."""

    account: str
    granted_by: int
    role: Role
    expires_at: datetime
    used_at: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class RecoveryRequest:
    """Whoever has proved the account anew asks to withdraw the access of `against`, a Telegram account that they
    say was theirs; with `objected_at` its holder has refused."""

    account: str
    asked_by: int
    against: int
    asked_at: datetime
    objected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Who else has an account, the invitations that are still good, and, by user, whose access the one who looks
    has asked to withdraw. `since`: the day from which that one decides about others, where it is still to come."""

    members: tuple[Link, ...]
    invitations: tuple[Invitation, ...] = ()
    requests: Mapping[int, RecoveryRequest] = field(default_factory=dict)
    since: date | None = None


@dataclass(frozen=True, slots=True)
class EmailRequest:
    """An address that a customer has named. `ended_at`: since then its link does not confirm it."""

    user_id: int
    address: str
    expires_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an account's journal."""

    user_id: int | None
    action: Action
    at: datetime


class Action(StrEnum):
    """What the journal of an account keeps."""

    VERIFIED = "verified"
    DISOWNED = "disowned"
    ANYONE_SUBMITS = "anyone_submits"
    NOBODY_SUBMITS = "nobody_submits"
    CLOSED = "closed"
    OPENED = "opened"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    INVITED = "invited"
    UNINVITED = "uninvited"
    JOINED = "joined"
    REVOKED = "revoked"
    LEFT = "left"
    RECOVERY_ASKED = "recovery_asked"
    RECOVERY_REFUSED = "recovery_refused"
    RECOVERED = "recovered"
    HOLDER_CHANGED = "holder_changed"
    UNLOCKED_BY_COMPANY = "unlocked_by_company"
    UNLINKED_BY_COMPANY = "unlinked_by_company"
    RESET_BY_COMPANY = "reset_by_company"

    @property
    def by_company(self) -> bool:
        """Done by the supplier's people or registry, not by a customer."""
        return self in _BY_COMPANY

    @property
    def begins_anew(self) -> bool:
        """Every earlier proof of the account has ended with it."""
        return self in _BEGINS_ANEW


_BEGINS_ANEW = frozenset({Action.HOLDER_CHANGED, Action.RESET_BY_COMPANY})
_BY_COMPANY = _BEGINS_ANEW | {Action.UNLOCKED_BY_COMPANY, Action.UNLINKED_BY_COMPANY}


class Topic(StrEnum):
    """The kinds of notices that a customer may switch off; all others are always told."""

    REMINDER = "reminder"
    PAY_BY = "pay_by"
    RECEIPT = "receipt"
    METER_VERIFICATION = "meter_verification"


class Quiet(StrEnum):
    """When a customer does not want to be disturbed; values are local hours."""

    NIGHT = "22-8"
    EARLY = "21-9"
    LATE = "23-7"
    NEVER = "off"

    @property
    def hours(self) -> tuple[int, int] | None:
        """The first one, in the evening, and the one at which they are over, in the morning."""
        first, _, end = self.value.partition("-")
        return (int(first), int(end)) if end else None


@dataclass(frozen=True, slots=True)
class Customer:
    """A Telegram user as the bot knows them, with their accounts in order. `stopped`: they blocked the bot.
    `email` is confirmed."""

    user_id: int
    language: str
    consents: frozenset[Consent] = frozenset()
    links: tuple[Link, ...] = ()
    current_id: str | None = None
    stopped: bool = False
    email: str | None = None
    quiet: Quiet = Quiet.NIGHT
    muted: frozenset[Topic] = frozenset()

    @property
    def agreed(self) -> bool:
        return self.consents >= set(Consent)

    @property
    def current(self) -> Link | None:
        """The account in view: the chosen one, else the first."""
        chosen = (link for link in self.links if link.id == self.current_id)
        return next(chosen, self.links[0] if self.links else None)


class Channel(StrEnum):
    TELEGRAM = "telegram"
    MAIL = "mail"


class Urgency(IntEnum):
    """What goes out first. `ANSWER`, which somebody waits for or has to know at once, goes out in quiet hours, too.
    `BULK` goes to many at once, and not a second time when it may have arrived."""

    ANSWER = 0
    NOTICE = 1
    BULK = 2


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a customer unasked. `kind` names its words, `facts` fill them, `key` makes it once.

    `edits`: the message that it brings up to date; where that is gone, it comes as a new one."""

    key: str
    user_id: int
    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)
    channel: Channel = Channel.TELEGRAM
    urgency: Urgency = Urgency.NOTICE
    edits: int | None = None
