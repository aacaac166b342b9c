"""Statements that every update and every notice runs, compiled once.

SQLAlchemy's asynchronous execution costs about 200 µs a statement, twice what SQLite and the crossing to its
thread take. A prepared statement keeps SQLAlchemy's SQL and types and leaves the rest out.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Executable, Select
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from services.db.batched_connection import Arrived, BatchedConnection
from services.db.metadata import to_json

_DIALECT = dialect(paramstyle="qmark", json_serializer=to_json, json_deserializer=orjson.loads)
Convert = Callable[[Any], Any] | None


class PreparedStatement:
    """A statement with its values by name, in their columns' types."""

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # every statement has it
        self._sql: str = compiled.string
        self._fixed: dict[str, Any] = compiled.params
        self._order = [(name, _to_driver(compiled.binds[name].type)) for name in compiled.positiontup or ()]

    async def run(self, connection: AsyncConnection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Once for each row, within the connection's transaction."""
        await _driver(connection).cross(self._sql, [self._bound(row) for row in rows], many=True)

    def _bound(self, values: Mapping[str, Any]) -> list[Any]:
        given = {**self._fixed, **values}
        return [convert(given[name]) if convert else given[name] for name, convert in self._order]


class PreparedQuery(PreparedStatement):
    """A query, or an update that returns rows. Rows come back with their columns' names and types."""

    def __init__(self, query: Select[Any] | ReturningUpdate[Any]) -> None:
        super().__init__(query)
        columns = list(query.exported_columns)
        self._row = _row_type([column.name for column in columns])
        self._convert = [(place, way) for place, column in enumerate(columns) if (way := _from_driver(column.type))]

    async def all(self, connection: AsyncConnection, values: Mapping[str, Any]) -> list[Any]:
        """Runs within the connection's transaction, if one has begun."""
        _, rows = await self._ask(_driver(connection), self._bound(values))
        return [self._row(self._typed(row)) for row in rows]

    def _ask(self, driver: BatchedConnection, parameters: list[Any]) -> Awaitable[Arrived]:
        return driver.cross(self._sql, parameters, many=False)

    def _typed(self, row: tuple[Any, ...]) -> tuple[Any, ...] | list[Any]:
        if not self._convert:
            return row
        cells = list(row)
        for place, convert in self._convert:
            cells[place] = convert(cells[place])
        return cells


class LookUp(PreparedQuery):
    """A query for the few rows of one key, which an index finds at once."""

    def _ask(self, driver: BatchedConnection, parameters: list[Any]) -> Awaitable[Arrived]:
        return driver.look_up(self._sql, parameters)


def _row_type(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    make: Any = namedtuple  # its fields are known only here, which a NamedTuple class cannot say
    return make("Row", names)._make  # type: ignore[no-any-return]


def _driver(connection: AsyncConnection) -> BatchedConnection:
    opened = connection.sync_connection  # asking the asynchronous one for its driver would cost a task switch
    driver = opened.connection.driver_connection if opened else None
    if not isinstance(driver, BatchedConnection):
        raise TypeError(f"prepared statements are for SQLite, not {type(driver).__name__}")
    return driver


def _to_driver(kind: Any) -> Convert:
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)  # type: ignore[no-any-return]


def _from_driver(kind: Any) -> Convert:
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)  # type: ignore[no-any-return]
