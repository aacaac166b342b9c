"""Updates of the staff's groups: who may speak there for the company."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
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
    TelegramObject,
    Update,
)

from bot.telegram.errors import OutsideGroup
from handlers.conversation import UseCases
from handlers.desk.screens import number_in
from handlers.desk.talk import Member, StaffTalk
from locales import _, speak
from services.appeals.desk import Desk
from services.notices.ports import OutboxQueue

KNOWN_FOR: Final = 180.0  # seconds for which Telegram's word on a member is good
_INSIDE: Final = frozenset({ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER})

Handler = Callable[[Any, dict[str, Any]], Awaitable[Any]]


class Members:
    """Members of groups, by Telegram's word, which is asked for anew when one comes or goes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: dict[tuple[int, int], tuple[float, bool]] = {}

    async def has(self, bot: Bot, chat: int, user: int) -> bool:
        """Raises TelegramForbiddenError where the bot itself is outside."""
        self._known = {one: known for one, known in self._known.items() if self._now() - known[0] <= KNOWN_FOR}
        if (chat, user) not in self._known:
            self._known[chat, user] = (self._now(), await _is_inside(bot, chat, user))
        return self._known[chat, user][1]

    def forget(self, chat: int, user: int) -> None:
        self._known.pop((chat, user), None)


async def _is_inside(bot: Bot, chat: int, user: int) -> bool:
    try:
        found = await bot.get_chat_member(chat, user)
    except TelegramBadRequest:  # Telegram does not know them there
        return False
    return found.status in _INSIDE or (isinstance(found, ChatMemberRestricted) and found.is_member)


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
            return UNHANDLED
        speak("ru")
        if isinstance(happened, ChatMemberUpdated):
            self._note_change(happened, data["bot"])
            return UNHANDLED
        if isinstance(happened, Message) and await self._is_report(happened):
            return UNHANDLED
        try:
            member = await self._member(happened, data["bot"])
            if member is None:
                return UNHANDLED
            data["staff"] = StaffTalk(happened, member, home, self._use_cases)
            return await handler(event, data)
        except TelegramForbiddenError as error:
            raise OutsideGroup(method=error.method, message=error.message) from None

    def _note_change(self, change: ChatMemberUpdated, bot: Bot) -> None:
        user, chat = change.new_chat_member.user.id, change.chat.id
        self._members.forget(chat, user)
        if user == bot.id:
            self._come_back(chat)

    async def _is_report(self, message: Message) -> bool:
        """Telegram's own word: a topic was made, the group has moved, somebody has left."""
        bot, chat = message.bot, message.chat.id
        if message.left_chat_member:
            self._members.forget(chat, message.left_chat_member.id)
            return True
        if message.migrate_to_chat_id:
            await self._outbox.move(chat, message.migrate_to_chat_id)
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
