"""The number of a private chat, for an operator who wants alerts there. Customers need none: the menu has no such
command."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message

from handlers.conversation import Conversation
from handlers.desk.commands import number_told
from handlers.filters import OPEN
from handlers.keyboards import home_button, rows
from handlers.show import Screen

router = Router(name="number")


class AsksNumber(Filter):
    async def __call__(self, message: Message) -> bool:
        return (message.text or "").lower() == "/id"


@router.message(AsksNumber(), flags=OPEN)
async def tell_number(talk: Conversation) -> None:
    await talk.show(Screen(number_told(talk.chat_id), rows([home_button()])))
