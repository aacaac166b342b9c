"""What every update gets: the customer behind it, their language and the gate of consents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.flags import get_flag
from aiogram.exceptions import TelegramForbiddenError
from aiogram.types import TelegramObject, Update

from fsm.albums import AnsweredAlbums
from handlers.saying import is_edited_by_hand, says_something
from locales import language_of, speak
from services.accounts.accounts import Accounts
from services.customers.errors import ConsentMissing

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class CustomerMiddleware(BaseMiddleware):
    """On updates: those of private chats. Groups get no answer, a person who only stops the bot gets no row, and
    Telegram's own reports get neither."""

    def __init__(self, accounts: Accounts, hear: Callable[[int], None]) -> None:
        """`hear` is told who writes; that somebody stops the bot is no word of theirs."""
        self._accounts = accounts
        self._hear = hear

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user, chat = data.get("event_from_user"), data.get("event_chat")
        if user is None or user.is_bot or (chat is not None and chat.type != "private"):
            return UNHANDLED
        if isinstance(event, Update) and not _wants_answer(event):
            return UNHANDLED
        if isinstance(event, Update) and event.my_chat_member and not await self._accounts.knows(user.id):
            return UNHANDLED
        if not (isinstance(event, Update) and event.my_chat_member):
            self._hear(user.id)
        customer = await self._accounts.arrive(user.id, language_of(user.language_code))
        speak(customer.language)
        data["customer"] = customer
        return await handler(event, data)


class Albums(BaseMiddleware):
    """On updates: an album's parts come one by one and get one answer; a part with a caption is always read."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        message = event.message if isinstance(event, Update) else None
        if message is None or message.media_group_id is None:
            return await handler(event, data)
        answered = await AnsweredAlbums.find(data["state"]) or AnsweredAlbums()
        if message.media_group_id in answered.albums and not message.caption:
            return UNHANDLED
        await answered.add(message.media_group_id, data["state"])
        return await handler(event, data)


def _wants_answer(update: Update) -> bool:
    if update.message:
        return says_something(update.message)
    return update.edited_message is None or is_edited_by_hand(update.edited_message)


class Farewell(BaseMiddleware):
    """On errors: the customer may have stopped the bot before it could explain one."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        try:
            return await handler(event, data)
        except TelegramForbiddenError:
            return await data["accounts"].block(data["customer"])


class ConsentGate(BaseMiddleware):
    """On chosen handlers: those without the flag `open` need both consents."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not get_flag(data, "open") and not data["customer"].agreed:
            raise ConsentMissing
        return await handler(event, data)
