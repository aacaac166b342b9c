"""An aiosqlite connection that crosses to its thread once for many statements.

SQLAlchemy asks for a cursor, runs it, fetches and closes: four crossings of 80 µs each, when the statement
itself takes 10 µs. Here all four happen in one, statements that wait while another crosses go together in the
next, `BEGIN` travels with the first statement of a unit, and a commit or rollback with nothing to end stays at
home. Look-ups by a key, which every update has to wait for, cross only where they are part of a transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any

import aiosqlite

from services.db.cancellation import Ending

_ROLLBACK = "ROLLBACK"
Arrived = tuple[sqlite3.Cursor, list[Any]]


class BatchedCursor:
    """The part of an asynchronous cursor that SQLAlchemy needs; all rows are there when `execute` returns."""

    arraysize = 1

    def __init__(self, connection: BatchedConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> BatchedCursor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> BatchedCursor:
        self._keep(*await self._connection.cross(sql, parameters, many=False))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> BatchedCursor:
        self._keep(*await self._connection.cross(sql, parameters, many=True))
        return self

    def _keep(self, cursor: sqlite3.Cursor, rows: list[Any]) -> None:
        self._rows = rows
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = []


@dataclass(slots=True)
class _Passenger:
    """A statement on its way, and the future that waits for its cursor and rows."""

    sql: str
    parameters: Any
    many: bool
    begin: tuple[str, ...]
    arrival: Ending[Arrived]


class BatchedConnection(aiosqlite.Connection):
    """`begin_with`: the statements that open the unit, run in front of its first one."""

    begin_with: tuple[str, ...] = ()

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._line: list[_Passenger] = []
        self._under_way = False

    def cursor(self) -> BatchedCursor:  # type: ignore[override]  # SQLAlchemy enters what it gets
        return BatchedCursor(self)

    async def cross(self, sql: str, parameters: Iterable[Any], *, many: bool) -> Arrived:
        passenger = _Passenger(sql, parameters, many, self.begin_with, Ending())
        self.begin_with = ()
        self._board(passenger)
        return await passenger.arrival

    def _board(self, passenger: _Passenger) -> None:
        self._line.append(passenger)
        if not self._under_way:
            self._under_way = True
            asyncio.get_running_loop().call_soon(self._depart)  # questions of the same turn of the loop come along

    def look_up(self, sql: str, parameters: Sequence[Any]) -> Awaitable[Arrived]:
        """The few rows of one key."""
        return self.cross(sql, parameters, many=False)

    def _depart(self) -> None:
        aboard, self._line = self._line, []
        crossing = asyncio.get_running_loop().create_future()
        crossing.add_done_callback(partial(self._arrive, aboard))
        if self._running:
            self._tx.put_nowait((crossing, partial(self._run_all, aboard)))
        else:  # the thread takes nothing more
            crossing.set_result([sqlite3.ProgrammingError("Cannot operate on a closed database.") for _ in aboard])

    def _arrive(self, aboard: list[_Passenger], crossing: asyncio.Future[list[Any]]) -> None:
        self._under_way = bool(self._line)
        if self._line:
            self._depart()
        for passenger, outcome in zip(aboard, crossing.result(), strict=True):
            if isinstance(outcome, Exception):
                passenger.arrival.set_exception(outcome)
            else:
                passenger.arrival.set_result(outcome)

    def _run_all(self, aboard: list[_Passenger]) -> list[Any]:
        return [self._outcome(passenger) for passenger in aboard]

    def _outcome(self, passenger: _Passenger) -> Arrived | Exception:
        try:
            return self._run(passenger)
        except Exception as error:  # noqa: BLE001  # handed to the one who waits for it
            return error

    def _run(self, passenger: _Passenger) -> Arrived:
        if passenger.sql is _ROLLBACK and not self._conn.in_transaction:
            return self._conn.cursor(), []
        for statement in passenger.begin:
            self._conn.execute(statement)
        if passenger.many:
            cursor = self._conn.executemany(passenger.sql, passenger.parameters)
        else:
            cursor = self._conn.execute(passenger.sql, tuple(passenger.parameters))
        rows = cursor.fetchall() if cursor.description else []
        return cursor, rows

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except sqlite3.Error:
            self._thread.join()  # it tells the loop of its end, which must not be gone by then
            raise

    async def commit(self) -> None:
        self.begin_with = ()
        if self.in_transaction:
            await self.cross("COMMIT", (), many=False)

    async def rollback(self) -> None:
        self.begin_with = ()
        if self.in_transaction or self._under_way:  # a statement on its way may begin one
            await self.cross(_ROLLBACK, (), many=False)


class ReadingConnection(BatchedConnection):
    """For all readers, without transactions. Its look-ups run in the thread of the event loop, those of the same turn
    together: SQLite answers one in 20 µs, and readers in another thread would hold up the loop for longer, as both
    need the interpreter."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector)
        self._asked: list[_Passenger] = []
        self._here: sqlite3.Connection | None = None  # the same database, opened in the loop's thread

    async def look_up(self, sql: str, parameters: Sequence[Any]) -> Arrived:
        asked = _Passenger(sql, parameters, many=False, begin=(), arrival=Ending())
        if not self._asked:
            asyncio.get_running_loop().call_soon(self._answer)
        self._asked.append(asked)
        return await asked.arrival

    def _answer(self) -> None:
        """Look-ups that cannot be answered at once cross, to wait or to fail there."""
        asked, self._asked = self._asked, []
        for passenger in asked:
            try:
                cursor = self._handle().execute(passenger.sql, passenger.parameters)
                passenger.arrival.set_result((cursor, cursor.fetchall()))
            except Exception:  # noqa: BLE001  # a value that SQLite cannot take is none of its own errors
                self._board(passenger)

    def _handle(self) -> sqlite3.Connection:
        if not self._running:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")
        if self._here is None:
            self._here = self._connector()
            self._here.execute("PRAGMA busy_timeout=0")
        return self._here

    async def close(self) -> None:
        if self._here is not None:
            self._here.close()
            self._here = None
        await super().close()


class Connector:
    """Opens connections for SQLAlchemy; `prepare` is run on each in its thread, before anything else."""

    def __init__(
        self, prepare: Callable[[sqlite3.Connection], None], kind: type[BatchedConnection] = BatchedConnection
    ) -> None:
        self._prepare = prepare
        self._kind = kind

    def __call__(self, path: str, **options: Any) -> BatchedConnection:
        """A connection not yet open: await it."""

        def opened() -> sqlite3.Connection:
            connection: sqlite3.Connection = sqlite3.connect(path, **options)
            try:
                self._prepare(connection)
            except sqlite3.Error:
                connection.close()
                raise
            return connection

        connection = self._kind(opened)
        connection._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does for its own: an exit never hangs
        return connection


class SharingConnector:
    """Opens one connection for all readers; no transaction may begin on it."""

    def __init__(self, connect: Connector) -> None:
        self._connect = connect
        self._connection: BatchedConnection | None = None
        self._opening = asyncio.Lock()

    async def __call__(self, path: str, **options: Any) -> BatchedConnection:
        async with self._opening:
            if self._connection is None:
                connection = self._connect(path, **options)
                await connection
                self._connection = connection
            return self._connection
