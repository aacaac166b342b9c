"""Asks Telegram for updates and moves on only when they are committed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from bot.inbox.intake import Intake, patience_of
from bot.inbox.updates import GetRawUpdates, number_of
from bot.trouble import Trouble, storage_says
from bot.web.metrics import Metrics
from services.db.engine import out_of_order

log = structlog.get_logger("polling")

WAIT = 25  # seconds that Telegram holds a request without news
_SELDOM = 20  # failures in a row to a line in the log: one a minute


@dataclass(frozen=True, slots=True)
class PollerLimits:
    transfer: int = 15  # seconds that an answer may take beyond `WAIT`
    pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0)  # seconds before the next request after trouble


class NoneConfirmed(Exception):
    """Nothing that came has a number, so that Telegram would send it again at once."""


class Poller:
    def __init__(
        self,
        bot: Bot,
        intake: Intake,
        database: Trouble,
        metrics: Metrics,
        allowed_updates: list[str],
        limits: PollerLimits,
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._database = database
        self._metrics = metrics
        self._limits = limits
        self._request = GetRawUpdates(timeout=WAIT, allowed_updates=allowed_updates)
        self._failures = 0

    async def run(self) -> None:
        """Until cancelled. Trouble of any kind is waited out."""
        while True:
            try:
                question = self._question()
                updates = await self._bot(question, request_timeout=question.timeout + self._limits.transfer)
                self._metrics.heard()
                await self._intake.accept(updates)
                self._confirm(updates)
            except Exception as error:  # noqa: BLE001  # a full disk as well: a poller that stops is deaf for ever
                await self._wait_out(error)
                continue
            self._failures = 0
            self._database.ended()

    def _question(self) -> GetRawUpdates:
        """At first and after trouble one that is answered at once: a silence of `WAIT` seconds would tell nothing."""
        in_touch = self._metrics.silence is not None and not self._failures
        return self._request if in_touch else self._request.model_copy(update={"timeout": 0})

    def _confirm(self, updates: list[Any]) -> None:
        """The next request tells Telegram what need not come again."""
        ids = [number for one in updates if (number := number_of(one)) is not None]
        if updates and not ids:
            raise NoneConfirmed
        if ids:
            self._request = self._request.model_copy(update={"offset": max(ids) + 1})

    async def _wait_out(self, error: Exception) -> None:
        if out_of_order(error) or isinstance(error, OSError):
            self._database.met(storage_says(error))
        elif not isinstance(error, TelegramAPIError) and self._failures % _SELDOM == 0:  # of those the session tells
            log.error("updates are not taken up", failures=self._failures + 1, exc_info=error)
        pauses = self._limits.pauses
        pause = max(patience_of(error), pauses[min(self._failures, len(pauses) - 1)])
        self._failures += 1
        await asyncio.sleep(pause)  # Telegram is away: asking at once would not bring it back
