"""Several forms at a time: each is left, filled in and dropped alone, and nothing typed gets into another one."""

from __future__ import annotations

import inspect

import pytest
from aiogram.fsm.state import StatesGroup

from fsm import drafts, states
from tests.flows.kept import values
from tests.people import Someone
from tests.town import Town

ONE_ZONE = "360000200017"
GOOD = {"day": 3650, "night": 1580}


@pytest.fixture
async def half(maria: Someone) -> Someone:
    """Maria has typed one of two readings."""
    await maria.send("/readings")
    await maria.send("3650")
    return maria


async def hand_in_the_rest(town: Town, someone: Someone) -> None:
    await someone.send("/readings")
    assert "3 650 ✓" in someone.screen
    await someone.send("1580")
    await someone.press("Передать")
    assert values(town) == [GOOD]


async def go_through(someone: Someone, *steps: str) -> None:
    """A step is typed when it is marked with «>», and pressed otherwise."""
    for step in steps:
        await (someone.send(step[1:]) if step.startswith(">") else someone.press(step))


# Dropping


@pytest.mark.parametrize(
    "detour",
    [
        (">/accounts", "…3456", "Назвать", ">Дача"),
        (">/accounts", "…3456", "Назвать", ">отмена"),
        (">/pay", "Другая сумма", ">отмена"),
        (">/pay", "Другая сумма", ">/cancel"),
        (">/menu", ">отмена"),
        (">/menu", ">" + ONE_ZONE, "Нет, другой номер", ">/cancel"),
        (">/menu", ">" + ONE_ZONE, "Да, это верный адрес", ">/accounts", "…0017", "Отвязать", "Да, отвязать"),
        (">/menu", "Подтвердить счёт", ">стоп"),
    ],
    ids=" ".join,
)
async def test_another_form_is_dropped_alone(town: Town, half: Someone, detour: tuple[str, ...]) -> None:
    await go_through(half, *detour)
    await hand_in_the_rest(town, half)


async def test_consents_given_anew_drop_no_reading(town: Town, half: Someone) -> None:
    await town.run("UPDATE consents SET withdrawn_at = given_at WHERE user_id = ?", half.id)
    await half.send("1580")
    await half.press("Даю оба согласия")
    await hand_in_the_rest(town, half)


async def test_a_sum_that_was_named_before_can_be_paid_after_the_readings(town: Town, maria: Someone) -> None:
    await go_through(maria, ">/pay", "Другая сумма", ">500")
    by_card = maria.find("Картой")
    await go_through(maria, ">/readings", ">3650 1580", "Передать")
    await maria.press_data(*by_card)
    assert town.rows("SELECT kopecks FROM orders") == [(50000,)]


async def test_cancelling_the_readings_leaves_the_sum(town: Town, maria: Someone) -> None:
    await go_through(maria, ">/pay", "Другая сумма", ">500")
    by_card = maria.find("Картой")
    await go_through(maria, ">/readings", ">3650", "Отмена", ">/readings", ">3650", ">отмена")
    assert not any("Продолжить" in label for label in maria.buttons)
    await maria.press_data(*by_card)
    assert town.rows("SELECT kopecks FROM orders") == [(50000,)]


async def test_who_cancels_has_not_agreed_to_what_was_asked(town: Town, maria: Someone) -> None:
    await go_through(maria, ">/settings", "Мои данные", "Удалить всё обо мне", "Удалить")
    yes = maria.find("Да, удалить всё обо мне")
    await maria.send("отмена")
    await maria.press_data(*yes)
    assert len(town.rows("SELECT id FROM links WHERE user_id = ?", maria.id)) == 1


def test_every_form_can_be_left() -> None:
    groups = {one for _, one in inspect.getmembers(states, inspect.isclass) if issubclass(one, StatesGroup)}
    assert groups - {StatesGroup} == set(drafts._FORMS)
