"""Telegram's pace: 30 messages a second in all, 1 a second in a chat with a small burst, 20 a minute in a group."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sandbox.errors import TooManyRequests


@dataclass(slots=True)
class _Window:
    """At most `count` messages in any `seconds`."""

    count: int
    seconds: float
    sent: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until the next message would be taken, 0 when it is taken now."""
        while self.sent and self.sent[0] <= now - self.seconds:
            self.sent.popleft()
        return 0.0 if len(self.sent) < self.count else self.sent[0] + self.seconds - now


OVERALL: Final = (30, 1.0)
PRIVATE: Final = (5, 5.0)
GROUP: Final = (20, 60.0)


class Flood:
    """Counts messages of the bot; `enabled` switches the refusals on."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.enabled = False
        self._now = now
        self._overall = _Window(*OVERALL)
        self._chats: dict[int, _Window] = defaultdict(lambda: _Window(*PRIVATE))
        self._groups: dict[int, _Window] = defaultdict(lambda: _Window(*GROUP))

    def count(self, chat_id: int, messages: int = 1) -> None:
        """Count a send. Raises `TooManyRequests` when it comes too early; a refused one is not counted."""
        if not self.enabled:
            return
        now = self._now()
        windows = [self._overall, self._groups[chat_id] if chat_id < 0 else self._chats[chat_id]]
        wait = max(window.wait(now) for window in windows)
        if wait > 0:
            raise TooManyRequests(math.ceil(wait))
        for window in windows:
            window.sent.extend([now] * messages)
