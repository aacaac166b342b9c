"""Help: phones, offices, the guide, the documents."""

from __future__ import annotations

import pytest

from tests.harness import BotHarness
from tests.people import Someone


async def test_help_has_the_phone_the_hours_and_the_site(maria: Someone) -> None:
    await maria.press("Помощь")
    for part in ("АО «Пример Энергосбыт»", "8 800 000-00-00", "ежедневно 8:00–20:00", "https://energosbyt.example"):
        assert part in maria.screen
    assert "Скопировать телефон" in maria.buttons


async def test_offices_are_those_of_the_customers_region(maria: Someone) -> None:
    await maria.send("/help")
    await maria.press("Офисы")
    assert maria.screen.startswith("Воронежская область")
    assert "г. Воронеж, ул. Примерная, д. 36\n☎️ 8 473 000-00-01\n🕘 пн–чт 8:00–17:00, пт 8:00–16:00" in maria.screen
    assert maria.buttons == ["Ростовская область", "Нижегородская область", "Краснодарский край и Адыгея", "Назад"]
    await maria.press("Ростовская область")
    assert "г. Таганрог, ул. Вымышленная, д. 10" in maria.screen
    assert "Воронежская область" in maria.buttons
    await maria.press("Назад")
    assert "8 800 000-00-00" in maria.screen


@pytest.mark.parametrize("region", [4, 2**31])
async def test_a_forged_region_asks_which(maria: Someone, region: int) -> None:
    await maria.press_data(maria.last_id, f"of1:{region}")
    assert maria.screen == "В каком вы регионе?"


async def test_the_guide_names_what_the_display_shows(maria: Someone) -> None:
    await maria.send("/help")
    await maria.press("Как снять показания")
    assert "T1 — день, T2 — ночь" in maria.screen
    assert "T1 — пик, T2 — ночь, T3 — полупик" in maria.screen


async def test_the_documents_can_be_read_again(maria: Someone) -> None:
    await maria.send("/help")
    await maria.press("Документы")
    await maria.press("Личные данные")
    assert "Согласие на обработку персональных данных\nВерсия от 01.11.2026" in maria.screen
    await maria.press("Назад")
    assert maria.buttons == ["Соглашение", "Личные данные", "Назад"]


async def test_help_in_the_middle_of_readings_loses_nothing(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650")
    await maria.send("/help")
    await maria.press("Как снять показания")
    await maria.send("1580")
    await maria.press("Передать")
    assert harness.rows("SELECT status FROM submissions") == [("accepted",)]


async def test_unknown_words_get_a_hint(maria: Someone) -> None:
    for text in ("ну вот", "/неизвестно", "/unknown", "почему так дорого?", "???"):
        await maria.send(text)
        assert maria.screen.startswith("Не понял. Пришлите показания числами")
        assert maria.screen.endswith("по телефону:\n8 800 000-00-00")
        assert maria.buttons == ["Помощь", "На главную"]


@pytest.mark.parametrize("text", ["спасибо", "Спасибо большое!", "СПАСИБО)))", "благодарю вас.", "Thank you!"])
async def test_thanks_are_taken(maria: Someone, text: str) -> None:
    await maria.send(text)
    assert maria.screen == "Пожалуйста! Если что-то понадобится, я здесь."
    assert maria.buttons == ["На главную"]


@pytest.mark.parametrize("text", ["Сколько я должен?", "сколько я должна", "какой долг", "How much do I owe?"])
async def test_a_question_for_the_sum_leads_to_it(maria: Someone, text: str) -> None:
    await maria.send(text)
    assert maria.screen.startswith("💳 Счёт …3456")


async def test_home_always_has_the_accounts_help_and_settings(maria: Someone) -> None:
    await maria.send("/menu")
    assert maria.buttons[-3:] == ["Мои счета", "Помощь", "Настройки"]
