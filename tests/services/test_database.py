"""The database under cancellation: a unit of work ends whole, and everybody else's connection lives on."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String, Table, bindparam, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.batched_connection import BatchedConnection, Connector, ReadingConnection
from services.db.engine import Database
from services.db.inbox import Accepted, Done, Inbox, inbox
from services.db.metadata import metadata
from services.db.outbox import SqlNotices, SqlOutbox, outbox
from services.db.prepared import LookUp
from services.db.users import users
from services.notices.catalog import Announcement
from services.notices.models import Notice

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


async def level(database: Database, *, durable: bool) -> int:
    """Of a unit's commit: 2 is on the disk when it ends, 1 is not."""
    async with database.writing(durable=durable) as connection:
        await connection.execute(text("INSERT INTO notes VALUES ('level')"))
        [found] = (await connection.execute(text("PRAGMA synchronous"))).scalars()
        await connection.commit()
    return int(found)


async def test_a_unit_is_durable_unless_it_is_not_asked_for(database: Database) -> None:
    levels = [await level(database, durable=durable) for durable in (False, True, False, False, True)]
    assert levels == [1, 2, 1, 1, 2]


@pytest.mark.parametrize("turns", range(12))
async def test_a_unit_is_durable_after_another_was_cancelled(database: Database, turns: int) -> None:
    cancelled = asyncio.ensure_future(level(database, durable=False))
    for _ in range(turns):
        await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    async with asyncio.timeout(PATIENCE):
        assert await level(database, durable=True) == 2


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


async def test_a_connection_in_use_when_the_database_closes_is_not_left_open(tmp_path: Path) -> None:
    """SQLAlchemy warns of one that is, when it is collected."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    block = database.reading()
    await (await block.__aenter__()).execute(text("SELECT 1"))
    await database.close()
    await block.__aexit__(None, None, None)
    del database, block
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        gc.collect()
    assert [str(one.message) for one in told] == []


# Look-ups

NOTES = Table("notes", MetaData(), Column("words", String))
NOTE = LookUp(select(NOTES).where(NOTES.c.words == bindparam("words")))


async def find(connection: AsyncConnection, words: str) -> list[str]:
    return [row.words for row in await NOTE.all(connection, {"words": words})]


async def found(database: Database, words: str) -> list[str]:
    async with database.reading() as connection:
        return await find(connection, words)


async def test_look_ups_see_what_is_committed_and_a_unit_its_own_changes(database: Database) -> None:
    await write(database, "one", [])
    assert await found(database, "one") == ["one"]
    async with database.writing() as connection:
        await connection.execute(text("INSERT INTO notes VALUES ('two')"))
        assert await find(connection, "two") == ["two"]
        assert await found(database, "two") == []
        await connection.commit()
    assert await found(database, "two") == ["two"]


@pytest.mark.parametrize("turns", range(4))
async def test_a_cancelled_look_up_leaves_the_others_their_rows(database: Database, turns: int) -> None:
    await write(database, "one", [])
    cancelled, *others = (asyncio.ensure_future(found(database, "one")) for _ in range(3))
    for _ in range(turns):
        await asyncio.sleep(0)
    cancelled.cancel()
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.gather(*others) == [["one"], ["one"]]
        await asyncio.gather(cancelled, return_exceptions=True)


async def test_a_look_up_that_the_database_refuses_for_the_moment_waits_elsewhere(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(database, "one", [])

    def locked(_: ReadingConnection) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(ReadingConnection, "_handle", locked)
    assert await found(database, "one") == ["one"]


async def test_a_look_up_that_fails_says_why(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("DROP TABLE notes"))
        await connection.commit()
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await found(database, "one")


@pytest.mark.parametrize(
    ("value", "refusal"),
    [(2**70, OverflowError), ("\ud800", UnicodeEncodeError), (object(), sqlite3.ProgrammingError)],
    ids=["beyond SQLite's integers", "no utf-8", "no value of SQLite"],
)
@pytest.mark.parametrize("kind", [BatchedConnection, ReadingConnection])
async def test_a_look_up_that_cannot_be_asked_fails_alone(
    tmp_path: Path, kind: type[BatchedConnection], value: Any, refusal: type[Exception]
) -> None:
    connection = Connector(lambda _: None, kind)(str(tmp_path / "bot.db"))
    await connection
    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(
            *(connection.look_up("SELECT ?", (one,)) for one in ("before", value, "after")), return_exceptions=True
        )
    said = [type(answer) if isinstance(answer, BaseException) else answer[1] for answer in answers]
    assert said == [[("before",)], refusal, [("after",)]]
    await connection.close()


async def test_look_ups_after_the_end_fail(tmp_path: Path) -> None:
    connection = Connector(lambda _: None, ReadingConnection)(str(tmp_path / "bot.db"))
    await connection
    assert (await connection.look_up("SELECT 1", ()))[1] == [(1,)]
    await connection.close()
    with pytest.raises(sqlite3.ProgrammingError):
        await connection.look_up("SELECT 1", ())


# Old rows

LONG_AGO, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)


async def work_off(database: Database, ids: range, at: datetime) -> None:
    await Inbox(database).accept([Accepted(one, "", b"{}") for one in ids], at)
    await Inbox(database).finish([Done(one, {}) for one in ids], at)


async def tell(database: Database, ids: range, at: datetime) -> None:
    async with database.writing() as connection:
        notices = [Notice(f"{one}", one, Announcement(broadcast=1)) for one in ids]
        await SqlNotices(connection).tell_all(notices, at)
        await connection.commit()


@pytest.mark.parametrize(
    ("fill", "queue", "key"),
    [(work_off, Inbox, inbox.c.update_id), (tell, SqlOutbox, outbox.c.id)],
    ids=["updates", "notices"],
)
async def test_old_rows_are_removed_a_few_at_a_time_and_others_write_in_between(
    database: Database,
    fill: Callable[[Database, range, datetime], Awaitable[None]],
    queue: Callable[[Database], Inbox | SqlOutbox],
    key: Column[int],
) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: metadata.create_all(sync, tables=[inbox, outbox, users]))
    new = list[int]()
    for first in range(1, 6001, 1000):
        await fill(database, range(first, first + 900), LONG_AGO)
        await fill(database, range(first + 900, first + 1000), NOW)
        new += range(first + 900, first + 1000)
    removing, meanwhile = asyncio.ensure_future(queue(database).forget(NOW)), list[str]()
    while not removing.done():
        await write(database, "meanwhile", meanwhile)
    await removing
    assert len(meanwhile) >= 6
    async with database.reading() as connection:
        assert list((await connection.execute(select(key).order_by(key))).scalars()) == new
