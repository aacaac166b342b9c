"""The page that says which account numbers can be tried, read from the same registry files as the bot's."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Final

from aiohttp import web

from sandbox.html import page, table

Line = dict[str, str]

_ZONES: Final = {"single": "один тариф", "day_night": "день/ночь", "peak_half_night": "пик/полупик/ночь"}
_NAMES: Final = {"single": "", "day": "день ", "night": "ночь ", "peak": "пик ", "half_peak": "полупик "}
_HEAD: Final = ["Номер счёта", "Адрес", "Счётчики и их последние показания", "Чем интересен"]


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

    def add_routes(self, app: web.Application) -> None:
        """Serve /accounts."""
        app.router.add_get("/accounts", self.show)

    async def show(self, _: web.Request) -> web.Response:
        """All of them."""
        words = (
            "<p>Все люди и адреса вымышлены. Номер можно вводить с пробелами. Чтобы подтвердить адрес, бот спросит "
            "номер квартиры, а у частного дома номер дома: в адресе он выделен.</p>"
        )
        return page("Номера счетов для пробы", words + table(_HEAD, [self._row(one) for one in self._accounts]))

    def _row(self, account: Line) -> list[str]:
        meters = self._meters[account["account"]]
        kinds = "<br>".join(escape(f"{_kind(meter)}: {self._values(meter)}") for meter in meters)
        return [
            f'<td class="figure">{escape(account["account"])}</td>',
            f"<td>{_address(account['address'])}</td>",
            f"<td>{kinds}</td>",
            f"<td>{'<br>'.join(_remarks(account, meters))}</td>",
        ]

    def _values(self, meter: Line) -> str:
        values = self._last[meter["account"], meter["meter"]]
        return ", ".join(f"{_NAMES[zone]}{value}" for zone, value in values.items())


def _address(address: str) -> str:
    """The address with its last part, «кв. 45» or «д. 5», standing out."""
    street, comma, home = address.rpartition(", ")
    return f"{escape(street + comma)}<b>{escape(home)}</b>"


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
