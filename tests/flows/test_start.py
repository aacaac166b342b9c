"""First contact: the greeting, two consents, the way on."""

from __future__ import annotations

import pytest

from services.customers.models import Consent
from services.supplier.profile import SupplierProfile
from tests.harness import BotHarness
from tests.people import Someone

ASKED = "нужны два согласия"


async def test_a_newcomer_is_greeted_and_asked_for_two_consents(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("/start")
    assert ASKED in maria.screen
    assert "8 800 000-00-00" in maria.screen
    both = "Согласен с обоими, продолжить"
    assert maria.buttons == ["Читать соглашение", "Читать о личных данных", both, "English"]


async def test_consents_are_kept_with_version_time_and_the_words_that_were_shown(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("/start")
    await maria.press("Согласен с обоими")
    kept = harness.rows(
        "SELECT c.consent, c.given_at, c.withdrawn_at, t.version, t.language, t.title, t.text"
        " FROM consents c JOIN consent_texts t ON t.id = c.text_id WHERE c.user_id = ? ORDER BY c.consent",
        maria.id,
    )
    assert [row[0] for row in kept] == ["personal_data", "services"]
    assert {row[1] for row in kept} == {"2026-11-23 07:14:00.000000"}
    assert {row[2:5] for row in kept} == {(None, "01.11.2026", "ru")}
    assert kept[0][5] == "Согласие на обработку персональных данных"
    assert "Я даю АО «Пример Энергосбыт» согласие обрабатывать" in kept[0][6]
    assert kept[1][5] == "Соглашение об использовании электронных сервисов"


@pytest.mark.parametrize("consent", range(2))
async def test_a_consent_can_be_read_before_it_is_given(harness: BotHarness, consent: int) -> None:
    maria = harness.person("Мария")
    await maria.send("/start")
    message_id, _ = maria.find("Читать")
    await maria.press_data(message_id, f"cr1:{list(Consent)[consent]}:consents")
    assert "Версия от 01.11.2026" in maria.screen
    shown = harness.app.use(SupplierProfile).texts("ru")[consent]
    assert shown.title in maria.screen
    assert shown.text.strip() in maria.screen
    await maria.press("Назад")
    assert ASKED in maria.screen
    assert len(maria.screens) == 1


async def test_consents_are_given_one_by_one_where_they_are_read(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("/start")
    await _tick(maria, "Читать соглашение")
    assert "Согласен с обоими, продолжить" in maria.buttons
    await _tick(maria, "Читать о личных данных")
    assert "Продолжить" in maria.buttons
    assert harness.rows("SELECT * FROM consents") == []
    await _tick(maria, "Читать о личных данных")
    assert "Согласен с обоими, продолжить" in maria.buttons
    await maria.press("Согласен с обоими")
    assert "номер лицевого счёта" in maria.screen


async def _tick(someone: Someone, document: str) -> None:
    await someone.press(document)
    await someone.press("Согласен")


async def test_a_document_of_the_help_asks_for_nothing(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/help")
    await maria.press("Документы")
    await maria.press("Соглашение")
    assert maria.buttons == ["Назад"]


@pytest.mark.parametrize("typed", ["360000123456", "Лицевой счёт 36 0000 123 456"])
async def test_an_account_typed_before_the_consents_is_not_typed_again(harness: BotHarness, typed: str) -> None:
    maria = harness.person("Мария")
    await maria.send(typed)
    assert ASKED in maria.screen
    assert "Номер счёта я запомнил" in maria.screen
    await maria.press("Читать соглашение")
    await maria.press("Назад")
    assert "Номер счёта я запомнил" in maria.screen
    await maria.press("Согласен с обоими")
    assert "Нашёл счёт …3456" in maria.screen
    await maria.send("45")
    assert maria.screen.startswith("🏠 Счёт …3456")


async def test_an_unknown_account_typed_before_the_consents_is_explained(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("36 0000 999 999")
    await maria.press("Согласен с обоими")
    assert "у нас нет" in maria.screen
    await maria.send("36 0000 123 456")
    assert "Нашёл счёт …3456" in maria.screen


async def test_what_is_no_account_is_not_kept_before_the_consents(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("3650 1580")
    assert "запомнил" not in maria.screen
    await maria.press("Согласен с обоими")
    assert "12 цифр, он вверху квитанции" in maria.screen


async def test_agreeing_twice_is_kept_once(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("/start")
    maria.taps("Согласен с обоими")
    maria.taps("Согласен с обоими")
    await harness.quiet()
    assert harness.rows("SELECT count(*) FROM consents") == [(2,)]


@pytest.mark.parametrize(
    "text",
    ["360000123456", "/menu", "/readings", "/accounts", "/history", "/submissions", "/cancel", "привет", "3650 1580"],
)
async def test_nothing_but_help_works_before_the_consents(harness: BotHarness, text: str) -> None:
    maria = harness.person("Мария")
    await maria.send(text)
    assert ASKED in maria.screen
    assert "Лизюкова" not in maria.seen
    assert harness.rows("SELECT * FROM lookups") == []


async def test_help_is_open_to_everybody(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("/help")
    assert "8 800 000-00-00" in maria.screen
    await maria.press("Офисы")
    assert "В каком вы регионе?" in maria.screen


async def test_start_again_shows_home_to_a_customer(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/start")
    assert maria.screen.startswith("🏠 Счёт …3456")


async def test_start_with_a_payload_still_starts(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("/start qr_1f2e3d")
    assert ASKED in maria.screen


@pytest.mark.parametrize(
    ("payload", "words"),
    [("inv_x", "Это приглашение больше не"), ("eml_x", "Эта ссылка больше не"), ("pay_x", "12 цифр")],
)
async def test_a_link_is_followed_as_soon_as_the_consents_are_given(
    harness: BotHarness, payload: str, words: str
) -> None:
    newcomer = harness.person("Иван")
    await newcomer.send(f"/start {payload}")
    assert ASKED in newcomer.screen
    await newcomer.press("Согласен с обоими")
    assert words in newcomer.screen


async def test_the_way_to_the_first_account_leads_home(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("/start")
    await maria.press("Согласен с обоими")
    assert "12 цифр, он вверху квитанции" in maria.screen
    await maria.send("36 0000 123 456")
    assert "Нашёл счёт …3456" in maria.screen
    assert "г. Воронеж, ул. Лизюкова, д. 12, кв. ••" in maria.screen
    assert maria.buttons == ["Нет, другой номер"]
    await maria.send("45")
    assert maria.screen.startswith("🏠 Счёт …3456\nг. Воронеж, ул. Лизюкова, д. 12\n")
    assert harness.rows("SELECT user_id, account, trust FROM links") == [(maria.id, "360000123456", "confirmed")]


@pytest.mark.parametrize("agreed", [True, False])
@pytest.mark.parametrize("words", ["/menu", "3", "36 0000 123 457"])
async def test_a_bot_that_is_stopped_while_it_answers_is_no_error(
    harness: BotHarness, agreed: bool, words: str
) -> None:
    """Also while it explains what was wrong."""
    maria = harness.person("Мария")
    await maria.send("/start")
    if agreed:
        await maria.press("Согласен с обоими")
    maria.types(words)
    maria.person.blocked = True
    await harness.quiet()
    assert harness.rows("SELECT blocked_at FROM users") == [("2026-11-23 07:14:00.000000",)]
    assert harness.alerts() == []


async def test_a_stopped_bot_is_noted_and_a_return_too(harness: BotHarness, maria: Someone) -> None:
    harness.world.block(maria.person)
    await harness.quiet()
    assert harness.rows("SELECT blocked_at FROM users") == [("2026-11-23 07:14:00.000000",)]
    harness.world.unblock(maria.person)
    await maria.send("/start")
    assert harness.rows("SELECT blocked_at FROM users") == [(None,)]
    assert maria.screen.startswith("🏠")
