"""What every update gets: the customer behind it, their language and the gate of consents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.flags import get_flag
from aiogram.types import TelegramObject, Update

from locales import language_of, speak
from services.accounts import Accounts
from services.errors import ConsentMissing

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class CustomerMiddleware(BaseMiddleware):
    """On updates: private chats only. Groups are not spoken to, and who only stops the bot is not written down."""

    def __init__(self, accounts: Accounts, hear: Callable[[int], None]) -> None:
        """`hear` is told who writes; that somebody stops the bot is no word of theirs."""
        self._accounts = accounts
        self._hear = hear

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user, chat = data.get("event_from_user"), data.get("event_chat")
        if user is None or user.is_bot or (chat is not None and chat.type != "private"):
            return UNHANDLED
        if isinstance(event, Update) and event.my_chat_member and not await self._accounts.knows(user.id):
            return UNHANDLED
        if not (isinstance(event, Update) and event.my_chat_member):
            self._hear(user.id)
        customer = await self._accounts.arrive(user.id, language_of(user.language_code))
        speak(customer.language)
        data["customer"] = customer
        return await handler(event, data)


class ConsentGate(BaseMiddleware):
    """On chosen handlers: those without the flag `open` need both consents."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not get_flag(data, "open") and not data["customer"].agreed:
            raise ConsentMissing
        return await handler(event, data)
