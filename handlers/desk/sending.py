"""Copies of messages: the words as they were written, files by their ids, so that nothing is missing where the original
was deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    ForceReply,
    InlineKeyboardMarkup,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    ReplyParameters,
)

import context
from handlers.desk.written import UNKNOWN
from handlers.show import Screen, is_gone, is_same
from handlers.wording import escape, plain
from locales import _
from services.appeals.models import AppealMessage, Attachment, Copy, Written

_BARE: Final = frozenset({"video_note", "sticker"})  # files without a caption
_REPLACEABLE: Final[Mapping[str, Any]] = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "document": InputMediaDocument,
    "audio": InputMediaAudio,
    "animation": InputMediaAnimation,
}
_IN_ALBUM: Final = {kind: media for kind, media in _REPLACEABLE.items() if kind != "animation"}
_LONGEST_CAPTION: Final = 1024  # characters as Telegram counts them, of a bot
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


async def put(bot: Bot, spot: Spot, message: AppealMessage, markup: InlineKeyboardMarkup | None = None) -> Copy:
    """The copy. One that an earlier try has sent stays as it was then: an edit follows it."""
    written, words = message.written, None
    if written.file is not None and (words := await _words_of(bot, spot, message)):
        written = replace(written, text="")
    with context.within(step="copy"):
        return Copy(spot.chat, await _put(bot, spot, written, markup), words)


async def put_album(bot: Bot, spot: Spot, parts: Sequence[AppealMessage]) -> list[Copy]:
    """Copies of an album's parts, which stay together, of the first ones where an earlier try had no others yet.
    Telegram puts no buttons under them."""
    words = [await _words_of(bot, spot, one) for one in parts]
    media = [
        _IN_ALBUM[one.written.file.kind](media=one.written.file.id, caption=None if apart else one.written.text or None)
        for one, apart in zip(parts, words, strict=True)
        if one.written.file
    ]
    with context.within(step="copy"):
        sent = await bot.send_media_group(media=media, **spot.params)
    return [Copy(spot.chat, one.message_id, apart) for one, apart in zip(sent, words, strict=False)]


async def _words_of(bot: Bot, spot: Spot, part: AppealMessage) -> int | None:
    """The message with a part's words, where they do not fit under it."""
    if _fits(part.written.text):
        return None
    with context.within(step=f"words {part.id}"):
        return await say(bot, spot, part.written.text)


def fits_album(message: AppealMessage) -> bool:
    return bool(message.written.album and message.written.file and message.written.file.kind in _IN_ALBUM)


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


def is_of_place(error: TelegramBadRequest) -> bool:
    """Whether the place is refused, not the message."""
    return any(words in error.message.lower() for words in _OF_PLACE)


async def put_somehow(bot: Bot, spot: Spot, message: AppealMessage) -> Copy:
    """A message that Telegram does not take as it is comes as bare words: staff see at least that something came."""
    try:
        return await put(bot, spot, message)
    except TelegramBadRequest as error:
        if is_of_place(error):
            raise
    bare = f"{_unseen()}\n{escape(message.written.text)[:_BARE_WORDS]}"
    return Copy(spot.chat, await say(bot, spot, bare))


async def say(bot: Bot, spot: Spot, text: str, markup: InlineKeyboardMarkup | ForceReply | None = None) -> int:
    return (await bot.send_message(text=text, reply_markup=markup, **spot.params)).message_id


async def edit(bot: Bot, chat: int, message: int | None, screen: Screen) -> None:
    """Bring a message up to date, if it is still there."""
    try:
        await bot.edit_message_text(screen.text, chat_id=chat, message_id=message, reply_markup=screen.markup)
    except TelegramBadRequest as error:
        if not (is_same(error) or is_gone(error)):
            raise


async def _put_file(
    bot: Bot, spot: Spot, written: Written, file: Attachment, markup: InlineKeyboardMarkup | None
) -> int:
    kind, words = file.kind, written.text
    caption = {"caption": words} if words and kind not in _BARE else {}
    send = getattr(bot, f"send_{kind}")
    sent = await send(**{kind: file.id}, **caption, reply_markup=markup, **spot.params)
    return int(sent.message_id)


async def follow(
    bot: Bot, spot: Spot, message: AppealMessage, copy: Copy, markup: InlineKeyboardMarkup | None = None
) -> Copy:
    """Make the copy what the message has become: it may have been edited or taken back. `spot`: for words that have
    become too many for their file. The copy as it is then."""
    if message.withdrawn_at is None:
        return await _edit(bot, spot, message.written, copy, markup)
    if copy.words:
        await _take_away(bot, copy.chat, copy.words)
    await _take_away(bot, copy.chat, copy.message, under_file=message.written.file is not None)
    return copy


async def _take_away(bot: Bot, chat: int, message: int, *, under_file: bool = False) -> None:
    """One that cannot be deleted any more loses its words."""
    try:
        await bot.delete_message(chat, message)
    except TelegramBadRequest as error:
        if not any(words in error.message.lower() for words in _LATE):
            raise
        if under_file:
            await _change(bot.edit_message_caption(caption=_taken_back(), chat_id=chat, message_id=message))
        else:
            await _change(bot.edit_message_text(_taken_back(), chat_id=chat, message_id=message))


async def _edit(bot: Bot, spot: Spot, written: Written, copy: Copy, markup: InlineKeyboardMarkup | None = None) -> Copy:
    """Words that stand apart stay apart, and those that have become too many come apart."""
    place: dict[str, Any] = {"chat_id": copy.chat, "message_id": copy.message, "reply_markup": markup}
    if written.file is None:
        await _change(bot.edit_message_text(written.text, **place))
        return copy
    apart = copy.words is not None or not _fits(written.text)
    await _edit_file(bot, written.file, "" if apart else written.text, place)
    if copy.words is not None:
        words = written.text or _no_words()
        await _change(bot.edit_message_text(words, chat_id=copy.chat, message_id=copy.words))
    elif apart:
        return replace(copy, words=await say(bot, Spot(copy.chat, spot.thread, copy.message), written.text))
    return copy


async def _edit_file(bot: Bot, file: Attachment, caption: str, place: dict[str, Any]) -> None:
    """Another file can stand only in the place of one that may have another."""
    if file.kind in _REPLACEABLE:
        media = _REPLACEABLE[file.kind](media=file.id, caption=caption or None)
        await _change(bot.edit_message_media(media, **place))
    elif file.kind not in _BARE:
        await _change(bot.edit_message_caption(caption=caption, **place))


async def _change(call: Awaitable[object]) -> None:
    """A message that shows this already, or is gone, is no trouble."""
    try:
        await call
    except TelegramBadRequest as error:
        if not (is_same(error) or is_gone(error)):
            raise


def _fits(html: str) -> bool:
    """Under a file."""
    return len(plain(html).encode("utf-16-le")) // 2 <= _LONGEST_CAPTION


def _no_words() -> str:
    return "<i>" + _("Без подписи.") + "</i>"


def _unseen() -> str:
    return "<i>" + _("Пришло сообщение, которое бот показать не может.") + "</i>"


def _taken_back() -> str:
    return "<i>" + _("Сообщение отозвано.") + "</i>"
