"""Several forms at a time: each is left, filled in and dropped alone, and nothing typed gets into another one."""

from __future__ import annotations

import pytest
from aiogram.fsm.state import StatesGroup

import fsm
from fsm.draft import Draft
from services.supplier.errors import SupplierUnavailable
from tests.flows.kept import values
from tests.flows.test_proofs import add_payment
from tests.harness import BotHarness
from tests.people import Someone
from tests.source_tree import classes

ONE_ZONE = "360000200017"
TWO_METERS = "360000200066"  # the house has two zones, the bathhouse one
GOOD = {"day": 3650, "night": 1580}


@pytest.fixture
async def half(maria: Someone) -> Someone:
    """Maria has typed one of two readings."""
    await maria.send("/readings")
    await maria.send("3650")
    return maria


async def hand_in_the_rest(harness: BotHarness, someone: Someone) -> None:
    await someone.send("/readings")
    assert "3 650 ✓" in someone.screen
    await someone.send("1580")
    await someone.press("Передать")
    assert values(harness) == [GOOD]


async def go_through(someone: Someone, *steps: str) -> None:
    """A step is typed when it is marked with «>», and pressed otherwise."""
    for step in steps:
        await (someone.send(step[1:]) if step.startswith(">") else someone.press(step))


# Numbers that nobody asked for


@pytest.mark.parametrize("word", ["долг", "меню", "настройки", "/accounts", "мои показания"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("3650", "1580"),
        ("ночь 1580", "3650"),
        ("3640", "3650 1580"),
        ("3650 1480", "1580"),
        ("3640 1570", "3650 1580"),
    ],
    ids=["second", "first", "both", "at a doubt", "at the preview"],
)
async def test_numbers_typed_after_a_look_elsewhere_go_into_the_form(
    harness: BotHarness, maria: Someone, word: str, first: str, second: str
) -> None:
    await go_through(maria, ">/readings", ">" + first, ">" + word, ">" + second)
    assert "День 3 500 → 3 650" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_of_several_meters_the_one_is_asked_for_and_its_form_goes_on(harness: BotHarness) -> None:
    zoya = await harness.customer("Зоя", TWO_METERS)
    await go_through(zoya, ">/readings", "дом", ">13700", ">меню", ">6420")
    assert zoya.screen == "📟 Вы прислали «6420». Для какого счётчика?"
    await go_through(zoya, "дом", "Передать")
    assert values(harness) == [{"day": 13700, "night": 6420}]


async def test_of_several_meters_another_one_gets_nothing_of_the_form(harness: BotHarness) -> None:
    zoya = await harness.customer("Зоя", TWO_METERS)
    await go_through(zoya, ">/readings", "дом", ">13700", ">меню", ">6420", ">меню", ">8500")
    await go_through(zoya, "баня", "Передать")
    assert values(harness) == [{"single": 8500}]


async def test_numbers_typed_days_later_begin_anew(harness: BotHarness, half: Someone) -> None:
    await half.send("меню")
    harness.world.advance(2 * 86400)
    await half.send("3660")
    assert "3 660 ✓" in half.screen
    assert "3 650" not in half.screen


# Corrections by an edit


async def test_an_edit_puts_right_what_was_typed_last(harness: BotHarness, maria: Someone) -> None:
    await go_through(maria, ">/readings", ">3651")
    await maria.edit("3650")
    assert "3 650 ✓" in maria.screen
    assert "Теперь пришлите число «Ночь»" in maria.screen
    await maria.send("1850")
    await maria.edit("1580")
    await maria.edit("ночь 1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


@pytest.mark.parametrize("typed", ["3650 1480", "3650 158о", "1580", "3650 1570"])
async def test_an_edit_is_read_instead_whatever_came_of_the_message(
    harness: BotHarness, maria: Someone, typed: str
) -> None:
    await go_through(maria, ">/readings", ">" + typed)
    await maria.edit("3650 1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_an_edit_of_numbers_typed_at_home(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3651")
    await maria.edit("3650")
    await go_through(maria, ">1580", "Передать")
    assert values(harness) == [GOOD]


async def test_an_edit_before_the_meter_is_picked(harness: BotHarness) -> None:
    zoya = await harness.customer("Зоя", TWO_METERS)
    await zoya.send("8600")
    await zoya.edit("8700")
    assert "«8700»" in zoya.screen
    await zoya.press("баня")
    await zoya.edit("8500")
    await zoya.press("Передать")
    assert values(harness) == [{"single": 8500}]


@pytest.mark.parametrize("first", ["3640 1570", "привет"])
async def test_an_edit_of_an_older_message_changes_no_form(harness: BotHarness, maria: Someone, first: str) -> None:
    await maria.send(first)
    older = harness.world.chat_view(maria.id)[-2]["message_id"]
    await go_through(maria, ">/cancel", "Передать показания", ">3650")
    harness.world.edit_text(maria.person, older, "1570")
    await harness.quiet()
    assert maria.screen.startswith("Вы изменили прежнее сообщение")
    await hand_in_the_rest(harness, maria)


# The supplier is away


PLACES = {
    "account": ((">/accounts", "Добавить"), "360000 200017", "Нашёл счёт …0017"),
    "account at home": ((">/menu",), ONE_ZONE, "Нашёл счёт …0017"),
    "proof": ((">/menu", "Подтвердить счёт"), "1055,11", "✅ Счёт …3456"),
    "command": ((">/menu",), "/readings", "📟 Счётчик 10000001"),
}


@pytest.mark.parametrize("left", [False, True], ids=["at once", "after home"])
@pytest.mark.parametrize("place", PLACES)
async def test_what_came_while_the_supplier_was_away_is_said_again_where_it_was_said(
    harness: BotHarness, maria: Someone, place: str, left: bool
) -> None:
    way, typed, answer = PLACES[place]
    await add_payment(harness, "2026-11-10", 105511)
    await go_through(maria, *way)
    harness.supplier.trouble = SupplierUnavailable()
    await maria.send(typed)
    assert maria.screen.endswith("Ваше сообщение я запомнил.")
    again = maria.find("Повторить")
    await maria.press_data(*again)
    assert maria.screen.startswith("Система расчётов сейчас не отвечает")
    harness.supplier.trouble = None
    assert len(harness.alerts()) == 2
    if left:
        await maria.send("/menu")
    await maria.press_data(*again)
    assert maria.screen.startswith(answer)


@pytest.mark.parametrize("place", ["account", "proof"])
async def test_what_was_typed_for_another_form_is_no_reading(harness: BotHarness, half: Someone, place: str) -> None:
    way, typed, _ = PLACES[place]
    await go_through(half, *way)
    harness.supplier.trouble = SupplierUnavailable()
    await half.send(typed)
    harness.supplier.trouble = None
    assert harness.alerts()
    await hand_in_the_rest(harness, half)


@pytest.mark.parametrize(("first", "second"), [("3650", "1580"), ("3650 1480", "1580"), ("3640 1570", "3650 1580")])
@pytest.mark.parametrize("word", [None, "меню"])
async def test_numbers_that_came_while_the_supplier_was_away_go_into_the_form(
    harness: BotHarness, maria: Someone, first: str, second: str, word: str | None
) -> None:
    await go_through(maria, ">/readings", ">" + first)
    if word:
        await maria.send(word)
    harness.supplier.trouble = SupplierUnavailable()
    await maria.send(second)
    assert maria.screen.endswith("Числа я запомнил, но показания ещё не переданы.")
    harness.supplier.trouble = None
    assert harness.alerts()
    await go_through(maria, "Повторить", "Передать")
    assert values(harness) == [GOOD]


# Dropping


@pytest.mark.parametrize(
    "detour",
    [
        (">/accounts", "Изменить", "Назвать", ">Дача"),
        (">/accounts", "Изменить", "Назвать", ">отмена"),
        (">/pay", "Другая сумма", ">отмена"),
        (">/pay", "Другая сумма", ">/cancel"),
        (">/menu", ">отмена"),
        (">/menu", ">" + ONE_ZONE, "Нет, другой номер", ">/cancel"),
        (">/menu", ">" + ONE_ZONE, ">46", ">/accounts", "Изменить", "…0017", "Отвязать", "Да, отвязать"),
        (">/menu", "Подтвердить счёт", ">стоп"),
    ],
    ids=" ".join,
)
async def test_another_form_is_dropped_alone(harness: BotHarness, half: Someone, detour: tuple[str, ...]) -> None:
    await go_through(half, *detour)
    await hand_in_the_rest(harness, half)


async def test_consents_given_anew_drop_no_reading(harness: BotHarness, half: Someone) -> None:
    await harness.run("UPDATE consents SET withdrawn_at = given_at WHERE user_id = ?", half.id)
    await half.send("1580")
    await half.press("Согласен с обоими")
    await hand_in_the_rest(harness, half)


async def test_a_sum_that_was_named_before_can_be_paid_after_the_readings(harness: BotHarness, maria: Someone) -> None:
    await go_through(maria, ">/pay", "Другая сумма", ">500")
    await go_through(maria, ">/readings", ">3650 1580", "Передать")
    assert [label for label in maria.labels if label.startswith("Картой")] == ["Картой или СБП · 500,00\xa0₽"]
    assert harness.rows("SELECT kopecks, dropped FROM orders ORDER BY number DESC LIMIT 1") == [(50000, 0)]


async def test_cancelling_the_readings_leaves_the_sum_that_is_asked_for(harness: BotHarness, maria: Someone) -> None:
    await go_through(maria, ">/pay", "Другая сумма", ">/readings", ">3650", "Отмена")
    assert not any("Продолжить" in label for label in maria.buttons)
    await go_through(maria, ">/pay", "Другая сумма", ">500")
    assert harness.bank.payments[-1].amount == 500_00


async def test_who_cancels_has_not_agreed_to_what_was_asked(harness: BotHarness, maria: Someone) -> None:
    await go_through(maria, ">/settings", "Мои данные", "Удалить всё обо мне", "Удалить")
    yes = maria.find("Да, удалить всё обо мне")
    await maria.send("отмена")
    await maria.press_data(*yes)
    assert len(harness.rows("SELECT id FROM links WHERE user_id = ?", maria.id)) == 1


def test_every_form_can_be_left() -> None:
    forms = {draft.states for draft in classes(fsm, Draft) if draft.states}
    assert forms == set(classes(fsm, StatesGroup))
