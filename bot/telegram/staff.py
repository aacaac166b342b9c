"""Updates of the staff's groups: who may speak there for the company."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from aiogram import BaseMiddleware, Bot
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    CallbackQuery,
    Chat,
    ChatMemberRestricted,
    ChatMemberUpdated,
    InaccessibleMessage,
    Message,
    ResultChatMemberUnion,
    TelegramObject,
    Update,
)

from bot.telegram.errors import MembersHidden, OutsideGroup
from bot.telegram.introduction import introduce_to_staff
from handlers.conversation import UseCases
from handlers.desk.commands import number_told
from handlers.desk.screens import number_in
from handlers.desk.sending import Spot, say
from handlers.desk.talk import Member, StaffTalk
from locales import _, language_of, speak
from services.appeals.desk import Desk
from services.notices.ports import OutboxQueue
from services.supplier.profile import SupplierProfile

KNOWN_FOR: Final = 180.0  # seconds for which Telegram's word on a member is good
_HEADS: Final = frozenset({ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR})
_INSIDE: Final = frozenset({ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER})

Handler = Callable[[Any, dict[str, Any]], Awaitable[Any]]


class Members:
    """Members of groups, by Telegram's word, which is asked for anew when one comes or goes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: dict[tuple[int, int], tuple[float, bool]] = {}

    async def has(self, bot: Bot, chat: int, user: int) -> bool:
        """Raises TelegramForbiddenError where the bot itself is outside, and MembersHidden."""
        self._known = {one: known for one, known in self._known.items() if self._now() - known[0] <= KNOWN_FOR}
        if (chat, user) not in self._known:
            self._known[chat, user] = (self._now(), await _is_inside(bot, chat, user))
        return self._known[chat, user][1]

    def forget(self, chat: int, user: int) -> None:
        self._known.pop((chat, user), None)


async def _is_inside(bot: Bot, chat: int, user: int) -> bool:
    found = await _member_of(bot, chat, user)
    return found is not None and (
        found.status in _INSIDE or (isinstance(found, ChatMemberRestricted) and found.is_member)
    )


async def _member_of(bot: Bot, chat: int, user: int) -> ResultChatMemberUnion | None:
    """None: Telegram does not know them there. Raises MembersHidden: getChatMember is sure to tell of others only where
    the bot is an administrator, so a refusal elsewhere says nothing of them."""
    try:
        return await bot.get_chat_member(chat, user)
    except TelegramBadRequest as error:
        if not await _is_administrator(bot, chat):
            raise MembersHidden(method=error.method, message=error.message) from None
    try:
        return await bot.get_chat_member(chat, user)  # the bot may have become one since Telegram refused
    except TelegramBadRequest:
        return None


async def _is_administrator(bot: Bot, chat: int) -> bool:
    try:
        return (await bot.get_chat_member(chat, bot.id)).status in _HEADS
    except TelegramBadRequest:
        return False


class StaffMiddleware(BaseMiddleware):
    """On updates: those of the desk's groups are the staff's. An outsider, another bot, a linked channel, an anonymous
    administrator of another group and a forwarded command are not heard."""

    def __init__(self, use_cases: UseCases, outbox: OutboxQueue, come_back: Callable[[int], None]) -> None:
        """`come_back` is told of a group where the bot may write again."""
        self._use_cases = use_cases
        self._desk = use_cases.get(Desk)
        self._outbox = outbox
        self._come_back = come_back
        self._members = Members()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        happened = _happened(event) if isinstance(event, Update) else None
        chat = _chat_of(happened)
        if happened is None or chat is None or chat.type == "private":
            return await handler(event, data)
        home = await self._desk.home_of(chat.id)
        if home is None:
            if isinstance(happened, Message):
                with suppress(TelegramBadRequest, TelegramForbiddenError):  # a group in which the bot may not write
                    await _tell_number(happened, data["bot"])
            return UNHANDLED
        speak("ru")
        if isinstance(happened, ChatMemberUpdated):
            await self._note_change(happened, home, data["bot"])
            return UNHANDLED
        if isinstance(happened, Message) and await self._is_report(happened, home):
            return UNHANDLED
        try:
            return await self._hear(handler, event, data, happened, home)
        except MembersHidden:
            await self._desk.tell_hidden_members(home)
            raise
        except TelegramForbiddenError as error:
            raise OutsideGroup(method=error.method, message=error.message) from None

    async def _hear(
        self, handler: Handler, event: TelegramObject, data: dict[str, Any], word: Message | CallbackQuery, home: int
    ) -> Any:
        member = await self._member(word, data["bot"])
        if member is None:
            return UNHANDLED
        data["staff"] = StaffTalk(word, member, home, self._use_cases)  # kept: errors of handlers have it, too
        return await handler(event, data)

    async def _note_change(self, change: ChatMemberUpdated, home: int, bot: Bot) -> None:
        user, chat = change.new_chat_member.user.id, change.chat.id
        self._members.forget(chat, user)
        if user == bot.id:
            self._come_back(chat)
            await self._introduce(bot, chat, home)

    async def _introduce(self, bot: Bot, chat: int, home: int) -> None:
        broadcasts = self._use_cases.get(SupplierProfile).desk.may_broadcast(home)
        await introduce_to_staff(bot, chat, broadcasts=broadcasts)
        speak("ru")

    async def _is_report(self, message: Message, home: int) -> bool:
        """Telegram's own word: a topic was made, the group has moved, somebody has left."""
        bot, chat = message.bot, message.chat.id
        if message.left_chat_member:
            self._members.forget(chat, message.left_chat_member.id)
            return True
        if message.migrate_to_chat_id:
            await self._outbox.move(home, message.migrate_to_chat_id)
            if bot is not None:
                await self._introduce(bot, message.migrate_to_chat_id, home)
            return True
        made = message.forum_topic_created
        if made is None or bot is None or message.from_user is None or message.from_user.id != bot.id:
            return False
        if not await self._desk.bind(number_in(made.name), chat, message.message_id):
            await _drop(bot, chat, message.message_id)
        return True

    async def _member(self, happened: Message | CallbackQuery, bot: Bot) -> Member | None:
        sender = happened.from_user
        if isinstance(happened, Message):
            if happened.sender_chat is not None:
                own = happened.sender_chat.id == happened.chat.id and not happened.is_automatic_forward
                return Member(None, _("Администратор")) if own else None
            if happened.forward_origin and (happened.text or happened.caption or "").startswith("/"):
                return None
        if sender is None or sender.is_bot:
            return None
        chat = _chat_of(happened)
        inside = chat is not None and await self._members.has(bot, chat.id, sender.id)
        return Member(sender.id, sender.full_name) if inside else None


async def _tell_number(message: Message, bot: Bot) -> None:
    """An administrator of a group that is not set up asks for its number by `/id`."""
    asked = (message.text or "").lower()
    if message.forward_origin is not None or asked not in ("/id", f"/id@{(await bot.me()).username}".lower()):
        return
    sender = message.from_user
    speak(language_of(sender.language_code if sender else None))
    try:
        if message.sender_chat is None:
            found = await _member_of(bot, message.chat.id, sender.id) if sender else None
            if found is None or found.status not in _HEADS:
                return
        elif message.sender_chat.id != message.chat.id:
            return
    except MembersHidden:
        text = _("Сначала сделайте бота администратором этой группы: иначе он не видит, кто спрашивает.")
    else:
        text = number_told(message.chat.id)
    thread = message.message_thread_id if message.is_topic_message else None
    await say(bot, Spot(message.chat.id, thread, message.message_id), text)


async def _drop(bot: Bot, chat: int, thread: int) -> None:
    """A second topic of an appeal, in which nothing was written yet."""
    try:
        await bot.delete_forum_topic(chat, thread)
    except TelegramBadRequest:  # it is gone already
        return


def _happened(update: Update) -> Message | CallbackQuery | ChatMemberUpdated | None:
    return (
        update.message or update.edited_message or update.callback_query or update.my_chat_member or update.chat_member
    )


def _chat_of(happened: Message | CallbackQuery | ChatMemberUpdated | None) -> Chat | None:
    if isinstance(happened, CallbackQuery):
        found: Message | InaccessibleMessage | None = happened.message
        return found.chat if found else None
    return happened.chat if happened else None


class InStaffTalk(BaseMiddleware):
    """On chosen handlers: they get the word of the staff in place of aiogram's event, and that by its name."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        return await handler(data["staff"], data | {"event": event})
