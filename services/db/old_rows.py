"""Old rows of large tables go a few at a time: SQLite has one writer, and all commits wait for each other."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, Table, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.engine import Database
from services.pages import ROWS, one_page


async def remove(connection: AsyncConnection, table: Table, most: int, *is_old: ColumnElement[bool]) -> int:
    """How many rows went, `most` at the most. An index has to find them."""
    key = tuple_(*table.primary_key)
    old = select(*table.primary_key).where(*is_old).limit(most)
    return (await connection.execute(delete(table).where(key.in_(old)))).rowcount


async def remove_old(database: Database, key: Column[int], is_old: ColumnElement[bool]) -> None:
    """Rows that no index finds are looked at in the order of `key`, the table's own, of numbers from 0 on."""
    last: int | None = -1
    while last is not None:
        async with one_page():
            last = await _remove_next(database, key, is_old, last)


async def _remove_next(database: Database, key: Column[int], is_old: ColumnElement[bool], after: int) -> int | None:
    """The last of the rows that were looked at; None at the end."""
    rows = select(key.label("key"), is_old.label("is_old")).where(key > after).order_by(key).limit(ROWS).subquery()
    async with database.reading() as connection:
        found = select(func.max(rows.c.key).label("last"), func.max(rows.c.is_old).label("some_are_old"))
        piece = (await connection.execute(found)).one()
    last: int | None = piece.last
    if piece.some_are_old:
        async with database.writing() as connection:
            await connection.execute(delete(key.table).where(key > after, key <= last, is_old))
            await connection.commit()
    return last
