"""A question whose answer was wrong stays open, and its buttons stand below the error."""

from __future__ import annotations

import pytest

from tests.flows.test_bad_input import PLACES, Place
from tests.harness import BotHarness
from tests.people import Someone

WRONG = "360000 жёлтых 99,9,9 слонов и ещё один"
ASKING = [place for place in PLACES if place.name != "home"]


@pytest.mark.parametrize("place", ASKING, ids=str)
async def test_the_buttons_of_the_question_stand_below_the_error(harness: BotHarness, place: Place) -> None:
    someone = await harness.customer("Мария", *place.accounts)
    await place.begin(harness, someone)
    asked, buttons = someone.screen, someone.buttons
    for _ in range(2):
        await someone.send(WRONG)
        assert someone.screen != asked
        assert set(buttons) <= set(someone.buttons)
        assert {"На главную", "Помощь"} & set(someone.buttons)


async def test_a_button_below_the_error_does_what_it_did_below_the_question(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("360000200017")
    await maria.send("жёлтый слон")
    assert maria.screen.startswith("Чтобы подтвердить адрес, напишите цифрами номер")
    await maria.press("Нет, другой номер")
    assert maria.screen.startswith("Пришлите номер лицевого счёта")
    await maria.send("360000200017")
    await maria.send("46")
    assert len(harness.rows("SELECT * FROM links")) == 2


async def test_buttons_of_a_question_that_was_left_do_not_come_back(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    await maria.press("Другая сумма")
    await maria.send("/menu")
    await maria.photo()
    assert maria.buttons == ["На главную"]


# Small talk


@pytest.mark.parametrize(("words", "answer"), [("Здравствуйте!", "Здравствуйте!"), ("спасибо", "Пожалуйста!")])
@pytest.mark.parametrize("place", [place for place in ASKING if place.name != "account name"], ids=str)
async def test_courtesy_is_answered_and_the_question_stands(
    harness: BotHarness, place: Place, words: str, answer: str
) -> None:
    someone = await harness.customer("Мария", *place.accounts)
    await place.begin(harness, someone)
    asked, buttons = someone.screen, someone.buttons
    await someone.send(words)
    assert someone.screen == f"{answer}\n\n{asked}"
    assert someone.buttons == buttons
    await place.finish(harness, someone)


@pytest.mark.parametrize("words", ["привет", "меню", "/menu", "счета", "помощь", "настройки"])
async def test_who_has_no_account_keeps_the_question_for_the_flat(harness: BotHarness, words: str) -> None:
    someone = await harness.customer("Мария")
    await someone.send("360000200017")
    await someone.send(words)
    if words in {"помощь", "настройки"}:
        await someone.press("На главную")
    assert "Если это ваш адрес, напишите номер квартиры" in someone.screen
    await someone.send("46")
    assert len(harness.rows("SELECT * FROM links")) == 1


async def test_another_number_ends_the_question_for_the_flat(harness: BotHarness) -> None:
    someone = await harness.customer("Мария")
    await someone.send("360000200017")
    await someone.press("Нет, другой номер")
    await someone.send("/menu")
    assert someone.screen.startswith("Пришлите номер лицевого счёта")


async def test_another_address_typed_while_the_first_one_waits_is_the_new_one(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("/settings")
    await maria.press("Почта")
    await maria.send("maria@mail.ru")
    assert (await harness.letterbox.letter()).to == "maria@mail.ru"
    await maria.send("maria@mail")
    assert "не похоже на адрес" in maria.screen
    await maria.send("maria.new@mail.ru")
    assert (await harness.letterbox.letter()).to == "maria.new@mail.ru"
    assert harness.rows("SELECT address FROM email_requests WHERE ended_at IS NULL") == [("maria.new@mail.ru",)]
