"""A Telegram that only counts: it hands out messages and times the replies. A process of its own.

First line on standard output: its address. After the last reply: seconds from the first delivery to it. It ends
by itself when it was not ended long before: a bot that is dead or owes replies keeps nobody waiting.
"""

from __future__ import annotations

import asyncio
import sys
import time
from itertools import islice

import orjson
from aiohttp import web

BATCH = 100  # updates a request, as Telegram gives
LIFETIME = 180  # seconds


class Counter:
    """`total` messages from `people` in turn; each of them goes through `texts` again and again."""

    def __init__(self, total: int, people: int, texts: list[str]) -> None:
        rounds = (divmod(index, people) for index in range(total))
        self._updates = iter(
            [update(index, 1000 + person, texts[turn % len(texts)]) for index, (turn, person) in enumerate(rounds)]
        )
        self._left = total
        self._began = 0.0
        self._over = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        body = await request.read()
        if method == "getUpdates":
            return await self._hand_out()
        if method == "sendMessage":
            return self._count(body)
        if method == "getMe":
            return _json({"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"})
        return _json(True)

    async def _hand_out(self) -> web.Response:
        batch = list(islice(self._updates, BATCH))
        self._began = self._began or time.perf_counter()
        if not batch:
            await self._over.wait()
        return _json(batch)

    def _count(self, _body: bytes) -> web.Response:
        self._left -= 1
        if self._left == 0:
            sys.stdout.write(f"{time.perf_counter() - self._began}\n")
            sys.stdout.flush()
        return _json(_MESSAGE)


_MESSAGE = {
    "message_id": 1,
    "date": 1795000000,
    "chat": {"id": 1000, "type": "private", "first_name": "Мария"},
    "from": {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"},
    "text": "Проверьте показания",
}


def update(index: int, person: int, text: str) -> dict[str, object]:
    sender = {"id": person, "is_bot": False, "first_name": "Мария", "language_code": "ru"}
    chat = {"id": person, "type": "private", "first_name": "Мария"}
    message = {"message_id": index + 1, "date": 1795000000, "chat": chat, "from": sender, "text": text}
    return {"update_id": 100 + index, "message": message}


def _json(result: object) -> web.Response:
    return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")


async def main(total: int, people: int, texts: list[str]) -> None:
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", Counter(total, people, texts).answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.sleep(LIFETIME)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
