"""A statement that has begun in the database ends there, also when the task that waits for it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

Result = TypeVar("Result")

# Tasks whose cancellation is yet to come, each with the number of those that it had before.
_put_off: dict[asyncio.Task[Any], int] = {}


class Ending(asyncio.Future[Result]):
    """The end of a statement, for the task that makes this and awaits it. A cancellation meanwhile comes right after
    the result.

    SQLAlchemy closes a connection whose statement was cancelled, and everybody reads through the same one. The task
    counts the cancellation from its call on, as `asyncio.timeout` needs it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._task = asyncio.current_task()

    def cancel(self, msg: Any | None = None) -> bool:
        """Called by the task when it is cancelled."""
        if (task := self._task) is None:
            return super().cancel(msg)
        _put_off.setdefault(task, task.cancelling() - 1)
        self.add_done_callback(lambda _: self.get_loop().call_soon(_cancel, task))
        return True

    def follow(self, work: asyncio.Future[Result]) -> None:
        """End as other work has ended."""
        if work.cancelled():
            super().cancel()
        elif error := work.exception():
            self.set_exception(error)
        else:
            self.set_result(work.result())


async def to_the_end(work: Awaitable[Result]) -> Result:
    """Its result; a cancellation meanwhile comes right after it."""
    ending = Ending[Result]()
    running = asyncio.ensure_future(work)
    running.add_done_callback(ending.follow)
    return await ending


async def between_units() -> None:
    """A task that goes from one unit straight to the next is cancelled here at the latest."""
    task = asyncio.current_task()
    if task in _put_off and _cancel(task):
        await asyncio.sleep(0)


def _cancel(task: asyncio.Task[Any]) -> bool:
    """A cancellation that was put off comes now; False where there is none, or a timeout took it back as its block
    ended."""
    if task.cancelling() <= _put_off.pop(task, task.cancelling()):
        return False
    task.uncancel()  # it is counted already
    return task.cancel()
