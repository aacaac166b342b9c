"""Consents with the words that were shown, taking them back, and everything of one's own as a file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.notices.catalog import ReadingsAccepted
from services.notices.models import Notice
from tests.flows.mailed import confirm
from tests.flows.test_proofs import add_payment
from tests.harness import BotHarness
from tests.people import Someone

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


def standing(harness: BotHarness) -> list[str]:
    return [row[0] for row in harness.rows("SELECT consent FROM consents WHERE withdrawn_at IS NULL ORDER BY id")]


async def test_a_consent_is_shown_as_it_was_when_it_was_given(harness: BotHarness, maria: Someone) -> None:
    """The company's words of today are others."""
    await harness.run(
        "UPDATE consent_texts SET text = 'Слова <того> дня' WHERE consent = 'services' AND language = 'ru'"
    )
    harness.clock.advance(days=400)
    await maria.send("/menu")
    await maria.press("Настройки")
    await maria.press("Мои данные")
    await maria.press("Мои согласия")
    assert maria.screen.count("Дано 23.11.2026 10:14") == 2
    assert maria.screen.count("Версия от ") == 2
    await maria.press("Соглашение")
    assert "Слова <того> дня" in maria.screen
    assert "Дано 23.11.2026 10:14" in maria.screen
    await maria.press("Назад")
    await maria.press("Личные данные")
    [(text,)] = harness.rows("SELECT text FROM consent_texts WHERE consent = 'personal_data' AND language = 'ru'")
    assert text.strip()[:60] in maria.screen


@pytest.mark.parametrize("consent", LABELS)
async def test_a_withdrawn_consent_stops_the_bot_until_it_is_given_again(
    harness: BotHarness, maria: Someone, consent: str
) -> None:
    await maria.send("3650")
    assert len(harness.drafts()) == 1
    await open_consent(maria, consent)
    await maria.press("Отозвать")
    assert "бот для вас не работает" in maria.screen
    assert len(standing(harness)) == 2
    harness.clock.advance(minutes=1)
    await maria.press("Да, отозвать")
    assert "Согласие отозвано" in maria.screen
    assert standing(harness) == [one for one in LABELS if one != consent]
    assert harness.rows("SELECT count(*) FROM consents") == [(2,)]
    assert harness.drafts() == []
    for text in ("/menu", "/readings", "/accounts", "/history", "/submissions", "3650 1580", "360000123456"):
        await maria.send(text)
        assert ASKED_AGAIN in maria.screen
    assert harness.rows("SELECT count(*) FROM links") == [(1,)]
    await maria.press("Согласен с обоими")
    assert "счёт …3456" in maria.screen.lower()
    assert sorted(standing(harness)) == sorted(LABELS)
    assert harness.rows("SELECT count(*) FROM consents") == [(3,)]
    await open_consent(maria, consent)
    assert "Отозвано" not in maria.screen


def said_at(harness: BotHarness, someone: Someone, message_id: int) -> str:
    """The present text of a message whose button was pressed."""
    return next(str(one["text"]) for one in harness.world.chat_view(someone.id) if one["message_id"] == message_id)


async def test_every_button_from_before_asks_for_the_consents(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    presses = [maria.find(label) for label in ("Передать", "Исправить")]
    await maria.send("/menu")
    presses += [maria.find(label) for label in ("Мои счета", "История", "Подтвердить счёт")]
    await withdraw(maria, "personal_data")
    for message, data in presses:
        await maria.press_data(message, data)
        assert ASKED_AGAIN in said_at(harness, maria, message)
    assert harness.rows("SELECT * FROM submissions") == []


async def test_an_old_button_does_not_withdraw_what_was_given_later(harness: BotHarness, maria: Someone) -> None:
    await open_consent(maria, "services")
    await maria.press("Отозвать")
    press = maria.find("Да, отозвать")
    await maria.press_data(*press)
    await maria.press_data(*press)
    assert "Согласие отозвано" in maria.screen
    await maria.press("Дать согласие снова")
    await maria.press("Согласен с обоими")
    await maria.press_data(*press)
    assert len(standing(harness)) == 2
    assert "Дано" in maria.screen


async def test_what_is_withdrawn_can_still_be_read(harness: BotHarness, maria: Someone) -> None:
    await withdraw(maria, "services")
    await open_consent(maria, "services")
    assert "Отозвано 23.11.2026 10:14" in maria.screen
    assert "Отозвать" not in maria.buttons


async def test_a_strangers_consent_cannot_be_read_or_withdrawn(harness: BotHarness, maria: Someone) -> None:
    await open_consent(maria, "services")
    _, view = maria.find("Отозвать")
    oleg = await harness.customer("Олег")
    for action in ("view", "withdraw", "gone"):
        await oleg.press_data(oleg.last_id, view.replace("withdraw", action))
        assert "Дано" in oleg.screen
    assert len(standing(harness)) == 4


async def test_settings_are_open_to_who_has_not_agreed_to_anything(harness: BotHarness) -> None:
    oleg = harness.person("Олег")
    await oleg.send("/settings")
    await oleg.press("Мои данные")
    await oleg.press("Мои согласия")
    assert "Вы ещё не давали согласий" in oleg.screen
    await oleg.press("Назад")
    await oleg.press("На главную")
    assert ASKED_AGAIN in oleg.screen


async def test_what_is_typed_at_the_settings_is_no_part_of_a_form(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/accounts")
    await maria.press("Изменить")
    await maria.press("Назвать")
    await maria.send("/settings")
    await maria.send("Дача")
    assert harness.rows("SELECT label FROM links") == [("",)]


# Everything as a file


async def download(someone: Someone) -> dict[str, Any]:
    await someone.send("/settings")
    await someone.press("Мои данные")
    await someone.press("Скачать мои данные")
    name, content = someone.documents[-1]
    assert name == "Мои данные.json"
    found = json.loads(content)
    assert isinstance(found, dict)
    return found


async def test_everything_that_a_person_did_is_in_the_file(harness: BotHarness, maria: Someone) -> None:
    await add_payment(harness, "2026-11-10", 105511)
    await maria.send("/accounts")
    await maria.press("Изменить")
    await maria.press("Назвать")
    await maria.send("Мамина дача")
    await maria.send("/accounts")
    await maria.press("Добавить счёт")
    await maria.send("360000200017")
    await maria.send("/menu")
    await maria.press("Подтвердить счёт")
    await maria.send("1055,11")
    await maria.send("3650 1580")
    await maria.press("Передать")
    await maria.press("На e-mail")
    await maria.send("maria@mail.ru")
    await harness.letterbox.letter()
    await confirm(harness, maria, "masha@yandex.ru")
    await maria.send("3660")
    found = await download(maria)
    assert found["customer"][0]["id"] == maria.id
    assert (found["customer"][0]["email"], found["customer"][0]["quiet"]) == ("masha@yandex.ru", "22-8")
    assert [one["address"] for one in found["emails"]] == ["masha@yandex.ru"]
    assert [one["consent"] for one in found["consents"]] == ["services", "personal_data"]
    assert all(one["text"] and one["title"] and one["version"] and one["given_at"] for one in found["consents"])
    assert [(one["account"], one["label"], one["trust"]) for one in found["accounts"]] == [
        ("360000123456", "Мамина дача", "verified")
    ]
    assert [one["account"] for one in found["lookups"]] == ["360000200017"]
    assert [(one["account"], one["hit"]) for one in found["guesses"]] == [("360000123456", True)]
    assert "105511" not in json.dumps(found["guesses"])
    assert [line["value"] for line in found["submissions"][0]["lines"]] == [3650, 1580]
    assert [one["action"] for one in found["journal"]] == ["verified"]
    assert [(one["kind"], one["channel"]) for one in found["notices"]] == [
        ("sheet", "mail"),
        ("email_confirm", "mail"),
    ]
    assert "3660" in json.dumps(found["conversation"])
    assert "Скачать" in json.dumps(found["updates"], ensure_ascii=False), "the very press that asks for it"


async def test_the_file_explains_itself_in_both_languages_and_is_plain_utf_8(
    harness: BotHarness, maria: Someone
) -> None:
    found = await download(maria)
    about = found["explanation"]
    assert next(iter(found)) == "explanation"
    for language, beginning in (("ru", "Здесь всё"), ("en", "This is everything")):
        assert about[language][0].startswith(beginning)
        explained = [line.split(": ")[0] for line in about[language] if ": " in line]
        assert explained == [section for section in found if section != "explanation"]
    assert "Здесь всё".encode() in maria.documents[-1][1]


async def test_the_file_holds_nothing_of_others(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", "360000123456", "360000200017")
    await oleg.send("3650 1580")
    await harness.tell(Notice("n", oleg.id, ReadingsAccepted(number="П-2611-77777")))
    found = json.dumps(await download(maria), ensure_ascii=False)
    for secret in (str(oleg.id), "Олег", "360000200017", "П-2611-77777"):
        assert secret not in found


async def test_the_file_is_also_for_who_has_withdrawn_everything(harness: BotHarness, maria: Someone) -> None:
    for consent in LABELS:
        await withdraw(maria, consent)
    found = await download(maria)
    assert all(one["withdrawn_at"] for one in found["consents"])
    assert [one["account"] for one in found["accounts"]] == ["360000123456"]


async def test_what_somebody_shared_is_in_the_file_of_both(harness: BotHarness, maria: Someone) -> None:
    """Each sees the other as the bot shows them, and no ids."""
    oleg = await harness.customer("Олег", "360000123456")
    await harness.run(
        "UPDATE links SET trust = 'shared', role = 'view', granted_by = ?, person = 'Олег П.', label = 'Тётя' "
        "WHERE user_id = ?",
        maria.id,
        oleg.id,
    )
    given = await download(maria)
    assert [(one["account"], one["role"], one["person"]) for one in given["shared"]] == [
        ("360000123456", "view", "Олег П.")
    ]
    taken = await download(oleg)
    assert [(one["account"], one["label"], one["person"]) for one in taken["accounts"]] == [
        ("360000123456", "Тётя", "Олег П.")
    ]
    for found, secret in ((given, str(oleg.id)), (given, "Тётя"), (taken, str(maria.id))):
        assert secret not in json.dumps(found, ensure_ascii=False)
