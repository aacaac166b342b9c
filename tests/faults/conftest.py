"""Real processes of the bot; the sandbox and the people are in the test's own process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.faults.nursery import Nursery


@pytest.fixture(scope="session")
def warm_nursery() -> Iterator[Nursery]:
    """One a worker: its imports take seconds."""
    nursery = Nursery(["tests.faults.bot_child"])
    yield nursery
    nursery.close()


@pytest.fixture
async def nursery(warm_nursery: Nursery) -> AsyncIterator[Nursery]:
    """No child outlives its test."""
    yield warm_nursery
    await warm_nursery.clear()
