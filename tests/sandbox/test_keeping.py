"""The demo's chats are there at its next start: messages, buttons, files, topics, and updates that wait."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sandbox.cast import Cast
from sandbox.keeping import Chats
from sandbox.state import Topic
from sandbox.world import World
from tests.people import PICTURE

KEYBOARD: dict[str, Any] = {"keyboard": [[{"text": "Да"}]], "resize_keyboard": True}


def started(folder: Path) -> tuple[World, Chats]:
    """A world at the demo's next start."""
    world = World()
    Cast(world, folder / "people.json")
    return world, Chats(world, folder / "chats.json", folder / "files")


async def test_chats_are_as_they_were(tmp_path: Path) -> None:
    world, chats = started(tmp_path)
    maria, oleg, *_ = world.people.values()
    group = next(chat for chat in world.chats.values() if chat.person is None)
    world.send_text(maria, "/start")
    shown = world.post(world.chats[maria.id], world.bot, {"text": "Здравствуйте"}, outgoing=True)
    world.amend(world.chats[maria.id], shown, {**shown.json, "text": "К оплате"})
    world.send_file(maria, "photo", PICTURE, "meter.jpg", "мой счётчик")
    world.react(maria, shown.message_id, "👍")
    world.chats[maria.id].reply_keyboard = KEYBOARD
    topic = world.add_topic(group, oleg.user(), Topic(0, "О-1", 0), outgoing=False)
    world.send_text(oleg, "в работе", group, topic.thread_id)
    chats.write()

    again, _ = started(tmp_path)
    assert again.chats == world.chats
    assert [file.data for file in again.files] == [PICTURE]
    assert again.updates.waiting() == world.updates.waiting() != []


async def test_new_messages_and_updates_have_new_numbers(tmp_path: Path) -> None:
    world, chats = started(tmp_path)
    maria = next(iter(world.people.values()))
    before = [world.send_text(maria, words)["message_id"] for words in ("один", "два")]
    numbers = [update.update_id for update in world.updates.waiting()]
    chats.write()

    again, _ = started(tmp_path)
    assert again.send_text(again.people[maria.id], "три")["message_id"] == before[-1] + 1
    assert [update.update_id for update in again.updates.waiting()] == [*numbers, numbers[-1] + 1]


async def test_a_change_is_written_by_itself_and_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.keeping.PAUSE", 0)
    world, _ = started(tmp_path)
    maria = next(iter(world.people.values()))
    world.send_text(maria, "/start")
    for _ in range(3):  # turns of the loop
        await asyncio.sleep(0)
    again, _ = started(tmp_path)
    assert [one["text"] for one in again.chat_view(maria.id)] == ["/start"]
