"""The invented households of the sample registry. Any likeness to living people or their flats is accidental."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Payer(StrEnum):
    """How a household pays its bills."""

    ON_TIME = "on_time"
    ROUNDS_UP = "rounds_up"
    IN_ADVANCE = "in_advance"
    IN_PART = "in_part"
    STOPPED = "stopped"
    TO_THE_KOPECK = "to_the_kopeck"  # the debt of the example account is known exactly


@dataclass(frozen=True)
class Household:
    """`meters`: schemes with places, `single@гараж`; `kwh`: a usual month of the first meter;
    `story`: what is unusual about the account."""

    account: str
    address: str
    holder: str
    residents: int
    area: str
    category: str
    meters: tuple[str, ...]
    kwh: int
    payer: Payer
    story: str

    @property
    def region(self) -> str:
        return self.account[:2]


def households() -> list[Household]:
    with Path(__file__).with_name("households.csv").open(encoding="utf-8", newline="") as file:
        return [_household(line) for line in csv.DictReader(file, delimiter=";")]


def _household(line: dict[str, str]) -> Household:
    return Household(
        account=line["account"],
        address=line["address"],
        holder=line["holder"],
        residents=int(line["residents"]),
        area=line["area"],
        category=line["category"],
        meters=tuple(line["meters"].split("+")) if line["meters"] else (),
        kwh=int(line["kwh"]),
        payer=Payer(line["payer"]),
        story=line["story"],
    )
