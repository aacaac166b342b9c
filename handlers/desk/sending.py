"""Copies of messages: the words as they were written, files by their ids, so that nothing is missing where the original
was deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup, ReplyParameters

import context
from handlers.desk.written import UNKNOWN
from handlers.show import is_gone, is_same
from handlers.wording import escape
from locales import _
from services.appeals.models import AppealMessage, File, Written

_BARE: Final = frozenset({"video_note", "sticker"})  # files without a caption
_OF_PLACE: Final = ("thread not found", "topic_closed", "not enough rights", "have no rights", "chat not found")
_BARE_WORDS: Final = 3500  # characters
_LATE: Final = ("message can't be deleted", "message to delete not found")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a new message. `thread`: its topic; `reply`: the message that it answers."""

    chat: int
    thread: int | None = None
    reply: int | None = None

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of each method that sends."""
        answers = ReplyParameters(message_id=self.reply, allow_sending_without_reply=True) if self.reply else None
        return {"chat_id": self.chat, "message_thread_id": self.thread, "reply_parameters": answers}


async def put(bot: Bot, spot: Spot, message: AppealMessage, markup: InlineKeyboardMarkup | None = None) -> int:
    """The id of the copy. One that an earlier try has sent stays as it was then: an edit follows it."""
    with context.within(step="copy"):
        return await _put(bot, spot, message.written, markup)


async def _put(bot: Bot, spot: Spot, written: Written, markup: InlineKeyboardMarkup | None) -> int:
    if written.file is not None:
        return await _put_file(bot, spot, written, written.file, markup)
    if written.kind == "text":
        return await say(bot, spot, written.text, markup)
    if written.kind != UNKNOWN:
        copied = await bot.copy_message(
            from_chat_id=written.chat, message_id=written.message, reply_markup=markup, **spot.params
        )
        return copied.message_id
    return await say(bot, spot, _unseen(), markup)


async def put_somehow(bot: Bot, spot: Spot, message: AppealMessage) -> int:
    """A message that Telegram does not take as it is comes as bare words: staff see at least that something came."""
    try:
        return await put(bot, spot, message)
    except TelegramBadRequest as error:
        if any(words in error.message.lower() for words in _OF_PLACE):
            raise
    return await say(bot, spot, f"{_unseen()}\n{escape(message.written.text)[:_BARE_WORDS]}")


async def say(bot: Bot, spot: Spot, text: str, markup: InlineKeyboardMarkup | None = None) -> int:
    return (await bot.send_message(text=text, reply_markup=markup, **spot.params)).message_id


async def _put_file(bot: Bot, spot: Spot, written: Written, file: File, markup: InlineKeyboardMarkup | None) -> int:
    kind, words = file.kind, written.text
    caption = {"caption": words} if words and kind not in _BARE else {}
    send = getattr(bot, f"send_{kind}")
    sent = await send(**{kind: file.id}, **caption, reply_markup=markup, **spot.params)
    return int(sent.message_id)


async def follow(bot: Bot, message: AppealMessage, markup: InlineKeyboardMarkup | None = None) -> None:
    """Make the copy what the message has become: it may have been edited or taken back. One that cannot be deleted any
    more loses its words."""
    if message.copy_chat is None or message.copy is None:
        return
    if message.withdrawn_at is None:
        await _edit(bot, message, message.written.text, markup)
        return
    try:
        await bot.delete_message(message.copy_chat, message.copy)
    except TelegramBadRequest as error:
        if not any(words in error.message.lower() for words in _LATE):
            raise
        await _edit(bot, message, _taken_back())


async def _edit(bot: Bot, message: AppealMessage, text: str, markup: InlineKeyboardMarkup | None = None) -> None:
    place: dict[str, Any] = {"chat_id": message.copy_chat, "message_id": message.copy, "reply_markup": markup}
    try:
        if message.written.file is None:
            await bot.edit_message_text(text, **place)
        elif message.written.file.kind not in _BARE:
            await bot.edit_message_caption(caption=text, **place)
    except TelegramBadRequest as error:
        if not (is_same(error) or is_gone(error)):
            raise


def _unseen() -> str:
    return "<i>" + _("Пришло сообщение, которое бот показать не может.") + "</i>"


def _taken_back() -> str:
    return "<i>" + _("Сообщение отозвано.") + "</i>"
