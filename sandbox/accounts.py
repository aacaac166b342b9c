"""The page that says which account numbers can be tried, read from the same registry files as the bot's."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Final

from aiohttp import web

from sandbox.html import page, table

Line = dict[str, str]

_ZONES: Final = {"single": "один тариф", "day_night": "день/ночь", "peak_half_night": "пик/полупик/ночь"}
_NAMES: Final = {"single": "", "day": "день ", "night": "ночь ", "peak": "пик ", "half_peak": "полупик "}
_HEAD: Final = [
    "Номер счёта",
    "Адрес",
    "Счётчики и их последние показания",
    "Платёж, который подтверждает",
    "Чем интересен",
]
_YEAR: Final = timedelta(days=365)
_DAY: Final = timedelta(days=1)


class SampleAccounts:
    """Reads the folder of registry files once."""

    def __init__(self, registry: Path) -> None:
        self._accounts = list(_lines(registry / "accounts.csv"))
        self._meters: dict[str, list[Line]] = defaultdict(list)
        self._last: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for meter in _lines(registry / "meters.csv"):
            self._meters[meter["account"]].append(meter)
        for reading in sorted(_lines(registry / "readings.csv"), key=lambda line: line["date"]):
            self._last[reading["account"], reading["meter"]][reading["zone"]] = reading["value"]
        self._paid = sorted(_lines(registry / "payments.csv"), key=lambda line: line["date"])

    def add_routes(self, app: web.Application) -> None:
        """Serve /accounts."""
        app.router.add_get("/accounts", self.show)

    async def show(self, _: web.Request) -> web.Response:
        """All of them."""
        words = (
            "<p>Все люди и адреса вымышлены. Номер можно вводить с пробелами. Чтобы подтвердить адрес, бот спросит "
            "номер квартиры, а у частного дома номер дома: в адресе он выделен. Чтобы подтвердить, что счёт ваш, бот "
            "спросит сумму любого платежа за последний год, сделанного не позже чем вчера: последняя такая стоит "
            "рядом. Где её нет, бот предложит заплатить от 1 ₽ и вернуться завтра.</p>"
        )
        proofs = self._proofs(datetime.now(UTC).date())
        rows = [self._row(one, proofs.get(one["account"])) for one in self._accounts]
        return page("Номера счетов для пробы", words + table(_HEAD, rows))

    def _proofs(self, today: date) -> dict[str, Line]:
        """The latest payment of each account that the bot takes as a proof."""
        first, last = (today - _YEAR).isoformat(), (today - _DAY).isoformat()
        return {line["account"]: line for line in self._paid if first <= line["date"] <= last}

    def _row(self, account: Line, proof: Line | None) -> list[str]:
        meters = self._meters[account["account"]]
        kinds = "<br>".join(escape(f"{_kind(meter)}: {self._values(meter)}") for meter in meters)
        return [
            f'<td class="figure">{escape(account["account"])}</td>',
            f"<td>{_address(account['address'])}</td>",
            f"<td>{kinds}</td>",
            f"<td>{_sum(proof) if proof else ''}</td>",
            f"<td>{'<br>'.join(_remarks(account, meters))}</td>",
        ]

    def _values(self, meter: Line) -> str:
        values = self._last[meter["account"], meter["meter"]]
        return ", ".join(f"{_NAMES[zone]}{value}" for zone, value in values.items())


def _address(address: str) -> str:
    """The address with its last part, «кв. 45» or «д. 5», standing out."""
    street, comma, home = address.rpartition(", ")
    return f"{escape(street + comma)}<b>{escape(home)}</b>"


def _sum(payment: Line) -> str:
    day = date.fromisoformat(payment["date"])
    return f"<b>{escape(payment['amount'].replace('.', ','))}</b> ₽ от {day:%d.%m.%Y}"


def _kind(meter: Line) -> str:
    gone = ", снят" if meter["status"] == "closed" else ""
    return f"№ {meter['meter']}, {_ZONES[meter['zones']]}{gone}"


def _remarks(account: Line, meters: list[Line]) -> Iterator[str]:
    if account["status"] == "closed":
        yield "счёт закрыт"
        return
    working = [meter for meter in meters if meter["status"] == "active"]
    if not working:
        yield "без счётчика"
    if len(working) > 1:
        yield "два счётчика"
    if len(working) < len(meters):
        yield "счётчик заменён"
    if any(meter["verification_due"] < datetime.now(UTC).date().isoformat() for meter in working):
        yield "истёк срок поверки"


def _lines(file: Path) -> Iterator[Line]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter=";")
