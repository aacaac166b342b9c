"""Chats that outlive the demo's process: the bot remembers in its database what it has said, so Telegram must, too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from sandbox.files import StoredFile
from sandbox.state import Chat, Json, Posted, Topic
from sandbox.updates import Update
from sandbox.world import World

PAUSE: Final = 0.2  # seconds from a message to the file; a kill of the process loses the messages of that time


@dataclass(frozen=True, slots=True)
class _Kept:
    """A chat without its people, who are kept elsewhere."""

    id: int
    bot_status: str
    next_message_id: int
    messages: list[Posted]
    topics: list[Topic]
    pinned: list[int]
    reply_keyboard: Json | None

    @classmethod
    def of(cls, chat: Chat) -> _Kept:
        messages, topics = list(chat.messages.values()), list(chat.topics.values())
        return cls(chat.id, chat.bot_status, chat.next_message_id, messages, topics, chat.pinned, chat.reply_keyboard)

    def fill(self, chat: Chat) -> None:
        chat.bot_status, chat.next_message_id = self.bot_status, self.next_message_id
        chat.messages = {posted.message_id: posted for posted in self.messages}
        chat.topics = {topic.thread_id: topic for topic in self.topics}
        chat.pinned, chat.reply_keyboard = self.pinned, self.reply_keyboard


_CHATS: Final = TypeAdapter(list[_Kept])


class Chats:
    """Messages, topics and updates that the bot has not confirmed in a file, files of messages in a folder beside it.

    Not kept: presses that wait for their answer, faults, and the log of calls.
    """

    def __init__(self, world: World, file: Path, folder: Path) -> None:
        """Fills the chats of a world that has its people already."""
        self._world = world
        self._file = file
        self._folder = folder
        self._on_disk: set[str] = set()
        self._planned: asyncio.TimerHandle | None = None
        if file.exists():
            self._read(orjson.loads(file.read_bytes()))
        world.listen(lambda _: self._plan())

    def _read(self, found: Json) -> None:
        for kept in _CHATS.validate_python(found["chats"]):
            if chat := self._world.chats.get(kept.id):
                kept.fill(chat)
        self._world.next_private_id = found["next_private_id"]
        waiting = [Update(**{**one, "raw": one["raw"].encode()}) for one in found["waiting"]]
        self._world.updates.restore(found["next_update_id"], waiting)
        for path in self._folder.glob("*"):
            self._on_disk.add(path.name)
        for about in found["files"]:
            if about["file_id"] in self._on_disk:
                data = (self._folder / about["file_id"]).read_bytes()
                self._world.files.restore(StoredFile(**about, data=data))

    def _plan(self) -> None:
        if self._planned is None:
            self._planned = asyncio.get_running_loop().call_later(PAUSE, self.write)

    def write(self) -> None:
        """Replace the file."""
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        self._folder.mkdir(exist_ok=True)
        files = list(self._world.files)
        for file in files:
            self._keep(file)
        replace(self._file, orjson.dumps(self._found(files), option=orjson.OPT_NON_STR_KEYS))

    def _keep(self, file: StoredFile) -> None:
        if file.file_id not in self._on_disk:
            replace(self._folder / file.file_id, file.data)
            self._on_disk.add(file.file_id)

    def _found(self, files: list[StoredFile]) -> Json:
        world = self._world
        return {
            "next_private_id": world.next_private_id,
            "next_update_id": world.updates.next_id,
            "waiting": list(map(_update, world.updates.waiting())),
            "files": [dict(_about(file)) for file in files],
            "chats": [_Kept.of(chat) for chat in world.chats.values()],
        }


def _update(one: Update) -> Json:
    raw = one.raw.decode(errors="replace")
    return {"update_id": one.update_id, "kind": one.kind, "queue": one.queue, "raw": raw, "time": one.time}


def _about(file: StoredFile) -> Iterator[tuple[str, Any]]:
    """Everything but the bytes."""
    for name in StoredFile.__slots__:
        if name != "data":
            yield name, getattr(file, name)


def replace(file: Path, content: bytes) -> None:
    """A process that is killed leaves the old file or the new one, whole."""
    beside = file.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(file)
