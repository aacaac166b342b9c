"""Makes the sample registry: two years of an invented supplier's life, the same for the same month and seed.

python samples/generate.py --until 2026-10                       the committed files
python samples/generate.py --accounts 1000000 --out big          accounts.csv alone, of any size
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).parent.parent))

from samples import tariffs
from samples.people import Household, Payer, households

Row = tuple[str, ...]

MONTHS = 24
HOME = Path(__file__).parent / "registry"
EXAMPLE_METER = "10000001"
EXAMPLE_LAST = {"day": 3500, "night": 1500}
EXAMPLE_DEBT = Decimal("1234.56")
NORM = 110  # kWh a resident where there is no meter
SEASON = (1.25, 1.2, 1.1, 1.0, 0.9, 0.85, 0.92, 0.9, 0.93, 1.03, 1.15, 1.28)
SHARES = {
    "single": {"single": 1.0},
    "day_night": {"day": 0.68, "night": 0.32},
    "peak_half_night": {"peak": 0.3, "half_peak": 0.43, "night": 0.27},
}
CHANNELS = ("личный кабинет", "мобильное приложение", "телефон", "квитанция", "контролёр")
TILLS = ("СБП", "банковская карта", "автоплатёж", "почта", "касса")

HEADERS = {
    "accounts": "account address holder phone residents area season_ratio social_norm tariff status",
    "meters": "account meter zones digits coefficient verification_due place status",
    "tariffs": "tariff valid_from zone tier up_to_kwh price",
    "readings": "account meter zone date value source counted",
    "charges": "account period opening charged recalculated penalty closing",
    "payments": "account date amount source reference",
}


@dataclass(frozen=True, order=True)
class Month:
    year: int
    month: int

    def plus(self, months: int) -> Month:
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def day(self, number: int) -> date:
        return date(self.year, self.month, number)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


@dataclass
class Meter:
    """`volumes[month][zone]` kWh; `values` those of the display at the end of the month before the first one."""

    number: str
    scheme: str
    place: str
    due: date
    values: dict[str, int]
    volumes: dict[Month, dict[str, int]]
    status: str = "active"
    silent: frozenset[Month] = frozenset()


@dataclass
class Registry:
    """Lines of the six files."""

    lines: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in HEADERS})

    def add(self, name: str, *cells: object) -> None:
        self.lines[name].append(tuple(str(cell) for cell in cells))


def sample_registry(until: Month, seed: int) -> Registry:
    """Everything up to the closing of the month `until`."""
    registry = Registry()
    registry.lines["tariffs"] = list(tariffs.rows())
    for index, household in enumerate(households()):
        chance = Random(f"{seed}/{household.account}")
        meters = list(_meters(household, index, until, chance))
        _describe(registry, household, index, meters)
        _read(registry, household, until, meters, chance)
        _bill(registry, household, until, meters, chance)
    return registry


def _describe(registry: Registry, household: Household, index: int, meters: list[Meter]) -> None:
    status = "closed" if household.story == "closed" else "active"
    norm = 50 * household.residents if household.region == "52" else ""
    ratio = "0.9" if household.category == "gas" else "1"
    code = tariffs.code(household.region, household.category)
    phone = f"+7 900 000-{index // 100:02d}-{index % 100:02d}"
    registry.add(
        "accounts",
        *(household.account, household.address, household.holder, phone, household.residents, household.area),
        *(ratio, norm, code, status),
    )
    for meter in meters:
        registry.add(
            "meters", household.account, meter.number, meter.scheme, 6, 1, meter.due, meter.place, meter.status
        )


def _meters(household: Household, index: int, until: Month, chance: Random) -> Iterator[Meter]:
    months = [until.plus(-back) for back in range(MONTHS - 1, -1, -1)]
    if household.story == "replaced":
        yield _meter(household, "single", months[:10], f"{household.region}{index:02d}9000", chance, "closed")
        yield _meter(household, "day_night", months[10:], f"{household.region}{index:02d}0100", chance, fresh=True)
        return
    for place, scheme in enumerate(household.meters):
        number = EXAMPLE_METER if household.story == "example" else f"{household.region}{index:02d}0{place}00"
        status = "closed" if household.story == "closed" else "active"
        span = months[: MONTHS - 7] if status == "closed" else months
        yield _meter(household, scheme, span, number, chance, status)


def _meter(
    household: Household,
    scheme: str,
    months: list[Month],
    number: str,
    chance: Random,
    status: str = "active",
    *,
    fresh: bool = False,
) -> Meter:
    zones, _, place = scheme.partition("@")
    usual = household.kwh * (0.3 if place else 1)
    volumes = {month: _month(household, zones, usual, month, chance) for month in months}
    values = {zone: 0 if fresh else 500 + int(chance.random() * 9000 * share) for zone, share in SHARES[zones].items()}
    if household.story == "example":
        values = {zone: last - sum(used[zone] for used in volumes.values()) for zone, last in EXAMPLE_LAST.items()}
    silent = frozenset(months[-2:]) if household.story == "silent" else frozenset()
    usual_place = "лестничная площадка" if ", кв. " in household.address else "дом"
    due = _due(household, months[-1], chance)
    return Meter(number, zones, place or usual_place, due, values, volumes, status, silent)


def _month(household: Household, zones: str, usual: float, month: Month, chance: Random) -> dict[str, int]:
    """kWh of one month by zone: the season, and how people vary."""
    if household.story == "away" and month.month in (11, 12, 1, 2, 3):
        usual = 0
    heating = 1.3 if household.category == "rural" and month.month in (11, 12, 1, 2, 3) else 1.0
    total = usual * SEASON[month.month - 1] * heating * (0.88 + 0.24 * chance.random())
    return {zone: round(total * share * (0.95 + 0.1 * chance.random())) for zone, share in SHARES[zones].items()}


def _due(household: Household, last: Month, chance: Random) -> date:
    """Day of the next verification."""
    chosen = last.plus(18 + int(chance.random() * 150))
    months = {"expired": last.plus(-3), "due soon": last.plus(2)}
    return months.get(household.story, chosen).day(1 + int(chance.random() * 28))


def _read(registry: Registry, household: Household, until: Month, meters: list[Meter], chance: Random) -> None:
    """Readings of the 23rd to 25th: the starting values, then each month's."""
    for meter in meters:
        values = dict(meter.values)
        channel = CHANNELS[int(chance.random() * 4)]
        first = min(meter.volumes).plus(-1)
        for month in (first, *meter.volumes):
            day = month.day(24 if month == until else 23 + int(chance.random() * 3))
            how = CHANNELS[4] if chance.random() < 0.04 else channel
            for zone, used in meter.volumes.get(month, {}).items():
                values[zone] += used
            if month not in meter.silent:
                for zone, value in values.items():
                    registry.add("readings", household.account, meter.number, zone, day, value, how, 1)


def _bill(registry: Registry, household: Household, until: Month, meters: list[Meter], chance: Random) -> None:
    """Charges and payments so that opening + charged + recalculated + penalty - paid = closing in every month."""
    months = [until.plus(-back) for back in range(MONTHS - 1, -1, -1)]
    if household.story == "closed":
        months = months[: MONTHS - 7]
    opening = (_cost(household, meters, months[0]) * Decimal("0.93")).quantize(tariffs.KOPECK)
    till = TILLS[int(chance.random() * len(TILLS))]
    for month in months:
        charged = _cost(household, meters, month)
        left = (until.year - month.year) * 12 + until.month - month.month
        recalculated = Decimal("-186.40") if household.payer is Payer.IN_PART and left == 9 else Decimal("0.00")
        penalty = _penalty(opening, charged)
        due = opening + charged + recalculated + penalty
        paid = due if month == months[-1] and household.story == "closed" else _paid(household, left, opening, due)
        if paid > 0:
            day = month.day(6 + int(chance.random() * 9))
            reference = f"{household.region}{month.year % 100:02d}{month.month:02d}{household.account[-5:]}"
            registry.add("payments", household.account, day, paid, till, reference)
        closing = due - max(paid, Decimal(0))
        registry.add("charges", household.account, month, opening, charged, recalculated, penalty, closing)
        opening = closing


def _cost(household: Household, meters: list[Meter], month: Month) -> Decimal:
    """Roubles for the month; by the norm where there is no meter."""
    volumes: dict[str, int] = {} if meters else {"single": NORM * household.residents}
    for meter in meters:
        for zone, kwh in meter.volumes.get(month, {}).items():
            volumes[zone] = volumes.get(zone, 0) + kwh
    return tariffs.cost(household.region, household.category, month.day(1), volumes)


def _penalty(opening: Decimal, charged: Decimal) -> Decimal:
    """For what is older than two months, at 1/300 of 9.5 % a day."""
    overdue = max(Decimal(0), opening - 2 * charged)
    return (overdue * 30 * Decimal("0.095") / 300).quantize(tariffs.KOPECK)


def _paid(household: Household, left: int, opening: Decimal, due: Decimal) -> Decimal:
    """Roubles paid in a month, `left` months before the last one."""
    debt = max(opening, Decimal(0))
    match household.payer:
        case Payer.TO_THE_KOPECK if left == 0:
            return due - EXAMPLE_DEBT
        case Payer.ROUNDS_UP:
            return _up(debt, 100)
        case Payer.IN_ADVANCE:
            return _up(debt * 4, 500)
        case Payer.IN_PART:
            return _up(debt / 2, 50)
        case Payer.STOPPED if left < 5:
            return Decimal("0.00")
        case _:
            return debt


def _up(amount: Decimal, step: int) -> Decimal:
    return Decimal(-(-amount // step) * step).quantize(tariffs.KOPECK) if amount else Decimal("0.00")


def many_accounts(count: int) -> Iterator[Row]:
    """Lines of an accounts.csv of any size, region after region."""
    known = households()
    regions = sorted({household.region for household in known})
    for index in range(count):
        region = regions[index * len(regions) // count]
        like = known[index % len(known)]
        address = f"г. Примерск, ул. Полевая, д. {index // 90 % 200 + 1}, кв. {index % 90 + 1}"
        phone = f"+7 900 {index // 10000 % 1000:03d}-{index // 100 % 100:02d}-{index % 100:02d}"
        code = tariffs.code(region, like.category)
        status = "closed" if index % 50 == 49 else "active"
        person = (like.holder, phone, str(like.residents), like.area, "0.9", "50")
        yield f"{region}{index:010d}", address, *person, code, status


def write(path: Path, header: str, rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the sample registry or a big accounts.csv.")
    parser.add_argument("--until", default="2026-10", help="last closed month")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HOME, help="folder of the files")
    parser.add_argument("--accounts", type=int, help="write only accounts.csv with so many lines")
    options = parser.parse_args()
    if options.accounts is not None:
        write(options.out / "accounts.csv", HEADERS["accounts"], many_accounts(options.accounts))
        return
    until = date.fromisoformat(f"{options.until}-01")
    for name, rows in sample_registry(Month(until.year, until.month), options.seed).lines.items():
        write(options.out / f"{name}.csv", HEADERS[name], rows)


if __name__ == "__main__":
    main()
