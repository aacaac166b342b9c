"""Messages of a customer as parts of an appeal, and what they type into its fields."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from aiogram.enums import ContentType
from aiogram.types import Message

from handlers.typed import text_of
from services.appeals.errors import NameWrong, NotTaken, PhoneWrong, PlaceWrong, TextTooLong
from services.appeals.files import check
from services.appeals.models import Attachment, Side, Written

LONGEST_NAME: Final = 60
LONGEST_LOCALITY: Final = 120
LONGEST_ADDRESS: Final = 300
LONGEST_TEXT: Final = 4096
_COUNTRY: Final = "RU"
_FILES: Final = (
    *(ContentType.PHOTO, ContentType.DOCUMENT, ContentType.VOICE, ContentType.AUDIO, ContentType.VIDEO),
    *(ContentType.ANIMATION, ContentType.VIDEO_NOTE),
)


def written_of(message: Message) -> Written:
    """Raises NotTaken, FileRefused, FileTooLarge, TextTooLong."""
    kind = ContentType(message.content_type)
    if kind is not ContentType.TEXT and kind not in _FILES:
        raise NotTaken
    length = len((message.text or message.caption or "").encode("utf-16-le")) // 2
    if length > LONGEST_TEXT:
        raise TextTooLong(length=length, longest=LONGEST_TEXT)
    return Written(
        side=Side.CUSTOMER,
        chat=message.chat.id,
        message=message.message_id,
        at=message.date,
        text=message.html_text,
        file=None if kind is ContentType.TEXT else _file_of(message, kind),
        album=message.media_group_id or "",
        kind=kind.value,
        reply=message.reply_to_message.message_id if message.reply_to_message else None,
    )


def _file_of(message: Message, kind: ContentType) -> Attachment:
    sent = getattr(message, kind.value)
    one = sent[-1] if isinstance(sent, list) else sent  # of a photo, the largest size
    name, mime = getattr(one, "file_name", None) or "", getattr(one, "mime_type", None) or ""
    file = Attachment(kind.value, one.file_id, name, one.file_size or 0)
    check(file, mime)
    return file


def name_of(message: Message) -> str:
    """Raises NameWrong."""
    words = " ".join(text_of(message).split())
    if len(words) > LONGEST_NAME or not re.search(r"[^\W\d_]{2}", words):
        raise NameWrong(longest=LONGEST_NAME)
    return words


def place_of(message: Message, longest: int, example: str) -> str:
    """Raises PlaceWrong."""
    words = " ".join(text_of(message).split())
    if len(words) > longest or not re.search(r"[^\W\d_]{2}", words):
        raise PlaceWrong(longest=longest, example=example)
    return words


def phone_of(message: Message) -> str:
    """As E.164, of any spelling, words around it or not, or of a contact that was sent. Raises PhoneWrong."""
    typed = message.contact.phone_number if message.contact else text_of(message)
    found = _parsed(f"+{typed}" if message.contact and not typed.startswith("+") else typed)
    if found is None:
        raise PhoneWrong
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def _parsed(typed: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(typed, _COUNTRY)
    except phonenumbers.NumberParseException:
        number = None
    if number and phonenumbers.is_valid_number(number) and not re.search("[^\\W\\d_]{2}", typed):
        return number
    return next((one.number for one in phonenumbers.PhoneNumberMatcher(typed, _COUNTRY)), None)


def phone_shown(phone: str) -> str:
    """`+7 900 123-45-67`"""
    number = phonenumbers.parse(phone, None)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
