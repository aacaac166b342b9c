"""Does a message say anything, or does Telegram only report with it that something has happened?

A pinned message, a changed timer, a shared contact list: people send none of that to be answered, and new kinds come
every year. So a message counts by what it brings: words, a file, a mark that only people's own messages have, or one
of the few things that have neither. Whatever else there may be is a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiogram.types import Message

_WITHOUT_FILE: Final = (
    *("contact", "location", "venue", "poll", "dice", "game"),
    *("checklist", "story", "paid_media", "rich_message"),
)
_MARKS: Final = ("forward_origin", "via_bot", "media_group_id", "effect_id")  # Telegram's reports have none of them
_REPORTED: Final = "new_chat_photo"  # the one report with a file of its own


def says_something(message: Message) -> bool:
    """Whether a message wants an answer."""
    if message.text or message.caption:
        return True
    return any(getattr(message, name) is not None for name in (*_WITHOUT_FILE, *_MARKS)) or _brings_file(message)


def is_edited_by_hand(message: Message) -> bool:
    """Whether words or a file were changed; Telegram itself edits a shared location every few seconds."""
    return bool(message.text or message.caption) or _brings_file(message)


def _brings_file(message: Message) -> bool:
    fields = message.__dict__ | (message.model_extra or {})
    return any(_is_file(value) for name, value in fields.items() if name != _REPORTED)


def _is_file(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "file_id" in value
    if isinstance(value, Iterable) and not isinstance(value, str | bytes) and not hasattr(value, "model_fields_set"):
        return any(_is_file(one) for one in value if not isinstance(one, list | tuple))
    return getattr(value, "file_id", None) is not None
