"""Updates that were accepted from Telegram, and the state of each conversation.

An update is open until it is done or parked. `done` and the conversation's new state are one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.engine import Database
from services.db.group import TableGroup, Trace, hidden
from services.db.lists import among
from services.db.metadata import Moment, metadata
from services.db.old_rows import remove_old
from services.db.outbox import SqlNotices
from services.db.prepared import LookUp, PreparedQuery, PreparedStatement
from services.errors import N_
from services.notices.models import Notice
from services.ports import ConversationState

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("conversation", String(64), nullable=False, comment="wiped when it is done, as are the words"),
    Column("body", LargeBinary, comment="the raw update"),
    Column("received_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("done_at", Moment),
    Column("parked_at", Moment),
    Index("ix_inbox_open", "update_id", sqlite_where=text("done_at IS NULL AND parked_at IS NULL")),
    Index("ix_inbox_line", "conversation", "update_id", sqlite_where=text("done_at IS NULL AND parked_at IS NULL")),
    Index("ix_inbox_wanted", "conversation", sqlite_where=text("tries < 0")),
    Index("ix_inbox_parked", "update_id", sqlite_where=text("parked_at IS NOT NULL")),
)

conversations = Table(
    "conversations",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("state", String(64)),
    Column("data", JSON, nullable=False),
)

_WANTED_AGAIN = -1  # tries of a parked update that is wanted again; its person may have it erased till then
_NOT_CLOSED = (inbox.c.done_at.is_(None), inbox.c.parked_at.is_(None))  # the index's own words
OPEN = (*_NOT_CLOSED, inbox.c.tries >= 0)
_WANTED = (*_NOT_CLOSED, text("tries < 0"))  # the index's own words
_PARKED = inbox.c.parked_at.is_not(None)
_ACCEPTED = (inbox.c.update_id, inbox.c.conversation, inbox.c.body, inbox.c.tries)
_SEEN = PreparedQuery(select(inbox.c.update_id).where(inbox.c.update_id.between(bindparam("first"), bindparam("last"))))
_NEXT = PreparedQuery(
    select(*_ACCEPTED)
    .where(*_NOT_CLOSED, inbox.c.conversation == bindparam("conversation"))
    .order_by(inbox.c.update_id)
    .limit(bindparam("most", type_=Integer))
)
_ACCEPT = PreparedStatement(
    insert(inbox).values({name: bindparam(name) for name in ("update_id", "conversation", "body", "received_at")})
)
_DONE = PreparedStatement(
    update(inbox)
    .where(inbox.c.update_id == bindparam("id"))
    .values(done_at=bindparam("at"), body=None, conversation="")
)
_state = upsert(conversations).values({name: bindparam(name) for name in ("key", "state", "data")})
_STATE = PreparedStatement(
    _state.on_conflict_do_update(
        index_elements=["key"], set_={"state": _state.excluded.state, "data": _state.excluded.data}
    )
)
_LOAD = LookUp(select(conversations.c.state, conversations.c.data).where(conversations.c.key == bindparam("key")))


@dataclass(frozen=True, slots=True)
class Accepted:
    """An update as it came. `body` is its JSON; `tries` counts attempts that failed, and is less than 0 for one
    that was put aside and has yet to begin again."""

    update_id: int
    conversation: str
    body: bytes
    tries: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An update that was put aside, without what it says and who sent it."""

    update_id: int
    received_at: datetime
    parked_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Done:
    """An update that was worked off, with the states of conversations that it changed."""

    update_id: int
    changes: Mapping[str, ConversationState]


class Inbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, updates: Sequence[Accepted], at: datetime) -> list[Accepted]:
        """Commit them; returns those not seen before, in order."""
        ids = [one.update_id for one in updates]
        async with self._database.writing() as connection:
            seen = {row.update_id for row in await _SEEN.all(connection, {"first": min(ids), "last": max(ids)})}
            new = [one for one in {one.update_id: one for one in updates}.values() if one.update_id not in seen]
            await _ACCEPT.run(connection, [_row(one, at) for one in new])
            await connection.commit()
        return new

    async def waiting(self, most: int) -> list[str]:
        """Conversations with open updates, those first whose updates came first."""
        first = func.min(inbox.c.update_id)
        open_ones = select(inbox.c.conversation).where(*_NOT_CLOSED).group_by(inbox.c.conversation)
        async with self._database.reading() as connection:
            return list((await connection.execute(open_ones.order_by(first).limit(most))).scalars())

    async def next(self, conversation: str, most: int) -> list[Accepted]:
        """The first open updates of a conversation, in order."""
        async with self._database.reading() as connection:
            return [_accepted(row) for row in await _NEXT.all(connection, {"conversation": conversation, "most": most})]

    async def still_open(self, ids: Collection[int]) -> set[int]:
        """Those of them that are not done and not put aside."""
        query = select(inbox.c.update_id).where(*_NOT_CLOSED, among(inbox.c.update_id, ids))
        async with self._database.reading() as connection:
            return set((await connection.execute(query)).scalars())

    async def finish(self, done: Sequence[Done], at: datetime) -> None:
        """Close a group of updates in one transaction."""
        async with self._database.writing() as connection:
            await _DONE.run(connection, [{"id": item.update_id, "at": at} for item in done])
            await _save(connection, {key: state for item in done for key, state in item.changes.items()})
            await connection.commit()

    async def fail(self, update_id: int) -> None:
        """Count a failed try."""
        await self._write(update(inbox).where(inbox.c.update_id == update_id).values(tries=inbox.c.tries + 1))

    async def set_aside(self, update_id: int, at: datetime, apology: Notice | None) -> None:
        """Put an update aside; its body stays for the operator until retention ends."""
        async with self._database.writing() as connection:
            await connection.execute(update(inbox).where(inbox.c.update_id == update_id).values(parked_at=at))
            if apology:
                await SqlNotices(connection).tell(apology, at)
            await connection.commit()

    async def refuse(self, update_id: int, conversation: str, at: datetime, apology: Notice | None) -> bool:
        """Put aside, without its words, an update that cannot be kept; False when it is there already."""
        row = {"update_id": update_id, "conversation": conversation, "received_at": at, "parked_at": at}
        async with self._database.writing() as connection:
            put = await connection.execute(upsert(inbox).values(row).on_conflict_do_nothing())
            if apology and put.rowcount:
                await SqlNotices(connection).tell(apology, at)
            await connection.commit()
        return put.rowcount > 0

    async def dead_letters(self) -> list[DeadLetter]:
        """In order of arrival."""
        columns = (inbox.c.update_id, inbox.c.received_at, inbox.c.parked_at, inbox.c.tries)
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(*columns).where(_PARKED).order_by(inbox.c.update_id))).all()
        return [DeadLetter(*row) for row in rows]

    async def retry(self) -> int:
        """Mark parked updates that have their words for another try; how many these are. The intake finds them by
        `wanted`."""
        with_words = (_PARKED, inbox.c.body.is_not(None))
        async with self._database.writing() as connection:
            asked = update(inbox).where(*with_words).values(parked_at=None, tries=_WANTED_AGAIN)
            count = (await connection.execute(asked)).rowcount
            await connection.commit()
        return count

    async def wanted(self) -> list[str]:
        """Conversations with parked updates that are wanted again."""
        async with self._database.reading() as connection:
            return list((await connection.execute(select(inbox.c.conversation).where(*_WANTED).distinct())).scalars())

    async def begin_again(self, update_id: int) -> bool:
        """The turn of one that is wanted again has come; False when it was erased meanwhile."""
        waiting = (inbox.c.update_id == update_id, *_NOT_CLOSED, inbox.c.tries < 0)
        async with self._database.writing() as connection:
            begun = await connection.execute(update(inbox).where(*waiting).values(tries=0))
            await connection.commit()
        return begun.rowcount > 0

    async def forget(self, before: datetime) -> None:
        """Remove updates closed before a moment; ids must outlive Telegram's own 24 hours."""
        is_old = func.coalesce(inbox.c.done_at, inbox.c.parked_at) < before
        await remove_old(self._database, inbox.c.update_id, is_old)

    async def state(self, key: str) -> ConversationState:
        async with self._database.reading() as connection:
            rows = await _LOAD.all(connection, {"key": key})
        return ConversationState(*rows[0]) if rows else ConversationState()

    async def _write(self, statement: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(statement)
            await connection.commit()


def _accepted(row: Row[*tuple[Any, ...]]) -> Accepted:
    return Accepted(row.update_id, row.conversation, row.body, row.tries)


def _row(one: Accepted, at: datetime) -> dict[str, Any]:
    return {"update_id": one.update_id, "conversation": one.conversation, "body": one.body, "received_at": at}


async def _save(connection: AsyncConnection, changes: Mapping[str, ConversationState]) -> None:
    kept = [{"key": key, "state": s.state, "data": s.data} for key, s in changes.items() if s.state or s.data]
    if kept:
        await _STATE.run(connection, kept)
    await _remove(connection, [key for key, s in changes.items() if not (s.state or s.data)])


async def _remove(connection: AsyncConnection, keys: Iterable[str]) -> None:
    rows = list(keys)
    if rows:
        await connection.execute(delete(conversations).where(conversations.c.key.in_(rows)))


_CLOSED = {
    "conversation": "",
    "body": None,
    "parked_at": None,
    "done_at": func.coalesce(inbox.c.parked_at, inbox.c.received_at),
}
GROUP: Final = TableGroup(
    traces=(
        Trace(
            "conversation",
            N_("незаконченный ввод"),
            conversations.c.key,
            belongs=lambda user_id: conversations.c.key.like(f"%:{user_id}:%"),
        ),
        Trace(
            "updates",
            N_("ваши сообщения и нажатия, которые бот ещё обрабатывает"),
            inbox.c.conversation,
            hidden("tries"),
            left=_CLOSED,
            spared=and_(*OPEN),
            belongs=lambda user_id: inbox.c.conversation.in_([str(user_id), f"user {user_id}"]),
        ),
    ),
)
