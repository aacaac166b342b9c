"""A word of a member of the staff, as far as one update takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message

from handlers.conversation import UseCases
from handlers.desk.sending import Spot, edit, say
from handlers.show import Screen
from services.appeals.desk import Desk
from services.appeals.topics import Topic

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the staff. `id` None: an administrator who writes in the group's name."""

    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class StaffTalk:
    """`home`: the group, by its number in the settings."""

    event: Message | CallbackQuery | ChatMemberUpdated
    member: Member
    home: int
    use_cases: UseCases

    def use(self, kind: type[Kind]) -> Kind:
        """The use case, port or setting of a type."""
        return self.use_cases.get(kind)

    @property
    def bot(self) -> Bot:
        return self.event.bot  # type: ignore[return-value]  # updates are bound to the bot when they are read

    @property
    def message(self) -> Message:
        """The one that was written, or that has the pressed button."""
        found = self.event.message if isinstance(self.event, CallbackQuery) else self.event
        if not isinstance(found, Message):
            raise TypeError("no message")
        return found

    @property
    def chat(self) -> Chat:
        return self.event.message.chat if isinstance(self.event, CallbackQuery) else self.event.chat  # type: ignore[union-attr]  # presses of groups have a message

    @property
    def thread(self) -> int | None:
        """The topic of the message; a thread of answers in a group without topics is none."""
        return self.message.message_thread_id if self.message.is_topic_message else None

    async def topic(self) -> Topic | None:
        """Of the appeal that is spoken of: by the topic, or by the message that is answered."""
        desk = self.use(Desk)
        if self.thread is not None:
            return await desk.at(self.chat.id, self.thread)
        answered = self.message if isinstance(self.event, CallbackQuery) else self.message.reply_to_message
        return await desk.of_reply(self.chat.id, answered.message_id) if answered else None

    async def reply(self, text: str) -> None:
        """Under the message."""
        await say(self.bot, Spot(self.chat.id, self.thread, self.message.message_id), text)

    async def tell(self, text: str) -> None:
        """Only to the one who pressed."""
        if isinstance(self.event, CallbackQuery):
            try:
                await self.event.answer(text, show_alert=True)
            except TelegramBadRequest:  # too old for a notice
                return

    async def show(self, screen: Screen) -> None:
        """In place of the message that has the pressed button; Telegram may tell no more of it than its id."""
        pressed = self.event.message if isinstance(self.event, CallbackQuery) else None
        if pressed is not None:
            await edit(self.bot, pressed.chat.id, pressed.message_id, screen)
