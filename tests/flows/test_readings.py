"""Handing in readings: how people type them, doubts and the ways out of them, the preview."""

from __future__ import annotations

import re

import pytest

from services.supplier.errors import SupplierUnavailable
from tests.flows.kept import draft, remarks, submitted, values
from tests.harness import BotHarness
from tests.people import Someone

ONE_ZONE = "360000200017"  # 8236 on 24.10.2026, about 190 kWh a month
TWO_ZONES = "360000123456"  # day 3500, night 1500
THREE_ZONES = "360000200033"  # peak 3685, half-peak 5016, night 2796
TWO_METERS = "360000200066"  # 36060000 in the house: 13313, 6238; 36060100 in the bathhouse: 8337
NO_METER = "610000300103"
UNVERIFIED = "360000200058"  # since 05.07.2026

GOOD = {"day": 3650, "night": 1580}
OUT_OF_DATE = "Эта кнопка устарела. Показываю то, что есть сейчас."


@pytest.fixture
async def oleg(harness: BotHarness) -> Someone:
    """A customer with a meter of one zone."""
    return await harness.customer("Олег", ONE_ZONE)


@pytest.fixture
async def vera(harness: BotHarness) -> Someone:
    """A customer with a meter of three zones."""
    return await harness.customer("Вера", THREE_ZONES)


@pytest.fixture
async def zoya(harness: BotHarness) -> Someone:
    """A customer with two meters."""
    return await harness.customer("Зоя", TWO_METERS)


# One, two and three zones


@pytest.mark.parametrize(
    ("typed", "calls"),
    [("3650 1580", ["metering", "tariff"]), ("3650", ["metering"]), ("3650 1480", ["metering"])],
    ids=["preview", "second zone", "doubt"],
)
async def test_the_supplier_is_asked_once_for_each_thing(
    harness: BotHarness, maria: Someone, typed: str, calls: list[str]
) -> None:
    del harness.supplier.calls[:]
    await maria.send(typed)
    assert harness.supplier.calls == calls


async def test_one_zone(harness: BotHarness, oleg: Someone) -> None:
    await oleg.press("Передать показания")
    assert "Счётчик 36010000" in oleg.screen
    assert "было 8 236, 24.10.2026" in oleg.screen
    await oleg.send("8420")
    assert "Показание 8 236 → 8 420 · 184 кВт·ч · 1 065,36 ₽" in oleg.screen
    await oleg.press("Передать")
    assert values(harness) == [{"single": 8420}]
    assert harness.rows("SELECT value, counted FROM ledger_readings WHERE submission != ''") == [(8420, 0)]


async def test_two_zones_are_named_and_shown_with_what_was(maria: Someone) -> None:
    await maria.press("Передать показания")
    assert "День (на экране T1): было 3 500, 24.10.2026" in maria.screen
    assert "Ночь (на экране T2): было 1 500\n" in maria.screen, "the day is told once"
    assert maria.buttons == ["Показания не изменились", "Где посмотреть?", "Отмена"]
    await maria.press("Где посмотреть?")
    assert "T1 — день\nT2 — ночь" in maria.screen
    await maria.press("Назад")
    assert "Счётчик 10000001" in maria.screen


async def test_looking_where_to_look_forgets_nothing(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650")
    await maria.press("Где посмотреть?")
    await maria.press("Назад")
    assert "День (на экране T1): 3 650 ✓" in maria.screen
    await maria.send("1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_zones_that_were_read_on_different_days_say_so(harness: BotHarness, vera: Someone) -> None:
    await harness.run(
        "DELETE FROM ledger_readings WHERE meter = '36030000' AND zone = 'half_peak' AND date = '2026-10-24'"
    )
    await vera.press("Передать показания")
    days = re.findall(r"было [\d ]+(?:, ([\d.]+))?\n", vera.screen)
    assert days == ["24.10.2026", "", "25.09.2026"]


@pytest.mark.parametrize(
    "typed",
    [
        "3650 1580",
        "3 650 1 580",
        "3650, 1580",
        "3650; 1580",
        "3650/1580",
        "3650\n1580",
        "3650 и 1580",
        "003650 001580",
        "день 3650 ночь 1580",
        "ночь 1580 день 3650",
        "Ночь: 1580, день: 3650",
        "3650 день 1580 ночь",
        "д 3650 н 1580",
        "Д3650 Н1580",
        "Т1 3650 Т2 1580",
        "t2=1580 t1=3650",
        "day 3650 night 1580",
        "показания 3650 1580",
        "3650 кВт 1580 кВт",
        "⚡️3650 🌙1580",
        "\u200f3650\u200b 1580\u200e",
        "3650\u00a01580",
    ],
)
async def test_two_zones_as_people_type_them(harness: BotHarness, maria: Someone, typed: str) -> None:
    await maria.press("Передать показания")
    await maria.send(typed)
    assert "День 3 500 → 3 650 · 150 кВт·ч · 999,00 ₽" in maria.screen
    assert "Ночь 1 500 → 1 580 · 80 кВт·ч · 372,80 ₽" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [GOOD]


@pytest.mark.parametrize(
    "typed",
    [
        "/readings 3650 1580",
        "/readings\n3650\n1580",
        "показания 3650 1580",
        "Показания за ноябрь: 3650, 1580",
        "readings 3650 1580",
        "передать показания 3650 1580",
        "Здравствуйте! 3650 и 1580",
        "003 650 001 580",
        "сч. 10000001 3650 1580",
        "л/с 360000123456 день 3650 ночь 1580",
        "360000123456#10000001#3650#1580",
    ],
)
@pytest.mark.parametrize("place", ["home", "form", "second zone", "preview"])
@pytest.mark.parametrize("way", ["text", "caption"])
async def test_numbers_are_taken_wherever_and_however_they_come(
    harness: BotHarness, maria: Someone, typed: str, place: str, way: str
) -> None:
    before = {"home": "/menu", "form": "/readings", "second zone": "3640", "preview": "3640 1570"}
    await maria.send(before[place])
    text = typed.format(bot=harness.world.bot["username"])
    await (maria.send(text) if way == "text" else maria.photo(text))
    assert "День 3 500 → 3 650" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [GOOD]


@pytest.mark.parametrize("place", ["/menu", "/readings", "3640", "3640 1570"])
async def test_the_command_may_name_the_bot(harness: BotHarness, maria: Someone, place: str) -> None:
    await maria.send(place)
    await maria.send(f"/readings@{harness.world.bot['username']} день 3650 ночь 1580")
    assert "День 3 500 → 3 650" in maria.screen


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_the_command_with_numbers_in_both_languages(harness: BotHarness, language: str) -> None:
    anna = await harness.customer("Анна", TWO_ZONES, language=language)
    await anna.send("/readings 3650 1580")
    assert "3 650" in anna.screen.replace(",", " ")
    await anna.send("/readings пожалуйста")
    assert "3 650" in anna.screen.replace(",", " "), "no word throws numbers away"
    await anna.send("/readings 12:30")
    assert "12:30" in anna.screen


async def test_of_several_meters_the_command_goes_on_with_the_open_form(harness: BotHarness, zoya: Someone) -> None:
    await zoya.send("/readings 8500")
    assert "«8500»" in zoya.screen
    await zoya.press("баня")
    await zoya.send("/readings 8510")
    assert "8 337 → 8 510" in zoya.screen


async def test_an_edited_command_and_an_edited_caption(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/readings 3651 1580")
    await maria.edit("/readings 3650 1580")
    assert "День 3 500 → 3 650" in maria.screen
    await maria.send("/cancel")
    await maria.photo("3651 1580")
    photo = [one for one in harness.world.chat_view(maria.id) if "photo" in one][-1]
    harness.world.edit_text(maria.person, photo["message_id"], "3650 1580")
    await harness.quiet()
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_numbers_under_a_photo_wait_for_the_supplier(harness: BotHarness, maria: Someone) -> None:
    harness.supplier.trouble = SupplierUnavailable()
    await maria.photo("3650 1580")
    assert "Числа я запомнил" in maria.screen
    assert harness.alerts()
    harness.supplier.trouble = None
    await maria.press("Повторить")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_a_photo_with_other_words_cannot_be_read(maria: Someone) -> None:
    await maria.photo("вот мой счётчик")
    assert maria.screen.startswith("Фото я прочитать не могу")


# An account beside the numbers


async def test_an_own_account_beside_the_numbers_is_opened_and_takes_them(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", TWO_ZONES, ONE_ZONE)
    await maria.send(f"л/с {TWO_ZONES} день 3650 ночь 1580")
    assert maria.screen.startswith("Проверьте: Счёт …3456, счётчик 10000001")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_another_account_beside_the_numbers_is_looked_up_and_has_none_yet(
    harness: BotHarness, oleg: Someone
) -> None:
    await oleg.send(f"л/с {TWO_ZONES} день 3650 ночь 1580")
    assert any("Нашёл счёт …3456" in screen for screen in oleg.screens)
    assert oleg.screen == "Показания пока не переданы: пришлите их, когда подтвердите адрес."
    assert values(harness) == []


@pytest.mark.parametrize("place", ["/readings", "3640", "3640 1570"])
async def test_another_account_beside_the_numbers_is_none_of_an_open_form(
    harness: BotHarness, maria: Someone, place: str
) -> None:
    await maria.send(place)
    await maria.send(f"{ONE_ZONE} 3650 1580")
    assert maria.screen.startswith("Это показания для счёта …0017, а открыт другой.")
    await maria.send("3650 1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_twelve_digits_that_the_meter_cannot_show_are_an_account(oleg: Someone) -> None:
    await oleg.send("360 000 123 456")
    assert "Нашёл счёт …3456" in oleg.screen


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("25.11 3650", "«25.11» — это дата или показание?"),
        ("10000001", "«10000001» — номер счётчика. Пришлите показания с его экрана."),
        ("сч. 20000002 3650 1580", "«20000002» — номер не этого счётчика."),
        ("89001234567", "слишком длинное число, в показании не больше 9 цифр"),
        ("99999999999999999999 1", "слишком длинное число"),
        ("360000200017", "слишком длинное число"),
        ("123-45-67", "Не понял «123-45-67»"),
        ("3 тысячи 650", "Не понял «тысячи»"),
        ("расход 150", "Не понял «расход»"),
        ("25.11.2026", "Не понял «25.11.2026»"),
    ],
)
async def test_what_is_no_reading_is_not_taken_for_one(
    harness: BotHarness, maria: Someone, typed: str, words: str
) -> None:
    await maria.send("/readings")
    await maria.send(typed)
    assert words in maria.screen
    await maria.send("3650 1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


@pytest.mark.parametrize(
    "typed",
    [
        "пик 3780 полупик 5150 ночь 2880",
        "ночь 2880 полупик 5150 пик 3780",
        "полупик 5150 пик 3780 ночь 2880",
        "полупик: 5150\nночь: 2880\nпик: 3780",
        "2880 ночь 3780 пик 5150 полупик",
        "3780 2880 5150",
        "Т1 3780 Т2 2880 Т3 5150",
        "пп 5150 п 3780 н 2880",
        "peak 3780 half-peak 5150 night 2880",
    ],
)
async def test_three_zones_by_name_in_any_order(harness: BotHarness, vera: Someone, typed: str) -> None:
    await vera.press("Передать показания")
    await vera.send(typed)
    assert "Пик 3 685 → 3 780" in vera.screen
    assert "Полупик 5 016 → 5 150" in vera.screen
    assert "Ночь 2 796 → 2 880" in vera.screen
    await vera.press("Передать")
    assert values(harness) == [{"peak": 3780, "half_peak": 5150, "night": 2880}]


async def test_three_zones_are_asked_for_in_the_order_of_the_meters_screen(harness: BotHarness, vera: Someone) -> None:
    await vera.press("Передать показания")
    places = [vera.screen.index(f"(на экране T{number})") for number in (1, 2, 3)]
    assert places == sorted(places)
    await vera.press("Где посмотреть?")
    assert "T1 — пик\nT2 — ночь\nT3 — полупик" in vera.screen
    await vera.press("Назад")
    await vera.send("3780")
    assert vera.screen.index("Ночь (на экране T2)") < vera.screen.index("Полупик (на экране T3)")
    await vera.send("2880 5150")
    assert re.search("Пик .*\nНочь .*\nПолупик ", vera.screen), "and so they are checked"
    await vera.press("Передать")
    assert "Пик 3 780 · Ночь 2 880 · Полупик 5 150" in vera.screen
    assert [line["zone"] for line in submitted(harness)[0]["lines"]] == ["peak", "night", "half_peak"]


async def test_one_number_and_then_the_second(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Передать показания")
    await maria.send("3650")
    assert "День (на экране T1): 3 650 ✓" in maria.screen
    assert "Теперь пришлите число «Ночь»" in maria.screen
    await maria.send("1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


@pytest.mark.parametrize(("day", "was"), [("2026-11-23", "8 300, 23.11.2026"), ("2026-11-27", "8 236, 24.10.2026")])
async def test_what_was_is_the_newest_settled_reading_up_to_today(
    harness: BotHarness, oleg: Someone, day: str, was: str
) -> None:
    await harness.run(
        "INSERT INTO ledger_readings (account, meter, zone, date, value, source, counted, submission)"
        " VALUES (?, '36010000', 'single', ?, 8300, 'контролёр', 1, '')",
        ONE_ZONE,
        day,
    )
    await oleg.press("Передать показания")
    assert f"было {was}" in oleg.screen
    await oleg.send("8420")
    value = was.split(",")[0]
    assert f"{value} → 8 420 · {8420 - int(value.replace(' ', ''))} кВт·ч" in oleg.screen


async def test_the_second_zone_first_by_its_name(harness: BotHarness, maria: Someone) -> None:
    await maria.send("ночь 1580")
    assert "Теперь пришлите число «День»" in maria.screen
    await maria.send("3650")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_three_numbers_one_by_one(harness: BotHarness, vera: Someone) -> None:
    await vera.send("полупик 5150")
    await vera.send("3780")
    assert "Теперь пришлите число «Ночь»" in vera.screen
    await vera.send("2880")
    await vera.press("Передать")
    assert values(harness) == [{"peak": 3780, "half_peak": 5150, "night": 2880}]


@pytest.mark.parametrize("typed", ["3650 1580", "003650 001580", "день 3650, ночь 1580"])
async def test_numbers_typed_at_home_begin_the_same_conversation(
    harness: BotHarness, maria: Someone, typed: str
) -> None:
    await maria.send("/menu")
    await maria.send(typed)
    assert maria.screen.startswith("Проверьте показания")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_an_account_number_typed_at_home_is_looked_up(maria: Someone) -> None:
    await maria.send(ONE_ZONE)
    assert "Нашёл счёт …0017" in maria.screen


async def test_a_single_number_at_home_asks_for_the_other_zone(maria: Someone) -> None:
    await maria.send("3650")
    assert "Теперь пришлите число «Ночь»" in maria.screen


async def test_decimals_are_cut_with_a_notice(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650,9 1580.4")
    assert "Цифры после запятой не нужны, я их отбросил." in maria.screen
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_nothing_is_said_about_decimals_where_there_were_none(maria: Someone) -> None:
    await maria.send("3650 1580")
    assert "после запятой" not in maria.screen


@pytest.mark.parametrize("asked", [True, False])
async def test_thousands_or_decimals_are_asked_about(harness: BotHarness, oleg: Someone, asked: bool) -> None:
    if asked:
        await oleg.press("Передать показания")
    await oleg.send("8,420")
    assert "Не уверен, что значит «8,420»: 8420 или 8 и дробная часть?" in oleg.screen
    await oleg.send("8420")
    await oleg.press("Передать")
    assert values(harness) == [{"single": 8420}]


# The preview


async def test_the_preview_prices_each_zone_and_tells_the_tier(maria: Someone) -> None:
    await maria.send("3650 1580")
    assert "По этим показаниям 1 371,80 ₽\n1-й диапазон, до 2-го — 870 кВт·ч" in maria.screen
    assert maria.buttons == ["Передать", "Исправить", "Отмена"]


async def test_crossing_a_tier_is_shown_step_by_step(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("10036")
    await oleg.press("Всё верно")
    assert "1-й диапазон: 1 100 × 5,79 = 6 369,00 ₽" in oleg.screen
    assert "2-й диапазон: 600 × 8,05 = 4 830,00 ₽" in oleg.screen
    assert "3-й диапазон: 100 × 12,70 = 1 270,00 ₽" in oleg.screen
    assert "По этим показаниям 12 469,00 ₽\n3-й диапазон" in oleg.screen
    await oleg.press("Передать")
    assert submitted(harness)[0]["cost"] == 1246900


async def test_two_zones_share_a_tier_in_proportion(maria: Someone) -> None:
    """1200 kWh of two zones, the first tier ends at 1100: each zone has its share of the dear hundred."""
    await maria.send("4400 1800")
    await maria.press("Всё верно")
    await maria.press("Всё верно")
    assert "День 3 500 → 4 400 · 900 кВт·ч" in maria.screen
    assert "1-й диапазон: 825 × 6,66 = 5 494,50 ₽" in maria.screen
    assert "2-й диапазон: 75 × 9,26 = 694,50 ₽" in maria.screen
    assert "1-й диапазон: 275 × 4,66 = 1 281,50 ₽" in maria.screen
    assert "2-й диапазон: 25 × 6,48 = 162,00 ₽" in maria.screen
    assert "По этим показаниям 7 632,50 ₽\n2-й диапазон, до 3-го — 500 кВт·ч" in maria.screen


async def test_fixing_at_the_preview_asks_for_all_again(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Исправить")
    assert "День (на экране T1): было 3 500" in maria.screen
    await maria.send("3640 1570")
    await maria.press("Передать")
    assert values(harness) == [{"day": 3640, "night": 1570}]


async def test_numbers_typed_at_the_preview_replace_those_in_it(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.send("3640 1570")
    assert "День 3 500 → 3 640" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [{"day": 3640, "night": 1570}]


async def test_an_older_preview_is_out_of_date_and_shows_the_newest_one(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    older = maria.find("Передать")
    await maria.send("3640 1570")
    await maria.press_data(*older)
    assert maria.toast == OUT_OF_DATE
    assert values(harness) == []
    assert all("3 640" in screen for screen in maria.screens if screen.startswith("Проверьте")), "none shows 3 650"
    await maria.press_data(older[0], maria.find("Передать")[1])
    assert values(harness) == [{"day": 3640, "night": 1570}]


async def test_an_older_preview_is_out_of_date_when_the_newest_has_been_submitted(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("3650 1580")
    older = maria.find("Передать")
    await maria.send("3640 1570")
    newest = maria.find("Передать")
    await maria.press("Передать")
    await maria.press_data(*older)
    assert maria.toast == OUT_OF_DATE
    await maria.press_data(older[0], newest[1])
    assert maria.toast == f"Показания уже переданы: № {submitted(harness)[0]['number']}"
    assert values(harness) == [{"day": 3640, "night": 1570}]


async def test_an_older_preview_of_the_same_numbers_is_as_good_as_the_newest(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("3650 1580")
    older = maria.find("Передать")
    await maria.send("3640 1570")
    await maria.send("3650 1580")
    await maria.press_data(*older)
    assert values(harness) == [GOOD]


async def test_an_older_preview_shows_what_the_form_asks_for_now(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    older = maria.find("Передать")
    await maria.send("3640 1480")
    await maria.press_data(*older)
    assert maria.toast == OUT_OF_DATE
    assert all("Ночь: 1 480 меньше прошлого 1 500" in screen for screen in maria.screens[-2:])
    await maria.press("Всё верно")
    await maria.press_data(*older)
    assert maria.toast == OUT_OF_DATE
    assert values(harness) == []


async def test_an_older_answer_is_not_taken_for_another_number(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1480")
    older = maria.find("Всё верно")
    await maria.send("1470")
    await maria.press_data(*older)
    assert all("Ночь: 1 470 меньше прошлого 1 500" in screen for screen in maria.screens[-2:])


async def test_cancelling_forgets_the_draft(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    preview = maria.find("Передать")
    await maria.press("Отмена")
    assert maria.screen.startswith("🏠")
    assert not any("Продолжить" in label for label in maria.buttons)
    await maria.press_data(*preview)
    assert maria.toast == OUT_OF_DATE
    assert values(harness) == []


async def test_leaving_for_home_keeps_the_draft(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.send("/menu")
    await maria.press("Продолжить передачу показаний")
    assert maria.screen.startswith("Проверьте показания")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_a_half_filled_draft_survives_a_restart(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650")
    await harness.restart()
    await maria.send("1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


# Unchanged


async def test_unchanged_readings_are_one_press(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Передать показания")
    await maria.press("Показания не изменились")
    assert "День 3 500 → 3 500 · 0 кВт·ч · 0,00 ₽" in maria.screen
    assert "По этим показаниям 0,00 ₽" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [{"day": 3500, "night": 1500}]


# Doubts


async def test_a_lower_value_is_doubted_and_can_be_fixed(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1480")
    assert "Ночь: 1 480 меньше прошлого 1 500 (24.10.2026)" in maria.screen
    await maria.press("Ошибка, исправлю")
    assert "День (на экране T1): 3 650 ✓" in maria.screen
    await maria.send("1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]
    assert remarks(harness) == ["", ""]


async def test_a_number_typed_at_a_doubt_fixes_it(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1480")
    await maria.send("1580")
    assert "Ночь 1 500 → 1 580" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_swapped_zones_are_put_right(harness: BotHarness, maria: Someone) -> None:
    await maria.send("1580 3650")
    assert "День: 1 580 меньше прошлого 3 500" in maria.screen
    await maria.press("Зоны перепутаны")
    assert "День 3 500 → 3 650" in maria.screen
    await maria.press("Передать")
    assert values(harness) == [GOOD]
    assert remarks(harness) == ["", ""]


async def test_swapping_is_offered_only_where_it_explains(maria: Someone) -> None:
    await maria.send("3650 1480")
    assert not any("Зоны перепутаны" in label for label in maria.buttons)


async def test_a_replaced_meter_has_no_price_and_billing_is_told(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("12")
    await oleg.press("Счётчик заменили")
    assert "счётчик заменили, расход посчитает компания" in oleg.screen
    assert "Стоимость посчитает компания." in oleg.screen
    await oleg.press("Передать")
    assert values(harness) == [{"single": 12}]
    assert remarks(harness) == ["meter_replaced"]
    assert submitted(harness)[0]["cost"] is None
    assert harness.rows("SELECT source FROM ledger_readings WHERE submission != ''") == [("bot:meter_replaced",)]


async def test_a_meter_that_rolled_over(harness: BotHarness, oleg: Someone) -> None:
    await harness.run("UPDATE ledger_readings SET value = value + 999900 - 8236 WHERE meter = '36010000'")
    await oleg.send("120")
    assert "120 меньше прошлого 999 900" in oleg.screen
    await oleg.press("Счётчик прошёл через ноль")
    assert "999 900 → 120 · 220 кВт·ч" in oleg.screen
    assert "счётчик прошёл через ноль" in oleg.screen
    await oleg.press("Передать")
    assert remarks(harness) == ["rolled_over"]
    assert submitted(harness)[0]["lines"][0]["consumption"] == 220


async def test_rolling_over_is_offered_only_where_it_explains(oleg: Someone) -> None:
    await oleg.send("8100")
    assert not any("через ноль" in label for label in oleg.buttons)


async def test_a_lower_value_may_be_insisted_on(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("8100")
    await oleg.press("Всё верно")
    assert "Показание 8 236 → 8 100" in oleg.screen
    assert "₽" not in oleg.screen
    await oleg.press("Передать")
    assert values(harness) == [{"single": 8100}]
    assert remarks(harness) == ["certain"]


async def test_far_above_the_habit_is_doubted_with_the_habit(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("84205")
    assert "84 205 — это 75 969 кВт·ч с 24.10.2026" in oleg.screen
    assert "Обычно у вас около" in oleg.screen
    assert oleg.buttons == ["Ошибка, исправлю", "Всё верно", "Отмена"]
    await oleg.press("Ошибка, исправлю")
    await oleg.send("8420,5")
    await oleg.press("Передать")
    assert values(harness) == [{"single": 8420}]


async def test_far_below_the_habit_is_doubted_and_believed(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("8240")
    assert "это всего 4 кВт·ч" in oleg.screen
    await oleg.press("Всё верно")
    await oleg.press("Передать")
    assert values(harness) == [{"single": 8240}]
    assert remarks(harness) == ["certain"]


async def test_more_digits_than_the_meter_has(oleg: Someone) -> None:
    await oleg.send("0842051")
    assert "842 051" in oleg.screen, "leading zeros are no digits of the value"
    await oleg.send("/cancel")
    await oleg.send("8420517")
    assert "8 420 517 не помещается на экране счётчика" in oleg.screen
    assert "6" in oleg.screen
    await oleg.press("Ошибка, исправлю")
    assert "Пришлите число со счётчика" in oleg.screen


async def test_each_zone_has_its_own_doubt(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3400 1480")
    assert "День: 3 400 меньше прошлого" in maria.screen
    await maria.press("Счётчик заменили")
    assert "Ночь: 1 480 меньше прошлого" in maria.screen
    await maria.press("Счётчик заменили")
    await maria.press("Передать")
    assert values(harness) == [{"day": 3400, "night": 1480}]
    assert remarks(harness) == ["meter_replaced", "meter_replaced"]


async def test_a_lower_value_that_is_typed_alone_is_doubted_at_once(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3400")
    assert "День: 3 400 меньше прошлого 3 500" in maria.screen
    await maria.send("3650")
    assert "День (на экране T1): 3 650 ✓" in maria.screen
    await maria.send("1480")
    assert "Ночь: 1 480 меньше прошлого 1 500" in maria.screen
    await maria.send("1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_a_doubt_that_is_answered_asks_for_what_is_missing(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3400")
    await maria.press("Счётчик заменили")
    assert "Теперь пришлите число «Ночь»" in maria.screen
    await maria.send("1580")
    await maria.press("Передать")
    assert remarks(harness) == ["meter_replaced", ""]


async def test_both_numbers_at_a_doubt_about_one_are_taken(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3400")
    await maria.send("3650 1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_three_zones_one_by_one_are_doubted_one_by_one(harness: BotHarness, vera: Someone) -> None:
    await vera.send("3780")
    await vera.send("2000")
    assert "Ночь: 2 000 меньше прошлого 2 796" in vera.screen
    await vera.send("2880")
    await vera.send("5150")
    await vera.press("Передать")
    assert values(harness) == [{"peak": 3780, "night": 2880, "half_peak": 5150}]


@pytest.mark.parametrize("way", ["/readings", "Передать показания", "old button"])
@pytest.mark.parametrize("typed", ["3400", "3650 1480", "3650", "3650 1580"])
async def test_numbers_that_were_left_do_not_come_back_days_later(
    harness: BotHarness, maria: Someone, typed: str, way: str
) -> None:
    await maria.send(typed)
    await maria.send("/menu")
    resume = maria.find("Продолжить передачу показаний")
    harness.clock.advance(days=2)
    await maria.send("/menu")
    assert not any("Продолжить" in label for label in maria.buttons)
    if way == "old button":
        await maria.press_data(maria.last_id, resume[1])
    else:
        await (maria.send(way) if way.startswith("/") else maria.press(way))
    assert "День (на экране T1): было 3 500" in maria.screen
    assert "Пришлите числа через пробел" in maria.screen
    await maria.send("3660 1590")
    await maria.press("Передать")
    assert values(harness) == [{"day": 3660, "night": 1590}]


async def test_a_number_typed_days_later_at_a_doubt_begins_anew(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1480")
    harness.clock.advance(days=2)
    await maria.send("3660")
    assert "День (на экране T1): 3 660 ✓" in maria.screen
    assert "Теперь пришлите число «Ночь»" in maria.screen


async def test_what_is_typed_the_next_day_still_goes_on(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650")
    harness.clock.advance(days=1)
    await maria.send("1580")
    assert "День 3 500 → 3 650" in maria.screen


async def test_what_a_meter_cannot_show_is_not_insisted_on(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("8420517")
    assert oleg.buttons == ["Ошибка, исправлю", "Счётчик заменили", "Отмена"]
    message_id, data = oleg.find("Счётчик заменили")
    await oleg.press_data(message_id, data.replace("replaced", "certain"))
    assert "8 420 517 не помещается на экране счётчика" in oleg.screen
    await oleg.press("Счётчик заменили")
    await oleg.press("Передать")
    assert remarks(harness) == ["meter_replaced"]
    assert harness.rows("SELECT value, source FROM ledger_readings WHERE submission != ''") == [
        (8420517, "bot:meter_replaced")
    ]


async def test_what_was_certain_is_asked_about_again_when_it_cannot_be(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("84205")
    await oleg.press("Всё верно")
    await harness.run("UPDATE ledger_meters SET digits = 4 WHERE meter = '36010000'")
    await oleg.press("Передать")
    assert "84 205 не помещается на экране счётчика" in oleg.screen
    assert values(harness) == []


@pytest.mark.parametrize(
    ("typed", "answer", "then"),
    [
        ("3400 1480", "Счётчик заменили", "Ночь: 1 480 меньше прошлого"),
        ("3400 1480", "Всё верно", "Ночь: 1 480 меньше прошлого"),
        ("3650 1480", "Всё верно", "Проверьте показания"),
        ("1580 3650", "Зоны перепутаны", "День 3 500 → 3 650"),
        ("3650 1480", "Ошибка, исправлю", "Теперь пришлите число «Ночь»"),
    ],
)
async def test_an_answer_to_a_doubt_pressed_twice_is_one_answer(
    harness: BotHarness, maria: Someone, typed: str, answer: str, then: str
) -> None:
    await maria.send(typed)
    maria.taps(answer)
    maria.taps(answer)
    await harness.quiet()
    assert then in maria.screen
    assert maria.toast is None


async def test_a_way_out_that_was_not_offered_is_not_taken(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("84205")
    message_id, data = oleg.find("Всё верно")
    await oleg.press_data(message_id, data.replace("certain", "rolled_over"))
    assert "84 205 — это 75 969 кВт·ч" in oleg.screen
    assert values(harness) == []


@pytest.mark.parametrize(
    ("typed", "asked"),
    [("3650 1480", "Ночь: 1 480 меньше прошлого"), ("3650", "Теперь пришлите число «Ночь»")],
)
async def test_a_forged_submit_skips_nothing(harness: BotHarness, maria: Someone, typed: str, asked: str) -> None:
    await maria.send(typed)
    await maria.press_data(maria.last_id, f"cf1:{draft(harness).confirmation}")
    assert asked in maria.screen
    assert values(harness) == []


async def test_a_number_that_has_become_doubtful_is_asked_about_after_all(harness: BotHarness, oleg: Someone) -> None:
    await oleg.send("8420")
    await harness.run("UPDATE ledger_readings SET value = 8500 WHERE meter = '36010000' AND value = 8236")
    await oleg.press("Передать")
    assert "8 420 меньше прошлого 8 500" in oleg.screen
    assert values(harness) == []


@pytest.mark.parametrize(("zones", "shown"), [("single", "Показание: было 3 500"), ("peak_half_night", "Пик")])
@pytest.mark.parametrize(("first", "then"), [("3650", ">1580"), ("3650 1480", "Всё верно"), ("3650 1580", "Передать")])
async def test_a_meter_that_gets_other_zones_is_read_anew(
    harness: BotHarness, maria: Someone, first: str, then: str, zones: str, shown: str
) -> None:
    await maria.send(first)
    await harness.run("UPDATE ledger_meters SET zones = ? WHERE meter = '10000001'", zones)
    await harness.run("UPDATE ledger_readings SET zone = 'single' WHERE meter = '10000001' AND zone = 'day'")
    await (maria.send(then[1:]) if then.startswith(">") else maria.press(then))
    assert "У счётчика теперь другие зоны, поэтому прежние числа не подходят." in maria.screen
    assert shown in maria.screen
    assert values(harness) == []


async def test_a_meter_that_was_replaced_under_an_open_form_is_said_to_be_gone(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("3650")
    await harness.run("UPDATE ledger_meters SET meter = '10000009' WHERE meter = '10000001'")
    await maria.send("1580")
    assert "Этого счётчика на счёте больше нет. Показываю то, что есть сейчас." in maria.screens
    await maria.send("/readings")
    assert "Счётчик 10000009" in maria.screen


# Words for numbers that are none


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("-3650 1580", "не бывает меньше нуля"),
        ("3650 1580 1620", "Чисел больше, чем у счётчика зон: пришло 3, нужно 2"),
        ("пик 3650", "нет зоны «пик»"),
        ("3650 1580 рублей", "Не понял «рублей»"),
        ("36²", "обычными цифрами"),
        ("٣٦٥٠", "обычными цифрами"),
        ("1e5", "Не понял «1e5»"),
        ("день ночь", "Здесь нет числа"),
    ],
)
async def test_what_cannot_be_read_is_explained_and_asked_again(
    harness: BotHarness, maria: Someone, typed: str, words: str
) -> None:
    await maria.press("Передать показания")
    await maria.send(typed)
    assert words in maria.screen
    await maria.send("3650 1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


# Verification


@pytest.mark.parametrize(("moment", "told"), [("2026-07-05 23:59", False), ("2026-07-06 00:00", True)])
async def test_an_expired_verification_is_told_and_readings_are_taken(
    harness: BotHarness, moment: str, told: bool
) -> None:
    harness.clock.set(moment)
    galina = await harness.customer("Галина", UNVERIFIED)
    await galina.press("Передать показания")
    assert ("срок поверки счётчика истёк 05.07.2026. Показания примем, но" in galina.screen) is told
    await galina.press("Показания не изменились")
    assert "поверки" not in galina.screen
    await galina.press("Передать")
    assert len(submitted(harness)) == 1


# Several meters


async def test_of_several_meters_one_is_picked_by_place(harness: BotHarness, zoya: Someone) -> None:
    await zoya.press("Передать показания")
    assert zoya.buttons == ["36060000 · дом", "36060100 · баня", "На главную"]
    await zoya.press("баня")
    assert "было 8 337" in zoya.screen
    await zoya.send("8500")
    await zoya.press("Передать")
    assert "Следующий счётчик" in zoya.buttons
    await zoya.press("Следующий счётчик")
    assert "Счётчик 36060000" in zoya.screen
    await zoya.send("13700 6420")
    await zoya.press("Передать")
    assert "Следующий счётчик" not in zoya.buttons
    assert [one["meter"] for one in submitted(harness)] == ["36060100", "36060000"]
    await zoya.press("На главную")
    assert "Показания за ноябрь переданы" in zoya.screen


async def test_home_says_how_many_meters_are_submitted(zoya: Someone) -> None:
    assert "Показания за ноябрь не переданы, осталось 3 дня" in zoya.screen
    await zoya.send("/readings")
    await zoya.press("баня")
    await zoya.send("8500")
    await zoya.press("Передать")
    assert zoya.main_buttons == ["Следующий счётчик"]
    await zoya.press("На главную")
    assert "Показания за ноябрь переданы по 1 счётчику из 2, осталось 3 дня" in zoya.screen
    assert zoya.main_buttons == ["Передать показания"]
    await zoya.press("Передать показания")
    assert zoya.buttons[:2] == ["36060000 · дом", "36060100 · баня"]


async def test_numbers_typed_before_the_meter_is_picked_are_kept(harness: BotHarness, zoya: Someone) -> None:
    await zoya.send("8500")
    assert "8500" in zoya.screen
    await zoya.press("баня")
    assert "8 337 → 8 500" in zoya.screen
    await zoya.press("Передать")
    assert values(harness) == [{"single": 8500}]


async def test_numbers_typed_for_the_wrong_meter_are_explained(harness: BotHarness, zoya: Someone) -> None:
    await zoya.send("13700 6420")
    await zoya.press("баня")
    assert "Чисел больше, чем у счётчика зон" in zoya.screen
    await zoya.send("/readings")
    await zoya.press("дом")
    await zoya.send("13700 6420")
    await zoya.press("Передать")
    assert values(harness) == [{"day": 13700, "night": 6420}]


async def test_a_second_meter_begins_where_the_first_left_the_tier(zoya: Someone) -> None:
    await zoya.send("/readings")
    await zoya.press("баня")
    await zoya.send("8500")
    assert "до 2-го — 1 437 кВт·ч" in zoya.screen
    await zoya.press("Передать")
    await zoya.press("Следующий счётчик")
    await zoya.send("13700 6420")
    assert "до 2-го — 868 кВт·ч" in zoya.screen


async def test_a_meter_taken_away_meanwhile(harness: BotHarness, zoya: Someone) -> None:
    await zoya.send("/readings")
    await zoya.press("баня")
    await harness.run("UPDATE ledger_meters SET status = 'closed' WHERE meter = '36060100'")
    await zoya.send("8500")
    assert zoya.screen.startswith("🏠")
    assert values(harness) == []


async def test_an_account_without_a_meter_says_so(harness: BotHarness) -> None:
    yan = await harness.customer("Ян", NO_METER)
    assert "Счётчика на этом счёте нет" in yan.screen
    assert not any("Передать" in label for label in yan.buttons)
    for typed in ("/readings", "100"):
        await yan.send(typed)
        assert yan.screen.startswith("На этом счёте нет счётчика")


async def test_paying_comes_first_once_readings_are_submitted(harness: BotHarness, maria: Someone) -> None:
    assert maria.buttons[:2] == ["Передать показания", "Оплатить 1\xa0975,74\xa0₽"]
    assert maria.main_buttons == ["Передать показания"]
    await maria.send("3650 1580")
    await maria.press("Передать")
    assert maria.main_buttons == ["Оплатить 2\xa0606,36\xa0₽"]
    await maria.press("На главную")
    assert maria.buttons[:2] == ["Оплатить 2\xa0606,36\xa0₽", "Передать показания"]
    assert maria.main_buttons == ["Оплатить 2\xa0606,36\xa0₽"]
    await maria.send("3660")
    await maria.send("/menu")
    assert maria.main_buttons == ["Продолжить передачу показаний"]


async def test_among_several_accounts_each_step_names_its_own(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", TWO_METERS, TWO_ZONES)
    await maria.press("Передать показания")
    assert maria.screen.startswith("📟 Счёт …3456, счётчик 10000001")
    await harness.run("UPDATE links SET label = 'Мама' WHERE account = ?", TWO_ZONES)
    await maria.send("3650")
    assert maria.screen.startswith("📟 Мама · счёт …3456, счётчик 10000001")
    await maria.send("1580")
    assert maria.screen.startswith("Проверьте: Мама · счёт …3456, счётчик 10000001")
    await maria.send("/accounts")
    await maria.press("…0066")
    await maria.press("Передать показания")
    assert maria.screen.startswith("📟 Счёт …0066\n\nНа счёте несколько счётчиков")


async def test_switching_the_account_leaves_the_other_ones_draft(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", ONE_ZONE, TWO_ZONES)
    await maria.send("3650")
    await maria.send("/accounts")
    await maria.press("…0017")
    assert not any("Продолжить" in label for label in maria.buttons)
    await maria.send("/accounts")
    await maria.press("…3456")
    await maria.press("Продолжить передачу показаний")
    await maria.send("1580")
    await maria.press("Передать")
    assert values(harness) == [GOOD]


async def test_numbers_kept_in_an_outage_belong_to_the_account_in_view(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", ONE_ZONE, TWO_ZONES)
    await maria.send("3650")
    await maria.send("/accounts")
    await maria.press(ONE_ZONE[-4:])
    harness.supplier.trouble = SupplierUnavailable()
    await maria.send("5000")
    harness.alerts()
    harness.supplier.trouble = None
    await maria.press("Повторить")
    account = harness.rows("SELECT l.account FROM links l JOIN users u ON u.current_link = l.id")
    assert account == [(ONE_ZONE,)]
    assert "День" not in maria.screen
