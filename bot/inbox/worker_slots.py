"""Slots and beginnings for work that is mostly waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Throttle:
    """Beginnings at least `gap` seconds apart, in the order in which they are asked for."""

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._next = 0.0

    def wait(self) -> float:
        """Seconds until the one that is asked for now may begin."""
        now = time.monotonic()
        begin = max(now, self._next)
        self._next = begin + self._gap
        return begin - now


class WorkerSlots:
    """For `count` at once. Work that stays longer than `patience` seconds waits for an answer from outside, and takes
    up no slot any more, as long as there is not more than `most` of it."""

    def __init__(self, count: int, patience: float, most: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._patience = patience
        self._most = most
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a slot, and have it while the block lasts."""
        await self._free.acquire()
        given_up = False

        def give_up() -> None:
            nonlocal given_up
            if self._waiting < self._most:
                given_up = True
                self._waiting += 1
                self._free.release()

        timer = asyncio.get_running_loop().call_later(self._patience, give_up)
        try:
            yield
        finally:
            timer.cancel()
            if given_up:
                self._waiting -= 1
            else:
                self._free.release()
