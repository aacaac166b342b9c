"""Answers to health checks and metrics: numbers only, nothing of any person."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any, Literal

from prometheus_client import generate_latest

from bot.inbox.intake import Intake
from bot.outbox.sender import Outcome
from bot.web.metrics import NEVER, Metrics
from services.db.queue_stats import QueueStats, QueueStatsReader
from services.notices.catalog import CATALOG
from services.notices.models import Channel
from services.ports import Clock

UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """In seconds."""

    oldest_poll: float = 60  # a long poll takes 25, and 40 until it counts as failed
    oldest_update: float = 120  # waits on purpose, for Telegram's 429 first of all, take 30 at most
    patience: float = 0.8  # that the database may take: a question about health is given up after one
    busy: float = 5.0  # that it may be busy with somebody else, an import or a backup


@dataclass(frozen=True, slots=True)
class Condition:
    """`stats` None: the database cannot be read now. `silence`: seconds since Telegram was last heard, None: never."""

    stats: QueueStats | None
    database: Literal["ok", "busy", "trouble"]
    silence: float | None
    troubles: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.troubles

    def json(self) -> dict[str, Any]:
        """Ages in seconds; null where one is not known."""
        stats = self.stats
        return {
            "ready": self.ready,
            "troubles": self.troubles,
            "database": self.database,
            "telegram_silence": None if self.silence is None else round(self.silence, 1),
            "open_updates": stats and stats.open,
            "queue_age": stats and stats.queue_age.total_seconds(),
            "parked_updates": stats and stats.parked,
            "outbox_waiting": stats and sum(stats.waiting.values()),
            "outbox_age": stats and stats.outbox_age.total_seconds(),
        }


class Health:
    """`mode`: how updates come. Only a poll that is due can be missed; webhooks come when somebody writes."""

    def __init__(
        self,
        reader: QueueStatsReader,
        clock: Clock,
        metrics: Metrics,
        intake: Intake,
        mode: Literal["polling", "webhook"],
        limits: HealthLimits,
    ) -> None:
        self._intake = intake
        self._reader = reader
        self._clock = clock
        self._metrics = metrics
        self._mode = mode
        self._limits = limits
        self._looking: asyncio.Future[tuple[QueueStats | None, bool]] | None = None
        self._good_at: float | None = None
        gauge = metrics.gauge
        self._ready = gauge("ready", "1 when the bot does its work.")
        self._open = gauge("inbox_open", "Updates accepted and not yet worked off.")
        self._queue_age = gauge("inbox_oldest_seconds", "Age of the oldest open update; 0: there is none.")
        self._parked = gauge("inbox_parked", "Updates put aside.")
        self._waiting = gauge("outbox_waiting", "Notices that wait to be sent.", "channel")
        self._outbox_age = gauge("outbox_oldest_seconds", "How long the oldest notice has been due; 0: there is none.")
        self._imported = gauge("import_timestamp_seconds", "When registry files were imported last; 0: never.")
        for facts, outcome in product(CATALOG, Outcome):
            metrics.sends(facts.channel, facts.kind, outcome)

    async def condition(self) -> Condition:
        """Known within `patience`, whatever the database does."""
        stats, writable = await self._look()
        database = self._judged(good=bool(stats and writable))
        silence = self._metrics.silence
        return Condition(stats, database, silence, tuple(self._troubles(stats, database, silence)))

    async def exposition(self) -> bytes:
        """All figures in Prometheus' format; NaN for those that are not known."""
        condition = await self.condition()
        self._ready.set(condition.ready)
        self._show(condition.stats)
        return generate_latest(self._metrics.registry)

    def _show(self, stats: QueueStats | None) -> None:
        self._open.set(stats.open if stats else UNKNOWN)
        self._queue_age.set(stats.queue_age.total_seconds() if stats else UNKNOWN)
        self._parked.set(stats.parked if stats else UNKNOWN)
        self._outbox_age.set(stats.outbox_age.total_seconds() if stats else UNKNOWN)
        self._imported.set(
            stats.imported_at.timestamp() if stats and stats.imported_at else NEVER if stats else UNKNOWN
        )
        for channel in Channel:
            self._waiting.labels(channel).set(stats.waiting[channel] if stats else UNKNOWN)

    async def _look(self) -> tuple[QueueStats | None, bool]:
        """All who ask at once share one look, and a look that hangs is not followed by others."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().run_in_executor(None, self._examine, self._intake.flooded)
        look = self._looking  # the next one may begin before this one is turned to
        done, _ = await asyncio.wait([look], timeout=self._limits.patience)
        return look.result() if done else (None, False)

    def _examine(self, flooded: frozenset[str]) -> tuple[QueueStats | None, bool]:
        return self._reader.read(self._clock.now(), flooded), self._reader.writable()

    def _judged(self, *, good: bool) -> Literal["ok", "busy", "trouble"]:
        """A component that was well a moment ago is asked again only soon after."""
        now = time.monotonic()
        if good:
            self._good_at = now
            return "ok"
        return "busy" if self._good_at is not None and now < self._good_at + self._limits.busy else "trouble"

    def _held_up(self, stats: QueueStats) -> timedelta:
        """Age of the oldest open update outside flooded conversations; of any while none is worked off."""
        return stats.queue_age if self._intake.standstill > self._limits.oldest_update else stats.held_up

    def _troubles(self, stats: QueueStats | None, database: str, silence: float | None) -> Iterator[str]:
        if database == "trouble":
            yield f"the database cannot be {'written' if stats else 'read'}"
        if stats and (waited := self._held_up(stats).total_seconds()) > self._limits.oldest_update:
            yield f"an update has waited for {waited:.0f} s"
        if self._mode == "polling" and silence is None:
            yield "Telegram has not answered yet"
        elif self._mode == "polling" and silence is not None and silence > self._limits.oldest_poll:
            yield f"Telegram has not answered for {silence:.0f} s"
