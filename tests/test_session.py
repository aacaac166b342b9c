"""The connection to Telegram when something goes wrong: whether a call may have had an effect."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiohttp import ClientConnectorError

from bot.outbox.rate_limiter import RateLimiter
from bot.telegram.errors import NotConnected
from bot.telegram.session import LeanSession
from sandbox.server import Sandbox

TOKEN = "1234567:sandbox-token"


async def error_of(base: str, proxy: str | None = None) -> TelegramAPIError:
    """The error that sending a message raises."""
    async with Bot(TOKEN, session=LeanSession(base, RateLimiter(), proxy)) as bot:
        with pytest.raises(TelegramAPIError) as caught:
            await bot.send_message(5_000_000_001, "?")
    return caught.value


async def fault(**settings: object) -> TelegramAPIError:
    async with Sandbox() as sandbox:
        sandbox.world.add_person("Мария", "ru")
        sandbox.world.faults.add(**settings)  # type: ignore[arg-type]
        return await error_of(sandbox.url)


@pytest.mark.parametrize("proxy", [None, "socks5://127.0.0.1:{port}", "http://127.0.0.1:{port}"])
async def test_nobody_listens(unused_tcp_port: int, proxy: str | None) -> None:
    base = f"http://127.0.0.1:{unused_tcp_port}"
    error = await error_of(base, proxy.format(port=unused_tcp_port) if proxy else None)
    assert type(error) is NotConnected
    assert "sandbox-token" not in str(error)


async def test_errors_of_a_long_outage_are_freed_one_by_one(unused_tcp_port: int) -> None:
    """Held by their own frames they would fill the memory until the next full collection."""
    async with Bot(TOKEN, session=LeanSession(f"http://127.0.0.1:{unused_tcp_port}", RateLimiter())) as bot:
        gc.disable()
        try:
            for _ in range(10):
                with suppress(NotConnected):
                    await bot.send_message(5_000_000_001, "?")
            met = (one for one in gc.get_objects() if isinstance(one, ClientConnectorError))
            left = [one for one in met if one.port == unused_tcp_port]
        finally:
            gc.enable()
    assert len(left) <= 1  # the last one


@pytest.mark.parametrize("status", [400, 403, 404, 407, 429])
async def test_a_page_with_4xx_is_a_proxy_that_lets_nothing_pass(status: int) -> None:
    assert type(await fault(kind="http_status", status=status)) is NotConnected


@pytest.mark.parametrize("status", [200, 500, 502, 504])
async def test_any_other_page_leaves_the_effect_open(status: int) -> None:
    assert type(await fault(kind="http_status", status=status)) is TelegramServerError


async def test_a_page_that_says_too_large_will_say_so_again() -> None:
    assert type(await fault(kind="http_status", status=413)) is TelegramEntityTooLarge


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
async def test_a_reset_leaves_the_effect_open(kind: str) -> None:
    assert type(await fault(kind=kind)) is TelegramNetworkError


async def test_half_an_answer_leaves_the_effect_open() -> None:
    assert isinstance(await fault(kind="truncated_body"), TelegramNetworkError | TelegramServerError)


async def test_telegrams_own_words_keep_their_kind() -> None:
    assert isinstance(await fault(kind="json_5xx"), TelegramServerError)
    assert isinstance(await fault(kind="too_many_requests"), TelegramRetryAfter)
