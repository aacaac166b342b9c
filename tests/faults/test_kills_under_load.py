"""Many people talk at once, and the process is killed again and again, at any moment.

`random` begins where pytest-randomly says: `-p randomly_seed=…` as the head of the run shows it begins there again.
"""

from __future__ import annotations

import asyncio
import random
from typing import Final

from sandbox.server import Sandbox
from sandbox.state import Settings
from tests.faults.checker import Tally
from tests.faults.crowd import crowd
from tests.faults.live import SECRET, Found, LiveHarness, LockedMailbox
from tests.faults.stories import FLOOD, READINGS

KILLS: Final = 30
COMMITS: Final = 50  # at most between a start and the next kill, on a machine of any speed
MOMENT: Final = 0.02  # seconds that the kill may come later


async def test_kills_at_any_moment_spoil_nothing(harness: LiveHarness, tally: Tally) -> None:
    await harness.start()
    async with crowd(harness, tally):
        await _kill_again_and_again(harness)


async def test_nor_do_they_where_updates_come_by_webhook(found: Found, tally: Tally, unused_tcp_port: int) -> None:
    sandbox, port = Sandbox(settings=Settings(webhook_backoff=0.05)), str(unused_tcp_port)
    hook = {"WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram", "WEBHOOK_SECRET": SECRET, "WEB_PORT": port}
    async with sandbox, LockedMailbox() as mailbox, found("hooked", sandbox, mailbox) as harness:
        harness.settings |= {"BOT_MODE": "webhook", **hook}
        await harness.start()
        async with crowd(harness, tally):
            await _kill_again_and_again(harness)


async def test_kills_in_the_middle_of_floods_spoil_nothing(harness: LiveHarness, tally: Tally) -> None:
    """Most accepted updates wait in the table then."""
    harness.options |= {"pause": 0.0}  # or one flood alone is answered for a minute, at Telegram's pace
    await harness.start()
    async with crowd(harness, tally, people=6, stories=(FLOOD, READINGS)):
        await _kill_again_and_again(harness, KILLS // 2)


async def _kill_again_and_again(harness: LiveHarness, kills: int = KILLS) -> None:
    for _ in range(kills):
        await harness.commits(random.randint(1, COMMITS))
        await asyncio.sleep(random.uniform(0, MOMENT))
        await harness.kill()
