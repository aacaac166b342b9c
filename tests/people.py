"""People who talk to the bot: they write, press and read, and each action waits until the bot has worked it off."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from sandbox.state import Json, Person
from sandbox.world import World

PICTURE: Final = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
_MARKS = re.compile(r"^[^\w(«…←-]+")


class Someone:
    """A person with the bot's private chat open. What they see is plain text, every kind of space a space."""

    def __init__(self, world: World, person: Person, quiet: Callable[[], Awaitable[None]]) -> None:
        self._world = world
        self._quiet = quiet
        self.person = person

    @property
    def id(self) -> int:
        return self.person.id

    # Writing. Verbs that do not wait (`types`, `taps`) are for those who hurry.

    async def send(self, text: str, reply_to: int | None = None) -> None:
        self.types(text, reply_to)
        await self._quiet()

    def types(self, text: str, reply_to: int | None = None) -> None:
        self._world.send_text(self.person, text, reply_to=reply_to)

    async def say(self, content: Json) -> None:
        """Any content at all, as a message."""
        self._world.inject(self.person, content)
        await self._quiet()

    async def file(self, kind: str, caption: str | None = None, data: bytes = PICTURE) -> None:
        self._world.send_file(self.person, kind, data, f"{kind}.bin", caption)
        await self._quiet()

    async def photo(self, caption: str | None = None) -> None:
        await self.file("photo", caption)

    async def voice(self) -> None:
        await self.file("voice")

    async def sticker(self) -> None:
        await self.file("sticker")

    async def contact(self) -> None:
        self._world.send_contact(self.person)
        await self._quiet()

    async def location(self) -> None:
        self._world.send_location(self.person, 51.66, 39.2)
        await self._quiet()

    async def edit(self, text: str) -> None:
        """Change one's own newest text."""
        own = [message for message in self._chat if message["from"]["id"] == self.id and "text" in message]
        self._world.edit_text(self.person, own[-1]["message_id"], text)
        await self._quiet()

    # Pressing

    async def press(self, label: str) -> None:
        """Press the button whose label is or contains `label`, on the newest message that has one."""
        self.taps(label)
        await self._quiet()

    def taps(self, label: str) -> None:
        message_id, data = self.find(label)
        self._world.press(self.person, self.id, message_id, data)

    async def press_data(self, message_id: int, data: str) -> None:
        """Press what the app does not show, as a rogue client can."""
        self._world.forge_press(self.person, self.id, message_id, data)
        await self._quiet()

    def find(self, label: str) -> tuple[int, str]:
        """Message id and data of a button, to be pressed now, twice, or by somebody else."""
        for message in reversed(self._answers):
            named = {_plain(button["text"]): button for button in _buttons(message) if "callback_data" in button}
            name = label if label in named else next((text for text in named if label in text), None)
            if name is not None:
                return message["message_id"], named[name]["callback_data"]
        raise AssertionError(f"no button «{label}», there are: {self.labels}\n{self.screen}")

    # Seeing

    @property
    def screen(self) -> str:
        """The newest thing that the bot said; a document by its name."""
        return _text(self._answers[-1]) if self._answers else ""

    @property
    def screens(self) -> list[str]:
        """All that the bot said and that still stands, oldest first."""
        return [_text(message) for message in self._answers]

    @property
    def last_id(self) -> int:
        """Of the newest message of the bot."""
        return int(self._answers[-1]["message_id"])

    @property
    def buttons(self) -> list[str]:
        """Labels under the newest message, without their pictures."""
        return [_plain(button["text"]) for button in _buttons(self._answers[-1])] if self._answers else []

    @property
    def main_buttons(self) -> list[str]:
        """Those of them that stand out."""
        return [_plain(button["text"]) for button in _buttons(self._answers[-1]) if button.get("style") == "primary"]

    @property
    def labels(self) -> list[str]:
        """Of every button that can be pressed, without their pictures."""
        return [_plain(button["text"]) for message in self._answers for button in _buttons(message)]

    @property
    def toast(self) -> str | None:
        """The text of the last answer to a press."""
        answers = [event for event in self._world.events if event["type"] == "callback_answer"]
        own = [event["text"] for event in answers if event["user_id"] == self.id]
        return own[-1] if own else None

    @property
    def seen(self) -> str:
        """Everything that was ever before this person's eyes: texts, labels, notices, names of documents."""
        found: list[str] = []
        for event in self._world.events:
            if event["type"] in {"message", "edited"} and event["chat_id"] == self.id:
                found += _everything(event["message"])
            elif event["type"] == "callback_answer" and event["user_id"] == self.id:
                found.append(event["text"] or "")
        return "\n".join(found)

    @property
    def documents(self) -> list[tuple[str, bytes]]:
        """Names and bytes of the documents that the bot sent."""
        sent = [message["document"] for message in self._answers if "document" in message]
        return [(one["file_name"], self._world.files.get(one["file_id"]).data) for one in sent]

    @property
    def pictures(self) -> list[bytes]:
        """The photos that the bot sent, each in its largest size."""
        sent = [message["photo"][-1] for message in self._answers if "photo" in message]
        return [self._world.files.get(one["file_id"]).data for one in sent]

    @property
    def copies(self) -> dict[str, str]:
        """Texts that the newest message lets one copy, by label."""
        copied = (button for button in _buttons(self._answers[-1]) if "copy_text" in button)
        return {_plain(button["text"]): button["copy_text"]["text"] for button in copied}

    def url(self, label: str) -> str:
        """Where the newest button with this label leads."""
        for message in reversed(self._answers):
            for button in _buttons(message):
                if label in button["text"] and "url" in button:
                    return str(button["url"])
        raise AssertionError(f"no link «{label}»\n{self.screen}")

    @property
    def unanswered(self) -> int:
        """Presses whose button still spins."""
        return sum(press.user_id == self.id for press in self._world.presses.values())

    @property
    def _chat(self) -> list[Json]:
        return self._world.chat_view(self.id)

    @property
    def _answers(self) -> list[Json]:
        return [message for message in self._chat if message["from"]["is_bot"]]


def _text(message: Json) -> str:
    document = message.get("document", {}).get("file_name")
    said = str(message.get("text") or message.get("caption") or document or "")
    return said.replace("\xa0", " ").replace("\u202f", " ")


def _buttons(message: Json) -> list[dict[str, Any]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _plain(label: str) -> str:
    return _MARKS.sub("", label)


def _everything(message: Json) -> list[str]:
    if not message["from"]["is_bot"]:
        return []
    copied = [button.get("copy_text", {}).get("text", "") for button in _buttons(message)]
    return [_text(message), *(button["text"] for button in _buttons(message)), *copied]
