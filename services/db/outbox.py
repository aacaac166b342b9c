"""What is to be said unasked: rows committed with their cause, taken by the one sender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.engine import Database
from services.db.tables import outbox
from services.models import Channel, Notice


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Queued:
    """A notice on its way. `tries`: attempts that began before this one."""

    id: int
    notice: Notice
    tries: int


class SqlNotices:
    """The writing end, used inside a unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.told = 0

    async def tell(self, notice: Notice, at: datetime) -> None:
        row = {
            "key": notice.key,
            "channel": notice.channel,
            "user_id": notice.user_id,
            "kind": notice.kind,
            "facts": dict(notice.facts),
            "created_at": at,
            "due_at": at,
        }
        await self._connection.execute(upsert(outbox).values(row).on_conflict_do_nothing())
        self.told += 1

    async def told_since(self, user_id: int, channel: Channel, since: datetime) -> int:
        query = select(func.count()).where(
            outbox.c.user_id == user_id, outbox.c.channel == channel, outbox.c.created_at >= since
        )
        return int((await self._connection.execute(query)).scalar_one())


class Outbox:
    """The sending end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, limit: int) -> list[Queued]:
        """Waiting notices in order, at most the oldest one of each person so that nothing overtakes."""
        first = (
            select(func.min(outbox.c.id))
            .where(outbox.c.state.in_((State.WAITING, State.SENDING)))
            .group_by(outbox.c.channel, outbox.c.user_id)
        )
        query = select(outbox).where(outbox.c.id.in_(first), outbox.c.due_at <= now)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(outbox.c.id).limit(limit))).all()
        return [_queued(row) for row in rows]

    async def begin(self, queued: Queued) -> None:
        await self._set(queued.id, state=State.SENDING, tries=queued.tries + 1)

    async def finish(self, queued: Queued, state: State) -> None:
        await self._set(queued.id, state=state)

    async def postpone(self, queued: Queued, due_at: datetime) -> None:
        await self._set(queued.id, state=State.WAITING, due_at=due_at)

    async def _set(self, row_id: int, **values: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(outbox).where(outbox.c.id == row_id).values(values))
            await connection.commit()


def _queued(row: Row[Any]) -> Queued:
    notice = Notice(key=row.key, user_id=row.user_id, kind=row.kind, facts=row.facts, channel=Channel(row.channel))
    return Queued(id=row.id, notice=notice, tries=row.tries)
