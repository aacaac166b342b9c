"""The one place that opens the database: SQLite in WAL mode, durable at commit, writers in a queue."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.db import one_hop
from services.db.whole import between_units, to_the_end

_READERS = 64  # SQLAlchemy's connections; all of them read through one of SQLite's
_TROUBLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_size_limit=16777216",  # bytes of the WAL that stay when it has been taken over
)


def file_of(url: str) -> Path:
    """Where an address of SQLite keeps its database."""
    return Path(make_url(url).database or "")


class Database:
    """Connections to one database file. Reads run side by side, writing units one after another.

    Connections stay open between units: taking one from SQLAlchemy's pool and giving it back costs as much
    as a statement.
    """

    def __init__(self, url: str) -> None:
        """`url`: `sqlite+aiosqlite:///path`; the folder is made when it is missing."""
        self.url = make_url(url)
        file_of(url).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(url, one_hop.connect, size=2)
        self._reading = _engine(url, one_hop.Shared(), size=_READERS)
        self._readers = asyncio.Semaphore(_READERS)
        self._idle: list[AsyncConnection] = []
        self._writers = asyncio.Lock()
        self._writer: AsyncConnection | None = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Each statement sees what is committed when it runs."""
        await between_units()
        async with self._readers:
            connection = self._idle.pop() if self._idle else await to_the_end(self._reading.connect())
            try:
                yield connection
            finally:
                self._idle.append(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that holds the write lock from its first statement; rolled back unless committed."""
        await between_units()
        async with self._writers:
            if self._writer is None:
                connection = await to_the_end(self.engine.connect())
                self._writer = await connection.execution_options(writing=True)
            await self._writer.begin()
            try:
                yield self._writer
            finally:
                await self._writer.rollback()

    async def close(self) -> None:
        for connection in (*self._idle, *filter(None, [self._writer])):
            await connection.close()
        self._idle, self._writer = [], None
        await self._reading.dispose()
        await self.engine.dispose()


def out_of_order(error: BaseException) -> bool:
    """Whether the storage itself is in trouble (full, locked, read-only, unreadable) and not the statement."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _TROUBLE


def _engine(url: str, creator: Callable[..., Any], size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        connect_args={"async_creator_fn": creator},
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    """Take transactions out of the driver's hands, which would begin them too late."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("writing"):
        connection.connection.driver_connection.begin_with = "BEGIN IMMEDIATE"  # type: ignore[union-attr]
