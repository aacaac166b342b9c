"""The one place that opens the database: SQLite in WAL mode, durable at commit, writers in a queue."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from services.db.batched_connection import Connector, ReadingConnection, SharingConnector
from services.db.cancellation import between_units, to_the_end
from services.db.metadata import to_json

_READERS = 64  # SQLAlchemy's connections; all of them read through one of SQLite's
_TROUBLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
_DURABLE, _LATER = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"  # when a commit is on the disk
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    _DURABLE,
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=16777216",  # bytes of the WAL that stay when it has been taken over
)

LOCK_WAIT = 5000  # milliseconds for which a connection waits until another process lets go of the database


def file_of(url: str) -> Path:
    """Where an address of SQLite keeps its database."""
    return Path(make_url(url).database or "")


class Database:
    """Connections to one database file. Reads run side by side, writing units one after another.

    Connections stay open between units: taking one from SQLAlchemy's pool and giving it back costs as much
    as a statement.
    """

    def __init__(self, url: str, lock_wait: int = LOCK_WAIT) -> None:
        """`url`: `sqlite+aiosqlite:///path`; the folder is made when it is missing. `lock_wait`: milliseconds."""
        self.url = make_url(url)
        file_of(url).parent.mkdir(parents=True, exist_ok=True)
        prepare = partial(_prepare, lock_wait)
        self.engine = _engine(url, Connector(prepare), 2)
        event.listen(self.engine.sync_engine, "begin", self._begin)
        self._reading = _engine(url, SharingConnector(Connector(prepare, ReadingConnection)), _READERS)
        self._readers = asyncio.Semaphore(_READERS)
        self._opened: list[AsyncConnection] = []
        self._idle: list[AsyncConnection] = []
        self._writers = asyncio.Lock()
        self._writer: AsyncConnection | None = None
        self._synchronous = _DURABLE

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Each statement sees what is committed when it runs."""
        return _Reading(self._readers, self._idle, self._connect)

    @asynccontextmanager
    async def writing(self, *, durable: bool = True) -> AsyncIterator[AsyncConnection]:
        """A transaction that holds the write lock from its first statement; rolled back unless committed. A commit that
        is not `durable` outlives the end of the process, and a loss of power once a later one is durable that has
        changed something."""
        await between_units()
        async with self._writers:
            if self._writer is None:
                self._writer = await to_the_end(self._connect_to_write())
            self._synchronous = _DURABLE if durable else _LATER
            await self._writer.begin()
            try:
                yield self._writer
            finally:
                await self._writer.rollback()

    async def _connect(self) -> AsyncConnection:
        connection = await self._reading.connect()
        self._opened.append(connection)
        return connection

    async def _connect_to_write(self) -> AsyncConnection:
        connection = await self.engine.connect()
        self._opened.append(connection)
        return await connection.execution_options(writing=True)

    def _begin(self, connection: Connection) -> None:
        if connection.get_execution_options().get("writing"):
            begin = (self._synchronous, "BEGIN IMMEDIATE")
            connection.connection.driver_connection.begin_with = begin  # type: ignore[union-attr]

    async def close(self) -> None:
        for connection in self._opened:  # those, too, whose task was cancelled while it got one
            await connection.close()
        self._opened.clear()
        self._idle.clear()
        self._writer = None
        await self._reading.dispose()
        await self.engine.dispose()


class _Reading:
    """A connection while a block lasts. Every update comes here several times, and a generator would cost more."""

    __slots__ = ("_connect", "_connection", "_idle", "_readers")

    def __init__(
        self,
        readers: asyncio.Semaphore,
        idle: list[AsyncConnection],
        connect: Callable[[], Coroutine[Any, Any, AsyncConnection]],
    ) -> None:
        self._readers = readers
        self._idle = idle
        self._connect = connect

    async def __aenter__(self) -> AsyncConnection:
        await between_units()
        await self._readers.acquire()
        try:
            self._connection = self._idle.pop() if self._idle else await to_the_end(self._connect())
        except BaseException:
            self._readers.release()
            raise
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        self._idle.append(self._connection)
        self._readers.release()


def out_of_order(error: BaseException) -> bool:
    """Whether the storage itself is in trouble (full, locked, read-only, unreadable) and not the statement."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _TROUBLE


def _engine(url: str, connect: Callable[..., Any], size: int) -> AsyncEngine:
    return create_async_engine(
        url,
        connect_args={"async_creator_fn": connect},
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        json_serializer=to_json,
        json_deserializer=orjson.loads,
    )


def _prepare(lock_wait: int, connection: sqlite3.Connection) -> None:
    """Take transactions out of the driver's hands, which would begin them too late."""
    connection.isolation_level = None
    for pragma in (*_PRAGMAS, f"PRAGMA busy_timeout={lock_wait}"):
        connection.execute(pragma)
