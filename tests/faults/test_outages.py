"""Telegram or the mail server is away, at the start or in the middle: the bot waits, and is back within 5 seconds.

The outages are had side by side, each in a harness of its own: they consist of waiting.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from sandbox.server import Sandbox
from tests.faults.checker import check_updates
from tests.faults.live import Found, LiveHarness, LockedMailbox
from tests.faults.stories import PAPERS, READINGS

BACK: Final = 5  # seconds
ATTEMPTS: Final = 4  # in vain, after which the bot's pauses are at their longest
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "cut": {"kind": "reset_before"},
    "html": {"kind": "http_status"},
    "json": {"kind": "json_5xx"},
    "locked-out": {"kind": "unauthorized"},
    "conflict": {"kind": "conflict"},
    "torn": {"kind": "truncated_body"},
}


async def test_while_others_are_away_the_bot_waits_and_is_soon_back(
    found: Found, unused_tcp_port_factory: Callable[[], int]
) -> None:
    async with asyncio.TaskGroup() as group:
        for name, fault in FAULTS.items():
            group.create_task(_noted(f"start-{name}", _away_at_start(found, f"start-{name}", fault)))
            group.create_task(_noted(f"middle-{name}", _away_in_the_middle(found, f"middle-{name}", fault)))
        group.create_task(_noted("closed", _started_first(found, unused_tcp_port_factory())))
        group.create_task(_noted("mail", _without_mail(found, unused_tcp_port_factory())))


async def _noted(name: str, outage: Awaitable[None]) -> None:
    try:
        await outage
    except Exception as error:
        error.add_note(name)
        raise


async def _away_at_start(found: Found, name: str, fault: dict[str, Any]) -> None:
    async with Sandbox() as sandbox, LockedMailbox() as mailbox, found(name, sandbox, mailbox) as harness:
        harness.world.faults.add(**fault)
        await harness.start()
        part = READINGS.cast(harness)
        part.someone.types("/menu")
        await harness.called("getUpdates", ATTEMPTS)
        await _back_in_time(harness, harness.world.faults.clear)
        assert part.someone.screen.startswith("🏠")


async def _away_in_the_middle(found: Found, name: str, fault: dict[str, Any]) -> None:
    """Updates accepted before are answered as well as those that come meanwhile."""
    async with Sandbox() as sandbox, LockedMailbox() as mailbox, found(name, sandbox, mailbox) as harness:
        await harness.start()
        part = READINGS.cast(harness)
        await part.someone.send("/menu")
        harness.world.faults.add(method="sendMessage", **fault)
        part.someone.types("353650")
        await harness.called("sendMessage")
        harness.world.faults.add(**fault)
        part.someone.types("151580")
        await harness.called("getUpdates", ATTEMPTS)
        await _back_in_time(harness, harness.world.faults.clear)
        await part.someone.press("Передать")
        READINGS.check(part)


async def _back_in_time(harness: LiveHarness, mend: Callable[[], object]) -> None:
    mend()
    began = time.monotonic()
    await harness.quiet()
    assert time.monotonic() - began < BACK
    check_updates(harness)


async def _started_first(found: Found, port: int) -> None:
    """The port where Telegram should be is closed."""
    sandbox = Sandbox(port)
    async with LockedMailbox() as mailbox, found("closed", sandbox, mailbox) as harness:
        await harness.start()
        await harness.until(
            lambda: sum(word.get("unanswered") == "getUpdates" for word in harness.child.said) >= ATTEMPTS
        )
        async with sandbox:
            harness.listen()
            part = READINGS.cast(harness)
            part.someone.types("/menu")
            await _back_in_time(harness, lambda: None)
            assert part.someone.screen.startswith("🏠")


async def _without_mail(found: Found, port: int) -> None:
    """The mail server hangs up on whoever comes; conversations go on meanwhile."""
    hung_up = asyncio.Semaphore(0)

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        hung_up.release()

    broken = await asyncio.start_server(hang_up, "127.0.0.1", port)
    mailbox = LockedMailbox(port=port)
    async with Sandbox() as sandbox, found("mail", sandbox, mailbox) as harness:
        await harness.start()
        part = PAPERS.cast(harness)
        await PAPERS.before(part)
        await part.someone.press("На e-mail")
        part.someone.types(part.email)
        for _ in range(ATTEMPTS):
            await hung_up.acquire()
        await harness.until(lambda: not harness.open(part.someone.id))
        assert part.someone.screen.startswith("✉️ Отправляю")
        broken.close()
        async with mailbox:
            await _back_in_time(harness, lambda: None)
        assert part.letters() == 1
