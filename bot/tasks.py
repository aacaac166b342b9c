"""The one place that starts tasks: each is held until it ends, and an error in it is never silent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger("tasks")


class Tasks:
    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self, patience: float) -> None:
        """Let them end within `patience` seconds, then cancel those that do not."""
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        while self._running:  # one that is cancelled may have begun another
            for task in self._running:
                task.cancel()
            await asyncio.wait(self._running)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task failed", task=task.get_name(), exc_info=error)


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel it and wait until it is over; what it is in the middle of may go a little further."""
    task.cancel()
    await asyncio.wait([task])
