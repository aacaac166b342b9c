"""A screen, and what Telegram says when it cannot be put where it should."""

from __future__ import annotations

from dataclasses import dataclass

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup

_SAME = "message is not modified"
_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message",
)


@dataclass(frozen=True, slots=True)
class Screen:
    """One message: HTML text and the buttons under it."""

    text: str
    markup: InlineKeyboardMarkup | None = None


def is_gone(error: TelegramBadRequest) -> bool:
    """The message cannot be edited: it was deleted, or has become something else."""
    return _says(error, _GONE)


def is_same(error: TelegramBadRequest) -> bool:
    """The message shows this already."""
    return _says(error, (_SAME,))


def _says(error: TelegramBadRequest, phrases: tuple[str, ...]) -> bool:
    return any(phrase in error.message.lower() for phrase in phrases)
