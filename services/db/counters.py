"""Numbers in series: of submissions and orders."""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import (
    Column,
    Integer,
    String,
    Table,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.group import TableGroup
from services.db.metadata import metadata

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)


async def next_in_series(connection: AsyncConnection, kind: str, period_of: date) -> str:
    """`2611-00042`: the next number of a month."""
    series = f"{period_of:%y%m}"
    counted = upsert(counters).values(name=f"{kind}-{series}", value=1)
    counted = counted.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
    value = (await connection.execute(counted.returning(counters.c.value))).scalar_one()
    return f"{series}-{value:05d}"


GROUP: Final = TableGroup(impersonal={"counters": "numbers of submissions"})
