# ruff: noqa: E402  # the asserts of what is imported here are to explain themselves
"""Real processes of the bot; the sandbox and the people are in the test's own process."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.faults.checker", "tests.faults.live", "tests.faults.stories")

from sandbox.server import Sandbox
from tests.discretion import betrayed
from tests.faults import people
from tests.faults.checker import Tally
from tests.faults.fork_server import ForkServer
from tests.faults.live import Found, LiveHarness, LockedMailbox


@pytest.fixture(scope="session")
def warm_nursery() -> Iterator[ForkServer]:
    """One a worker: its imports take seconds."""
    fork_server = ForkServer(["tests.faults.bot_child", "tests.faults.rehearsal"])
    yield fork_server
    fork_server.close()


@pytest.fixture
async def fork_server(warm_nursery: ForkServer) -> AsyncIterator[ForkServer]:
    """No child outlives its test."""
    yield warm_nursery
    await warm_nursery.clear()


@pytest.fixture(scope="session")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with hundreds of customers, to be copied."""
    path = tmp_path_factory.mktemp("people") / "bot.db"
    people.fill(path)
    return path


@pytest.fixture
def found(fork_server: ForkServer, populated: Path, tmp_path: Path) -> Found:
    """Founds one more harness; its bot a test starts itself. At its end the logs are searched
    for what nobody may know and for what nobody has caught."""

    @asynccontextmanager
    async def found(
        name: str, sandbox: Sandbox, mailbox: LockedMailbox, database: Path | None = None
    ) -> AsyncIterator[LiveHarness]:
        folder = tmp_path / name
        folder.mkdir()
        database = database or folder / "bot.db"
        shutil.copy(populated, database)
        with closing(LiveHarness(fork_server, sandbox, mailbox, folder, database)) as harness:
            yield harness
            await (
                harness.end()
            )  # a bot that calls while the sandbox closes may leave it connections that it does not know
            assert betrayed(harness.logs(), harness.secrets()) == []
            assert not re.search("Traceback|was never|was destroyed", harness.logs())

    return found


@pytest.fixture(autouse=True)
def _quiet_mailbox() -> None:
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd deprecates what it calls itself


@pytest.fixture
async def harness(found: Found) -> AsyncIterator[LiveHarness]:
    """A harness whose bot a test starts itself."""
    async with Sandbox() as sandbox, LockedMailbox() as mailbox, found("harness", sandbox, mailbox) as harness:
        yield harness


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Iterator[Tally]:
    """For the summary of the run."""
    tally = Tally()
    yield tally
    if tally.updates:
        record_property("tally", tally.summary())
