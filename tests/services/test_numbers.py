import contextlib
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.accounts.errors import AccountNumberWrong
from services.errors import InputError
from services.readings.errors import (
    AnotherMeter,
    DateUnclear,
    MeterNumber,
    NegativeNumber,
    NoNumber,
    NumbersAmbiguous,
    NumberTooLong,
    NumberUnclear,
    SeparatorUnclear,
    StrangeDigits,
    TooManyNumbers,
    ZoneUnknown,
)
from services.readings.numbers import account_number, looks_like_account, looks_like_readings, readings, split_account
from services.supplier.models import Zone, ZoneScheme

ONE, TWO, THREE = ZoneScheme.SINGLE, ZoneScheme.DAY_NIGHT, ZoneScheme.PEAK_HALF_NIGHT
BOTH = {Zone.DAY: 3600, Zone.NIGHT: 1550}
ALL = {Zone.PEAK: 100, Zone.NIGHT: 300, Zone.HALF_PEAK: 200}


@pytest.mark.parametrize(
    "text",
    [
        "3600",
        " 3600 ",
        "\u00a03\u2009600\u202f",
        "3 600",
        "3\t600",
        "003600",
        "003 600",
        "\u200f3600\u200e",
        "\ufeff36\u200b00",
        "36\u00ad00",
        "📟 3600",
        "3️⃣6️⃣0️⃣0️⃣",
        "3600 👍🏽",
        "№ 3600",
        "3600 кВт",
        "3600квт·ч",
        "3600 кВт*ч.",
        "3600 кВт-час",
        "3600 квт ч",
        "3600 kWh",
        "Показания 3600",
        "показание 3600!",
        "(3600)",
        "`3600`",
        "T 3600",
        "Т1: 3600",
        "t1-3600",
        "3600.",
    ],
)
def test_one_number_for_the_only_zone(text: str) -> None:
    typed = readings(text, ONE)
    assert typed.values == {Zone.SINGLE: 3600}
    assert not typed.fraction_cut


@pytest.mark.parametrize("text", ["3600,5", "3600.5", "3 600,50", "3600,155", "003600.9 кВт·ч", "T1 = 3600,999"])
def test_decimals_are_cut_and_it_is_told(text: str) -> None:
    typed = readings(text, ONE)
    assert typed.values == {Zone.SINGLE: 3600}
    assert typed.fraction_cut


@pytest.mark.parametrize(
    "text",
    [
        "3600 1550",
        "3600  \u00a0 1550",
        "3600, 1550",
        "3600,1550",
        "3600; 1550",
        "3600;1550",
        "3600\n1550",
        "3600\r\n1550",
        "3600\u20281550",
        "3600/1550",
        "3600 / 1550",
        "3600 и 1550",
        "3600 and 1550",
        "3600. 1550.",
        "3600-1550",
        "3600 – 1550",
        "3600 — 1550",
        "3600 кВт·ч, 1550 кВт·ч",
        "3600 кВт - 1550 кВт",
        "3 600 1 550",
        "3 600, 1 550",
        "003600 001550",
        "📟3600 🌙1550",
        "день 3600 ночь 1550",
        "День 3600, Ночь 1550",
        "ДЕНЬ: 3600 НОЧЬ: 1550",
        "день=3600 ночь=1550",
        "ночь-1550, день-3600",
        "ночь - 1550\nдень - 3600",
        "- день 3600\n- ночь 1550",
        "дневное 3600 ночное 1550",
        "днём 3600, ночью 1550",
        "днем 3600 ночью 1550",
        "дне\u0308м 3600 ночью 1550",
        "д 3600 н 1550",
        "д.3600 н.1550",
        "д3600н1550",
        "Т1 3600 Т2 1550",
        "T1 3600 T2 1550",
        "т2:1550 t1:3600",
        "T1-3600; T2-1550",
        "day 3600 night 1550",
        "Night: 1550, Day: 3600",
        "3600 день 1550 ночь",
        "1550 ночь, 3600 день",
        "3600 (день) 1550 (ночь)",
        "3600-день, 1550-ночь",
        "3600 кВт·ч день; 1550 кВт·ч ночь",
        "3 600 день 1 550 ночь",
        "день 3 600 ночь 1 550",
        "показания день 3600 и ночь 1550",
    ],
)
def test_both_zones_in_one_message(text: str) -> None:
    typed = readings(text, TWO)
    assert typed.values == BOTH
    assert tuple(typed.values) == TWO.zones
    assert not typed.fraction_cut


@pytest.mark.parametrize("text", ["3600,5 1550,5", "3600.5,1550.5", "3600,5;1550", "день 3600,1 ночь 1550.2"])
def test_decimals_of_two_zones(text: str) -> None:
    typed = readings(text, TWO)
    assert typed.values == BOTH
    assert typed.fraction_cut


@pytest.mark.parametrize(
    "text",
    [
        "100, 300, 200",
        "100,300,200",
        "100/300/200",
        "100\n300\n200",
        "пик 100 полупик 200 ночь 300",
        "ночь 300 пик 100 полупик 200",
        "полу-пик 200, пик 100, ночь 300",
        "п 100 пп 200 н 300",
        "п/п 200 п 100 н 300",
        "пиковая 100 полупиковая 200 ночная 300",
        "peak 100 half-peak 200 night 300",
        "Half peak 200, peak 100, night 300",
        "100 пик 200 полупик 300 ночь",
        "Т1 100 Т2 300 Т3 200",
        "T3 200 T2 300 T1 100",
    ],
)
def test_three_zones_by_name_and_by_the_meters_own_labels(text: str) -> None:
    assert readings(text, THREE).values == ALL


@pytest.mark.parametrize(
    ("text", "scheme", "missing", "values"),
    [
        ("3600", TWO, (), {Zone.DAY: 3600}),
        ("ночь 1550", TWO, (), {Zone.NIGHT: 1550}),
        ("1550", TWO, (Zone.NIGHT,), {Zone.NIGHT: 1550}),
        ("день 3600", TWO, (Zone.NIGHT,), {Zone.DAY: 3600}),
        ("3600 1550", TWO, (Zone.NIGHT,), BOTH),
        ("1000 3000", THREE, (), {Zone.PEAK: 1000, Zone.NIGHT: 3000}),
        ("2000 3000", THREE, (Zone.HALF_PEAK, Zone.NIGHT), {Zone.HALF_PEAK: 2000, Zone.NIGHT: 3000}),
        ("0", ONE, (), {Zone.SINGLE: 0}),
        ("0 550", TWO, (), {Zone.DAY: 0, Zone.NIGHT: 550}),
        ("999999999", ONE, (), {Zone.SINGLE: 999_999_999}),
    ],
)
def test_numbers_fill_the_zones_asked_for(
    text: str, scheme: ZoneScheme, missing: tuple[Zone, ...], values: dict[Zone, int]
) -> None:
    assert readings(text, scheme, missing).values == values


def test_spaces_that_can_be_read_in_several_ways_give_every_way() -> None:
    typed = readings("100 200 300", TWO)
    assert list(typed.candidates) == [
        {Zone.DAY: 100, Zone.NIGHT: 200_300},
        {Zone.DAY: 100_200, Zone.NIGHT: 300},
        {Zone.DAY: 100_200_300},
    ]
    assert typed.as_written is None
    with pytest.raises(NumbersAmbiguous):
        _ = typed.values


def test_one_number_with_a_space_may_be_two_and_is_two_as_written() -> None:
    typed = readings("3 650", TWO)
    assert list(typed.candidates) == [{Zone.DAY: 3, Zone.NIGHT: 650}, {Zone.DAY: 3650}]
    assert typed.as_written == {Zone.DAY: 3, Zone.NIGHT: 650}


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u200b", "привет", "день ночь", "<b>", "&amp;", "👍", "-", "кВт·ч"])
def test_nothing_to_read(text: str) -> None:
    with pytest.raises(NoNumber):
        readings(text, TWO)


@pytest.mark.parametrize("text", ["-5", "−5", "– 5", "3600, -5", "день: -5", "-3600 -1550", "--5", "\u200e-5"])
def test_less_than_zero(text: str) -> None:
    with pytest.raises(NegativeNumber):
        readings(text, TWO)


@pytest.mark.parametrize("text", ["²", "12²", "١٢٣٤", "３６００", "१२३", "Ⅷ", "3600 ①", "½", "3600 ٣"])
def test_digits_of_other_scripts(text: str) -> None:
    with pytest.raises(StrangeDigits):
        readings(text, ONE)


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("1e5", "1e5"),
        ("3600x", "3600x"),
        ("0x10", "0x10"),
        ("12:30", "12:30"),
        ("23.11.2026", "23.11.2026"),
        ("3600.1550", "3600.1550"),
        ("3600 ₽", "₽"),
        ("3600 1550руб", "1550руб"),
        ("<b>3600</b>", "<b>3600</b>"),
        ("3600&nbsp;1550", "3600&nbsp;1550"),
        ("+3600", "+3600"),
        ("=3600", "=3600"),
        ("36_00", "36_00"),
        ("3600 ночь 1550", "3600 ночь 1550"),
        ("день 3600 ночь", "день 3600 ночь"),
        ("день 3600 день 1550", "день 3600 день 1550"),
        ("день 3600 1550", "день 3600 1550"),
        ("день ночь 3600", "день ночь 3600"),
        ("сегодня 3600", "сегодня"),
        ("свет1 3600", "свет1"),
        ("3600приветприветприветпривет", "3600приветприветпри…"),
    ],
)
def test_what_cannot_be_read_is_quoted(text: str, piece: str) -> None:
    with pytest.raises(NumberUnclear) as refused:
        readings(text, TWO)
    assert refused.value.facts == {"piece": piece}
    assert len(piece) <= 20


@pytest.mark.parametrize(
    ("text", "piece", "joined", "whole"),
    [
        ("3,650", "3,650", 3650, 3),
        ("3.650", "3.650", 3650, 3),
        ("003,650", "003,650", 3650, 3),
        ("0,155", "0,155", 155, 0),
        ("100,200", "100,200", 100_200, 100),
        ("3,650 1,580", "3,650", 3650, 3),
        ("3,650; 1580", "3,650", 3650, 3),
        ("3600 1,580", "1,580", 1580, 1),
        ("3 600,500", "600,500", 600_500, 600),
        ("день 3,650 ночь 1580", "3,650", 3650, 3),
        ("3,650 kWh", "3,650", 3650, 3),
    ],
)
def test_thousands_or_decimals_are_not_guessed(text: str, piece: str, joined: int, whole: int) -> None:
    with pytest.raises(SeparatorUnclear) as refused:
        readings(text, TWO)
    assert refused.value.facts == {"piece": piece, "joined": joined, "whole": whole}
    assert looks_like_readings(text), "and so it is asked about wherever it is typed"


@pytest.mark.parametrize("text", ["3600,155", "3600.155", "3,65", "3,6", "100,20"])
def test_what_cannot_be_thousands_is_decimals(text: str) -> None:
    typed = readings(text, ONE)
    assert typed.values == {Zone.SINGLE: int(text[: text.index(text.strip("0123456789"))])}
    assert typed.fraction_cut


@pytest.mark.parametrize(
    ("text", "scheme", "missing", "count", "expected"),
    [
        ("3600 1550", ONE, (), 2, 1),
        ("3600-1550", ONE, (), 2, 1),
        ("3600,1550", ONE, (), 2, 1),
        ("3 600 1 550", ONE, (), 2, 1),
        ("3 60", ONE, (), 2, 1),
        ("3 6000", ONE, (), 2, 1),
        ("3600 550", ONE, (), 2, 1),
        ("3600,5,1550,5", TWO, (), 4, 2),
        ("1 2 3", TWO, (), 3, 2),
        ("1 2 3", TWO, (Zone.NIGHT,), 3, 1),
        ("1000 2000", THREE, (Zone.NIGHT,), 2, 1),
        ("1;2;3;4", THREE, (), 4, 3),
    ],
)
def test_more_numbers_than_zones(
    text: str, scheme: ZoneScheme, missing: tuple[Zone, ...], count: int, expected: int
) -> None:
    with pytest.raises(TooManyNumbers) as refused:
        readings(text, scheme, missing)
    assert refused.value.facts == {"count": count, "expected": expected}


@pytest.mark.parametrize(
    ("text", "scheme", "zone"),
    [
        ("пик 3600", TWO, "пик"),
        ("День 3600", ONE, "День"),
        ("т3 3600", TWO, "т3"),
        ("T2 3600", ONE, "T2"),
        ("день 1 ночь 2", THREE, "день"),
        ("3600 полу-пик", TWO, "полу-пик"),
        ("Т 3600", TWO, "Т"),
    ],
)
def test_a_zone_that_the_meter_lacks(text: str, scheme: ZoneScheme, zone: str) -> None:
    with pytest.raises(ZoneUnknown) as refused:
        readings(text, scheme)
    assert refused.value.facts == {"zone": zone}


@pytest.mark.parametrize(
    "text",
    [
        "360000123456",
        "36 0000 123 456",
        "36-0000-123456",
        "360.000.123.456",
        " 360000123456. ",
        "36\u00a00000\u2009123456",
        "\u200f360000123456",
        "л/с 360000123456",
        "№360000123456",
        "Лицевой счёт № 36 0000 123456",
        "мой счет 360000123456 спасибо",
        "кв. 5, счёт: 360000123456",
        "360000\n123456",
        "<b>360000123456</b>",
        "36ОООО123456",
        "36oooo123456",
        "З6ОО0О12З456",
        "36 ОООО 123 456",
        "36-ОО-ОО-123456",
        "л/с36ОООО123456",
        "о 360000123456",
        "счёт 360000123456 о долге",
        "за 360000123456",
        "до360000123456",
        "360000123456за ноябрь",
    ],
)
def test_an_account_number(text: str) -> None:
    assert account_number(text) == "360000123456"
    assert looks_like_account(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("привет", 0),
        ("36000012345", 11),
        ("3600001234567", 13),
        ("360000123456 7", 13),
        ("360000x123456", 6),
        ("36ОООО12345", 11),
        ("3б0000123456", 10),
        ("ОООООООООООО", 0),
        ("360000123456, 360000123457", 12),
        ("1" * 10_000, 10_000),
    ],
)
def test_a_wrong_account_number_counts_its_digits(text: str, count: int) -> None:
    with pytest.raises(AccountNumberWrong) as refused:
        account_number(text)
    assert refused.value.facts == {"count": count}
    assert not looks_like_account(text)


@pytest.mark.parametrize("text", ["36000012345²", "٣٦٠٠٠٠١٢٣٤٥٦", "３６００００１２３４５６"])
def test_an_account_number_in_strange_digits(text: str) -> None:
    with pytest.raises(StrangeDigits):
        account_number(text)


@pytest.mark.parametrize(
    "text",
    ["3650 1580", "3600", "день 3600 ночь 1550", "-5", "пик 1", "📟 3600", "3600,5 кВт·ч", "003600 001550", "1 2 3 4"],
)
def test_readings_that_nobody_asked_for_are_recognised(text: str) -> None:
    assert looks_like_readings(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "привет",
        "день",
        "12:30",
        "1e5",
        "360000123456",
        "36 0000 123 456",
        "360.000.123.456",
        "квартира 45",
        "²",
        "<b>5</b>",
        "/start",
    ],
)
def test_other_messages_are_not_readings(text: str) -> None:
    assert not looks_like_readings(text)


def test_six_and_six_digits_may_be_either() -> None:
    assert looks_like_readings("003600 001550")
    assert looks_like_account("360000 123456")
    assert looks_like_readings("3600 1550 0700")
    assert looks_like_readings("003 655 001 585"), "as a meter shows it"


# As people write, in chats, by SMS and on forms of suppliers

METER = "10000001"
AS_PEOPLE_WRITE = [
    "Здравствуйте! 3600 и 1550",
    "Добрый день! 3600 1550",
    "Добрый вечер, показания - 3600 и 1550, спасибо",
    "День добрый, день 3600, ночь 1550",
    "Hello! Readings: 3600, 1550, thanks",
    "передаю показания за ноябрь 3600 1550",
    "Показания за ноябрь: 3600; 1550.",
    "показания на 25.11.2026: 3600 1550",
    "показания: 3600 1550.",
    "показания счётчика 3600 1550",
    "свет день 3600 ночь 1550 пожалуйста",
    "1.8.1 3600 1.8.2 1550",
    "1.8.1: 003600,12; 1.8.2: 001550,40",
    "3600 1.8.1\n1550 1.8.2",
    "3600*1550",
    "3600#1550",
    "3600|1550",
    "3600\\1550",
    "3600/1550",
    "Т1-3600 Т2-1550",
    "Т 1 3600 Т 2 1550",
    "день=3600;ночь=1550",
    "день-3600.5 ночь-1550.9",
    "д3600 н1550",
    "1) 3600 2) 1550",
    "1)3600 2)1550",
    "1. 3600\n2. 1550",
    "тариф 1 3600 тариф 2 1550",
    "1 тариф 3600, 2 тариф 1550",
    "1-й тариф - 3600; 2-й тариф - 1550",
    "дневной тариф 3600 ночной тариф 1550",
    "зона день 3600 зона ночь 1550",
    "3600 кВт*ч 1550 кВт*ч",
    "3️⃣6️⃣0️⃣0️⃣ 1️⃣5️⃣5️⃣0️⃣",
    "25.11.2026 3600 1550",
    "25.11.2026г. 3600 1550",
    "25.11.26 3600 1550",
    "25.11 3600 1550",
    "25/11/2026 3600 1550",
    "2026-11-25 3600 1550",
    "25 ноября 3600 1550",
    "25 ноября 2026 г. 3600 1550",
    "за ноябрь 2026 3600 1550",
    "за ноябрь 2026 года: 3600 1550",
    "за 11.2026 3600 1550",
    "сч. 10000001 3600 1550",
    "счётчик № 10000001: 3600 1550",
    "номер счетчика 10000001, день 3600, ночь 1550",
    "10000001 3600 1550",
    "#10000001#03600#01550",
]


@pytest.mark.parametrize("text", AS_PEOPLE_WRITE)
def test_as_people_write_two_zones(text: str) -> None:
    assert readings(text, TWO, (), METER).values == BOTH
    assert looks_like_readings(text), "and so wherever it is typed"


@pytest.mark.parametrize(
    ("text", "scheme", "values"),
    [
        ("сч. 10000001 3600", ONE, {Zone.SINGLE: 3600}),
        ("3600,5квт", ONE, {Zone.SINGLE: 3600}),
        ("показания: 3600.", ONE, {Zone.SINGLE: 3600}),
        ("показания счётчика 3600", ONE, {Zone.SINGLE: 3600}),
        ("за ноябрь 3600", ONE, {Zone.SINGLE: 3600}),
        ("25.11 3600", ONE, {Zone.SINGLE: 3600}),
        ("1.8.0 3600", ONE, {Zone.SINGLE: 3600}),
        ("тариф 1 3600", ONE, {Zone.SINGLE: 3600}),
        ("пик 100 полупик 200 ночь 300", THREE, ALL),
        ("1.8.1 100 1.8.2 300 1.8.3 200", THREE, ALL),
        ("1) 100 2) 300 3) 200", THREE, ALL),
        ("100*300*200", THREE, ALL),
        ("25.11 100 300 200", THREE, ALL),
        ("003 600 001 550", TWO, BOTH),
    ],
)
def test_as_people_write_other_meters(text: str, scheme: ZoneScheme, values: dict[Zone, int]) -> None:
    assert values in readings(text, scheme, (), METER).candidates
    assert looks_like_readings(text)


@pytest.mark.parametrize(
    ("text", "error", "piece"),
    [
        ("25.11 3600", DateUnclear, "25.11"),
        ("16.05 3600", DateUnclear, "16.05"),
        ("за ноябрь 2026 1550", DateUnclear, "2026"),
        ("за ноябрь 2026", DateUnclear, "2026"),
        ("25.11.2026", NumberUnclear, "25.11.2026"),
        ("2026-11-25", NumberUnclear, "2026-11-25"),
        ("25 ноября", NumberUnclear, "25 ноября"),
        ("23.11.2026 10:14 3600", NumberUnclear, "10:14"),
        ("10000001", MeterNumber, "10000001"),
        ("счётчик 10000001", MeterNumber, "10000001"),
        ("счётчик 10000002 3600 1550", AnotherMeter, "10000002"),
        ("№ счетчика 011876154123456: 3600 1550", AnotherMeter, "011876154123456"),
        ("1234567890", NumberTooLong, "1234567890"),
        ("89001234567", NumberTooLong, "89001234567"),
        ("9" * 100, NumberTooLong, "9" * 19 + "…"),
        ("360000123456", NumberTooLong, "360000123456"),
        ("+7 900 123-45-67", NumberUnclear, "+7"),
        ("123-45-67", NumberUnclear, "123-45-67"),
        ("45-67-89", NumberUnclear, "45-67-89"),
        ("тел. 223322", NumberUnclear, "тел."),
        ("3 тысячи 600", NumberUnclear, "тысячи"),
        ("3,6 тыс", NumberUnclear, "тыс"),
        ("расход 150", NumberUnclear, "расход"),
        ("было 3500 стало 3600", NumberUnclear, "было"),
        ("не 3600, а 3650", NumberUnclear, "не"),
        ("вода 12 15", NumberUnclear, "вода"),
        ("газ 1200", NumberUnclear, "газ"),
        ("долг 500", NumberUnclear, "долг"),
        ("ул. Мира, д. 12, кв. 5", NumberUnclear, "ул."),
        ("Т1 Т2 3600 1550", NumberUnclear, "Т1 Т2 3600 1550"),
        ("добрый день 3600 ночь 1550", NumberUnclear, "добрый день 3600 но…"),
        ("3600+1550", NumberUnclear, "3600+1550"),
    ],
)
def test_what_may_be_something_else_is_never_taken_for_a_reading(
    text: str, error: type[InputError], piece: str
) -> None:
    with pytest.raises(error) as refused:
        readings(text, TWO, (), METER)
    assert refused.value.facts["piece"] == piece
    refused.value.text.format(**refused.value.facts)


@pytest.mark.parametrize("text", ["три тысячи шестьсот", "показания за ноябрь", "добрый день"])
def test_words_alone_are_no_number(text: str) -> None:
    with pytest.raises(NoNumber):
        readings(text, TWO)


def test_a_total_beside_zones_is_no_zone() -> None:
    with pytest.raises(ZoneUnknown):
        readings("1.8.0 5240", TWO)


@pytest.mark.parametrize("text", ["показания -5", "показания: -5", "день: -5"])
def test_less_than_zero_behind_a_word(text: str) -> None:
    with pytest.raises(NegativeNumber):
        readings(text, TWO)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("л/с 360000123456 день 3600 ночь 1550", "день 3600 ночь 1550"),
        ("лс 360000123456: 3600 1550", "3600 1550"),
        ("Лицевой счёт № 36 0000 123456 3600 1550", "3600 1550"),
        ("л.с. 36-0000-123456, 3600, 1550", "3600, 1550"),
        ("360000123456 3600 1550", "3600 1550"),
        ("360000123456#10000001#3600#1550", "10000001#3600#1550"),
        ("3600 1550 счёт 360000123456", "3600 1550"),
        ("360000123456", ""),
    ],
)
def test_an_account_among_readings_is_told_apart(text: str, rest: str) -> None:
    number, found = split_account(text)
    assert (number, found) == ("360000123456", rest)
    assert not rest or readings(found, TWO, (), METER).values == BOTH


@pytest.mark.parametrize(
    "text", ["3600 1550", "003 600 001 550", "360000 123456", "360000123456 360000123457", "1234567890123", "٣٦"]
)
def test_what_names_no_account_stays_as_it_is(text: str) -> None:
    assert split_account(text) == (None, text)


LONG = [
    "1" * 10_000,
    "1 " * 5_000,
    "100 " * 2_500,
    "1," * 5_000,
    "1.-" * 3_333,
    "д" * 10_000,
    "полу" * 2_500 + "1",
    "1" + "-" * 9_998 + "x",
    "кВт" * 3_333 + "1",
    " " * 9_999 + "1",
    "1" + "\u200b" * 9_999,
    "👍" * 9_999 + "1",
    "т1" * 5_000,
]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
@pytest.mark.parametrize(
    "read", [lambda text: readings(text, THREE), account_number, looks_like_readings, looks_like_account]
)
def test_ten_thousand_characters_are_answered_at_once(text: str, read: Callable[[str], object]) -> None:
    began = time.process_time()
    with contextlib.suppress(InputError):
        read(text)
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize("text", ["1 " * 101, "день " * 50 + "1"])
def test_long_messages_are_not_readings(text: str) -> None:
    with pytest.raises(NumberUnclear) as refused:
        readings(text, TWO)
    assert len(str(refused.value.facts["piece"])) == 20


values = st.integers(0, 999_999)
separators = st.sampled_from([", ", "; ", ";", "\n", "/", " / ", " и ", " - ", "-", " кВт·ч, "])
grouped = values.map(lambda value: f"{value:,}".replace(",", " "))


@given(st.sampled_from(ZoneScheme), st.data(), separators)
def test_separated_numbers_are_read_back_in_order(scheme: ZoneScheme, data: st.DataObject, separator: str) -> None:
    numbers = data.draw(st.lists(values, min_size=len(scheme.zones), max_size=len(scheme.zones)))
    typed = readings(separator.join(map(str, numbers)), scheme)
    assert list(typed.values.values()) == numbers


@given(st.permutations(list(THREE.zones)), st.lists(grouped, min_size=3, max_size=3), st.booleans())
def test_names_decide_whatever_the_order(zones: list[Zone], numbers: list[str], name_first: bool) -> None:
    words = {Zone.PEAK: "пик", Zone.HALF_PEAK: "полупик", Zone.NIGHT: "ночь"}
    pairs = [(words[zone], number) for zone, number in zip(zones, numbers, strict=True)]
    text = " ".join(f"{word} {number}" if name_first else f"{number} {word}" for word, number in pairs)
    expected = {zone: int(number.replace(" ", "")) for zone, number in zip(zones, numbers, strict=True)}
    assert readings(text, THREE).values == expected


@given(values, st.sampled_from(",."), st.text(alphabet="0123456789", min_size=1, max_size=3))
def test_decimals_are_cut_or_asked_about_and_nothing_else(value: int, comma: str, decimals: str) -> None:
    text = f"{value}{comma}{decimals}"
    if value < 1000 and len(decimals) == 3:
        with pytest.raises(SeparatorUnclear) as refused:
            readings(text, ONE)
        assert (refused.value.facts["joined"], refused.value.facts["whole"]) == (int(f"{value}{decimals}"), value)
    else:
        typed = readings(text, ONE)
        assert (typed.values, typed.fraction_cut) == ({Zone.SINGLE: value}, True)


@given(grouped, grouped)
@example("1 000", "2 000")
def test_the_meant_reading_is_always_among_the_candidates(day: str, night: str) -> None:
    meant = {Zone.DAY: int(day.replace(" ", "")), Zone.NIGHT: int(night.replace(" ", ""))}
    assert meant in readings(f"{day} {night}", TWO).candidates


@given(
    st.one_of(st.text(), st.text(alphabet="0123456789 .,-:/дньочпикТ1\nкВтч²٣")),
    st.sampled_from(ZoneScheme),
)
def test_any_text_is_read_or_refused_in_words(text: str, scheme: ZoneScheme) -> None:
    try:
        typed = readings(text, scheme)
    except InputError as refused:
        refused.text.format(**refused.facts)
    else:
        assert all(value >= 0 for candidate in typed.candidates for value in candidate.values())
        assert all(set(candidate) <= set(scheme.zones) for candidate in typed.candidates)
        assert looks_like_readings(text) or looks_like_account(text)


@given(st.text(alphabet="0123456789", min_size=12, max_size=12), st.data())
def test_account_digits_survive_their_spaces(digits: str, data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.sampled_from(["", " ", "-", ".", "\u00a0"]), min_size=12, max_size=12))
    assert account_number("".join(map(str.__add__, digits, gaps))) == digits
