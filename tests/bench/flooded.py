"""A Telegram through which some people send a flood while others talk. A process of its own.

First line on standard output: its address. The second, after `seconds`: how long the others waited for their answers,
in seconds, 95 of 100 no longer than this; and how many documents the bot has sent meanwhile.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import Mapping
from itertools import islice
from random import Random
from statistics import quantiles
from typing import Any

import orjson
from aiohttp import web

from tests.bench.telegram import BATCH, update

TALKERS = 20
PER_SECOND = 10  # messages of all of them
SETTLING = 2.0  # seconds before anything is measured
TICK = 0.002  # seconds between two looks at who writes
TEXTS = ("3650 1700", "?", "/help")


class Flooded:
    """`flooders` send `total` messages, each another one, within `seconds`; the others take turns. `settling`: seconds
    in which they talk before anything is measured."""

    def __init__(self, flooders: int, total: int, seconds: float, settling: float = SETTLING) -> None:
        self.seconds, self.settling = seconds, settling
        self._queue: deque[dict[str, object]] = deque()
        self._news = asyncio.Event()
        self._flooders, self._total = flooders, total
        self._sent: dict[int, float] = {}
        self.waits: list[float] = []
        self._number = 0
        self.documents = 0  # that the bot has brought
        self.asked = asyncio.Event()
        self._chance = Random(1)

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method == "getUpdates":
            return _json(await self._hand_out((await values_of(request))["timeout"]))
        if method == "getMe":
            return _json({"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"})
        if method == "sendMessage":
            self._note(int((await values_of(request))["chat_id"]))
            return _json(_sent(self._number))
        if method == "sendDocument":
            self.documents += 1
            return _json(_sent(self._number) | {"document": {"file_id": f"file{self.documents}"}})
        return _json(True)

    async def _hand_out(self, patience: float) -> list[dict[str, object]]:
        self.asked.set()
        if not self._queue and patience:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), patience)
            except TimeoutError:
                return []
        batch = list(islice(self._queue, BATCH))
        for _ in batch:
            self._queue.popleft()
        return batch

    def _note(self, chat_id: int) -> None:
        sent = self._sent.pop(chat_id, None)
        if sent is not None:
            self.waits.append(time.perf_counter() - sent)

    def _put(self, person: int, text: str) -> None:
        self._number += 1
        self._queue.append(update(self._number, 1000 + person, text))
        self._news.set()

    async def play(self) -> None:
        await self.asked.wait()
        await self.talk(self.settling)
        self.waits.clear()
        await self.talk(self.seconds, self._total)
        await asyncio.sleep(1)
        sys.stdout.write(f"{quantiles(self.waits, n=20)[-1]} {self.documents}\n")
        sys.stdout.flush()

    async def talk(self, seconds: float, flood: int = 0) -> None:
        """`flood`: messages of the others that come in the same time, evenly as from a network; people talk when they
        like."""
        talk = sorted(self._chance.uniform(0, seconds) for _ in range(int(seconds * PER_SECOND)))
        began, turn, sent = time.perf_counter(), 0, 0
        while (passed := time.perf_counter() - began) < seconds:
            due = int(flood * passed / seconds)
            for number in range(sent, due):
                self._put(TALKERS + number % self._flooders, f"{3600 + number} 1580")
            sent = due
            while turn < len(talk) and talk[turn] <= passed:
                self._say(turn)
                turn += 1
            await asyncio.sleep(TICK)

    def _say(self, turn: int) -> None:
        person = turn % TALKERS
        self._sent[1000 + person] = time.perf_counter()
        self._put(person, TEXTS[turn // TALKERS % len(TEXTS)])


async def values_of(request: web.Request) -> Mapping[str, Any]:
    """JSON, or the form that stock aiogram sends."""
    if request.content_type == "application/json":
        values: dict[str, Any] = orjson.loads(await request.read())
        return values
    return await request.post()


def _sent(number: int) -> dict[str, object]:
    return {"message_id": number, "date": 1_795_000_000, "chat": {"id": 1, "type": "private"}}


def _json(result: object) -> web.Response:
    return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")


async def serve(flooded: Flooded) -> None:
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", flooded.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    await flooded.play()
    await runner.cleanup()


if __name__ == "__main__":
    _, flooders, total, *times = sys.argv
    asyncio.run(serve(Flooded(int(flooders), int(total), *map(float, times))))
