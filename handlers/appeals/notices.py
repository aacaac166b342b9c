"""Notices of appeals: messages on their way between a customer and the staff."""

from __future__ import annotations

from handlers.notices import CopiedMessage, Making, Words
from services.appeals.exchange import Exchange
from services.notices.catalog import AppealAnswer, AppealMessageToDesk

words = Words()


@words.made(AppealMessageToDesk)
async def to_desk(facts: AppealMessageToDesk, making: Making) -> CopiedMessage | None:
    return await _copy(facts.message, making)


@words.made(AppealAnswer)
async def answer(facts: AppealAnswer, making: Making) -> CopiedMessage | None:
    return await _copy(facts.message, making)


async def _copy(message_id: int, making: Making) -> CopiedMessage | None:
    message = await making.use(Exchange).message(message_id)
    return CopiedMessage(message.written.chat, message.written.message) if message else None
