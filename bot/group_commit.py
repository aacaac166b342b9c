"""Group commit: items that are handed in at the same moment share one transaction, under load many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.tasks import Tasks
from services.db.engine import out_of_order

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """`commit` is given whatever is ready, and says what became of each. When it fails, one of the items may be to
    blame and not all, so each is committed alone then."""

    def __init__(
        self, commit: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], tasks: Tasks, gathering: float = 0.0
    ) -> None:
        """`gathering`: seconds for which the first item waits for others to share its transaction."""
        self._commit = commit
        self._tasks = tasks
        self._gathering = gathering
        self._ready: list[tuple[Item, asyncio.Future[Result | Exception]]] = []

    async def hand_in(self, items: Sequence[Item]) -> list[Result | Exception]:
        """Results of the items in their order, an error for each that is not committed."""
        loop = asyncio.get_running_loop()
        handed = [(item, loop.create_future()) for item in items]
        idle = not self._ready
        self._ready += handed
        if idle and handed:
            self._tasks.start(self._work(), "commit")
        return [await ended for _, ended in handed]

    async def _work(self) -> None:
        while self._ready:
            if self._gathering:
                await asyncio.sleep(self._gathering)
            group = list(self._ready)
            results = await self._try([item for item, _ in group])
            alone = len(group) > 1 and isinstance(results[0], Exception) and not out_of_order(results[0])
            for (item, ended), result in zip(group, results, strict=True):
                _settle(ended, (await self._try([item]))[0] if alone else result)
            del self._ready[: len(group)]

    async def _try(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return await self._commit(items)
        except Exception as error:  # noqa: BLE001  # handed to each that waits
            return [error] * len(items)


def _settle(ended: asyncio.Future[Result | Exception], result: Result | Exception) -> None:
    if not ended.done():
        ended.set_result(result)
