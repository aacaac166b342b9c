"""(b) The slowest route of the full router tree beside a one-handler echo, both with a session that sends nothing.

Only the routing is ours here: every handler's body is the echo's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from statistics import median
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.base import BaseSession
from aiogram.fsm.state import StatesGroup
from aiogram.fsm.storage.base import StorageKey
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, Message, Update

import fsm
from handlers import build_router
from handlers.filters import Pressed
from tests.bench.table import Row
from tests.source_tree import classes

PERSON = 1000
ROUNDS = 15


class NullSession(BaseSession):
    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        return True

    async def close(self) -> None:
        pass

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        yield b""


async def echo(event: Message | CallbackQuery) -> None:
    await event.answer("x")


def run(quick: bool) -> list[Row]:
    name, slowest, stock = asyncio.run(measure(50 if quick else 300))
    return [
        Row(
            f"slowest of all routes ({name}) beside one handler",
            1e6 / slowest,
            1e6 / stock,
            stock / slowest,
            "updates/s",
        )
    ]


async def measure(count: int) -> tuple[str, float, float]:
    """Microseconds an update: the slowest route with its name, and the lone echo; medians of rounds taking turns."""
    bot = Bot("1234567:sandbox-token", session=NullSession())
    ours, stock = _dispatcher(build_router()), _dispatcher(_lone())
    times: dict[str, list[float]] = {}
    reference: list[float] = []
    for _ in range(ROUNDS):
        for name, state, event in _routes():
            await ours.storage.set_state(_key(bot), state)
            times.setdefault(name, []).append(await _time(bot, ours, event, count))
        reference.append(await _time(bot, stock, {"message": _message("x")}, count * 3))
    slowest = max(times, key=lambda name: median(times[name]))
    return slowest, median(times[slowest]), median(reference)


def _dispatcher(router: Router) -> Dispatcher:
    for observer in router.observers.values():
        for handler in observer.handlers:
            handler.callback, handler.params, handler.varkw = echo, set(), False
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    return dispatcher


def _lone() -> Router:
    router = Router()
    router.message.register(echo)
    return router


def _routes() -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Every command, every state with a text, every kind and action of button, and what nothing else takes."""
    for command in ("start", "menu", "cancel", "readings", "history", "accounts", "help", "unknown"):
        yield f"/{command}", None, {"message": _message(f"/{command}")}
    groups = classes(fsm, StatesGroup)
    for state in (state for group in groups for state in group.__states__):
        yield str(state.state), state.state, {"message": _message("3650")}
    for key in sorted({one.callback.key for one in _filters() if isinstance(one.callback, Pressed)}):
        yield f"button {key}", None, {"callback_query": _press(f"{key}:")}
    yield "any text", None, {"message": _message("3650")}
    yield "any button", None, {"callback_query": _press("old:1")}


def _filters() -> Iterator[Any]:
    for handler in build_router().callback_query.handlers:
        yield from handler.filters or ()


async def _time(bot: Bot, dispatcher: Dispatcher, event: dict[str, Any], count: int) -> float:
    updates = [Update.model_validate({"update_id": index, **event}, context={"bot": bot}) for index in range(count)]
    began = time.perf_counter()
    for update in updates:
        await dispatcher.feed_update(bot, update)
    return (time.perf_counter() - began) / count * 1e6


def _key(bot: Bot) -> StorageKey:
    return StorageKey(bot_id=bot.id, chat_id=PERSON, user_id=PERSON)


_SENDER = {"id": PERSON, "is_bot": False, "first_name": "Мария"}


def _message(text: str) -> dict[str, Any]:
    return {
        "message_id": 1,
        "date": 1795000000,
        "chat": {"id": PERSON, "type": "private"},
        "from": _SENDER,
        "text": text,
    }


def _press(data: str) -> dict[str, Any]:
    return {"id": "1", "from": _SENDER, "chat_instance": "1", "message": _message("x"), "data": data}
