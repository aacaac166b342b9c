"""Submissions of others as people see them who only confirmed an address, and a closed account."""

from __future__ import annotations

import pytest

from tests.flows.test_proofs import ACCOUNT, add_payment, prove, switch
from tests.flows.test_sharing import join
from tests.harness import BotHarness
from tests.people import Someone

VALUES = ("3 655", "1 585", "3655", "1585")
TWO_METERS = "360000200066"


@pytest.fixture
async def owner(harness: BotHarness, maria: Someone) -> Someone:
    await prove(maria, await add_payment(harness, "2026-11-10", 105511))
    return maria


async def hand_in(someone: Someone, typed: str = "3655 1585") -> None:
    await someone.send(typed)
    await someone.press("Передать")
    assert "Показания переданы" in someone.screen


async def look_everywhere(someone: Someone) -> None:
    for command in ("/menu", "/readings", "/history", "/submissions", "/accounts"):
        await someone.send(command)


async def test_who_confirmed_the_address_sees_that_there_are_readings_and_not_which(
    harness: BotHarness, maria: Someone
) -> None:
    await hand_in(maria)
    oleg = await harness.customer("Олег", ACCOUNT)
    assert "переданы 23.11.2026, ждут расчёта" in oleg.screen
    await oleg.press("Передать показания")
    assert "показания уже переданы 23.11.2026. Новые их заменят." in oleg.screen
    assert "было 3 500, 24.10.2026" in oleg.screen
    await look_everywhere(oleg)
    await oleg.send("3660 1590")
    assert "Заменят показания от 23.11.2026" in oleg.screen
    assert "3 500 → 3 660" in oleg.screen
    await oleg.press("Передать")
    await look_everywhere(oleg)
    assert "Здесь будут" not in oleg.screen
    assert [value for value in VALUES if value in oleg.seen] == []
    assert "Мария" not in oleg.seen


async def test_what_came_instead_of_ones_own_readings_is_not_shown_either(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    await hand_in(oleg, "3640 1570")
    press = oleg.find("Исправить")
    await hand_in(maria)
    await oleg.press_data(*press)
    assert "показания уже переданы 23.11.2026. Новые их заменят." in oleg.screen
    await oleg.send("/submissions")
    assert "заменены новыми" in oleg.screen
    await oleg.press("П-2611-00001")
    assert "3 640" in oleg.screen
    await look_everywhere(oleg)
    assert [value for value in VALUES if value in oleg.seen] == []


async def test_ones_own_readings_are_shown(harness: BotHarness, maria: Someone) -> None:
    await hand_in(maria)
    await maria.press("Исправить")
    assert "уже переданы 23.11.2026: День 3 655 · Ночь 1 585. Новые их заменят." in maria.screen


@pytest.mark.parametrize("invited", [True, False], ids=["invited", "owner"])
async def test_who_sees_the_account_sees_its_readings(harness: BotHarness, owner: Someone, invited: bool) -> None:
    neighbour = await harness.customer("Сосед", ACCOUNT)
    await hand_in(neighbour)
    someone = await join(harness, owner) if invited else owner
    await someone.send("/readings")
    assert "уже переданы 23.11.2026: День 3 655 · Ночь 1 585" in someone.screen


async def test_the_price_does_not_tell_what_others_submitted_for_another_meter(harness: BotHarness) -> None:
    """Tiers fill up with all meters of an account; what is left of one would give the other meter's value away."""
    sergei, oleg = [await harness.customer(name, TWO_METERS) for name in ("Сергей", "Олег")]
    alone = await preview(oleg)
    assert "1-й диапазон, до 2-го" in alone
    await sergei.send("/readings")
    await sergei.press("36060000")
    await sergei.send("13700 6400")
    await sergei.press("Передать")
    assert "Показания переданы" in sergei.screen
    assert await preview(oleg) == alone
    assert await preview(sergei) != alone, "one's own readings count"


async def preview(someone: Someone) -> str:
    """Of the second meter."""
    await someone.send("/cancel")
    await someone.send("/readings")
    await someone.press("36060100")
    await someone.send("8500")
    assert "Проверьте показания" in someone.screen
    return someone.screen


# A closed account


@pytest.mark.parametrize("replaced", [True, False], ids=["replaced", "accepted"])
async def test_a_closed_account_shows_ones_own_readings_and_asks_the_supplier_nothing(
    harness: BotHarness, owner: Someone, replaced: bool
) -> None:
    oleg = await harness.customer("Олег", ACCOUNT)
    await hand_in(oleg, "3640 1570")
    presses = [oleg.find(label) for label in ("Сохранить PDF", "На e-mail", "Исправить")]
    if replaced:
        await hand_in(owner)
    await switch(owner, "Запретить управление другим")
    asked = len(harness.supplier.asked)
    await oleg.send("/submissions")
    assert "3 640" in oleg.screen
    await oleg.press("П-2611-00001")
    assert "3 640" in oleg.screen
    assert "Исправить" not in oleg.buttons
    for press in presses:
        await oleg.press_data(*press)
    assert "не разрешает передавать показания" in oleg.screens[-1]
    await oleg.send("oleg@mail.ru")
    letter = await harness.letterbox.letter()
    assert "3 640" in letter.text.replace("\xa0", " ")
    assert len(oleg.documents) == 1
    assert ACCOUNT not in harness.supplier.asked[asked:]
    assert [value for value in VALUES if value in oleg.seen + letter.text.replace("\xa0", " ")] == []
