"""Consents with the words that were shown, and taking them back."""

from __future__ import annotations

import pytest

from tests.people import Someone
from tests.town import Town

ASKED_AGAIN = "нужны два согласия"
LABELS = {"services": "Соглашение", "personal_data": "Личные данные"}


async def open_consent(someone: Someone, consent: str) -> None:
    await someone.send("/settings")
    await someone.press("Мои данные")
    await someone.press("Мои согласия")
    await someone.press(LABELS[consent])


async def withdraw(someone: Someone, consent: str) -> None:
    await open_consent(someone, consent)
    await someone.press("Отозвать")
    await someone.press("Да, отозвать")


def standing(town: Town) -> list[str]:
    return [row[0] for row in town.rows("SELECT consent FROM consents WHERE withdrawn_at IS NULL ORDER BY id")]


async def test_a_consent_is_shown_as_it_was_when_it_was_given(town: Town, maria: Someone) -> None:
    """The company's words of today are others."""
    town.run("UPDATE consent_texts SET text = 'Слова <того> дня' WHERE consent = 'services' AND language = 'ru'")
    town.clock.advance(days=400)
    await maria.send("/menu")
    await maria.press("Мои данные")
    await maria.press("Мои согласия")
    assert maria.screen.count("Дано 23.11.2026 10:14") == 2
    assert maria.screen.count("Версия от ") == 2
    await maria.press("Соглашение")
    assert "Слова <того> дня" in maria.screen
    assert "Дано 23.11.2026 10:14" in maria.screen
    await maria.press("Назад")
    await maria.press("Личные данные")
    [(text,)] = town.rows("SELECT text FROM consent_texts WHERE consent = 'personal_data' AND language = 'ru'")
    assert text.strip()[:60] in maria.screen


@pytest.mark.parametrize("consent", LABELS)
async def test_a_withdrawn_consent_stops_the_bot_until_it_is_given_again(
    town: Town, maria: Someone, consent: str
) -> None:
    await maria.send("3650")
    preview = town.rows("SELECT count(*) FROM conversations")
    assert preview == [(1,)]
    await open_consent(maria, consent)
    await maria.press("Отозвать")
    assert "бот для вас не работает" in maria.screen
    assert len(standing(town)) == 2
    town.clock.advance(minutes=1)
    await maria.press("Да, отозвать")
    assert "Согласие отозвано" in maria.screen
    assert standing(town) == [one for one in LABELS if one != consent]
    assert town.rows("SELECT count(*) FROM consents") == [(2,)]
    assert town.rows("SELECT * FROM conversations") == []
    for text in ("/menu", "/readings", "/accounts", "/history", "3650 1580", "360000123456"):
        await maria.send(text)
        assert ASKED_AGAIN in maria.screen
    assert town.rows("SELECT count(*) FROM links") == [(1,)]
    await maria.press("Даю оба согласия")
    assert "счёт …3456" in maria.screen.lower()
    assert sorted(standing(town)) == sorted(LABELS)
    assert town.rows("SELECT count(*) FROM consents") == [(3,)]
    await open_consent(maria, consent)
    assert "Отозвано" not in maria.screen


def said_at(town: Town, someone: Someone, message_id: int) -> str:
    """What stands now in a message whose button was pressed."""
    return next(str(one["text"]) for one in town.world.chat_view(someone.id) if one["message_id"] == message_id)


async def test_every_button_from_before_asks_for_the_consents(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    presses = [maria.find(label) for label in ("Передать", "Исправить")]
    await maria.send("/menu")
    presses += [maria.find(label) for label in ("Мои счета", "Мои показания", "Подтвердить счёт")]
    await withdraw(maria, "personal_data")
    for message, data in presses:
        await maria.press_data(message, data)
        assert ASKED_AGAIN in said_at(town, maria, message)
    assert town.rows("SELECT * FROM submissions") == []


async def test_an_old_button_does_not_withdraw_what_was_given_later(town: Town, maria: Someone) -> None:
    await open_consent(maria, "services")
    await maria.press("Отозвать")
    press = maria.find("Да, отозвать")
    await maria.press_data(*press)
    await maria.press_data(*press)
    assert "Согласие отозвано" in maria.screen
    await maria.press("Дать согласие снова")
    await maria.press("Даю оба согласия")
    await maria.press_data(*press)
    assert len(standing(town)) == 2
    assert "Дано" in maria.screen


async def test_what_is_withdrawn_can_still_be_read(town: Town, maria: Someone) -> None:
    await withdraw(maria, "services")
    await open_consent(maria, "services")
    assert "Отозвано 23.11.2026 10:14" in maria.screen
    assert "Отозвать" not in maria.buttons


async def test_a_strangers_consent_cannot_be_read_or_withdrawn(town: Town, maria: Someone) -> None:
    await open_consent(maria, "services")
    _, view = maria.find("Отозвать")
    oleg = await town.customer("Олег")
    for action in ("view", "withdraw", "gone"):
        await oleg.press_data(oleg.last_id, view.replace("withdraw", action))
        assert "Дано" in oleg.screen
    assert len(standing(town)) == 4


async def test_settings_are_open_to_who_has_not_agreed_to_anything(town: Town) -> None:
    oleg = town.person("Олег")
    await oleg.send("/settings")
    await oleg.press("Мои данные")
    await oleg.press("Мои согласия")
    assert "Вы ещё не давали согласий" in oleg.screen
    await oleg.press("Назад")
    await oleg.press("На главную")
    assert ASKED_AGAIN in oleg.screen


async def test_what_is_typed_at_the_settings_is_no_part_of_a_form(town: Town, maria: Someone) -> None:
    await maria.send("/accounts")
    await maria.press("…3456")
    await maria.press("Назвать")
    await maria.send("/settings")
    await maria.send("Дача")
    assert town.rows("SELECT label FROM links") == [("",)]
