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
from tests.faults.live import Found, LiveHarness, LockedMailbox
from tests.faults.stories import READINGS

SIZE: Final = 16 * 2**20  # bytes of the small disk
BACK: Final = 5  # seconds
FAILURES: Final = 4  # commits in vain, after which the bot's pauses are at their longest
PEOPLE: Final = 6


class Trouble(Protocol):
    def begin(self, harness: LiveHarness) -> None: ...

    def end(self, harness: LiveHarness) -> None: ...


class Full:
    """The small disk has no byte left."""

    def begin(self, harness: LiveHarness) -> None:
        with self._ballast(harness).open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                return

    def end(self, harness: LiveHarness) -> None:
        self._ballast(harness).unlink()

    @staticmethod
    def _ballast(harness: LiveHarness) -> Path:
        return harness.database.with_name("ballast")


class ReadOnly:
    """The process may not write a byte to any file, its log included."""

    def begin(self, harness: LiveHarness) -> None:
        harness.options["most_bytes"] = 0
        self._allow(harness, 0)

    def end(self, harness: LiveHarness) -> None:
        del harness.options["most_bytes"]
        self._allow(harness, resource.RLIM_INFINITY)

    @staticmethod
    def _allow(harness: LiveHarness, size: int) -> None:
        resource.prlimit(harness.child.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


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


async def _talk_meanwhile(found: Found, database: Path, trouble: Callable[[LiveHarness], Awaitable[None]]) -> None:
    tally = Tally()
    async with (
        Sandbox() as sandbox,
        LockedMailbox() as mailbox,
        found(f"{database.parent.name}-{database.stem}", sandbox, mailbox, database) as harness,
    ):
        await harness.start()
        async with crowd(harness, tally, PEOPLE):
            await harness.commits(50)
            await trouble(harness)


async def _start_meanwhile(harness: LiveHarness, trouble: Trouble) -> None:
    trouble.begin(harness)
    await _commit_fails(harness)
    await harness.kill()
    await _commit_fails(harness, FAILURES)
    trouble.end(harness)


async def _wait_it_out(harness: LiveHarness, trouble: Trouble) -> None:
    trouble.begin(harness)
    newcomer = READINGS.cast(harness)
    newcomer.someone.types("/menu")
    await _commit_fails(harness, FAILURES)
    assert harness.child.ended is None
    assert harness.open(newcomer.someone.id)
    trouble.end(harness)
    began = time.monotonic()
    await newcomer.someone._quiet()
    assert time.monotonic() - began < BACK


async def _commit_fails(harness: LiveHarness, times: int = 1) -> None:
    child, before = harness.child, len(harness.child.said)
    await harness.until(lambda: sum("uncommitted" in word for word in child.said[before:]) >= times)
