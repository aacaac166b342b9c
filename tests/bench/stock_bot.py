"""A stock aiogram bot that takes readings as one writes it without thinking of kills: commit, then answer."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

import aiosqlite
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

DATABASE: Final = "readings.db"  # in the folder where it runs
_TABLES: Final = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS readings (id INTEGER PRIMARY KEY, person INTEGER, day INTEGER, night INTEGER);
CREATE TABLE IF NOT EXISTS submissions (id INTEGER PRIMARY KEY, person INTEGER, reading INTEGER);
"""


async def take(message: Message, database: aiosqlite.Connection) -> None:
    day, night = map(int, (message.text or "").split())
    row = await database.execute(
        "INSERT INTO readings (person, day, night) VALUES (?, ?, ?)", (message.chat.id, day, night)
    )
    await database.commit()
    button = InlineKeyboardButton(text="Передать", callback_data=f"submit:{row.lastrowid}")
    await message.answer(f"День {day}, ночь {night}", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))


async def submit(callback: CallbackQuery, bot: Bot, database: aiosqlite.Connection) -> None:
    reading = int((callback.data or "").removeprefix("submit:"))
    await database.execute("INSERT INTO submissions (person, reading) VALUES (?, ?)", (callback.from_user.id, reading))
    await database.commit()
    await bot.send_message(callback.from_user.id, "Показания переданы")
    await callback.answer()


def _router() -> Router:
    router = Router()
    router.message.register(take, F.text)
    router.callback_query.register(submit, F.data.startswith("submit:"))
    return router


async def _serve(handle_as_tasks: bool) -> None:
    api = TelegramAPIServer.from_base(os.environ["BOT_API_BASE"])
    dispatcher = Dispatcher()
    dispatcher.include_router(_router())
    async with (
        aiosqlite.connect(Path(DATABASE)) as database,
        Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=api)) as bot,
    ):
        await database.executescript(_TABLES)
        await dispatcher.start_polling(bot, handle_as_tasks=handle_as_tasks, database=database)


def main(*, handle_as_tasks: bool) -> None:
    asyncio.run(_serve(handle_as_tasks))
