"""The one way to put a screen in front of a person."""

from __future__ import annotations

from dataclasses import dataclass

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, InaccessibleMessage, InlineKeyboardMarkup, Message

Event = Message | CallbackQuery

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


async def show(event: Event, screen: Screen, *, fresh: bool = False) -> int:
    """Edit the screen that was pressed; answer a typed message, or any event when `fresh`, with a new one. The id of
    the message that shows it."""
    if fresh or not isinstance(event, CallbackQuery) or not isinstance(event.message, Message):
        return await _send(event, screen)
    try:
        await event.message.edit_text(screen.text, reply_markup=screen.markup)
    except TelegramBadRequest as error:
        if is_gone(error):
            return await _send(event, screen)
        if not is_same(error):
            raise
    return event.message.message_id


def is_gone(error: TelegramBadRequest) -> bool:
    """The message cannot be edited: it was deleted, or has become something else."""
    return _says(error, _GONE)


def is_same(error: TelegramBadRequest) -> bool:
    """The message shows this already."""
    return _says(error, (_SAME,))


async def say(callback: CallbackQuery, text: str) -> None:
    """A notice over the screen; a message where the press was answered already or is too old for one."""
    try:
        await callback.answer(text, show_alert=True)
    except TelegramBadRequest:
        await _send(callback, Screen(text))


async def retire(callback: CallbackQuery) -> None:
    """Take away a screen that has served; one that Telegram no longer lets go only loses its buttons."""
    if isinstance(callback.message, Message):
        try:
            await callback.message.delete()
        except TelegramBadRequest:
            await strip(callback, callback.message.message_id)


async def strip(event: Event, message_id: int) -> None:
    """Take the buttons off a message of the same chat, if it still stands."""
    try:
        await _bot(event).edit_message_reply_markup(chat_id=chat_of(event), message_id=message_id, reply_markup=None)
    except TelegramBadRequest as error:
        if not (is_same(error) or is_gone(error)):
            raise


async def _send(event: Event, screen: Screen) -> int:
    return (await _bot(event).send_message(chat_of(event), screen.text, reply_markup=screen.markup)).message_id


def _bot(event: Event) -> Bot:
    return event.bot  # type: ignore[return-value]  # updates are bound to the bot when they are read


def chat_of(event: Event) -> int:
    if isinstance(event, Message):
        return event.chat.id
    message: Message | InaccessibleMessage | None = event.message
    return message.chat.id if message else event.from_user.id


def _says(error: TelegramBadRequest, phrases: tuple[str, ...]) -> bool:
    return any(phrase in error.message.lower() for phrase in phrases)
