"""Whether the bot does its work, for whoever watches over it: numbers only, nothing of any person."""

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
from services.db.vitals import Vitals, VitalSigns
from services.notices.models import Channel
from services.ports import Clock

OLDEST_POLL = 60  # seconds: a long poll takes 25, and 40 until it counts as failed
OLDEST_UPDATE = 120  # seconds: what the bot waits for on purpose, Telegram's 429 first of all, takes 30 at most
PATIENCE = 0.8  # seconds that the database may take: whoever asks for health waits for one
BUSY = 5.0  # seconds that it may be busy with somebody else, an import or a backup
UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Condition:
    """`vitals` None: the database cannot be read now. `silence`: seconds since Telegram was last heard, None: never."""

    vitals: Vitals | None
    database: Literal["ok", "busy", "trouble"]
    silence: float | None
    troubles: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.troubles

    def json(self) -> dict[str, Any]:
        """Ages in seconds; null is what nobody knows."""
        vitals = self.vitals
        return {
            "ready": self.ready,
            "troubles": self.troubles,
            "database": self.database,
            "telegram_silence": None if self.silence is None else round(self.silence, 1),
            "open_updates": vitals and vitals.open,
            "queue_age": vitals and vitals.queue_age.total_seconds(),
            "parked_updates": vitals and vitals.parked,
            "outbox_waiting": vitals and sum(vitals.waiting.values()),
            "outbox_age": vitals and vitals.outbox_age.total_seconds(),
        }


class Health:
    """`mode`: how updates come. Only a poll that is due can be missed; webhooks come when somebody writes."""

    def __init__(
        self, signs: VitalSigns, clock: Clock, metrics: Metrics, intake: Intake, mode: Literal["polling", "webhook"]
    ) -> None:
        self._intake = intake
        self._signs = signs
        self._clock = clock
        self._metrics = metrics
        self._mode = mode
        self._looking: asyncio.Future[tuple[Vitals | None, bool]] | None = None
        self._good_at: float | None = None
        gauge = metrics.gauge
        self._ready = gauge("ready", "1 when the bot does its work.")
        self._open = gauge("inbox_open", "Updates accepted and not yet worked off.")
        self._queue_age = gauge("inbox_oldest_seconds", "Age of the oldest open update; 0: there is none.")
        self._parked = gauge("inbox_parked", "Updates put aside.")
        self._waiting = gauge("outbox_waiting", "Notices that wait to be sent.", "channel")
        self._outbox_age = gauge("outbox_oldest_seconds", "How long the oldest notice has been due; 0: there is none.")
        self._imported = gauge("import_timestamp_seconds", "When registry files were imported last; 0: never.")
        for channel, outcome in product(Channel, Outcome):
            metrics.sends.labels(channel, outcome)

    async def condition(self) -> Condition:
        """Known within `PATIENCE`, whatever the database does."""
        vitals, writable = await self._look()
        database = self._judged(good=bool(vitals and writable))
        silence = self._metrics.silence
        return Condition(vitals, database, silence, tuple(self._troubles(vitals, database, silence)))

    async def exposition(self) -> bytes:
        """All figures in Prometheus' format; those that nobody knows are NaN."""
        condition = await self.condition()
        self._ready.set(condition.ready)
        self._show(condition.vitals)
        return generate_latest(self._metrics.registry)

    def _show(self, vitals: Vitals | None) -> None:
        self._open.set(vitals.open if vitals else UNKNOWN)
        self._queue_age.set(vitals.queue_age.total_seconds() if vitals else UNKNOWN)
        self._parked.set(vitals.parked if vitals else UNKNOWN)
        self._outbox_age.set(vitals.outbox_age.total_seconds() if vitals else UNKNOWN)
        self._imported.set(
            vitals.imported_at.timestamp() if vitals and vitals.imported_at else NEVER if vitals else UNKNOWN
        )
        for channel in Channel:
            self._waiting.labels(channel).set(vitals.waiting[channel] if vitals else UNKNOWN)

    async def _look(self) -> tuple[Vitals | None, bool]:
        """All who ask at once share one look, and a look that hangs is not followed by others."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().run_in_executor(None, self._examine, self._intake.flooded)
        look = self._looking  # the next one may begin before this one is turned to
        done, _ = await asyncio.wait([look], timeout=PATIENCE)
        return look.result() if done else (None, False)

    def _examine(self, flooded: frozenset[str]) -> tuple[Vitals | None, bool]:
        return self._signs.read(self._clock.now(), flooded), self._signs.writable()

    def _judged(self, *, good: bool) -> Literal["ok", "busy", "trouble"]:
        """A component that was well a moment ago is asked again only soon after."""
        now = time.monotonic()
        if good:
            self._good_at = now
            return "ok"
        return "busy" if self._good_at is not None and now < self._good_at + BUSY else "trouble"

    def _held_up(self, vitals: Vitals) -> timedelta:
        """Age of the oldest open update outside flooded conversations; of any while none is worked off."""
        return vitals.queue_age if self._intake.standstill > OLDEST_UPDATE else vitals.held_up

    def _troubles(self, vitals: Vitals | None, database: str, silence: float | None) -> Iterator[str]:
        if database == "trouble":
            yield f"the database cannot be {'written' if vitals else 'read'}"
        if vitals and (waited := self._held_up(vitals).total_seconds()) > OLDEST_UPDATE:
            yield f"an update has waited for {waited:.0f} s"
        if self._mode == "polling" and silence is None:
            yield "Telegram has not answered yet"
        elif self._mode == "polling" and silence is not None and silence > OLDEST_POLL:
            yield f"Telegram has not answered for {silence:.0f} s"
