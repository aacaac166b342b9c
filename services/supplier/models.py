"""The supplier's data: accounts, meters, readings, tariffs, bills. Money is integer kopecks, energy whole kWh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


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
        """The zone's name on the meter's own screen: T1 and T2, on three-zone meters T2 is the night."""
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
class Span:
    """Days from `since` to `until`, both included. With `most` an answer is cut where it has so many of the newest
    entries, or of the `oldest` ones; entries of a day, and payments of a month with its charge, stay together."""

    since: date
    until: date
    most: int | None = None
    oldest: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """An account that the supplier is asked about, and the customer in whose name: a login session at the supplier's
    belongs to a person. `user_id` None: the bot's own name, where no customer asks or is known any more."""

    account: str
    user_id: int | None

    @classmethod
    def of_bot(cls, account: str) -> Access:
        return cls(account, None)


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


class Reading(NamedTuple):
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

    def __hash__(self) -> int:
        return hash((self.number, self.readings[:1]))  # of all its readings it would take longer than they do

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
class Payment:
    """Money that the supplier has credited to an account. `amount` in kopecks; `reference` is the payer's side's."""

    day: date
    amount: int
    source: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """How a sum to pay came about, in kopecks: from the `opening` of the last charged month to now, or of a receipt's
    month to its end. Positive is owed. None: the supplier does not give it."""

    month: Month
    opening: int
    charged: int
    recalculated: int
    penalty: int
    paid: int
    to_pay: int
    common_needs: int | None = None


@dataclass(frozen=True, slots=True)
class Charged:
    """The statement of a charged month, to its end. `newest`: no later month of the account that has
    begun is charged."""

    statement: Statement
    newest: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """A charged month in kopecks; `opening` and `closing` are owed, negative ones are an advance."""

    opening: int
    charged: int
    recalculated: int
    penalty: int
    closing: int


@dataclass(frozen=True, slots=True)
class AccountMonth:
    """A month that was charged, paid in, or both; payments are newest first."""

    month: Month
    charge: Charge | None
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of some months or days, in kopecks; `payments`: their number."""

    charged: int = 0
    recalculated: int = 0
    penalty: int = 0
    paid: int = 0
    payments: int = 0


@dataclass(frozen=True, slots=True)
class PastReading:
    """One value of one register, with the value `before` it, of a meter that may have been retired since; `meter` is
    without readings. `source`: the way by which it came; `submission`: the bot's key where it came by the bot and
    billing has not returned it yet."""

    meter: Meter
    zone: Zone
    day: date
    value: int
    before: int | None
    source: str = ""
    counted: bool = False
    submission: str = ""


class Basis(StrEnum):
    """The source of a preliminary charge: readings of the month, the habit of the last months where a meter has
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
    """One meter's part of a preliminary charge: since the previous readings, or of an average one month's share."""

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
    """The bill of now, in kopecks, none of them negative. `preliminary` is what `month` will probably be
    charged, None where that is not known or the month is charged already; `meters` explain it where the supplier
    does. Either debt and penalty are nothing or the advance is. `closed` is the last charged month, None before the
    first."""

    month: Month
    debt: int = 0
    penalty: int = 0
    advance: int = 0
    preliminary: int | None = None
    basis: Basis = Basis.NONE
    meters: tuple[MeterCharge, ...] = ()
    closed: Month | None = None

    @property
    def owed(self) -> int:
        """Kopecks without the preliminary charge; negative is an advance."""
        return self.debt + self.penalty - self.advance


@dataclass(frozen=True, slots=True)
class Details:
    """The supplier's facts about an account, for its verified owners. Empty texts and None: not known."""

    account: Account
    phone: str = ""
    residents: int | None = None
    area: Decimal | None = None
    season_ratio: Decimal | None = None
    social_norm: Decimal | None = None
    meters: tuple[Meter, ...] = ()
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """Facts of a charged month, from which its receipt is made. `meters` were in use in the month, `former` ones in the
    two years before; their readings are of the month and before, those that billing has counted. `tariff` is of the
    month's first day, `paid_on` the day of its last payment; `recommended` kopecks, a sum to pay that the supplier
    suggests beside the debt. Empty text and None: not known."""

    account: Account
    holder: str
    statement: Statement
    meters: tuple[Meter, ...] = ()
    former: tuple[Meter, ...] = ()
    tariff: Tariff | None = None
    paid_on: date | None = None
    recommended: int | None = None
