"""A Telegram 60 ms away that takes so many messages a second, in a sliding second, and refuses the others. A process of
its own.

First line on standard output: its address. Then `began` and `over`, around the seconds that are measured, and last the
`Figures` of them as JSON.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import orjson
from aiohttp import web

from tests.bench.customers import FIRST_PERSON
from tests.bench.flooded import SETTLING, TALKERS, Flooded, serve, values_of

LATENCY = 0.06  # seconds
FREE, PAID = 30, 1000  # messages a second
AGAIN = 0.9  # of the pace before
CLOSED = 3  # seconds for which everything is refused after the forced refusal
PATIENCE = 30.0  # seconds in which a bot makes its first call
RECOVERY = 15.0  # seconds in which the pace is looked for after it


@dataclass(frozen=True, slots=True)
class Figures:
    """`rate`: mass messages a second that were taken; `refused`: messages of any kind; `waited`: seconds that 95 of 100
    answers took at most; `recovered`: seconds from the forced refusal until the pace was there again, or `RECOVERY`
    where it was not."""

    rate: float
    refused: int
    waited: float
    recovered: float


class Window:
    """Messages that were taken within the last second."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: deque[float] = deque()

    def takes(self, now: float) -> bool:
        while self._taken and self._taken[0] <= now - 1.0:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return False
        self._taken.append(now)
        return True


class Limited(Flooded):
    """`talking`: some people write meanwhile. `forced`: everything is refused for a while at the end."""

    def __init__(self, seconds: float, *, talking: bool, forced: bool) -> None:
        super().__init__(1, 0, seconds)
        self._talking = talking
        self._forced = forced
        self._windows = {False: Window(FREE), True: Window(PAID)}
        self._closed_until = 0.0
        self._mass: list[float] = []  # moments at which mass messages were taken
        self._refused = 0

    async def answer(self, request: web.Request) -> web.Response:
        sent = request.match_info["method"] == "sendMessage"
        refusal = self._refusal(await values_of(request)) if sent else None
        response = refusal or await super().answer(request)
        await asyncio.sleep(LATENCY)
        return response

    def _refusal(self, message: Mapping[str, Any]) -> web.Response | None:
        self.asked.set()
        now, paid = time.perf_counter(), bool(message.get("allow_paid_broadcast"))
        if now < self._closed_until or not self._windows[paid].takes(now):
            self._refused += 1
            return _too_many(max(1, round(self._closed_until - now)))
        if int(message["chat_id"]) >= FIRST_PERSON + TALKERS:
            self._mass.append(now)
        return None

    async def play(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.asked.wait()
        await self._pass(SETTLING)
        self._mass.clear()
        self.waits.clear()
        self._refused = 0
        _say(b"began")
        await self._pass(self.seconds)
        _say(b"over")
        rate, refused = len(self._mass) / self.seconds, self._refused
        recovered = await self._recover(rate) if self._forced else 0.0
        waited = quantiles(self.waits, n=20)[-1] if self.waits else 0.0
        _say(orjson.dumps(Figures(rate, refused, waited, recovered)))

    async def _pass(self, seconds: float) -> None:
        await (self.talk(seconds) if self._talking else asyncio.sleep(seconds))

    async def _recover(self, rate: float) -> float:
        self._mass.clear()
        began = time.perf_counter()
        self._closed_until = began + CLOSED
        await asyncio.sleep(RECOVERY)
        most = int(AGAIN * rate)
        seconds = zip(self._mass, self._mass[most:], strict=False)
        return next((last - began for first, last in seconds if last - first <= 1.0), RECOVERY)


def _too_many(seconds: int) -> web.Response:
    refusal = {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {seconds}",
        "parameters": {"retry_after": seconds},
    }
    return web.json_response(refusal, status=429)


def _say(line: bytes) -> None:
    sys.stdout.write(f"{line.decode()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(Limited(float(sys.argv[1]), talking="talking" in sys.argv, forced="forced" in sys.argv)))
