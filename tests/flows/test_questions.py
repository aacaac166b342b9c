"""A question whose answer was wrong stays open, and its buttons stand below the error."""

from __future__ import annotations

from typing import Final

import pytest
from aiogram.fsm.state import State, StatesGroup

import fsm
from fsm.accounts import Naming
from fsm.appeals import Adding, Appealing, Rating
from fsm.history import Browsing
from fsm.proofs import Proving
from fsm.settings import SettingQuiet
from fsm.start import Consenting
from fsm.subscriptions import Leaving, Subscribing
from services.notices.models import Channel
from tests.conftest import TWO_ZONES
from tests.flows.subscribed import subscribe
from tests.flows.test_bad_input import PLACES, Answered, Place, state_of
from tests.flows.test_forms import go_through
from tests.flows.test_proofs import add_payment
from tests.harness import BotHarness
from tests.people import Someone
from tests.source_tree import classes

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


# Questions that are asked seldom: one of each kind of bad input


async def _own(harness: BotHarness) -> None:
    await harness.run("UPDATE links SET trust = 'verified', verified_at = '2026-11-01'")


async def _ask_proof(harness: BotHarness, someone: Someone) -> None:
    await add_payment(harness, "2026-11-10", 105511)
    await someone.press("Подтвердить счёт")


async def _prove(harness: BotHarness, someone: Someone) -> None:
    await someone.send("1055,11")
    assert harness.rows("SELECT trust FROM links") == [("verified",)]


async def _ask_period(harness: BotHarness, someone: Someone) -> None:
    await _own(harness)
    await go_through(someone, ">/history", "Период")


async def _type_period(harness: BotHarness, someone: Someone) -> None:
    await someone.send("2025")
    assert "История: 2025 год" in someone.screen


async def _ask_hours(harness: BotHarness, someone: Someone) -> None:
    await go_through(someone, ">/settings", "Уведомления", "Тихие часы")


async def _type_hours(harness: BotHarness, someone: Someone) -> None:
    await someone.send("с 20 до 10")
    assert harness.rows("SELECT quiet FROM users") == [("20-10",)]


async def _ask_where_to(harness: BotHarness, someone: Someone) -> None:
    await _own(harness)
    await go_through(someone, ">Доставка квитанций", "Подключить квитанцию на e-mail", "Я согласен")


async def _say_where_to(harness: BotHarness, someone: Someone) -> None:
    """A domain may have other letters than Latin ones."""
    await someone.send("maria@пример.рф")
    assert (await harness.letterbox.letter()).to == "maria@пример.рф"


async def _ask_reason(harness: BotHarness, someone: Someone) -> None:
    await _own(harness)
    await subscribe(harness, someone, Channel.MAIL)
    await go_through(someone, ">отключить электронную квитанцию", "Отключить e-mail")


async def _give_reason(harness: BotHarness, someone: Someone) -> None:
    await go_through(someone, ">Бумажная удобнее", "Прислать письмо для отключения")
    assert (await harness.letterbox.letter()).subject == "Подтвердите отключение квитанций"


async def _begin_appeal(harness: BotHarness, someone: Someone) -> None:
    """In the name of a customer without an account."""
    await go_through(someone, ">/appeals", "Новое обращение", "Договор и смена владельца")


async def _say_locality(harness: BotHarness, someone: Someone) -> None:
    await someone.send("г. Лиски")
    assert "улица, дом, квартира" in someone.screen


async def _ask_house(harness: BotHarness, someone: Someone) -> None:
    await _begin_appeal(harness, someone)
    await _say_locality(harness, someone)


async def _say_house(harness: BotHarness, someone: Someone) -> None:
    await someone.send("ул. Мира, 5")
    assert "Как к вам обращаться" in someone.screen


async def _ask_who(harness: BotHarness, someone: Someone) -> None:
    await _ask_house(harness, someone)
    await _say_house(harness, someone)


async def _say_who(harness: BotHarness, someone: Someone) -> None:
    await someone.send("Мария")
    assert "пришлите адрес или телефон" in someone.screen


async def _ask_contact(harness: BotHarness, someone: Someone) -> None:
    await _ask_who(harness, someone)
    await _say_who(harness, someone)


async def _send_appeal(harness: BotHarness, someone: Someone) -> None:
    await go_through(someone, ">9001234567", "Дальше", ">Как заключить договор?", "Отправить")
    columns = "locality, address, name, phone"
    assert harness.rows(f"SELECT {columns} FROM appeals") == [("г. Лиски", "ул. Мира, 5", "Мария", "+79001234567")]


async def _rate(harness: BotHarness, someone: Someone) -> None:
    await _ask_contact(harness, someone)
    await _send_appeal(harness, someone)
    await go_through(someone, ">/appeals", "2611-00001", "Вопрос решён", "4")


async def _explain_rating(harness: BotHarness, someone: Someone) -> None:
    await someone.send("Ответили быстро")
    assert harness.rows("SELECT rating, rating_words FROM appeals") == [(4, "Ответили быстро")]


SELDOM: Final = [
    Place("proof", Proving.sum, (TWO_ZONES,), _ask_proof, _prove),
    Place("period", Browsing.period, (TWO_ZONES,), _ask_period, _type_period),
    Place("quiet hours", SettingQuiet.hours, (TWO_ZONES,), _ask_hours, _type_hours),
    Place("address of receipts", Subscribing.address, (TWO_ZONES,), _ask_where_to, _say_where_to),
    Place("reason to leave", Leaving.reason, (TWO_ZONES,), _ask_reason, _give_reason),
    Place("locality of an appeal", Appealing.locality, (), _begin_appeal, _say_locality),
    Place("address of an appeal", Appealing.address, (), _ask_house, _say_house),
    Place("name in an appeal", Appealing.name, (), _ask_who, _say_who),
    Place("contact in an appeal", Appealing.contact, (), _ask_contact, _send_appeal),
    Place("words for a rating", Rating.words, (), _rate, _explain_rating),
]

ANY_WORDS: Final = {Leaving.reason, Rating.words}  # answer them

ELSEWHERE: Final = {
    Consenting.choosing: "has no answer in words: test_start.py",
    Naming.offered: "other things may be said as well: test_accounts.py",
    Appealing.subject: "any message is a part: test_appeals.py",
    Appealing.text: "any message is a part: test_appeals.py",
    Appealing.preview: "any message is a part: test_appeals.py",
    Adding.message: "any message is a part: test_appeals.py",
}


@pytest.mark.parametrize("place", SELDOM, ids=str)
async def test_a_question_that_is_asked_seldom_stands_too(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    harness = idle_harness
    monkeypatch.setenv("SUPPORT_CHAT_ID", str(harness.world.add_staff_group("Поддержка").id))
    await harness.start()
    someone = await harness.customer("Мария", *place.accounts)
    await place.begin(harness, someone)
    assert place.state
    assert state_of(harness, someone) == place.state.state
    asked, buttons = someone.screen, someone.buttons
    if place.state not in ANY_WORDS:
        await someone.send("Здравствуйте!")
        assert (someone.screen, someone.buttons) == (f"Здравствуйте!\n\n{asked}", buttons)
    for kind in ("voice", "sticker"):
        answered = Answered(harness, someone, kind)
        await someone.file(kind)
        answered.check()
        assert someone.screen != asked
        assert set(buttons) <= set(someone.buttons)
    await place.finish(harness, someone)


def test_every_question_meets_bad_input() -> None:
    states: set[State] = {state for form in classes(fsm, StatesGroup) for state in form.__states__}
    met = [place.state for place in (*PLACES, *SELDOM) if place.state]
    assert states == {*met, *ELSEWHERE}
    assert not set(met) & set(ELSEWHERE)
