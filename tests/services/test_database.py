"""The database under cancellation: a unit of work ends whole, and everybody else's connection lives on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.db.engine import Database

PATIENCE = 20  # seconds


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE notes (words TEXT)"))
        await connection.commit()
    yield database
    async with asyncio.timeout(PATIENCE):
        await database.close()


async def read(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list((await connection.execute(text("SELECT words FROM notes ORDER BY words"))).scalars())


async def write(database: Database, words: str, committed: list[str]) -> None:
    async with database.writing() as connection:
        await connection.execute(text("INSERT INTO notes VALUES (:words)"), {"words": words})
        await connection.commit()
        committed.append(words)


@pytest.mark.parametrize("turns", range(12))
async def test_a_cancelled_reader_leaves_the_shared_connection_to_the_others(database: Database, turns: int) -> None:
    cancelled = asyncio.ensure_future(read(database))
    for _ in range(turns):
        await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    async with asyncio.timeout(PATIENCE):
        assert await read(database) == []


@pytest.mark.parametrize("turns", [1, 2, 3, 5, 8, 13, 21, 34])
async def test_whoever_goes_from_unit_to_unit_is_cancelled_between_them(database: Database, turns: int) -> None:
    committed: list[str] = []

    async def go_on() -> None:
        for number in range(100):
            await write(database, f"{number:03}", committed)

    cancelled = asyncio.ensure_future(go_on())
    for _ in range(turns):
        await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    assert cancelled.cancelled()
    assert len(committed) <= turns
    assert committed == await read(database)


@pytest.mark.parametrize("turns", range(24))
async def test_a_cancelled_writer_has_written_all_or_nothing_and_the_next_one_writes(
    database: Database, turns: int
) -> None:
    committed: list[str] = []
    cancelled = asyncio.ensure_future(write(database, "first", committed))
    for _ in range(turns):
        await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    async with asyncio.timeout(PATIENCE):
        await write(database, "second", committed)
        assert set(committed) <= set(await read(database))
        assert "second" in committed


async def test_a_timeout_around_a_statement_still_ends_in_time_out(database: Database) -> None:
    async def hang() -> None:
        async with asyncio.timeout(0):
            await read(database)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await hang()
    assert await read(database) == []


async def test_a_file_that_cannot_be_opened_leaves_no_thread_behind(tmp_path: Path) -> None:
    """One that outlived the loop would end in a traceback of its own."""
    before = threading.active_count()
    for _ in range(20):
        database = Database(f"sqlite+aiosqlite:///{tmp_path}")
        with pytest.raises(OperationalError, match="unable to open database file"):
            await write(database, "first", [])
        assert threading.active_count() <= before
        await database.close()
