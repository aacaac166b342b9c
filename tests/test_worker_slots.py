"""Work that waits long makes room, and not without end."""

from __future__ import annotations

import asyncio

from bot.inbox.worker_slots import WorkerSlots
from tests.harness import PATIENCE


class Guests:
    """Come to places and stay until they are told to go. `inside`: the most that were there together."""

    def __init__(self, places: WorkerSlots) -> None:
        self._places = places
        self._news = asyncio.Event()
        self.inside = 0

    async def come(self, leave: asyncio.Event) -> None:
        async with self._places.one():
            self.inside += 1
            self._news.set()
            await leave.wait()
            self.inside -= 1

    async def until(self, inside: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.inside != inside:
                self._news.clear()
                await self._news.wait()


async def test_a_place_is_for_one_at_a_time() -> None:
    guests, leave = Guests(WorkerSlots(2, PATIENCE, 10)), [asyncio.Event() for _ in range(3)]
    async with asyncio.TaskGroup() as group:
        for one in leave:
            group.create_task(guests.come(one))
        for _ in range(10):
            await asyncio.sleep(0)
        assert guests.inside == 2
        for one in leave:
            one.set()
    assert guests.inside == 0


async def test_who_stays_long_makes_room_up_to_a_limit_and_gives_no_place_back_twice() -> None:
    guests = Guests(WorkerSlots(2, 0.01, 3))
    for _ in range(2):
        leave = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(9):
                group.create_task(guests.come(leave))
            await guests.until(5)
            await asyncio.sleep(0.05)  # long enough for everybody, were there no limit
            assert guests.inside == 5
            leave.set()
        assert guests.inside == 0
