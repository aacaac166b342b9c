"""What is to be said unasked: rows committed with their cause, taken by the one sender of their channel.

In a chat rows go out in the order in which they came. Between chats the more urgent go first, and what stands
before an urgent row in its own chat becomes as urgent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.engine import Database
from services.db.tables import moved_chats, outbox, users
from services.models import Channel, Notice, Urgency

_ON_ITS_WAY = outbox.c.ended_at.is_(None)  # the indexes' own words, or SQLite does not use them


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Queued:
    """A notice on its way to `chat_id`. `tries` began before this one; `doubts` of them may have arrived."""

    id: int
    notice: Notice
    chat_id: int
    tries: int
    doubts: int
    created_at: datetime


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
            "urgency": notice.urgency,
            "bulk": notice.urgency is Urgency.BULK,
            "created_at": at,
            "due_at": at,
        }
        await self._connection.execute(upsert(outbox).values(row).on_conflict_do_nothing())
        if notice.urgency is not Urgency.BULK:
            await self._hurry(notice)
        self.told += 1

    async def _hurry(self, notice: Notice) -> None:
        before = (_ON_ITS_WAY, outbox.c.channel == notice.channel, outbox.c.user_id == notice.user_id)
        slower = outbox.c.urgency > notice.urgency
        await self._connection.execute(update(outbox).where(*before, slower).values(urgency=notice.urgency))

    async def told_since(self, user_id: int, channel: Channel, since: datetime) -> int:
        query = select(func.count()).where(
            outbox.c.user_id == user_id, outbox.c.channel == channel, outbox.c.created_at >= since
        )
        return int((await self._connection.execute(query)).scalar_one())

    async def knows(self, key: str) -> bool:
        query = select(outbox.c.id).where(outbox.c.key == key)
        return (await self._connection.execute(query)).first() is not None


class Outbox:
    """The sending end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, channel: Channel, now: datetime, limit: int) -> list[Queued]:
        """The oldest waiting notice of each chat, the most urgent first. Who stopped the bot is left in peace."""
        rows = outbox.outerjoin(moved_chats, moved_chats.c.old_id == outbox.c.user_id)
        query = (
            select(outbox, func.coalesce(moved_chats.c.new_id, outbox.c.user_id).label("chat_id"))
            .select_from(rows)
            .where(_ON_ITS_WAY, outbox.c.channel == channel, outbox.c.state == State.WAITING, outbox.c.due_at <= now)
            .where(~_earlier(), ~_stopped())
            .order_by(outbox.c.urgency, outbox.c.id)
        )
        async with self._database.reading() as connection:
            return [_queued(row) for row in (await connection.execute(query.limit(limit))).all()]

    async def begin(self, queued: Queued) -> None:
        await self._set(queued, state=State.SENDING, tries=queued.tries + 1)

    async def sent(self, queued: Queued, at: datetime) -> None:
        await self._set(queued, state=State.SENT, ended_at=at, facts={})

    async def fail(self, queued: Queued, at: datetime) -> None:
        await self._set(queued, state=State.FAILED, ended_at=at, facts={})

    async def postpone(self, queued: Queued, due_at: datetime, doubts: int = 0) -> None:
        """`doubts`: how many more tries may have arrived."""
        await self._set(queued, state=State.WAITING, due_at=due_at, doubts=queued.doubts + doubts)

    async def unfinished(self, channel: Channel) -> list[Queued]:
        """What an earlier process was sending when it ended: nobody knows whether it arrived."""
        query = select(outbox, outbox.c.user_id.label("chat_id")).where(
            _ON_ITS_WAY, outbox.c.channel == channel, outbox.c.state == State.SENDING
        )
        async with self._database.reading() as connection:
            return [_queued(row) for row in (await connection.execute(query)).all()]

    async def stop_for(self, user_id: int, at: datetime) -> bool:
        """A person has stopped the bot: bulk is dropped, the rest waits until they come back. False: nobody's id."""
        async with self._database.writing() as connection:
            known = await connection.execute(update(users).where(users.c.id == user_id).values(blocked_at=at))
            theirs = (outbox.c.channel == Channel.TELEGRAM, outbox.c.user_id == user_id)
            dropped = update(outbox).where(_ON_ITS_WAY, *theirs, outbox.c.bulk)
            await connection.execute(dropped.values(state=State.FAILED, ended_at=at, facts={}))
            await connection.commit()
        return known.rowcount > 0

    async def move(self, old_id: int, new_id: int) -> None:
        """The group has got another id for ever."""
        async with self._database.writing() as connection:
            row = {"old_id": old_id, "new_id": new_id}
            await connection.execute(upsert(moved_chats).values(row).on_conflict_do_update(set_=row))
            await connection.commit()

    async def forget(self, before: datetime) -> None:
        """Remove what ended before a moment, and what nobody came back for."""
        async with self._database.writing() as connection:
            last = func.coalesce(outbox.c.ended_at, outbox.c.created_at)
            await connection.execute(delete(outbox).where(last < before))
            await connection.commit()

    async def _set(self, queued: Queued, **values: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(outbox).where(outbox.c.id == queued.id).values(values))
            await connection.commit()


def _earlier() -> Any:
    """Another row stands before this one in its chat."""
    before = outbox.alias("before")
    same = (before.c.channel == outbox.c.channel, before.c.user_id == outbox.c.user_id)
    return select(before.c.id).where(before.c.ended_at.is_(None), *same, before.c.id < outbox.c.id).exists()


def _stopped() -> Any:
    stopped = select(users.c.id).where(users.c.id == outbox.c.user_id, users.c.blocked_at.is_not(None)).exists()
    return (outbox.c.channel == Channel.TELEGRAM) & stopped


def _queued(row: Row[Any]) -> Queued:
    notice = Notice(row.key, row.user_id, row.kind, row.facts, Channel(row.channel), _urgency(row))
    return Queued(row.id, notice, row.chat_id, row.tries, row.doubts, row.created_at)


def _urgency(row: Row[Any]) -> Urgency:
    """Its own, not the one that a later row lent it."""
    return Urgency.BULK if row.bulk else Urgency(min(row.urgency, Urgency.NOTICE))
