"""Middlewares of every update: the customer behind it, their language, a conversation and the gate of consents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.flags import get_flag
from aiogram.exceptions import TelegramForbiddenError
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message, TelegramObject, Update

from fsm.albums import AnsweredAlbums
from fsm.appeals import COLLECTING, AddingDraft
from fsm.unheard import UnheardDraft
from handlers.callbacks import Again
from handlers.conversation import Conversation, Event, UseCases
from handlers.filters import Pressed
from handlers.saying import is_edited_by_hand, says_something
from locales import language_of, speak
from services.accounts.accounts import Accounts
from services.customers.errors import ConsentMissing

Handler = Callable[[Any, dict[str, Any]], Awaitable[Any]]


class CustomerMiddleware(BaseMiddleware):
    """On updates: those of private chats. Groups get no answer, a person who only stops the bot gets no row, and
    Telegram's own reports get neither."""

    def __init__(self, use_cases: UseCases, hear: Callable[[int], None]) -> None:
        """`hear` is told who writes; that somebody stops the bot is no word of theirs."""
        self._use_cases = use_cases
        self._accounts = use_cases.get(Accounts)
        self._hear = hear

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if "staff" in data:
            return await handler(event, data)
        user, chat = data.get("event_from_user"), data.get("event_chat")
        if user is None or user.is_bot or (chat is not None and chat.type != "private"):
            return UNHANDLED
        happened = _wanting_answer(event) if isinstance(event, Update) else None
        if happened is None:
            return UNHANDLED
        if not isinstance(happened, ChatMemberUpdated):
            self._hear(user.id)
        elif not await self._accounts.knows(user.id):
            return UNHANDLED
        customer = await self._accounts.arrive(user.id, language_of(user.language_code))
        speak(customer.language)
        state = FSMContext(data["turn"], StorageKey(data["bot"].id, chat.id if chat else user.id, user.id))
        data.update(state=state, raw_state=await state.get_state())
        data["conversation"] = Conversation(happened, customer, state, self._use_cases)
        return await handler(event, data)


class Albums(BaseMiddleware):
    """On updates: an album's parts come one by one and get one answer; a part with a caption is always read, and every
    part where parts are collected."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        message = event.message if isinstance(event, Update) and "staff" not in data else None
        if message is None or message.media_group_id is None:
            return await handler(event, data)
        answered = await AnsweredAlbums.find(data["state"]) or AnsweredAlbums()
        if data["raw_state"] in COLLECTING:
            return await handler(event, data)
        if message.media_group_id in answered.albums and not message.caption:
            return await handler(event, data) if await _replies_to_desk(message, data["state"]) else UNHANDLED
        await answered.add(message.media_group_id, data["state"])
        return await handler(event, data)


async def _replies_to_desk(part: Message, state: FSMContext) -> bool:
    """Whether it goes on with an album that is a reply to an answer of the staff, whatever else was asked."""
    adding = await AddingDraft.find(state)
    return part.reply_to_message is not None and adding is not None and part.media_group_id == adding.album


class SaidAgain(BaseMiddleware):
    """On updates: a press on «Повторить» is read as the message that could not be worked off, in the form in which it
    was typed. The button goes when the message is worked off."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if "staff" in data:
            return await handler(event, data)
        talk: Conversation = data["conversation"]
        unheard = await _repeated(talk)
        if unheard is None or not isinstance(event, Update):
            return await handler(event, data)
        await talk.state.set_state(unheard.form)
        message = _typed_again(unheard, talk)
        said = event.model_copy(update={"message": message, "callback_query": None})
        answered = await handler(said, data | {"conversation": talk.about(message), "raw_state": unheard.form})
        await talk.retire()
        return answered


async def _repeated(talk: Conversation) -> UnheardDraft | None:
    pressed = await Pressed(Again)(talk.event) if isinstance(talk.event, CallbackQuery) else False
    if not isinstance(pressed, dict):
        return None
    unheard = await talk.find_draft(UnheardDraft)
    return unheard if unheard and unheard.id == pressed["callback_data"].draft else None


def _typed_again(unheard: UnheardDraft, talk: Conversation) -> Message:
    message = Message(
        message_id=unheard.message,
        date=unheard.typed_at,
        chat=Chat(id=talk.chat_id, type="private"),
        from_user=talk.event.from_user,
        text=unheard.text,
    )
    return message.as_(talk.bot)


def _wanting_answer(update: Update) -> Event | None:
    if update.message:
        return update.message if says_something(update.message) else None
    if update.edited_message:
        return update.edited_message if is_edited_by_hand(update.edited_message) else None
    return update.callback_query or update.my_chat_member


class Farewell(BaseMiddleware):
    """On errors: the customer may have stopped the bot before it could explain one."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        try:
            return await handler(event, data)
        except TelegramForbiddenError:
            talk: Conversation = data["conversation"]
            return await talk.use(Accounts).block(talk.customer)


class ConsentGate(BaseMiddleware):
    """On chosen handlers: those without the flag `open` need both consents."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not get_flag(data, "open") and not data["conversation"].customer.agreed:
            raise ConsentMissing
        return await handler(event, data)


class InConversation(BaseMiddleware):
    """On chosen handlers: they get the conversation in place of aiogram's event, and that by its name."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        return await handler(data["conversation"], data | {"event": event})
