"""The database cannot be written for a while: nothing is acknowledged meanwhile, and work goes on by itself."""

from __future__ import annotations

import asyncio
import ctypes
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from sandbox.server import Sandbox
from tests.faults.checker import Tally
from tests.faults.crowd import crowd
from tests.faults.live import Found, LiveTown, LockedMailbox
from tests.faults.stories import READINGS

SIZE: Final = 16 * 2**20  # bytes of the small disk
BACK: Final = 5  # seconds
FAILURES: Final = 4  # commits in vain, after which the bot's pauses are at their longest
PEOPLE: Final = 6


class Trouble(Protocol):
    def begin(self, town: LiveTown) -> None: ...

    def end(self, town: LiveTown) -> None: ...


class Full:
    """The small disk has no byte left."""

    def begin(self, town: LiveTown) -> None:
        with self._ballast(town).open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def end(self, town: LiveTown) -> None:
        self._ballast(town).unlink()

    @staticmethod
    def _ballast(town: LiveTown) -> Path:
        return town.database.with_name("ballast")


class ReadOnly:
    """The process may not write a byte to any file, its log included."""

    def begin(self, town: LiveTown) -> None:
        town.options["most_bytes"] = 0
        self._allow(town, 0)

    def end(self, town: LiveTown) -> None:
        del town.options["most_bytes"]
        self._allow(town, resource.RLIM_INFINITY)

    @staticmethod
    def _allow(town: LiveTown, size: int) -> None:
        resource.prlimit(town.child.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def small_disk(place: Path) -> Iterator[Trouble]:
    """A file system of its own, mounted here, and the way to fill it. Where none may be mounted, the files stay
    where they are and the process is kept from writing instead."""
    libc = ctypes.CDLL(None, use_errno=True)
    place.mkdir()
    if libc.mount(b"tmpfs", bytes(place), b"tmpfs", 0, f"size={SIZE}".encode()):
        yield ReadOnly()
        return
    try:
        yield Full()
    finally:
        libc.umount2(bytes(place), 2)  # MNT_DETACH: whoever still has a file there may finish


async def test_on_a_full_disk_nothing_is_acknowledged_that_cannot_be_kept(found: Found, tmp_path: Path) -> None:
    """Once in the middle and once at a start; side by side, for most of it is waiting."""
    one, two = tmp_path / "one", tmp_path / "two"
    with small_disk(one) as full, small_disk(two) as also_full:
        async with asyncio.TaskGroup() as group:
            group.create_task(_talk_meanwhile(found, one / "bot.db", partial(_wait_it_out, trouble=full)))
            group.create_task(_talk_meanwhile(found, two / "bot.db", partial(_start_meanwhile, trouble=also_full)))


async def test_where_nothing_can_be_written_nothing_is_acknowledged(found: Found, tmp_path: Path) -> None:
    """As above, when the files may not even be changed."""
    one, two = tmp_path / "one.db", tmp_path / "two.db"
    async with asyncio.TaskGroup() as group:
        group.create_task(_talk_meanwhile(found, one, partial(_wait_it_out, trouble=ReadOnly())))
        group.create_task(_talk_meanwhile(found, two, partial(_start_meanwhile, trouble=ReadOnly())))


async def _talk_meanwhile(found: Found, database: Path, trouble: Callable[[LiveTown], Awaitable[None]]) -> None:
    tally = Tally()
    async with (
        Sandbox() as sandbox,
        LockedMailbox() as mailbox,
        found(f"{database.parent.name}-{database.stem}", sandbox, mailbox, database) as town,
    ):
        await town.start()
        async with crowd(town, tally, PEOPLE):
            await town.commits(50)
            await trouble(town)


async def _start_meanwhile(town: LiveTown, trouble: Trouble) -> None:
    trouble.begin(town)
    await _commit_fails(town)
    await town.kill()
    await _commit_fails(town, FAILURES)
    trouble.end(town)


async def _wait_it_out(town: LiveTown, trouble: Trouble) -> None:
    trouble.begin(town)
    newcomer = READINGS.cast(town)
    newcomer.someone.types("/menu")
    await _commit_fails(town, FAILURES)
    assert town.child.ended is None
    assert town.open(newcomer.someone.id)
    trouble.end(town)
    began = time.monotonic()
    await newcomer.someone._quiet()
    assert time.monotonic() - began < BACK


async def _commit_fails(town: LiveTown, times: int = 1) -> None:
    child, before = town.child, len(town.child.said)
    await town.until(lambda: sum("uncommitted" in word for word in child.said[before:]) >= times)
