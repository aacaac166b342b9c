"""Words of a button, or of a wish, open the same screen as the command."""

from __future__ import annotations

import pytest

from tests.flows.kept import statuses
from tests.harness import BotHarness
from tests.people import Someone


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("Меню", "/menu"),
        ("«На главную»", "/menu"),
        ("передать   показания", "/readings"),
        ("СЧЕТЧИК", "/readings"),
        ("Оплатить!", "/pay"),
        ("💳 Оплатить", "/pay"),
        ("сколько платить?", "/pay"),
        ("Мои показания", "/submissions"),
        ("история", "/history"),
        ("Мои платежи?", "/history"),
        ("график расхода", "/history"),
        ("мои счета.", "/accounts"),
        ("Настройки", "/settings"),
        ("ПОМОГИТЕ!!!", "/help"),
        ("main menu", "/menu"),
        ("Здравствуйте!", "/menu"),
        ("задолженность?", "/pay"),
        ("Оператор!", "/appeals"),
        ("Написать в поддержку", "/appeals"),
        ("квитанция", "/receipts"),
        ("Сколько всего я должен?", "/accounts"),
    ],
)
async def test_plain_words_open_what_the_command_opens(
    harness: BotHarness, maria: Someone, words: str, command: str
) -> None:
    await maria.send(command)
    expected = maria.screen, maria.buttons
    await maria.send(words)
    assert (maria.screen, maria.buttons) == expected


async def test_an_account_is_proved_at_a_word(harness: BotHarness, maria: Someone) -> None:
    """The one in view, else the next that needs it."""
    await maria.send("Подтвердить счёт")
    assert maria.screen.startswith("🔑 Счёт …3456")
    await harness.run("UPDATE links SET trust = 'verified', verified_at = '2026-11-01'")
    await maria.send("подтвердить счёт")
    assert "подтверждён" in maria.screen
    zoya = await harness.customer("Зоя", "360000200017", "360000200066")
    await harness.run("UPDATE links SET trust = 'verified' WHERE account = '360000200066'")
    await zoya.send("/verify")
    assert zoya.screen.startswith("🔑 Счёт …0017")


async def test_a_word_in_the_middle_of_a_form_leaves_it_as_the_command_does(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("/readings")
    await maria.send("3650")
    await maria.send("Отмена")
    assert maria.screen.startswith("🏠")
    await maria.send("/cancel")
    expected = maria.screen
    await maria.send("стоп")
    assert maria.screen == expected
    assert statuses(harness) == []


@pytest.mark.parametrize("words", ["Передать", "показания", "/readings"])
async def test_asking_for_the_form_in_the_middle_of_it_loses_no_number(
    harness: BotHarness, maria: Someone, words: str
) -> None:
    await maria.send("/readings")
    await maria.send("3650")
    await maria.send(words)
    assert "3 650 ✓" in maria.screen
    await maria.send("1580")
    preview = maria.screen
    await maria.send(words)
    assert maria.screen == preview
    await maria.press("Передать")
    assert statuses(harness) == ["accepted"]
    await maria.send(words)
    assert "3 650 ✓" not in maria.screen


@pytest.mark.parametrize("words", ["оплатить не могу", "меню 3650", "помощь нужна по счёту", "…"])
async def test_a_word_inside_a_sentence_is_no_command(harness: BotHarness, maria: Someone, words: str) -> None:
    await maria.send(words)
    assert maria.screen.startswith("Не понял")


@pytest.mark.parametrize("words", ["меню" + "!" * 4092, "меню" + "!" * 4088 + "меню"])
async def test_a_long_text_is_no_command_whatever_it_says(maria: Someone, words: str) -> None:
    """Every text is asked for its command, so a long one must not be searched."""
    await maria.send(words[:20])
    assert maria.screen.startswith("🏠")
    await maria.send(words)
    assert maria.screen.startswith("Не понял")


@pytest.mark.parametrize("name", ["Home", "Meter", "Телефон", "Офисы", "Долг", "Мои данные"])
async def test_an_account_may_have_a_commands_word_for_its_name(harness: BotHarness, maria: Someone, name: str) -> None:
    await be_asked_for_a_name(maria)
    await maria.send(name)
    assert harness.rows("SELECT label FROM links WHERE user_id = ?", maria.id) == [(name,)]


@pytest.mark.parametrize(
    ("words", "beginning"), [("Отмена", "🏠"), ("cancel!", "🏠"), ("/menu", "🏠"), ("/help", "АО")]
)
async def test_the_question_for_a_name_can_be_left(
    harness: BotHarness, maria: Someone, words: str, beginning: str
) -> None:
    await be_asked_for_a_name(maria)
    await maria.send(words)
    assert maria.screen.startswith(beginning)
    assert harness.rows("SELECT label FROM links WHERE user_id = ?", maria.id) == [("",)]


async def be_asked_for_a_name(someone: Someone) -> None:
    await someone.send("/accounts")
    await someone.press("Изменить")
    await someone.press("Назвать")


async def test_before_the_consents_only_help_answers(harness: BotHarness) -> None:
    stranger = harness.person("Инна", "ru")
    await stranger.send("оплатить")
    asked = stranger.screen
    await stranger.send("меню")
    assert stranger.screen == asked
    await stranger.send("телефоны")
    assert stranger.screen != asked
