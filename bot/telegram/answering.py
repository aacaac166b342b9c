"""An update becomes the answer of its handlers."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import CallbackQuery, Update

from bot.telegram.resend import current_attempt
from fsm.storage import Turn

log = structlog.get_logger("answering")


class Answering:
    def __init__(self, bot: Bot, dispatcher: Dispatcher) -> None:
        self._bot = bot
        self._dispatcher = dispatcher

    async def answer(self, raw: dict[str, Any], turn: Turn) -> None:
        """Work one update off. Raises what its handlers could not explain."""
        update = Update.model_validate(raw, context={"bot": self._bot})
        await self._dispatcher.feed_update(self._bot, update, turn=turn)
        attempt = current_attempt()
        if update.callback_query and not (attempt and attempt.press_answered):
            await _stop_spinner(update.callback_query)

    async def dismiss(self, raw: dict[str, Any]) -> None:
        """Leave an update without an answer of its own."""
        press = raw.get("callback_query")
        if isinstance(press, dict):
            with suppress(TelegramAPIError):
                await self._bot.answer_callback_query(str(press.get("id")))


async def _stop_spinner(press: CallbackQuery) -> None:
    """Telegram refuses an answer that comes late, which does not matter."""
    try:
        await press.answer()
    except TelegramBadRequest as error:
        log.debug("the press was answered too late", error=type(error).__name__)
