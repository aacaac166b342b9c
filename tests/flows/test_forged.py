"""Presses, links and messages of a rogue client: numbers beyond every column and screen, and words for numbers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import pytest
from aiogram.filters.callback_data import CallbackData

import handlers
from tests.conftest import TWO_ZONES
from tests.flows.payer import invoice
from tests.harness import BotHarness, link_of
from tests.people import Someone
from tests.source_tree import classes

KINDS: Final = classes(handlers, CallbackData)
NUMBERS: Final = [
    "", "0", "-1", "-99999999999999999999", "9223372036854775807", "9223372036854775808", "99999999999999999999",
    "9" * 40, "²", "٣", "१२", "1_0", "+5", " 5", "5.0", "1e9", "0x1", "007", "NaN", "\x00",
]  # fmt: skip
DUE: Final = {1234_56, 1975_74}  # of Maria, without the preliminary charge and with it
WORDS: Final = ["", "²", "٣", "zzz", "x" * 40, "'; DROP", "\x00", "99999999999999999999"]

pytestmark = pytest.mark.limits(intake={"flood_gap": 0})  # no pause between presses that come all at once


def fitting(kind: type[CallbackData], link: str) -> dict[str, list[str]]:
    """Values that a field takes, as they stand in a button."""
    found: dict[str, list[str]] = {}
    for name, field in kind.model_fields.items():
        of = field.annotation
        if inspect.isclass(of) and issubclass(of, StrEnum):
            found[name] = [str(one) for one in of]
        elif of in (int, bool):
            found[name] = ["1"]
        else:
            found[name] = [link]
    return found


def forged(kind: type[CallbackData], link: str) -> Iterator[str]:
    """Everything that fits save one field; numbers with every action."""
    good = fitting(kind, link)
    first = {name: values[0] for name, values in good.items()}
    actions = good.get("action", [""])
    for name, field in kind.model_fields.items():
        number = field.annotation is int
        for bad in NUMBERS if number else WORDS:
            for action in actions if number else actions[:1]:
                told = first | ({"action": action} if "action" in first else {}) | {name: bad}
                yield ":".join([kind.__prefix__, *told.values()])
    yield kind.__prefix__
    yield f"{kind.__prefix__}:"
    yield ":".join([kind.__prefix__, *["1"] * 9])


def unharmed(harness: BotHarness) -> None:
    assert harness.dead_letters() == []
    assert harness.journal.take() == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_no_forged_button_is_more_than_an_old_one(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch, kind: type[CallbackData]
) -> None:
    for data in forged(kind, link_of(maria, TWO_ZONES)):
        at = maria.last_id
        harness.world.forge_press(maria.person, maria.id, at, data)
    await harness.quiet()
    unharmed(harness)
    await maria.send("/menu")
    assert "По счёту 1 234,56 ₽" in maria.screen or "К оплате 1 234,56 ₽" in maria.screen
    assert {payment.amount for payment in harness.bank.payments} <= DUE


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_number_of_a_button_has_a_bound(kind: type[CallbackData]) -> None:
    good = {name: values[0] for name, values in fitting(kind, "link").items()}
    for name in (name for name, field in kind.model_fields.items() if field.annotation is int):
        for bad in ("-1", "9223372036854775808", "٣", "1_0", "+5"):
            with pytest.raises(ValueError, match=name):
                kind.unpack(":".join([kind.__prefix__, *(good | {name: bad}).values()]))


async def test_numbers_in_real_buttons_are_replaced(harness: BotHarness, maria: Someone) -> None:
    """With the form that they belong to open."""
    await maria.send("1")
    await maria.send("1")
    await replaced(harness, maria, *maria.find("Всё верно"))
    await invoice(maria, "100")
    await replaced(harness, maria, *maria.find("QR-код"))
    assert ([payment.amount for payment in harness.bank.payments], maria.pictures) == ([100_00], [])


async def replaced(harness: BotHarness, someone: Someone, at: int, data: str) -> None:
    prefix, *parts = data.split(":")
    [kind] = [one for one in KINDS if one.__prefix__ == prefix]
    places = [place for place, field in enumerate(kind.model_fields.values()) if field.annotation is int]
    assert places
    for place in places:
        for number in NUMBERS:
            told = [*parts[:place], number, *parts[place + 1 :]]
            await someone.press_data(at, ":".join([prefix, *told]))
    unharmed(harness)


@pytest.mark.parametrize("prefix", ["pay_", "inv_", "eml_", "ers_", "ere_", "", "zzz_"])
async def test_payloads_of_links_lead_nowhere(harness: BotHarness, maria: Someone, prefix: str) -> None:
    for value in (*NUMBERS, *WORDS, "9" * 4000):
        maria.types(f"/start {prefix}{value}")
    await harness.quiet()
    unharmed(harness)


async def test_whatever_is_typed_as_a_sum_is_answered_in_words(harness: BotHarness, maria: Someone) -> None:
    typed = [value for value in NUMBERS if value.strip("\x00 ")] + ["9" * 4000, "1 000 000 000 000 000,00", "∞", "1/0"]
    for value in typed:
        await invoice(maria, value)
        sane = "О результате сообщу" in maria.screen
        assert sane == (value in {"5.0", "007", " 5"}), value
    assert {payment.amount for payment in harness.bank.payments} == {5_00, 7_00}
    unharmed(harness)


async def test_whatever_is_typed_as_a_proof_is_answered_in_words(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = idle_harness
    monkeypatch.setenv("PROOFS_PER_DAY", "1000")
    await harness.start()
    maria = await harness.customer("Мария", TWO_ZONES)
    await maria.press("Подтвердить")
    for value in [*NUMBERS, "9" * 4000]:
        if value.strip("\x00 "):
            maria.types(value)
    await harness.quiet()
    unharmed(harness)
    assert "подтверждён" not in maria.seen
