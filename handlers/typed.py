"""Words of a message, and errors for messages without any."""

from __future__ import annotations

from aiogram.enums import ContentType
from aiogram.types import Message
from email_validator import EmailNotValidError, validate_email

from services.customers.errors import EmailWrong
from services.errors import N_, InputError


class NotText(InputError):
    text = N_("Это я прочитать не могу. Напишите, пожалуйста, текстом.")


class PhotoUnread(InputError):
    text = N_("Фото я прочитать не могу. Спишите, пожалуйста, цифры и пришлите их текстом.")


class VoiceUnheard(InputError):
    text = N_("Голосовые сообщения я не слушаю. Пришлите, пожалуйста, текстом.")


_UNREAD: dict[ContentType, type[NotText | PhotoUnread | VoiceUnheard]] = {
    ContentType.PHOTO: PhotoUnread,
    ContentType.VOICE: VoiceUnheard,
    ContentType.AUDIO: VoiceUnheard,
    ContentType.VIDEO_NOTE: VoiceUnheard,
}


def words_of(message: Message) -> str | None:
    """A message's text, or the caption of its picture or file."""
    return message.text or message.caption


def text_of(message: Message) -> str:
    """The words of a message; raises NotText and its kinds for anything else."""
    words = words_of(message)
    if words is None:
        raise unread(message)
    return words


def unread(message: Message) -> NotText | PhotoUnread | VoiceUnheard:
    """The error for a message without words."""
    return _UNREAD.get(ContentType(message.content_type), NotText)()


def email_of(message: Message) -> str:
    """A normalised address; raises EmailWrong."""
    try:
        return validate_email(text_of(message).strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise EmailWrong from error
