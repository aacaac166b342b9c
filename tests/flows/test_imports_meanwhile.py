"""An import that changes anything under any conversation ends in words.

Each test is one change. Many people stand in all places of all conversations with one account; then the registry
changes under them, and each of them goes on: presses everything that is there and types what they would have typed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Final

import pytest

from tests.conftest import TWO_ZONES
from tests.flows.test_bad_input import Answered
from tests.flows.test_forms import go_through
from tests.harness import BotHarness, link_of
from tests.people import Someone

pytestmark = pytest.mark.slow

_METER = f"account = {TWO_ZONES} AND meter = '10000001'"
_OF_ACCOUNT = f"WHERE account = {TWO_ZONES}"
_NEW = f"INSERT INTO ledger_meters (account, meter, zones) VALUES ({TWO_ZONES}, '10000009', 'day_night')"

CHANGES: Final = {
    "one zone": (f"UPDATE ledger_meters SET zones = 'single' WHERE {_METER}",),
    "three zones": (f"UPDATE ledger_meters SET zones = 'peak_half_night' WHERE {_METER}",),
    "meter replaced": (f"UPDATE ledger_meters SET status = 'closed' WHERE {_METER}", _NEW),
    "meter with another number": (f"UPDATE ledger_meters SET meter = '10000009' WHERE {_METER}",),
    "second meter": (_NEW,),
    "meter gone": (f"DELETE FROM ledger_meters WHERE {_METER}",),
    "small changes of the meter": (
        f"UPDATE ledger_meters SET coefficient = 1000000, verification_due = '2020-01-01' WHERE {_METER}",
    ),
    "fewer digits": (f"UPDATE ledger_meters SET digits = 3 WHERE {_METER}",),
    "account closed": (f"UPDATE ledger_accounts SET status = 'closed' {_OF_ACCOUNT}",),
    "account gone": tuple(
        f"DELETE FROM ledger_{table} {_OF_ACCOUNT}"
        for table in ("readings", "meters", "charges", "payments", "accounts")
    ),
    "tariff gone": ("DELETE FROM ledger_tariffs",),
    "paid and other readings": (
        f"UPDATE ledger_charges SET closing = -1000000 {_OF_ACCOUNT}",
        f"INSERT INTO ledger_payments (account, date, amount) VALUES ({TWO_ZONES}, '2026-11-23', 123456)",
        f"DELETE FROM ledger_readings {_OF_ACCOUNT} AND zone = 'night'",
    ),
    "charged already": (f"INSERT INTO ledger_charges (account, period, closing) VALUES ({TWO_ZONES}, '2026-11', 500)",),
    "no charges": (f"DELETE FROM ledger_charges {_OF_ACCOUNT}",),
    "readings counted": (
        "INSERT INTO ledger_readings (account, meter, zone, date, value, counted)"
        f" VALUES ({TWO_ZONES}, '10000001', 'day', '2026-11-23', 3650, 1),"
        f" ({TWO_ZONES}, '10000001', 'night', '2026-11-23', 1580, 1)",
    ),
    "readings higher": (f"UPDATE ledger_readings SET value = value + 5000, counted = 1 {_OF_ACCOUNT}",),
    "no readings": (f"DELETE FROM ledger_readings {_OF_ACCOUNT}",),
    "nothing is known": (
        f"UPDATE ledger_accounts SET address = '', holder = '', phone = '', tariff = '' {_OF_ACCOUNT}",
    ),
    "other holder and address": (
        f"UPDATE ledger_accounts SET holder = 'Другой Д. Д.', address = 'г. Воронеж, ул. Иная, д. 1' {_OF_ACCOUNT}",
    ),
}

_SUBMITTED = (">3650 1580", "Передать")
_PAGE = (">/accounts", "Изменить")
PLACES: Final[dict[str, tuple[str, ...]]] = {
    "home": (">/menu",),
    "readings": (">/readings",),
    "second zone": (">3650",),
    "doubt of one": (">3400",),
    "doubt of two": (">3650 1480",),
    "doubt about zones": (">1580 3650",),
    "doubt about digits": (">3650000 1580",),
    "answered doubt": (">3650 1480", "Счётчик заменили"),
    "certain": (">9650 1580", "Всё верно"),
    "preview": (">3650 1580",),
    "unchanged": (">/readings", "Показания не изменились"),
    "where to look": (">3650", "Где посмотреть"),
    "left form": (">3650", ">/menu"),
    "left doubt": (">3650 1480", ">/menu"),
    "submitted": _SUBMITTED,
    "correcting": (*_SUBMITTED, "Исправить"),
    "correction": (*_SUBMITTED, "Исправить", ">3660 1590"),
    "history": (*_SUBMITTED, ">/submissions"),
    "one of the history": (*_SUBMITTED, ">/submissions", "П-2611"),
    "letter": (*_SUBMITTED, "На e-mail"),
    "sums": (">/pay",),
    "sum": (">/pay", "Другая сумма"),
    "link": (">/pay", "Другая сумма", ">500"),
    "code": (">/pay", "Другая сумма", ">500", "QR"),
    "proof": (">/menu", "Подтвердить счёт"),
    "account": _PAGE,
    "name": (*_PAGE, "Назвать"),
    "unlinking": (*_PAGE, "Отвязать"),
    "another account": (">360000200017",),
    "settings": (">/settings",),
    "own e-mail": (">/settings", "Почта"),
    "my data": (">/settings", "Мои данные"),
}
_INFORMATION = (">/menu", "О счёте")
_HISTORY = (">/history",)
_CONTROL = (*_INFORMATION, "Управление счётом")
OWNERS: Final[dict[str, tuple[str, ...]]] = {
    "information": _INFORMATION,
    "the past": _HISTORY,
    "charges": (*_HISTORY, "Начисления"),
    "past readings": (*_HISTORY, "Показания"),
    "past payments": (*_HISTORY, "Платежи"),
    "files": (*_HISTORY, "Скачать"),
    "period": (*_HISTORY, "Период"),
    "control": _CONTROL,
    "inviting": (*_CONTROL, "Пригласить близких"),
    "members": (*_CONTROL, "Кто имеет доступ"),
}
_TYPED = ("3660 1590", "1590", "/menu")
_EVERYWHERE = {"На главную", "Помощь", "English", "Настройки", "Мои счета", "История"}


async def _enter(harness: BotHarness, place: str, trust: str) -> Someone:
    someone = await harness.customer(place, TWO_ZONES)
    since = "2026-11-20 00:00:00.000000" if trust == "verified" else None
    sql = "UPDATE links SET trust = ?, verified_at = ? WHERE id = ?"
    await harness.run(sql, trust, since, link_of(someone, TWO_ZONES))
    return someone


async def _go_on(harness: BotHarness, place: str, someone: Someone) -> None:
    known = set() if place == "home" else _EVERYWHERE
    shown = [label for label in someone.buttons if label not in known and _can_be_pressed(someone, label)]
    pressed = [someone.find(label) for label in shown]
    for message_id, data in pressed:
        await _does(harness, someone, f"{place}: {data}", data, message_id)
    for typed in _TYPED:
        await _does(harness, someone, f"{place}: {typed}", typed)


def _can_be_pressed(someone: Someone, label: str) -> bool:
    try:
        someone.find(label)
    except AssertionError:  # a link
        return False
    return True


async def _does(harness: BotHarness, someone: Someone, what: str, said: str, message_id: int | None = None) -> None:
    answered = Answered(harness, someone, what)
    if message_id is None:
        await someone.send(said)
        answered.check()
    else:
        await someone.press_data(message_id, said)
    assert harness.dead_letters() == [], what
    assert harness.journal.take() == [], what
    assert someone.unanswered == 0, what


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_under_everybody(idle_harness: BotHarness, change: str) -> None:
    harness = idle_harness
    harness.documents = None  # real pictures and papers
    await harness.start()
    everybody = [(*one, "verified") for one in OWNERS.items()] + [(*one, "confirmed") for one in PLACES.items()]
    people = {place: await _enter(harness, place, trust) for place, _, trust in everybody}
    submitters = [place for place, steps, _ in everybody if steps[0] == _SUBMITTED[0]]
    await asyncio.gather(
        *(go_through(people[place], *steps) for place, steps, _ in everybody if place not in submitters),
        _one_by_one(go_through(people[place], *PLACES[place]) for place in submitters),  # each replaces the one before
    )
    harness.alerts()
    for sql in CHANGES[change]:
        await harness.run(sql)
    await asyncio.gather(*(_go_on(harness, *one) for one in people.items()))


async def _one_by_one(steps: Iterable[Awaitable[None]]) -> None:
    for step in steps:
        await step
