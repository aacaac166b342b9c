"""Filters and flags of our own. Filters are asynchronous because aiogram runs others in a thread, 90 µs each."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from aiogram import Bot
from aiogram.filters import Command, Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from handlers.commands import command_of, is_courtesy

OPEN = {"open": True}  # the flag of what may be used before the consents are given


class Asked(Command):
    """A command, typed as such or in plain words."""

    def __init__(self, command: str) -> None:
        super().__init__(command, ignore_case=True)
        self._command = command

    async def __call__(self, message: Message, bot: Bot, raw_state: str | None = None) -> bool | dict[str, Any]:
        if message.text and command_of(message.text, raw_state) == self._command:
            return True
        return await super().__call__(message, bot)


class SaidInCourtesy(Filter):
    """A greeting or thanks and nothing else."""

    async def __call__(self, message: Message, raw_state: str | None = None) -> bool:
        return bool(message.text) and is_courtesy(message.text or "", raw_state)


class Replied(Filter):
    """A reply to another message, a command excepted."""

    async def __call__(self, message: Message) -> bool:
        text = message.text or message.caption or ""
        return message.reply_to_message is not None and not text.startswith("/")


class Pressed(Filter):
    """A button of a kind, and only for one action (the kind's first field) where it is given."""

    def __init__(self, kind: type[CallbackData], action: StrEnum | None = None) -> None:
        self.kind = kind
        self.key = kind.__prefix__ if action is None else f"{kind.__prefix__}:{action}"

    async def __call__(self, query: CallbackQuery) -> bool | dict[str, Any]:
        data = query.data or ""
        if data != self.key and not data.startswith(f"{self.key}:"):
            return False
        try:
            return {"callback_data": self.kind.unpack(data)}
        except (TypeError, ValueError):
            return False
