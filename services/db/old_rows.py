"""Old rows of large tables go a few at a time: SQLite has one writer, and everybody's commits wait for each other."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ColumnElement, delete, func, select

from services.db.engine import Database

PIECE: Final = 1000  # rows that are looked at, and removed, together


async def remove_old(database: Database, key: Column[int], is_old: ColumnElement[bool]) -> None:
    """`key`: the table's own, of numbers from 0 on; rows are looked at in its order, each once."""
    last: int | None = -1
    while last is not None:
        last = await _remove_next(database, key, is_old, last)


async def _remove_next(database: Database, key: Column[int], is_old: ColumnElement[bool], after: int) -> int | None:
    """The last of the rows that were looked at; None at the end."""
    rows = select(key.label("key"), is_old.label("is_old")).where(key > after).order_by(key).limit(PIECE).subquery()
    async with database.reading() as connection:
        found = select(func.max(rows.c.key).label("last"), func.max(rows.c.is_old).label("some_are_old"))
        piece = (await connection.execute(found)).one()
    last: int | None = piece.last
    if piece.some_are_old:
        async with database.writing() as connection:
            await connection.execute(delete(key.table).where(key > after, key <= last, is_old))
            await connection.commit()
    return last
