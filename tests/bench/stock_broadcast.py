"""A mass message by another library: `aiogram_broadcast` with its own pause, `aiogram_broadcaster` with the interval of
Telegram's pace and without any, as fast as one call after another can be. Or by aiogram's `send_message` against
payment, from which nothing is stored: its processor time is that of the calls alone."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Final

import uvloop
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter

from bot.outbox.rate_limiter import PAID
from bot.tasks import Tasks
from bot.telegram.session import CONNECTIONS
from tests.bench.customers import FIRST_PERSON
from tests.bench.flooded import TALKERS
from tests.bench.limited import FREE

PEOPLE: Final = range(FIRST_PERSON + TALKERS, FIRST_PERSON + TALKERS + 100_000)
TEXT: Final = "📢 Завтра с 10 до 12 часов не будет света"


async def by_aiogram_broadcast(bot: Bot) -> None:
    from aiogram_broadcast import BroadcastService

    class Subscribers:
        async def get_all_subscriber_ids(self, state: object) -> list[int]:
            return list(PEOPLE)

    await BroadcastService(bot, Subscribers()).broadcast_text(TEXT)


async def by_aiogram_broadcaster(bot: Bot, *, interval: float | None) -> None:
    """`interval`: seconds."""
    from aiogram_broadcaster import Broadcaster
    from aiogram_broadcaster.contents import TextContent
    from aiogram_broadcaster.intervals import SimpleInterval

    pause = None if interval is None else SimpleInterval(interval=interval)
    mailer = await Broadcaster(bot).create_mailer(PEOPLE, TextContent(text=TEXT), interval=pause)
    await mailer.start()


async def by_send_message(bot: Bot) -> None:
    tasks, loop = Tasks(), asyncio.get_running_loop()
    began = loop.time()
    for number in count():
        await asyncio.sleep(began + number / PAID - loop.time())
        tasks.start(_send_alone(bot, PEOPLE[number]), "send")


async def _send_alone(bot: Bot, person: int) -> None:
    with suppress(TelegramRetryAfter):
        await bot.send_message(person, TEXT, allow_paid_broadcast=True)


SEND_MESSAGE: Final = "aiogram"
LIBRARIES: Final[dict[str, Callable[[Bot], Awaitable[None]]]] = {
    "aiogram_broadcast": by_aiogram_broadcast,
    f"aiogram_broadcaster at {FREE}/s": partial(by_aiogram_broadcaster, interval=1 / FREE),
    "aiogram_broadcaster without a pause": partial(by_aiogram_broadcaster, interval=None),
}
_WAYS: Final = LIBRARIES | {SEND_MESSAGE: by_send_message}


async def main(way: str) -> None:
    api = TelegramAPIServer.from_base(os.environ["BOT_API_BASE"])
    async with Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=api, limit=CONNECTIONS)) as bot:
        await _WAYS[way](bot)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
