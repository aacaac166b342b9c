"""Slow clients over real sockets: half-sent requests take nothing from whole ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import aiohttp
import pytest

from services.payments.models import Transaction
from services.payments.settling import Settlement
from tests.flows.payer import invoice, order_row
from tests.flows.test_paying_faults import about, answered
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

HALVES = {
    "nothing": b"",
    "a piece of the head": b"POST /yookassa HTTP/1.1\r\nHost: bot\r\nX-Slow: ",
    "a piece of the body": b"POST /yookassa HTTP/1.1\r\nHost: bot\r\nContent-Length: 500\r\n\r\n{",
    "a piece of a chunk": b"POST /yookassa HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    "a body that nobody wants": b"GET /health/live HTTP/1.1\r\nHost: bot\r\nContent-Length: 900000\r\n\r\n{",
}
WRONG = {
    "no HTTP": b"\0\0\0\0\r\n\r\n",
    "another HTTP": b"GET / HTTP/9.9\r\n\r\n",
    "no address": b"GET http://[::1/ HTTP/1.1\r\nHost: bot\r\n\r\n",
    "less than nothing": b"GET /metrics HTTP/1.1\r\nHost: bot\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST /yookassa HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nabcde",
    "no gzip": b"POST /yookassa HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde",
    "no chunk": b"POST /yookassa HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nabcde\r\n",
    "rubbish after a request": b"GET /health/live HTTP/1.1\r\nHost: bot\r\n\r\n\0\0\0\r\n\r\n",
}
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connected(harness: BotHarness, half: bytes) -> Connection:
    url = urlsplit(harness.app.web.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(half)
    return reader, writer


@asynccontextmanager
async def hanging(harness: BotHarness, half: bytes, count: int) -> AsyncIterator[list[Connection]]:
    """So many connections that have sent this and no more."""
    found: list[Connection] = []
    try:
        for _ in range(count):
            found.append(await connected(harness, half))  # noqa: PERF401  # closed, however far it comes
        yield found
    finally:
        for _, writer in found:
            writer.close()


async def asked(harness: BotHarness, path: str) -> int:
    timeout = aiohttp.ClientTimeout(PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(harness.app.web.url + path) as answer:
        return answer.status


async def ended(connections: list[Connection]) -> int:
    """How many of them the bot has closed by now."""
    await asyncio.sleep(0)
    return sum(reader.at_eof() or reader.exception() is not None for reader, _ in connections)


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES.keys())
async def test_half_sent_requests_keep_neither_health_nor_money_from_being_heard(
    harness: BotHarness, maria: Someone, half: bytes
) -> None:
    await invoice(maria, "100")
    async with hanging(harness, half, 1300) as connections:
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert await asked(harness, path) == 200
        assert await answered(harness, about(harness.bank.payments[0].id)) == "200"
        before = harness.world.cursor
        harness.clock.advance(seconds=6)
        await harness.bank.pay(harness.bank.payments[0].id)
        await harness.told(maria, "получена", before)
        assert order_row(harness)["status"] == "paid"
        async with asyncio.timeout(PATIENCE):
            while await ended(connections) < 1300 - harness.limits.connections.most:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.mark.limits(connections={"head": 0.3, "body": 0.3, "linger": 0.3})
@pytest.mark.parametrize("half", list(HALVES.values())[1:], ids=list(HALVES)[1:])
async def test_what_does_not_come_in_time_is_ended(harness: BotHarness, half: bytes) -> None:
    """Also when something comes all the time."""
    reader, writer = await connected(harness, half)
    dripping = asyncio.ensure_future(drip(writer))
    answer = b""
    with suppress(ConnectionResetError):  # a late end of a request
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
    assert answer == b"" or b"408" in answer or b"200" in answer, answer
    dripping.cancel()
    writer.close()


async def drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"1")
        await asyncio.sleep(0.02)


async def test_a_connection_that_asks_again_is_kept(harness: BotHarness) -> None:
    reader, writer = await connected(harness, b"")
    for _ in range(3):
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: bot\r\n\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        assert head.startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(13) == b'{"live":true}'
    writer.close()


@pytest.mark.limits(connections={"most": 5})
async def test_what_is_being_worked_off_does_not_give_way(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invoice(maria, "100")
    provider = harness.app.use(Settlement)._provider
    assert provider is not None
    reached, go_on, real = asyncio.Event(), asyncio.Event(), provider.get

    async def held(external_id: str) -> Transaction | None:
        reached.set()
        await go_on.wait()
        return await real(external_id)

    monkeypatch.setattr(provider, "get", held)
    notice = asyncio.ensure_future(answered(harness, about(harness.bank.payments[0].id)))
    await reached.wait()
    async with hanging(harness, HALVES["a piece of the head"], 50):
        assert await asked(harness, "/health/live") == 200
        go_on.set()
        assert await notice == "200"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_what_a_stranger_sends_wrong_is_no_error_of_ours(harness: BotHarness, wrong: bytes) -> None:
    """The log is not theirs to fill."""
    reader, writer = await connected(harness, wrong)
    answer = await asyncio.wait_for(reader.read(), PATIENCE)
    assert b" 400 " in answer
    writer.close()
