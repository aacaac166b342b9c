"""A statement that has begun in the database ends there, also when the task that waits for it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

Result = TypeVar("Result")

_put_off: set[asyncio.Task[Any]] = set()  # whose cancellation is yet to come


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
            _put_off.add(task)
            running.add_done_callback(lambda _: loop.call_soon(_cancel, task))
        except Exception:  # noqa: BLE001  # raised below
            break
    return running.result()


async def between_units() -> None:
    """A task that goes from one unit straight to the next is cancelled here at the latest."""
    task = asyncio.current_task()
    if task in _put_off:
        _cancel(task)
        await asyncio.sleep(0)


def _cancel(task: asyncio.Task[Any]) -> None:
    if task in _put_off:
        _put_off.discard(task)
        task.cancel()
