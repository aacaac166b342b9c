"""Customers change messages of their appeals afterwards: they edit them, and take them back by `/delete`."""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message

from handlers.conversation import Conversation
from handlers.desk.written import content_of
from handlers.keyboards import home_button, rows
from handlers.show import Screen
from locales import _
from services.appeals.exchange import Exchange

router = Router(name="desk_customers")


class SentWithAppeal(Filter):
    """A message that was sent with an appeal."""

    async def __call__(self, message: Message, conversation: Conversation) -> bool | dict[str, Any]:
        found = await conversation.use(Exchange).at(message.chat.id, message.message_id)
        return found is not None


class TakesBack(Filter):
    """A command of both sides; none of the menu, as it is about a message that is answered."""

    async def __call__(self, message: Message) -> bool:
        return (message.text or "").lower() == "/delete"


@router.edited_message(SentWithAppeal())
async def follow_edit(talk: Conversation) -> None:
    await talk.use(Exchange).edit(talk.chat_id, talk.message.message_id, *content_of(talk.message))


@router.message(TakesBack())
async def take_back(talk: Conversation) -> None:
    answered = talk.message.reply_to_message
    found = await talk.use(Exchange).take_back(talk.chat_id, answered.message_id) if answered else None
    text = (
        _("Сообщение отозвано: сотрудники его больше не видят.")
        if found
        else _("Ответьте командой /delete на сообщение обращения, которое хотите отозвать.")
    )
    await talk.show(Screen(text, rows([home_button()])))
