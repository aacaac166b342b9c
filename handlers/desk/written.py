"""A message of Telegram as a message of an appeal."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from aiogram.enums import ContentType
from aiogram.types import Message

from services.appeals.models import Attachment, Side, Written

_FILES: Final = ("photo", "document", "voice", "video", "audio", "animation", "video_note", "sticker")
_COPIED: Final = frozenset({"contact", "location", "venue", "poll", "dice"})
UNKNOWN: Final = "unknown"


def written_of(message: Message, side: Side, at: datetime, author: int | None = None) -> Written:
    """`at`: when the bot read it."""
    reply = message.reply_to_message
    opens = reply is not None and reply.forum_topic_created is not None  # everything in a topic answers its beginning
    return Written(
        side=side,
        chat=message.chat.id,
        message=message.message_id,
        at=at,
        text=html_of(message),
        file=_file_of(message),
        album=message.media_group_id or "",
        kind=kind_of(message),
        author=author,
        reply=reply.message_id if reply and not opens else None,
    )


def html_of(message: Message) -> str:
    """Words or caption with their formats; empty where there are none."""
    return message.html_text if message.text or message.caption else ""


def content_of(message: Message) -> tuple[str, Attachment | None]:
    """Words and file: the parts that an edit changes."""
    return html_of(message), _file_of(message)


def kind_of(message: Message) -> str:
    """The name of its field; `unknown` for what the bot can neither show nor copy."""
    if message.text is not None:
        return "text"
    if (file := _file_of(message)) is not None:
        return file.kind
    kind = ContentType(message.content_type).value
    return kind if kind in _COPIED else UNKNOWN


def _file_of(message: Message) -> Attachment | None:
    if message.animation is not None:  # it comes as a document, too
        return _file("animation", message.animation)
    for kind in _FILES:
        if found := getattr(message, kind):
            return _file(kind, found[-1] if kind == ContentType.PHOTO else found)
    return None


def _file(kind: str, found: Any) -> Attachment:
    return Attachment(kind, found.file_id, getattr(found, "file_name", None) or "", found.file_size or 0)
