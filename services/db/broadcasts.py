"""Broadcasts, and the notices that they have become."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Column, Integer, RowMapping, String, Table, Text, insert, select, update

from services.broadcasts.models import Audience, Broadcast, BroadcastState
from services.broadcasts.ports import BroadcastRepository
from services.customers.models import Customer
from services.db.customers import CUSTOMERS, customer_of
from services.db.group import Repository, TableGroup
from services.db.metadata import Moment, metadata
from services.db.outbox import State, outbox
from services.db.users import users

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("made_by", String(64), nullable=False, comment="the name that the operator gave"),
    Column("made_at", Moment, nullable=False),
    Column("count", Integer, nullable=False, comment="people, when it was made"),
    Column("state", String(16), nullable=False, comment="draft, going, queued, stopped"),
    Column("confirmed_by", String(64), nullable=False, server_default=""),
    Column("after", BigInteger, nullable=False, server_default="0", comment="the last person that was looked at"),
    sqlite_autoincrement=True,
)


class SqlBroadcasts(Repository):
    async def add(self, text: str, audience: Audience, made_by: str, count: int, at: datetime) -> int:
        row = {"text": text, "audience": asdict(audience), "made_by": made_by, "made_at": at, "count": count}
        new = insert(broadcasts).values({**row, "state": BroadcastState.DRAFT}).returning(broadcasts.c.id)
        return int((await self._connection.execute(new)).scalar_one())

    async def get(self, broadcast_id: int) -> Broadcast | None:
        found = await self._connection.execute(select(broadcasts).where(broadcasts.c.id == broadcast_id))
        row = found.mappings().first()
        return _broadcast(row) if row else None

    async def update(self, broadcast: Broadcast) -> None:
        now = {"state": broadcast.state, "confirmed_by": broadcast.confirmed_by, "after": broadcast.after}
        await self._connection.execute(update(broadcasts).where(broadcasts.c.id == broadcast.id).values(now))

    async def reached(self, broadcast: Broadcast, after: int, limit: int) -> list[Customer]:
        kept_back = (outbox.c.state == State.FAILED) & (outbox.c.tries == 0)
        went = select(outbox.c.id).where(outbox.c.key == _key(broadcast), ~kept_back).exists()
        people = select(users.c.id).where(users.c.id > after, went).order_by(users.c.id).limit(limit)
        rows = (await self._connection.execute(CUSTOMERS.where(users.c.id.in_(people)))).all()
        return [customer_of(person, list(found)) for person, found in groupby(rows, key=attrgetter("person_id"))]

    async def withdraw(self, broadcast: Broadcast, at: datetime) -> int:
        waits = (outbox.c.ended_at.is_(None), outbox.c.state != State.SENDING)
        theirs = (outbox.c.key >= broadcast.prefix, outbox.c.key < f"{broadcast.prefix}:")
        dropped = update(outbox).where(*waits, *theirs).values(state=State.FAILED, ended_at=at, facts={})
        return int((await self._connection.execute(dropped)).rowcount)


def _key(broadcast: Broadcast) -> Any:
    return broadcast.prefix + users.c.id.cast(String)


def _broadcast(row: RowMapping) -> Broadcast:
    audience = Audience(**{**row["audience"], "accounts": tuple(row["audience"]["accounts"])})
    return Broadcast(**{**row, "audience": audience, "state": BroadcastState(row["state"])})


GROUP: Final = TableGroup(
    repositories={BroadcastRepository: SqlBroadcasts},
    impersonal={"broadcasts": "messages of the company, without the people to whom they went"},
)
