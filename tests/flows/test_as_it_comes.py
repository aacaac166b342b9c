"""Telegram as it is: albums in parts, commands in any case, presses that are answered once."""

from __future__ import annotations

import asyncio

import pytest

from tests.harness import PATIENCE, BotHarness
from tests.people import PICTURE, Someone

TWO_ZONES = "360000123456"
UNREAD = "Фото я прочитать не могу"


def said(harness: BotHarness, someone: Someone, before: int) -> list[str]:
    """Messages of the bot to a person since."""
    events = (event for event in harness.world.events[before:] if event["type"] == "message")
    mine = (event["message"] for event in events if event["chat_id"] == someone.id)
    return [message["text"] for message in mine if message["from"]["is_bot"]]


def part(harness: BotHarness, someone: Someone, album: str, caption: str | None = None) -> None:
    harness.world.send_file(someone.person, "photo", PICTURE, "photo.jpg", caption, media_group_id=album)


# Albums


async def test_an_album_of_four_is_answered_once(harness: BotHarness, maria: Someone) -> None:
    before = harness.world.cursor
    for _ in range(4):
        part(harness, maria, "1")
    await harness.quiet()
    assert [text[: len(UNREAD)] for text in said(harness, maria, before)] == [UNREAD]


@pytest.mark.parametrize("place", [0, 1, 8, 9])
async def test_words_under_any_part_of_an_album_are_what_it_says(
    harness: BotHarness, maria: Someone, place: int
) -> None:
    before = harness.world.cursor
    for number in range(10):  # the most that an album has
        part(harness, maria, "1", "/help" if number == place else None)
    await harness.quiet()
    [answer] = said(harness, maria, before)
    assert UNREAD not in answer


async def test_parts_that_come_late_and_between_those_of_another_album_are_not_answered_again(
    harness: BotHarness, maria: Someone
) -> None:
    before = harness.world.cursor
    for album in ("1", "2", "1", "2"):
        part(harness, maria, album)
        await harness.quiet()
    await harness.restart()
    part(harness, maria, "1")
    await harness.quiet()
    assert len(said(harness, maria, before)) == 2
    await maria.photo()
    assert len(said(harness, maria, before)) == 3


@pytest.mark.limits(patience=0)
async def test_a_kill_in_the_middle_of_an_album_does_not_answer_it_twice(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = asyncio.Event()

    async def die(*_: object) -> None:
        died.set()
        await asyncio.Event().wait()

    before = harness.world.cursor
    monkeypatch.setattr(harness.app.inbox, "finish", die)
    for _ in range(4):
        part(harness, maria, "1")
    await asyncio.wait_for(died.wait(), PATIENCE)
    await harness.restart()
    await harness.quiet()
    assert len(said(harness, maria, before)) == 1


# Commands


@pytest.mark.parametrize("text", ["/Menu", "/MENU", "/mEnU", "/Menu@{bot}", "/MENU@{shout}"])
async def test_a_command_is_one_in_any_case(harness: BotHarness, maria: Someone, text: str) -> None:
    await maria.send("/readings")
    name = harness.world.bot["username"]
    await maria.send(text.format(bot=name, shout=name.upper()))
    assert maria.screen.startswith("🏠")


@pytest.mark.parametrize("text", ["/start", "/Start", "/START", "/START@{bot}"])
async def test_start_is_start_in_any_case(harness: BotHarness, text: str) -> None:
    oleg = harness.person("Олег")
    await oleg.send(text.format(bot=harness.world.bot["username"]))
    assert "Согласен с обоими, продолжить" in oleg.buttons


@pytest.mark.parametrize("command", ["/start", "/START"])
async def test_the_payload_of_a_link_keeps_its_case(harness: BotHarness, command: str) -> None:
    oleg = harness.person("Олег")
    await oleg.send(f"{command} inv_AbCdEf")
    assert [stored["ArrivalDraft"]["payload"] for stored in harness.drafts()] == ["inv_AbCdEf"]


async def test_a_command_under_a_picture_is_a_command(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/readings")
    await maria.photo("/Menu")
    assert maria.screen.startswith("🏠")


# Presses


async def test_every_press_is_answered_once(harness: BotHarness, maria: Someone) -> None:
    before = len(harness.world.calls)
    await maria.press_data(maria.last_id, "rd1:submit:x")
    await maria.press("Передать показания")
    await maria.press_data(999_999, "zz9:old")
    answers = [call for call in list(harness.world.calls)[before:] if call.method == "answerCallbackQuery"]
    assert [call.error for call in answers] == [None] * 3
    assert maria.unanswered == 0


async def test_a_notice_whose_update_fails_half_way_is_said_once(harness: BotHarness, maria: Someone) -> None:
    before = len(harness.world.calls)
    harness.world.faults.add("http_status", method="sendMessage", count=1)
    harness.world.faults.add("http_status", method="editMessageText", count=1)
    await maria.press_data(maria.last_id, "rd1:submit:x")
    answers = [call for call in list(harness.world.calls)[before:] if call.method == "answerCallbackQuery"]
    assert [call.error for call in answers] == [None]


async def test_texts_go_out_without_what_telegram_has_replaced(harness: BotHarness, maria: Someone) -> None:
    sent = [call.params for call in harness.world.calls if call.method in {"sendMessage", "editMessageText"}]
    assert sent
    assert all(one["link_preview_options"] == {"is_disabled": True} for one in sent)
    assert not [one for one in sent if "disable_web_page_preview" in one]
