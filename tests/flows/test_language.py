"""Russian and English: who is spoken to how, and that nothing stays untranslated."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator

import pytest

from services.accounts.address import street
from services.supplier.errors import SupplierUnavailable
from tests.conftest import SAMPLES, TWO_ZONES
from tests.harness import BotHarness
from tests.people import Someone

GREETING = {"ru": "Здравствуйте!", "en": "Hello"}
_CYRILLIC = re.compile("[А-Яа-яЁё]+[^\n]*")
_RUSSIAN_BY_RIGHT = ("Русский", "П-2611-", "maria@почта.рф")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("ru", "ru"),
        ("ru-RU", "ru"),
        ("uk", "ru"),
        ("kk", "ru"),
        (None, "ru"),
        ("en", "en"),
        ("en-GB", "en"),
        ("de", "en"),
    ],
)
async def test_a_newcomer_is_spoken_to_in_the_language_of_telegram(
    harness: BotHarness, code: str | None, language: str
) -> None:
    maria = harness.person("Maria", code)
    await maria.send("/start")
    assert maria.screen.startswith(GREETING[language])


async def test_the_language_is_switched_and_kept(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    await maria.send("/start")
    await maria.press("English")
    assert maria.screen.startswith("Hello")
    assert len(maria.screens) == 1
    await harness.restart()
    await maria.press("Agree to both")
    kept = harness.rows("SELECT DISTINCT t.language, t.title FROM consents c JOIN consent_texts t ON t.id = c.text_id")
    assert sorted(kept) == [
        ("en", "Agreement on the use of digital services"),
        ("en", "Consent to the processing of personal data"),
    ]
    await maria.send("360000123456")
    await maria.send("Flat 45")
    assert "Русский" not in maria.buttons
    await maria.press("Settings")
    await maria.press("Русский")
    assert maria.screen.startswith("⚙️ Настройки")
    await maria.press("На главную")
    assert "Показания за ноябрь не переданы" in maria.screen
    await maria.press("Настройки")
    await maria.press("English")
    assert maria.screen.startswith("⚙️ Settings")


async def test_a_language_that_nobody_speaks_changes_nothing(harness: BotHarness, maria: Someone) -> None:
    await maria.press_data(maria.last_id, "ln1:xx")
    assert maria.screen.startswith("⚙️ Настройки")
    assert harness.rows("SELECT language FROM users") == [("ru",)]


async def test_two_people_are_answered_each_in_their_own_language(harness: BotHarness, maria: Someone) -> None:
    john = await harness.customer("John", TWO_ZONES, language="en")
    maria.types("/menu")
    john.types("/menu")
    maria.types("абв")
    john.types("abc")
    await harness.quiet()
    assert "Не понял" in maria.screen
    assert not re.search("[А-Яа-яЁё]", re.sub("Русский", "", john.screen))


async def test_numbers_in_english_are_shown_as_they_may_be_typed(harness: BotHarness) -> None:
    john = await harness.customer("John", TWO_ZONES, language="en")
    await john.send("/readings")
    assert "3 500" in john.screen
    await john.send("3 650 1 580")
    assert "3 500 → 3 650 · 150 kWh · 999.00 ₽" in john.screen
    assert "1,371.80 ₽" in john.screen
    await john.press("Submit")
    shown = john.seen
    await john.send("3,650 1,580")
    assert "I’m not sure what “3,650” means: 3650, or 3 and decimals?" in john.screen
    assert not re.search("[0-9],[0-9]", re.sub(r"[0-9,]+\.[0-9]{2}\s₽", "", shown)), "only sums have a comma"


async def test_unasked_notices_speak_the_persons_language(harness: BotHarness) -> None:
    john = await harness.customer("John", TWO_ZONES, language="en")
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await john.send("3650 1580")
    await john.press("Submit")
    harness.supplier.trouble = None
    assert harness.alerts()
    harness.clock.advance(minutes=5)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(john, "accepted", before)
    assert russian_left(john) == []


def _data() -> Iterator[str]:
    """Names, places and hours of the sample supplier and its customers: data, not texts of the bot."""
    profile = tomllib.loads((SAMPLES / "supplier.toml").read_text(encoding="utf-8"))
    yield from (profile["name"], profile["hours"])
    for region in profile["regions"]:
        yield region["name"]
        for office in region["offices"]:
            yield from office.values()
    for name, column in (("accounts", "address"), ("meters", "place")):
        with (SAMPLES / "registry" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                yield from row[column].split(", ")
                yield from street(row[column]).split(", ")


def russian_left(someone: Someone) -> list[str]:
    """Lines with Cyrillic in what a person has seen, apart from data."""
    seen = someone.seen.replace("\xa0", " ").replace("кв. ••", "").replace("д. ••", "")
    for known in sorted({*_data(), *_RUSSIAN_BY_RIGHT}, key=len, reverse=True):
        seen = seen.replace(known, "")
    return _CYRILLIC.findall(seen)


async def test_a_whole_conversation_in_english_has_no_russian_left(harness: BotHarness) -> None:
    john = harness.person("John", "en")
    for _ in range(2):
        await john.send("/start")
        for label in ("Read the agreement", "I agree", "Read about personal data", "I agree"):
            await john.press(label)
    await john.press("ontinue")
    await _look_for_an_account(john)
    await _look_around(john)
    await _hand_in(harness, john)
    await _afterwards(harness, john)
    assert russian_left(john) == []


async def _look_for_an_account(john: Someone) -> None:
    for text in ("12345", "360000999999", "360000200082", "360000200017"):
        await john.send(text)
    await john.press("No")
    for account, number in (("360000200066", "House 5"), (TWO_ZONES, "45")):
        await john.send(account)
        for answer in ("yes", "99", number):
            await john.send(answer)
        await john.send("/accounts")
        await john.press("Add")
    await john.send("/menu")


async def _look_around(john: Someone) -> None:
    await john.send("/help")
    for label in ("How to read", "Back", "Documents", "Agreement", "Back", "Back", "Offices", "Back", "Home"):
        await john.press(label)
    await john.send("/accounts")
    await john.press("Change")
    await john.press("…3456")
    await john.press("Name it")
    await john.send("x" * 31)
    await john.send("Cottage")
    await john.press("Change")
    await john.press("Cottage")
    await john.press("Unlink")
    await john.press("No, ")
    for text in ("what?", "/unknown", "/submissions", "/cancel"):
        await john.send(text)
    await john.photo()
    await john.voice()
    await john.sticker()
    await john.edit("edited")
    await john.press_data(john.last_id, "zz9:old")


async def _hand_in(harness: BotHarness, john: Someone) -> None:
    await john.send("/readings")
    await john.press("Where")
    await john.press("Back")
    for text in ("-5", "1e5", "²", "3,650", "1 2 3", "peak 5", "?", "12345678901"):
        await john.send(text)
    await john.send("3650.5")
    await john.send("1480")
    await john.press("My mistake")
    await john.send("1234567")
    await john.send("91580")
    await john.send("/cancel")
    await john.send("3400 1480")
    for _ in range(2):
        await john.press("replaced")
    await john.send("day 3502 night 1501")
    for _ in range(2):
        await john.press("It is correct")
    await john.send("4400.5 1800.7")
    for _ in range(2):
        await john.press("It is correct")
    await john.press("Submit")
    harness.supplier.trouble, harness.supplier.only = SupplierUnavailable(), frozenset({"submit"})
    await john.send("3650 1580")
    await john.press("Submit")
    harness.supplier.trouble = None
    assert harness.alerts()


async def _afterwards(harness: BotHarness, john: Someone) -> None:
    await john.press("Refresh")
    await john.press("PDF")
    await john.press("mail")
    await john.send("x")
    await john.send("john@mail.ru")
    letter = await harness.letterbox.letter()
    assert not _CYRILLIC.findall(re.sub("П-2611|АО «Пример Энергосбыт»", "", letter.subject + letter.text))
    await john.send("/submissions")
    await john.press("П-2611-00001")
    harness.clock.set("2026-11-26 10:00")
    await john.send("/menu")
    await john.send("3700 1600")
    await john.press("Submit")
    await john.press("Change")


async def test_the_menu_of_commands_is_there_in_both_languages(harness: BotHarness) -> None:
    await harness.app.bot.get_me()
    while len(harness.world.profile.commands) < 2:
        await harness.world.wait_for(lambda event: event["type"] == "commands")
    menus = {language: commands for (_, language), commands in harness.world.profile.commands.items()}
    assert [one["command"] for one in menus[""]] == [one["command"] for one in menus["en"]]
    assert menus[""][1] == {"command": "readings", "description": "Передать показания"}
    assert not any(_CYRILLIC.search(one["description"]) for one in menus["en"])
