"""A Telegram where customers write and staff answer, each in their turn, through the topics of several groups. A
process of its own.

First line on standard output: its address. The second, when all has arrived: within which time 95 of 100 messages of
customers stood in their topics, and answers of the staff in their customers' chats, in seconds. `distance`: seconds
that each of its answers takes on the way. `echo`: customers are answered by a bot that says the same, and both figures
are of that.
"""

from __future__ import annotations

import asyncio
import sys
import time
from itertools import count
from statistics import quantiles

import orjson
from aiohttp import web

from tests.bench.telegram import update

GROUPS = 10
TOPICS = 20  # of each group
PAUSE = 7.0  # seconds between two exchanges of a group: a message and a mark, of which it takes 18 calls a minute
WARMING = 1  # rounds over all groups before anything is measured
FIRST_GROUP = -1_001_000_000_000
FIRST_THREAD = 1000
OWN = 500  # the customer's first message, and its copy in the topic
STAFF = 77


def group_of(customer: int) -> int:
    return FIRST_GROUP - customer % GROUPS


class Talk:
    def __init__(self, rounds: int, distance: float, *, echo: bool) -> None:
        self._rounds = rounds
        self._distance = distance
        self._echo = echo
        self._asked = asyncio.Event()
        self._news: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self._ids = count(10_000)
        self._sent: dict[str, float] = {}
        self.waits: tuple[list[float], list[float]] = ([], [])  # of customers' messages, of answers

    async def answer(self, request: web.Request) -> web.Response:
        response = await self._answer(request)
        await asyncio.sleep(self._distance)
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        method, body = request.match_info["method"], await request.read()
        if method == "getUpdates":
            return _json(await self._hand_out())
        if method == "getMe":
            return _json({"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"})
        if method == "getChatMember":
            return _json({"status": "member", "user": {"id": STAFF, "is_bot": False, "first_name": "Анна"}})
        if method == "sendMessage":
            self._note(await _text_in(request, body))
            return _json({"message_id": next(self._ids), "date": 1, "chat": {"id": 1, "type": "private"}})
        return _json(True)

    async def _hand_out(self) -> list[dict[str, object]]:
        self._asked.set()
        try:
            return [await asyncio.wait_for(self._news.get(), 5)]
        except TimeoutError:
            return []

    def _note(self, text: str) -> None:
        sent = self._sent.pop(text, None)
        if sent is not None:
            self.waits[text.startswith("Ответ")].append(time.perf_counter() - sent)

    async def play(self) -> None:
        """Each group in turn: one of its customers writes, another is answered."""
        await self._asked.wait()
        for turn in range((WARMING + self._rounds) * GROUPS):
            if turn == WARMING * GROUPS:
                self.waits = ([], [])
            self._writes(turn % (GROUPS * TOPICS), turn)
            await asyncio.sleep(PAUSE / GROUPS / 2)
            self._is_answered((turn + GROUPS) % (GROUPS * TOPICS), turn)
            await asyncio.sleep(PAUSE / GROUPS / 2)
        async with asyncio.timeout(60):
            while self._sent:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        sys.stdout.write(" ".join(str(quantiles(waits, n=20)[-1]) for waits in self.waits) + "\n")
        sys.stdout.flush()

    def _writes(self, customer: int, turn: int) -> None:
        self._put(customer, f"Вопрос {turn}", {"reply_to_message": _message(OWN + customer, 1000 + customer)})

    def _is_answered(self, customer: int, turn: int) -> None:
        if self._echo:
            self._put(customer, f"Ответ {turn}", {})
            return
        chat = {"id": group_of(customer), "type": "supergroup", "title": "Смена", "is_forum": True}
        sender = {"id": STAFF, "is_bot": False, "first_name": "Анна"}
        thread = {"message_thread_id": FIRST_THREAD + customer, "is_topic_message": True}
        self._put(customer, f"Ответ {turn}", {"chat": chat, "from": sender, **thread})

    def _put(self, customer: int, text: str, other: dict[str, object]) -> None:
        number = next(self._ids)
        made = update(number, 1000 + customer, text)
        made["message"] |= other  # type: ignore[operator]
        self._sent[text] = time.perf_counter()
        self._news.put_nowait(made)


def _message(message_id: int, person: int) -> dict[str, object]:
    chat = {"id": person, "type": "private", "first_name": "Мария"}
    return {"message_id": message_id, "date": 1, "chat": chat, "text": "Вопрос"}


async def _text_in(request: web.Request, body: bytes) -> str:
    """Stock aiogram sends forms."""
    said = orjson.loads(body) if request.content_type == "application/json" else await request.post()
    return str(said.get("text", ""))


def _json(result: object) -> web.Response:
    return web.Response(body=orjson.dumps({"ok": True, "result": result}), content_type="application/json")


async def main(rounds: int, distance: float, *, echo: bool) -> None:
    app, talk = web.Application(), Talk(rounds, distance, echo=echo)
    app.router.add_post("/bot{token}/{method}", talk.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await talk.play()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), echo=sys.argv[3:] == ["echo"]))
