"""A mass message by another library: `aiogram_broadcast` with its own pause, `aiogram_broadcaster` with the interval of
Telegram's pace and without any, as fast as one call after another can be."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

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


LIBRARIES: Final[dict[str, Callable[[Bot], Awaitable[None]]]] = {
    "aiogram_broadcast": by_aiogram_broadcast,
    f"aiogram_broadcaster at {FREE}/s": partial(by_aiogram_broadcaster, interval=1 / FREE),
    "aiogram_broadcaster without a pause": partial(by_aiogram_broadcaster, interval=None),
}


async def main(library: str) -> None:
    api = TelegramAPIServer.from_base(os.environ["BOT_API_BASE"])
    async with Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=api)) as bot:
        await LIBRARIES[library](bot)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
