"""A real database file with the ledger's tables, and rows put there by plain SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.db.engine import Database
from services.db.metadata import metadata
from services.ledger import tables  # noqa: F401  # registers the ledger's tables


@dataclass
class StandingClock:
    moment: datetime = datetime(2026, 11, 23, 10, 14, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'bot.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()
