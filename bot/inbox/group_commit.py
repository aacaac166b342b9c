"""Group commit: items that are handed in at the same moment share one transaction, under load many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.tasks import Tasks
from services.db.engine import out_of_order

Item = TypeVar("Item")


class GroupCommit(Generic[Item]):
    """`commit` is given whatever is ready. When it fails, one of the items may be to blame and not all, so each is
    committed alone then."""

    def __init__(self, commit: Callable[[list[Item]], Awaitable[None]], tasks: Tasks) -> None:
        self._commit = commit
        self._tasks = tasks
        self._ready: list[tuple[Item, asyncio.Future[Exception | None]]] = []

    async def hand_in(self, items: Sequence[Item]) -> list[Exception | None]:
        """Errors of the items in their order, None for those that are committed."""
        loop = asyncio.get_running_loop()
        handed = [(item, loop.create_future()) for item in items]
        idle = not self._ready
        self._ready += handed
        if idle and handed:
            self._tasks.start(self._work(), "commit")
        return [await ended for _, ended in handed]

    async def _work(self) -> None:
        while self._ready:
            group = list(self._ready)
            error = await self._try([item for item, _ in group])
            alone = error is not None and len(group) > 1 and not out_of_order(error)
            for item, ended in group:
                _settle(ended, await self._try([item]) if alone else error)
            del self._ready[: len(group)]

    async def _try(self, items: list[Item]) -> Exception | None:
        try:
            await self._commit(items)
        except Exception as error:  # noqa: BLE001  # handed to each that waits
            return error
        return None


def _settle(ended: asyncio.Future[Exception | None], error: Exception | None) -> None:
    if not ended.done():
        ended.set_result(error)
