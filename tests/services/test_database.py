"""The database under cancellation: a unit of work ends whole, and everybody else's connection lives on."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.db.batched_connection import Connector
from services.db.engine import Database

PATIENCE = 100  # seconds that a busy machine may take


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


async def test_a_file_that_could_not_be_opened_is_read_once_it_can(tmp_path: Path) -> None:
    """All readers share one connection: it must not be the one that failed."""
    file = tmp_path / "bot.db"
    file.mkdir()
    database = Database(f"sqlite+aiosqlite:///{file}")
    for _ in range(2):
        with pytest.raises(OperationalError, match="unable to open database file"):
            await read(database)
    file.rmdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE notes (words TEXT)")
    assert await read(database) == []
    await database.close()


async def dawdle(database: Database) -> None:
    """A statement of some ten milliseconds."""
    async with database.reading() as connection:
        await connection.execute(
            text(
                "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t WHERE x < 100000) SELECT max(x) FROM t"
            )
        )


async def test_a_time_out_that_comes_to_nothing_cancels_nothing_later(database: Database) -> None:
    await read(database)
    async with asyncio.timeout(0.001) as limit:
        await dawdle(database)
    assert limit.expired()
    for _ in range(10):
        await asyncio.sleep(0)
    assert await read(database) == []


async def test_a_time_out_in_the_same_statement_does_not_use_up_a_cancellation(database: Database) -> None:
    await read(database)

    async def work() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.001):
                await dawdle(database)
                await asyncio.Event().wait()
        await asyncio.Event().wait()

    cancelled = asyncio.ensure_future(work())
    await asyncio.sleep(0.002)
    cancelled.cancel()
    await asyncio.wait([cancelled], timeout=PATIENCE)
    assert cancelled.cancelled()


async def test_cancellations_of_a_statement_come_together_and_once(database: Database) -> None:
    await read(database)
    caught = []

    async def work() -> None:
        try:
            await dawdle(database)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            caught.append(asyncio.current_task().cancelling())  # type: ignore[union-attr]
            await dawdle(database)
            raise

    cancelled = asyncio.ensure_future(work())
    await asyncio.sleep(0.002)
    for _ in range(3):
        cancelled.cancel()
    await asyncio.wait([cancelled], timeout=PATIENCE)
    assert cancelled.cancelled()
    assert caught == [3]


async def test_a_statement_of_a_closed_connection_fails_and_does_not_wait_for_ever(tmp_path: Path) -> None:
    connection = Connector(lambda _: None)(str(tmp_path / "bot.db"))
    await connection
    await connection.close()
    late = asyncio.ensure_future(connection.cross("SELECT 1", (), many=False))
    await asyncio.wait([late], timeout=PATIENCE)
    assert late.done()
    assert isinstance(late.exception(), sqlite3.ProgrammingError)
