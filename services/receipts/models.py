"""A receipt as plain data. Money is integer kopecks, energy whole kWh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b

from services.notices.models import Channel
from services.payments.requisites import Requisites
from services.receipts.payment_code import PaymentCodeKind
from services.supplier.models import Month, Reading, Statement, Tariff, Zone, ZoneScheme
from services.supplier.pricing import TierCharge

LARGEST = 50_000_000  # bytes of a file that a bot can send


@dataclass(frozen=True, slots=True)
class ReceiptLinks:
    """Addresses that a receipt leads to; empty: none. `bot`: behind the second code."""

    bot: str = ""
    pay: str = ""
    readings: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """The supplier, and how to reach it."""

    name: str
    phone: str = ""
    hours: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptRegister:
    """One zone of a meter: readings that billing counted in the month and before it, kWh between them with the meter's
    coefficient. None: there is none, or it cannot be told."""

    zone: Zone
    previous: Reading | None
    current: Reading | None
    kwh: int | None


@dataclass(frozen=True, slots=True)
class ReceiptMeter:
    number: str
    place: str
    scheme: ZoneScheme
    coefficient: int
    verification_due: date | None
    registers: tuple[ReceiptRegister, ...]


@dataclass(frozen=True, slots=True)
class MonthUse:
    """kWh of a month, of all meters of an account; None: not known. `shared`: an even part of several months, between
    readings that lie further apart."""

    month: Month
    kwh: int | None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The payment document of one account and charged month.

    `lines` explain what the month was charged, by zone and tier; they are empty where readings and prices do not come
    to the charged sum, which may be an average then or the norm. `history`: twelve months, the last is this one.
    `payment_code`: the content of the code to pay by, empty without one.
    """

    account: str
    address: str
    holder: str
    issuer: Issuer
    month: Month
    pay_by: date
    statement: Statement
    meters: tuple[ReceiptMeter, ...]
    lines: tuple[TierCharge, ...]
    tariff: Tariff | None
    history: tuple[MonthUse, ...]
    requisites: Requisites | None
    code_kind: PaymentCodeKind
    payment_code: bytes
    links: ReceiptLinks
    paid_on: date | None = None
    recommended: int | None = None

    @property
    def to_pay(self) -> int:
        """As of the month's end; negative is an advance."""
        return self.statement.to_pay

    @property
    def rest(self) -> int:
        """Kopecks of the charge that the lines leave: what rounding makes, or all of it where there are no lines."""
        return self.statement.charged - sum(line.kopecks for line in self.lines)


@dataclass(frozen=True, slots=True)
class ImportedReceipt:
    """A receipt as the supplier has set it: a file whose sums are not known here. `digest` and `size` of its bytes."""

    account: str
    month: Month
    digest: str
    size: int


Paper = Receipt | ImportedReceipt


Place = tuple[str, int, Channel]  # account, person, channel


@dataclass(frozen=True, slots=True)
class Subscription:
    """Receipts of an account that come to a person by themselves, one for each channel. `address`: of letters, which
    has been confirmed. `paperless`: the account's owner has agreed that they come instead of paper."""

    user_id: int
    account: str
    channel: Channel
    since: datetime
    address: str = ""
    paperless: bool = False

    @property
    def place(self) -> Place:
        return self.account, self.user_id, self.channel


class Reason(StrEnum):
    """Why a customer wants no letters with receipts any more. OTHER: in their own words."""

    PAPER = "paper"
    MISSING = "missing"
    MAILBOX = "mailbox"
    CHAT = "chat"
    MOVED = "moved"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Paperless:
    """A span in which no paper receipts are printed for an account."""

    account: str
    since: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A receipt that is or was on its way to a subscriber, one row for each notice. `edition`: 1, and more where the
    bill was corrected afterwards. `digest` and `kopecks` are of the bill as it was formed, and once the paper is made,
    at `made_at`, as the subscriber gets it; so is `paper`, the digest of the supplier's own file, empty without one."""

    account: str
    month: Month
    user_id: int
    channel: Channel
    edition: int
    digest: str
    kopecks: int
    formed_at: datetime
    made_at: datetime | None = None
    paper: str = ""

    def says_otherwise(self, digest: str, paper: str) -> bool:
        """Whether a receipt of this bill and file is a correction of this one: the sums are others, or the supplier has
        replaced its file."""
        return self.digest != digest or bool(self.paper and paper and self.paper != paper)

    @property
    def place(self) -> Place:
        return self.account, self.user_id, self.channel

    @property
    def key(self) -> str:
        """Of its notice."""
        return f"receipt:{self.account}:{self.month}:{self.user_id}:{self.channel}:{self.edition}"


@dataclass(frozen=True, slots=True)
class ChargedMonth:
    """A month whose charges came or changed, last at `changed_at`."""

    month: Month
    changed_at: datetime


def digest(statement: Statement) -> str:
    """Equal for bills of equal sums."""
    sums = (statement.opening, statement.charged, statement.recalculated, statement.penalty, statement.to_pay)
    return blake2b(repr(sums).encode(), digest_size=12).hexdigest()
