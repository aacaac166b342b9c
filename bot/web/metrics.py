"""Figures of one running bot for Prometheus. Labels name kinds of things, never a person, a chat or an account."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from functools import cache
from itertools import product

from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from bot import __version__
from bot.trouble import is_away
from services.db.migrate import newest

PREFIX = "energybot_"
NEVER = 0.0  # as a moment: an alarm on its age is right to ring
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # from SQLite's own pace to a supplier's
# Those that the bot calls; others get a series when they are called.
_METHODS = (
    *("getUpdates", "getMe", "sendMessage", "editMessageText", "editMessageReplyMarkup", "answerCallbackQuery"),
    *("sendDocument", "sendPhoto", "deleteMessage", "stopMessageLiveLocation"),
)


class Metrics:
    """Each bot has its own registry: several of them may live in one process. All series are there from the start.

    `accepted`, `done`, `failed` and `parked` count updates, of `failed` each try; `handling` is from the beginning
    of a try to the commit of its end. `sends` counts by `channel`, `kind` of the notice and `outcome`, `provider` by
    `call` and `outcome`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        build = self.gauge("build_info", "1; its labels say what runs.", "version", "tables", "python")
        build.labels(__version__, newest(), platform.python_version()).set(1)
        self.accepted = self._counter("updates_accepted", "Updates committed that were not seen before.")
        self.done = self._counter("updates_done", "Updates worked off.")
        self.failed = self._counter("updates_failed_tries", "Tries of updates that ended in an error of ours.")
        self.parked = self._counter("updates_parked", "Updates put aside after too many tries.")
        self._readings = self._counter("readings_taken", "Submissions of readings that customers confirmed.")
        self._payments = self._counter("payments_taken", "Payments of which the provider says that they are paid.")
        self.handling = self._histogram("update_seconds", "Time to work off an update.")
        self.sends = self._counters("outbox_sends", "Tries to deliver a notice.", "channel", "kind", "outcome")
        self._calls = self._counters("telegram_calls", "Calls to Telegram.", "method", "outcome")
        self._provider = self._histogram(
            "provider_seconds", "Time of calls to the payment provider.", "call", "outcome"
        )
        for method, outcome in product(_METHODS, ("done", "refused", "throttled", "away")):
            self._calls(method, outcome)
        for call, outcome in product(("create", "get"), ("answered", "refused", "away", "broken off")):
            self._provider.labels(call, outcome)
        self._heard_at: float | None = None
        self._heard = self.gauge("telegram_heard_timestamp_seconds", "When a poll or a webhook came last; 0: never.")

    def heard(self) -> None:
        """Telegram has just answered a poll or brought a webhook, and what came is committed."""
        self._heard_at = time.monotonic()  # the wall clock may jump
        self._heard.set_to_current_time()

    @property
    def silence(self) -> float | None:
        """Seconds since Telegram was last heard, None before the first time."""
        return None if self._heard_at is None else time.monotonic() - self._heard_at

    def called(self, method: str, error: TelegramAPIError | None) -> None:
        """A call to Telegram has ended: `done`, `refused` by its answer, `throttled` by a 429, or `away`."""
        self._calls(method, _outcome(error)).inc()

    def readings(self, count: int) -> None:
        """Submissions were committed."""
        self._readings.inc(count)

    def payments(self, count: int) -> None:
        """Orders were committed as paid."""
        self._payments.inc(count)

    def provided(self, call: str, outcome: str, seconds: float) -> None:
        """A call to the payment provider has ended."""
        self._provider.labels(call, outcome).observe(seconds)

    def gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(PREFIX + name, words, labels, registry=self.registry)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, words, labels, registry=self.registry)

    def _counters(self, name: str, words: str, *labels: str) -> Callable[..., Counter]:
        """Counters by the values of their labels, kept: a look-up costs more than to count."""
        return cache(self._counter(name, words, *labels).labels)

    def _histogram(self, name: str, words: str, *labels: str) -> Histogram:
        return Histogram(PREFIX + name, words, labels, buckets=_SECONDS, registry=self.registry)


def _outcome(error: TelegramAPIError | None) -> str:
    if error is None:
        return "done"
    if isinstance(error, TelegramRetryAfter):
        return "throttled"
    return "away" if is_away(error) else "refused"
