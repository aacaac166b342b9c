"""An appeal's topic in a group of the staff: made once, made again where it was deleted, opened and closed with its
appeal. docs/desk.md says why its steps stand in this order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter

from handlers.desk.screens import card_head, title
from handlers.desk.sending import Spot, say
from handlers.notices import Making, NotYet
from services.appeals.desk import Desk
from services.appeals.models import Appeal, AppealState
from services.appeals.settings import Subject
from services.appeals.topics import Topic
from services.ports import Clock
from services.supplier.profile import SupplierProfile

PATIENCE: Final = timedelta(minutes=1)  # for Telegram's word of a topic that it was asked for and has not answered
TRIES: Final = 3  # with a topic that is gone meanwhile

_SURELY_NOT: Final = (TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter)
_NO_FORUM: Final = "not a forum"
_NO_THREAD: Final = "message thread not found"
_CLOSED: Final = "topic_closed"
_SAME: Final = "topic_not_modified"

Result = TypeVar("Result")


class TopicInGroup:
    """The topic of an appeal in the chat that its group is now."""

    def __init__(self, appeal: Appeal, chat: int, making: Making) -> None:
        self._appeal = appeal
        self._chat = chat
        self._group = making.user_id
        self._bot = making.bot
        self._desk = making.use(Desk)
        self._clock = making.use(Clock)
        self._subject: Subject = making.use(SupplierProfile).appeals.subject(appeal.subject)
        self._zone = making.use(SupplierProfile).region_of(appeal.about.account).timezone

    async def act(self, act: Callable[[Spot], Awaitable[Result]]) -> Result:
        """Do something in the topic, which is made before, and once more where it turns out to be gone. In a group
        without topics messages answer the card."""
        for _ in range(TRIES):
            topic = await self.ready()
            try:
                return await act(self._spot(topic))
            except TelegramBadRequest as error:
                await self._mend(topic, error)
        raise NotYet

    async def ready(self) -> Topic:
        """The topic, open if the appeal is, with its card."""
        for _ in range(TRIES):
            topic = await self._made()
            try:
                topic = await self._in_step(topic)
                return topic if topic.card else await self._with_card(topic)
            except TelegramBadRequest as error:
                await self._mend(topic, error)
        raise NotYet

    def _spot(self, topic: Topic) -> Spot:
        return Spot(self._chat, topic.thread, topic.card if topic.flat else None)

    async def _mend(self, topic: Topic, error: TelegramBadRequest) -> None:
        """An obstacle of a message is put aside. Raises the error for anything else."""
        said = error.message.lower()
        if _NO_THREAD in said and topic.thread:
            await self._desk.change(topic.appeal, thread=None, card=None, asked_at=None, remade=True)
        elif _CLOSED in said:
            await self._switch(topic, closed=False)
        else:
            raise error

    async def _made(self) -> Topic:
        topic = await self._desk.topic(self._appeal.key, self._group)
        if topic.chat not in (None, self._chat):  # the group has moved, and nothing of the old one is known there
            topic = await self._desk.change(
                topic.appeal, chat=None, thread=None, card=None, asked_at=None, flat=False, remade=True
            )
        if topic.thread or topic.flat:
            return topic
        if topic.asked_at and self._clock.now() - topic.asked_at < PATIENCE:
            raise NotYet
        await self._desk.change(topic.appeal, asked_at=self._clock.now())
        return await self._ask_for_one(topic)

    async def _ask_for_one(self, topic: Topic) -> Topic:
        try:
            made = await self._bot.create_forum_topic(self._chat, title(self._appeal, self._subject))
        except _SURELY_NOT as error:
            flat = _NO_FORUM in error.message.lower()
            topic = await self._desk.change(
                topic.appeal, asked_at=None, flat=flat, chat=self._chat if flat else topic.chat
            )
            if not flat:
                raise
            return topic
        return await self._desk.change(
            topic.appeal, chat=self._chat, thread=made.message_thread_id, asked_at=None, closed=False
        )

    async def _with_card(self, topic: Topic) -> Topic:
        screen = card_head(self._appeal, self._subject, self._zone, remade=topic.remade)
        card = await say(self._bot, Spot(self._chat, topic.thread), screen.text, screen.markup)
        return await self._desk.note_card(topic, card)

    async def _in_step(self, topic: Topic) -> Topic:
        """An open appeal has an open topic."""
        if topic.closed and self._appeal.state is AppealState.OPEN:
            return await self._switch(topic, closed=False)
        return topic

    async def follow(self) -> None:
        """Close or open the topic as the appeal is."""
        topic = await self.ready()
        await self._switch(topic, closed=self._appeal.state is AppealState.CLOSED)

    async def _switch(self, topic: Topic, *, closed: bool) -> Topic:
        if topic.thread:
            switch = self._bot.close_forum_topic if closed else self._bot.reopen_forum_topic
            try:
                await switch(self._chat, topic.thread)
            except TelegramBadRequest as error:
                if _SAME not in error.message.lower():
                    raise
        return await self._desk.change(topic.appeal, closed=closed)
