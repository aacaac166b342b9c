"""The memory of a process that runs for months."""

from __future__ import annotations

import asyncio
import gc
import weakref

from bot.process import collect_every
from tests.harness import PATIENCE


class Node:
    """Holds itself, as an error does whose frame holds it."""

    def __init__(self, collected: asyncio.Event) -> None:
        self.me = self
        weakref.finalize(self, collected.set)


async def test_what_holds_itself_is_collected_again_and_again() -> None:
    gc.disable()  # by itself
    gc.collect()
    gc.freeze()  # objects of earlier tests would take seconds in each collection
    try:
        collect_every(0)
        for _ in range(3):
            collected = asyncio.Event()
            Node(collected)
            await asyncio.wait_for(collected.wait(), PATIENCE)
    finally:
        gc.enable()
