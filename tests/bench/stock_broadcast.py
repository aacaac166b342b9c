"""A stock aiogram bot that sends a mass message as the documentation of aiogram-broadcaster has it: one person after
another, with a pause."""

from __future__ import annotations

import asyncio
import os
from itertools import count
from typing import Final

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter

from tests.bench.customers import FIRST_PERSON
from tests.bench.flooded import TALKERS

PAUSE: Final = 0.05  # seconds


async def main() -> None:
    api = TelegramAPIServer.from_base(os.environ["BOT_API_BASE"])
    async with Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=api)) as bot:
        for person in count(FIRST_PERSON + TALKERS):
            await _send(bot, person)
            await asyncio.sleep(PAUSE)


async def _send(bot: Bot, person: int) -> None:
    try:
        await bot.send_message(person, "📢 Завтра с 10 до 12 часов не будет света")
    except TelegramRetryAfter as error:
        await asyncio.sleep(error.retry_after)
        await _send(bot, person)


if __name__ == "__main__":
    asyncio.run(main())
