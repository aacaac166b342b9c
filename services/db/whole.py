"""What has begun in the database ends there, also when the task that waits for it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


async def to_the_end(work: Awaitable[Result]) -> Result:
    """Its result; a cancellation meanwhile comes right after it.

    SQLAlchemy closes a connection whose statement was cancelled, and everybody reads through the same one.
    """
    loop, task, running = asyncio.get_running_loop(), asyncio.current_task(), asyncio.ensure_future(work)
    while not running.done():
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            if task is None or running.cancelled():
                raise
            task.uncancel()
            running.add_done_callback(lambda _: loop.call_soon(task.cancel))
        except Exception:  # noqa: BLE001  # raised below
            break
    return running.result()
