"""The queue of updates: kept until confirmed, given out by getUpdates or pushed to the webhook."""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import orjson

KINDS: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "message_reaction_count",
)
# Kinds of updates that a bot must ask for by name.
UNASKED: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KEPT_SECONDS: Final = 24 * 3600


@dataclass(slots=True, frozen=True)
class Update:
    """`queue` is the chat it belongs to; `time` is when it arrived, seconds since 1970."""

    update_id: int
    kind: str
    queue: int
    raw: bytes
    time: float


class UpdateQueue:
    """Updates that the bot has not confirmed, in order of arrival."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.next_id = random.randint(100_000_000, 900_000_000)  # noqa: S311 - no secret, only no order
        self._pending: OrderedDict[int, Update] = OrderedDict()
        self._waiters: set[asyncio.Future[str]] = set()
        self._settled = asyncio.Event()
        self._settled.set()
        self.poll_begun = asyncio.Event()  # set whenever a long poll begins to wait
        self.allowed: frozenset[str] | None = None  # None: everything but what must be asked for
        self.listener: Callable[[Update], None] | None = None

    def __len__(self) -> int:
        return len(self._pending)

    def allow(self, kinds: list[str]) -> None:
        """Set allowed_updates; an empty list brings the default back. Updates already queued stay."""
        self.allowed = frozenset(kinds) or None

    def wants(self, kind: str) -> bool:
        """Whether updates of this kind are kept at all."""
        return kind not in UNASKED if self.allowed is None else kind in self.allowed

    def put(self, kind: str, content: Any, queue: int) -> int | None:
        """Queue `{kind: content}`; its update_id, None when the bot did not ask for such updates."""
        if not self.wants(kind):
            return None
        return self._add(kind, {kind: content}, queue)

    def put_raw(self, body: dict[str, Any]) -> int:
        """Queue any body at all; an `update_id` in it is kept."""
        return self._add("raw", body, 0)

    def put_text(self, body: bytes) -> int:
        """Queue any text at all as an update; `%d` in it becomes the number, which it has to begin with."""
        update_id = self.next_id
        self.next_id += 1
        self._queue(Update(update_id, "raw", 0, body.replace(b"%d", b"%d" % update_id), self._now()))
        return update_id

    def _add(self, kind: str, body: dict[str, Any], queue: int) -> int:
        update_id = body.get("update_id")
        if not isinstance(update_id, int):
            update_id = self.next_id
            self.next_id += 1
        raw = orjson.dumps({"update_id": update_id, **body})
        self._queue(Update(update_id, kind, queue, raw, self._now()))
        return update_id

    def _queue(self, update: Update) -> None:
        self._pending[update.update_id] = update
        self._settled.clear()
        self.wake()
        if self.listener is not None:
            self.listener(update)

    def take(self, offset: int, limit: int) -> list[Update]:
        """Confirm what lies before `offset` (negative: all but the last ones) and return up to `limit` updates.

        What waited longer than a day is forgotten, as Telegram does.
        """
        horizon = self._now() - KEPT_SECONDS
        self._forget(lambda update: update.time < horizon)
        if offset < 0 and self._pending:
            ids = list(self._pending)
            offset = ids[max(len(ids) + offset, 0)]
        self._forget(lambda update: update.update_id < offset)
        return list(islice(self._pending.values(), limit))

    def restore(self, next_id: int, waiting: Iterable[Update]) -> None:
        """Go on where an earlier queue stood."""
        self.next_id = next_id
        for update in waiting:
            self._queue(update)

    def _forget(self, done: Callable[[Update], bool]) -> None:
        while self._pending and done(next(iter(self._pending.values()))):
            self._pending.popitem(last=False)
        self._settle()

    def _settle(self) -> None:
        if not self._pending:
            self._settled.set()

    async def settled(self, timeout: float = 5.0) -> None:
        """Return when the bot has confirmed everything. Raises `TimeoutError` after `timeout` seconds."""
        await asyncio.wait_for(self._settled.wait(), timeout)

    def waiting(self) -> list[Update]:
        """Everything that waits, oldest first."""
        return list(self._pending.values())

    def confirm(self, update_id: int) -> None:
        """Forget one delivered update."""
        self._pending.pop(update_id, None)
        self._settle()

    def drop(self) -> None:
        """Forget everything that waits."""
        self._pending.clear()
        self._settle()

    async def arrival(self, timeout: float) -> str:
        """Return when an update arrives, at the latest after `timeout` seconds; the reason if the wait was ended."""
        waiter: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        self.poll_begun.set()
        try:
            await asyncio.wait((waiter,), timeout=timeout)
        finally:
            self._waiters.discard(waiter)
        return waiter.result() if waiter.done() else ""

    def wake(self, reason: str = "") -> None:
        """End the waits; a reason tells that something else than an update ended them."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(reason)
