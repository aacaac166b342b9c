"""Figures of one running bot for Prometheus. Labels name kinds of things, never a person, a chat or an account."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # from SQLite's own pace to a supplier's


class Metrics:
    """Each bot has its own registry: several of them may live in one process.

    `accepted`, `done`, `failed` and `parked` count updates, of `failed` each try; `handling` is from the beginning
    of a try to the commit of its end. `sends` counts by `channel` and `outcome`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.accepted = self._counter("bot_updates_accepted", "Updates committed that were not seen before.")
        self.done = self._counter("bot_updates_done", "Updates worked off.")
        self.failed = self._counter("bot_updates_failed_tries", "Tries of updates that ended in an error of ours.")
        self.parked = self._counter("bot_updates_parked", "Updates put aside after too many tries.")
        self.handling = Histogram(
            "bot_update_seconds", "Time to work off an update.", buckets=_SECONDS, registry=self.registry
        )
        self.sends = Counter(
            "bot_outbox_sends", "Tries to deliver a notice.", ("channel", "outcome"), registry=self.registry
        )
        self._heard_at: float | None = None

    def heard(self) -> None:
        """Telegram has just answered a poll or brought a webhook, and what came is committed."""
        self._heard_at = time.monotonic()  # the wall clock may jump

    @property
    def silence(self) -> float | None:
        """Seconds since Telegram was last heard, None before the first time."""
        return None if self._heard_at is None else time.monotonic() - self._heard_at

    def gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(name, words, labels, registry=self.registry)

    def _counter(self, name: str, words: str) -> Counter:
        return Counter(name, words, registry=self.registry)
