"""Telegram as it is: albums in parts, commands in any case, presses that are answered once."""

from __future__ import annotations

import asyncio

import pytest

import bot.app
import bot.inbox.intake
from tests.people import PICTURE, Someone
from tests.town import PATIENCE, Town

TWO_ZONES = "360000123456"
UNREAD = "Фото я прочитать не могу"


def said(town: Town, someone: Someone, before: int) -> list[str]:
    """Messages of the bot to a person since."""
    events = (event for event in town.world.events[before:] if event["type"] == "message")
    mine = (event["message"] for event in events if event["chat_id"] == someone.id)
    return [message["text"] for message in mine if message["from"]["is_bot"]]


def part(town: Town, someone: Someone, album: str, caption: str | None = None) -> None:
    town.world.send_file(someone.person, "photo", PICTURE, "photo.jpg", caption, media_group_id=album)


# Albums


async def test_an_album_of_four_is_answered_once(town: Town, maria: Someone) -> None:
    before = town.world.cursor
    for _ in range(4):
        part(town, maria, "1")
    await town.quiet()
    assert [text[: len(UNREAD)] for text in said(town, maria, before)] == [UNREAD]


@pytest.mark.parametrize("place", range(4))
async def test_words_under_any_part_of_an_album_are_what_it_says(town: Town, maria: Someone, place: int) -> None:
    before = town.world.cursor
    for number in range(4):
        part(town, maria, "1", "/help" if number == place else None)
    await town.quiet()
    [answer] = said(town, maria, before)
    assert UNREAD not in answer


async def test_parts_that_come_late_and_between_those_of_another_album_are_not_answered_again(
    town: Town, maria: Someone
) -> None:
    before = town.world.cursor
    for album in ("1", "2", "1", "2"):
        part(town, maria, album)
        await town.quiet()
    await town.restart()
    part(town, maria, "1")
    await town.quiet()
    assert len(said(town, maria, before)) == 2
    await maria.photo()
    assert len(said(town, maria, before)) == 3


async def test_a_kill_in_the_middle_of_an_album_does_not_answer_it_twice(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = asyncio.Event()

    async def die(*_: object) -> None:
        died.set()
        await asyncio.Event().wait()

    before = town.world.cursor
    monkeypatch.setattr(town.app.inbox, "finish", die)
    monkeypatch.setattr(bot.app, "PATIENCE", 0)
    for _ in range(4):
        part(town, maria, "1")
    await asyncio.wait_for(died.wait(), PATIENCE)
    await town.restart()
    await town.quiet()
    assert len(said(town, maria, before)) == 1


# Commands


@pytest.mark.parametrize("text", ["/Menu", "/MENU", "/mEnU", "/Menu@{bot}", "/MENU@{shout}"])
async def test_a_command_is_one_in_any_case(town: Town, maria: Someone, text: str) -> None:
    await maria.send("/readings")
    name = town.world.bot["username"]
    await maria.send(text.format(bot=name, shout=name.upper()))
    assert maria.screen.startswith("🏠")


@pytest.mark.parametrize("text", ["/start", "/Start", "/START", "/START@{bot}"])
async def test_start_is_start_in_any_case(town: Town, text: str) -> None:
    oleg = town.person("Олег")
    await oleg.send(text.format(bot=town.world.bot["username"]))
    assert "Даю оба согласия" in oleg.buttons


@pytest.mark.parametrize("command", ["/start", "/START"])
async def test_the_payload_of_a_link_keeps_its_case(town: Town, command: str) -> None:
    oleg = town.person("Олег")
    await oleg.send(f"{command} inv_AbCdEf")
    assert town.rows("SELECT json_extract(data, '$.ArrivalDraft.payload') FROM conversations") == [("inv_AbCdEf",)]


async def test_a_command_under_a_picture_is_a_command(town: Town, maria: Someone) -> None:
    await maria.send("/readings")
    await maria.photo("/Menu")
    assert maria.screen.startswith("🏠")


# Presses


async def test_every_press_is_answered_once(town: Town, maria: Someone) -> None:
    before = len(town.world.calls)
    await maria.press_data(maria.last_id, "rd1:submit:x")
    await maria.press("Передать показания")
    await maria.press_data(999_999, "zz9:old")
    answers = [call for call in list(town.world.calls)[before:] if call.method == "answerCallbackQuery"]
    assert [call.error for call in answers] == [None] * 3
    assert maria.unanswered == 0


async def test_a_notice_whose_update_fails_half_way_is_said_once(town: Town, maria: Someone) -> None:
    before = len(town.world.calls)
    town.world.faults.add("http_status", method="sendMessage", count=1)
    town.world.faults.add("http_status", method="editMessageText", count=1)
    await maria.press_data(maria.last_id, "rd1:submit:x")
    answers = [call for call in list(town.world.calls)[before:] if call.method == "answerCallbackQuery"]
    assert [call.error for call in answers] == [None]


async def test_texts_go_out_without_what_telegram_has_replaced(town: Town, maria: Someone) -> None:
    sent = [call.params for call in town.world.calls if call.method in {"sendMessage", "editMessageText"}]
    assert sent
    assert all(one["link_preview_options"] == {"is_disabled": True} for one in sent)
    assert not [one for one in sent if "disable_web_page_preview" in one]
