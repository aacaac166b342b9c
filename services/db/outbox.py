"""The outbox: rows of notices, committed with their cause, taken by the one sender of their channel.

In a line of a chat rows go out in the order in which they came, save that one for after the quiet hours lets others
pass until it is due, and so does a letter that is to be tried again: others may go to another mailbox, which does not
wait for a full one. Between chats the more urgent go first, and what stands before an urgent row in its own line
becomes as urgent. A person's chat is one line; a group of the staff has one for each appeal, so that trouble with a
topic holds up no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import chain, islice
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    TextClause,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db import facts
from services.db.engine import Database
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.lists import among
from services.db.metadata import Moment, metadata
from services.db.old_rows import remove_old
from services.db.prepared import PreparedQuery, PreparedStatement
from services.db.users import users
from services.errors import N_
from services.notices.catalog import CATALOG
from services.notices.models import Channel, Facts, Notice, Tally, Urgency, kind
from services.notices.ports import BeginTry, Change, Delivered, Ending, GivenUp, NoticeRepository, PutOff, Queued

_NOT_ENDED = text("ended_at IS NULL")
_WAITING = text("state = 'waiting'")
_WAITING_IN_LINE = text("state = 'waiting' AND line != ''")

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(96), nullable=False, unique=True),
    Column("channel", String(16), nullable=False, comment="telegram or mail"),
    Column("user_id", BigInteger, nullable=False, comment="a person, or a group's chat"),
    Column(
        "line", String(32), nullable=False, server_default="", comment="in a group: rows of a line keep their order"
    ),
    Column("kind", String(32), nullable=False),
    Column("facts", JSON, nullable=False, comment="emptied when it has ended"),
    Column("edits", Integer, comment="id of the message that it brings up to date"),
    Column("urgency", Integer, nullable=False, comment="0 goes first; what stands before it in a chat goes with it"),
    Column("own_urgency", Integer, nullable=False, comment="the one it came with"),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column(
        "quiet",
        Boolean,
        nullable=False,
        server_default="0",
        comment="for after its person's quiet hours: until it is due, others pass it",
    ),
    Column("not_before", Moment, comment="the moment that it is planned for"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("tried_at", Moment, comment="when the last try ended that left it waiting"),
    Column("doubts", Integer, nullable=False, server_default="0", comment="tries that may have reached the person"),
    Column(
        "state", String(16), nullable=False, server_default="waiting", comment="waiting, held, sending, sent, failed"
    ),
    Column("ended_at", Moment),
    Index("ix_outbox_line", "channel", "urgency", "due_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index(
        "ix_outbox_groups",
        "channel",
        "due_at",
        "id",
        sqlite_where=_WAITING_IN_LINE,
        postgresql_where=_WAITING_IN_LINE,
    ),
    Index(
        "ix_outbox_planned",
        "not_before",
        sqlite_where=text("not_before IS NOT NULL"),
        postgresql_where=text("not_before IS NOT NULL"),
    ),
    Index("ix_outbox_chat", "channel", "user_id", "line", "id", sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED),
)

moved_chats = Table(
    "moved_chats",
    metadata,
    Column("old_id", BigInteger, primary_key=True, autoincrement=False),
    Column("new_id", BigInteger, nullable=False, comment="a group that became a supergroup"),
)

_ON_ITS_WAY = outbox.c.ended_at.is_(None)  # the indexes' own words, or SQLite does not use them
_WAITS = text("outbox.state = 'waiting'")
_IN_LINE = text("outbox.line != ''")
_NOW = bindparam("now", type_=outbox.c.due_at.type)


class State(StrEnum):
    """`HELD`: its person has stopped the bot, it waits until they come back."""

    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


async def tally_of(connection: AsyncConnection, rows: FromClause, recent: datetime) -> Tally:
    """Of rows with their `state` and `ended_at`."""
    is_sent = rows.c.state == State.SENT
    cases = (
        rows.c.state.in_((State.WAITING, State.SENDING)),
        is_sent,
        rows.c.state.in_((State.FAILED, State.HELD)),
        and_(is_sent, rows.c.ended_at > recent),
    )
    counts = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in cases]
    return Tally(*(await connection.execute(select(*counts).select_from(rows))).one())


class SqlNotices(Repository):
    """The writing end, used inside a unit of work."""

    async def tell(self, notice: Notice, at: datetime) -> None:
        await self.tell_all([notice], at)
        if notice.urgency is not Urgency.BULK:
            await self._hurry(notice)

    async def tell_all(self, notices: Sequence[Notice], at: datetime) -> None:
        await _TELL.run(self._connection, [_new_row(one, at) for one in notices])
        self.events["notices"] += len(notices)

    async def plan(self, planned: Sequence[tuple[Notice, datetime]], at: datetime) -> None:
        await _PLAN.run(self._connection, [_new_row(notice, at) | {"planned_for": day} for notice, day in planned])
        self.events["notices"] += len(planned)

    async def known(self, keys: Collection[str]) -> frozenset[str]:
        return frozenset(row.key for row in await _KNOWN.all(self._connection, {"keys": list(keys)}))

    async def planned(self, user_id: int, after: datetime) -> list[tuple[str, datetime]]:
        theirs = (_ON_ITS_WAY, *_messages_to(user_id), outbox.c.not_before > after)
        rows = await self._connection.execute(select(outbox.c.key, outbox.c.not_before).where(*theirs))
        return [(row.key, row.not_before) for row in rows]

    async def plan_anew(self, key: str, moment: datetime) -> None:
        moved = update(outbox).where(_ON_ITS_WAY, outbox.c.key == key, outbox.c.state == State.WAITING)
        await self._connection.execute(moved.values(not_before=moment, due_at=moment, quiet=True))

    async def waiting(self, keys: Collection[str]) -> frozenset[str]:
        if not keys:
            return frozenset()
        return frozenset(row.key for row in await _WAITING_KEYS.all(self._connection, {"keys": list(keys)}))

    async def _hurry(self, notice: Notice) -> None:
        chat = (outbox.c.channel == notice.channel, outbox.c.user_id == notice.user_id)
        before = (_ON_ITS_WAY, *chat, outbox.c.line == notice.line)
        slower = outbox.c.urgency > notice.urgency
        await self._connection.execute(update(outbox).where(*before, slower).values(urgency=notice.urgency))

    async def letters_since(self, user_id: int, kinds: Collection[str], since: datetime) -> int:
        theirs = (outbox.c.user_id == user_id, outbox.c.channel == Channel.MAIL, outbox.c.kind.in_(kinds))
        query = select(func.count()).where(*theirs, outbox.c.created_at >= since)
        return int((await self._connection.execute(query)).scalar_one())

    async def knows(self, key: str) -> bool:
        query = select(outbox.c.id).where(outbox.c.key == key)
        return (await self._connection.execute(query)).first() is not None

    async def hold(self, key: str, until: datetime) -> None:
        rows = update(outbox).where(_ON_ITS_WAY, outbox.c.key == key)
        await self._connection.execute(rows.values(quiet=True, due_at=until))

    async def hurry(self, user_id: int, line: str, at: datetime) -> None:
        late = (*_messages_to(user_id), outbox.c.line == line, outbox.c.state == State.WAITING, outbox.c.due_at > at)
        hurried = await self._connection.execute(update(outbox).where(*late).values(due_at=at))
        self.events["notices"] += hurried.rowcount

    async def drop(self, key: str, at: datetime) -> None:
        await self._drop(at, outbox.c.key == key)

    async def drop_edits(self, user_id: int, message_id: int, at: datetime) -> None:
        await self._drop(at, *_messages_to(user_id), outbox.c.edits == message_id)

    async def _drop(self, at: datetime, *which: ColumnElement[bool]) -> None:
        ended = {"state": State.FAILED, "ended_at": at, "facts": {}}
        await self._connection.execute(update(outbox).where(_ON_ITS_WAY, *which).values(ended))

    async def release(self, user_id: int, at: datetime) -> None:
        theirs = (_ON_ITS_WAY, *_messages_to(user_id), outbox.c.quiet)
        ahead = and_(outbox.c.not_before.is_not(None), outbox.c.not_before > at)
        freed = await self._connection.execute(
            update(outbox).where(*theirs, not_(ahead)).values(quiet=False, due_at=at)
        )
        await self._connection.execute(update(outbox).where(*theirs, ahead).values(due_at=outbox.c.not_before))
        self.events["notices"] += freed.rowcount

    async def delivered_at(self, key: str) -> datetime | None:
        query = select(outbox.c.ended_at).where(outbox.c.key == key, outbox.c.state == State.SENT)
        return (await self._connection.execute(query)).scalar_one_or_none()


class SqlOutbox:
    """The sending end. `kinds` are those of notices that its rows may hold."""

    def __init__(self, database: Database, kinds: Iterable[type[Facts]] = CATALOG) -> None:
        self._database = database
        self._kinds = {(one.channel, one.kind): one for one in kinds}

    async def due(self, channel: Channel, now: datetime, limit: int) -> list[Queued]:
        values = {"channel": channel, "now": now, "limit": limit}
        async with self._database.reading() as connection:
            found = await asyncio.gather(  # a search for each urgency: one for all would sort everything that waits
                _DUE_IN_LINES.all(connection, values),
                *(_DUE.all(connection, {"urgency": urgency, **values}) for urgency in Urgency),
            )
        lines, *others = found
        return [*map(self._queued, lines), *map(self._queued, islice(chain(*others), max(0, limit - len(lines))))]

    async def catch_up(self, now: datetime) -> None:
        since = func.coalesce(outbox.c.tried_at, outbox.c.created_at)
        late = (_ON_ITS_WAY, outbox.c.due_at > now, since > now, ~outbox.c.quiet)
        async with self._database.reading() as connection:
            found = (await connection.execute(select(outbox.c.id).where(*late).limit(1))).first()
        if found:
            await self._write(update(outbox).where(*late).values(due_at=now))

    async def note(self, changes: Sequence[Change]) -> list[bool]:
        beginning = [one for one in changes if isinstance(one, BeginTry)]
        endings = [(kind, [_values(one) for one in changes if isinstance(one, kind)]) for kind in _ENDINGS]
        async with self._database.writing() as connection:
            begun = await _begin(connection, beginning) if beginning else set()
            for kind, rows in endings:
                if rows:
                    await _ENDINGS[kind].run(connection, rows)
            await connection.commit()
        return [not isinstance(one, BeginTry) or one.queued.id in begun for one in changes]

    async def standing(self, batch: Sequence[Queued]) -> set[int]:
        async with self._database.reading() as connection:
            return {row.id for row in await _STANDING.all(connection, {"rows": _identities(batch)})}

    async def make_new(self, queued: Queued) -> None:
        this = (outbox.c.id == queued.id, outbox.c.key == queued.notice.key)
        await self._write(update(outbox).where(*this).values(edits=None))

    async def unfinished(self, channel: Channel) -> list[Queued]:
        query = select(outbox, outbox.c.user_id.label("chat_id")).where(
            _ON_ITS_WAY, outbox.c.channel == channel, outbox.c.state == State.SENDING
        )
        async with self._database.reading() as connection:
            return [self._queued(row) for row in (await connection.execute(query)).all()]

    async def still_open(self, ids: Collection[int]) -> set[int]:
        """Those of them that are yet to be said."""
        query = select(outbox.c.id).where(_ON_ITS_WAY, among(outbox.c.id, ids))
        async with self._database.reading() as connection:
            return set((await connection.execute(query)).scalars())

    async def stop_for(self, user_id: int, at: datetime) -> bool:
        async with self._database.writing() as connection:
            known = await note_stop(connection, user_id, at, refused=True)
            await connection.commit()
        return known

    async def move(self, old_id: int, new_id: int) -> None:
        async with self._database.writing() as connection:
            row = {"old_id": old_id, "new_id": new_id}
            await connection.execute(upsert(moved_chats).values(row).on_conflict_do_update(set_=row))
            await connection.commit()

    async def forget(self, before: datetime) -> None:
        """Remove rows that ended before a moment, and rows that were held until then for people who are not back."""
        is_old = func.coalesce(outbox.c.ended_at, outbox.c.created_at) < before
        await remove_old(self._database, outbox.c.id, is_old)

    def _queued(self, row: Row[Any]) -> Queued:
        notice = Notice(row.key, row.user_id, self._facts(row), row.edits, row.line)
        return Queued(row.id, notice, row.chat_id, row.tries, row.doubts, row.created_at)

    def _facts(self, row: Row[Any]) -> Facts:
        channel = Channel(row.channel)
        try:
            return facts.read(self._kinds[channel, row.kind], row.facts)
        except (KeyError, ValueError):
            return _unreadable(row.kind, channel, Urgency(row.own_urgency))

    async def _write(self, statement: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(statement)
            await connection.commit()


async def note_stop(connection: AsyncConnection, user_id: int, at: datetime, *, refused: bool = False) -> bool:
    """A person has stopped the bot: bulk is dropped, the rest is held until they come back. What was planned is
    removed, so that it can be planned anew, but for a try that may have arrived: one was surely `refused`. False: no
    customer has the id."""
    known = await connection.execute(update(users).where(users.c.id == user_id).values(blocked_at=at))
    planned = delete(outbox).where(_ON_ITS_WAY, *_messages_to(user_id), outbox.c.not_before.is_not(None))
    await connection.execute(planned if refused else planned.where(outbox.c.tries == 0))
    theirs = update(outbox).where(_ON_ITS_WAY, *_messages_to(user_id))
    await connection.execute(
        theirs.where(outbox.c.own_urgency == Urgency.BULK).values(state=State.FAILED, ended_at=at, facts={})
    )
    await connection.execute(theirs.where(_WAITS).values(state=State.HELD))
    return known.rowcount > 0


async def note_return(connection: AsyncConnection, user_id: int) -> None:
    """The person is back, and finds what was held."""
    await connection.execute(update(users).where(users.c.id == user_id).values(blocked_at=None))
    held = (_ON_ITS_WAY, *_messages_to(user_id), outbox.c.state == State.HELD)
    await connection.execute(update(outbox).where(*held).values(state=State.WAITING))


def _messages_to(user_id: int) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.channel == Channel.TELEGRAM, outbox.c.user_id == user_id


def _earlier() -> ColumnElement[bool]:
    """Another row stands before this one in its line. One for after the quiet hours does when they are over, a letter
    when it may be tried."""
    before = outbox.alias("before")
    chat = (before.c.channel == outbox.c.channel, before.c.user_id == outbox.c.user_id)
    same = (*chat, before.c.line == outbox.c.line)
    in_line = or_(before.c.due_at <= _NOW, and_(~before.c.quiet, before.c.channel != Channel.MAIL))
    return select(before.c.id).where(before.c.ended_at.is_(None), *same, before.c.id < outbox.c.id, in_line).exists()


def _at_rest(channel: ColumnElement[str], user_id: ColumnElement[int]) -> ColumnElement[str]:
    """The state of a notice that is not being sent."""
    held = and_(channel == Channel.TELEGRAM, _has_stopped(user_id))
    return case((held, State.HELD), else_=State.WAITING)


def _hears(user_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the customer has neither stopped the bot nor had everything erased."""
    return select(users.c.id).where(users.c.id == user_id, users.c.blocked_at.is_(None)).exists()


def _has_stopped(user_id: ColumnElement[int]) -> ColumnElement[bool]:
    return select(users.c.id).where(users.c.id == user_id, users.c.blocked_at.is_not(None)).exists()


def _new_row(notice: Notice, at: datetime) -> dict[str, Any]:
    """Values of `_TELL`."""
    return {
        "new_key": notice.key,
        "new_channel": notice.channel,
        "new_user_id": notice.user_id,
        "new_line": notice.line,
        "new_kind": notice.kind,
        "new_facts": facts.stored(notice.facts),
        "new_edits": notice.edits,
        "new_urgency": notice.urgency,
        "new_at": at,
    }


def _new(name: str, column: str = "") -> BindParameter[Any]:
    return bindparam(f"new_{name}", type_=outbox.c[column or name].type)


def _unreadable(name: str, channel: Channel, urgency: Urgency) -> Facts:
    """Facts that another version wrote, and this one cannot read. As they have no words, they are given up in time."""

    @kind(name, switch=None, urgency=urgency)
    class UnreadableFacts(Facts):
        pass

    UnreadableFacts.channel = channel
    return UnreadableFacts()


def _due(*which: ColumnElement[bool] | TextClause) -> Select[Any]:
    return (
        select(outbox, func.coalesce(moved_chats.c.new_id, outbox.c.user_id).label("chat_id"))
        .select_from(outbox.outerjoin(moved_chats, moved_chats.c.old_id == outbox.c.user_id))
        .where(_WAITS, outbox.c.channel == bindparam("channel"), *which)
        .where(outbox.c.due_at <= _NOW, ~_earlier())
        .order_by(outbox.c.due_at, outbox.c.id)
    )


def _first_of_groups() -> Select[Any]:
    """One row of each group: it takes some twenty messages a minute, and the others would only stand in the way."""
    turn = func.row_number().over(partition_by=outbox.c.user_id, order_by=(outbox.c.due_at, outbox.c.id))
    lines = _due(_IN_LINE).add_columns(turn.label("turn")).subquery()
    first = [column for column in lines.c if column.name != "turn"]
    return select(*first).where(lines.c.turn == 1)


_DUE = PreparedQuery(_due(outbox.c.urgency == bindparam("urgency"), outbox.c.line == "").limit(bindparam("limit")))
_DUE_IN_LINES = PreparedQuery(_first_of_groups())


_TELL = PreparedStatement(
    upsert(outbox)
    .values(
        {name: _new(name) for name in ("key", "channel", "user_id", "line", "kind", "facts", "edits", "urgency")}
        | {"own_urgency": _new("urgency"), "created_at": _new("at", "created_at"), "due_at": _new("at", "due_at")}
        | {"state": _at_rest(_new("channel"), _new("user_id"))}
    )
    .on_conflict_do_nothing()
)


_planned = (
    {name: _new(name) for name in ("key", "channel", "user_id", "kind", "facts", "edits", "urgency")}
    | {"own_urgency": _new("urgency"), "created_at": _new("at", "created_at")}
    | {name: bindparam("planned_for", type_=outbox.c.due_at.type) for name in ("due_at", "not_before")}
    | {"quiet": literal(value=True), "state": literal(State.WAITING)}
)
_PLAN = PreparedStatement(
    upsert(outbox)
    .from_select(list(_planned), select(*_planned.values()).where(_hears(_new("user_id"))))
    .on_conflict_do_nothing()
)


_KNOWN = PreparedQuery(select(outbox.c.key).where(among(outbox.c.key, "keys")))
_WAITING_KEYS = PreparedQuery(select(outbox.c.key).where(among(outbox.c.key, "keys"), _ON_ITS_WAY))

# The key, too: it may be another notice that has got the id of one that was erased meanwhile.
_asked = func.json_each(bindparam("rows", type_=JSON)).table_valued("value")
_these = (
    outbox.c.id == func.json_extract(_asked.c.value, "$[0]"),
    outbox.c.key == func.json_extract(_asked.c.value, "$[1]"),
    _ON_ITS_WAY,
)
_BEGIN = PreparedQuery(
    update(outbox)
    .where(*_these)
    .values(state=State.SENDING, tries=outbox.c.tries + 1, quiet=False)
    .returning(outbox.c.id)
)
_STANDING = PreparedQuery(select(outbox.c.id).where(*_these))


def _ending(*which: ColumnElement[bool], **values: Any) -> PreparedStatement:
    """One without tries is not the notice that was sent: that was removed, and planned anew under its id and key."""
    this = (outbox.c.id == bindparam("of_id"), outbox.c.key == bindparam("of_key"), outbox.c.tries > 0)
    return PreparedStatement(update(outbox).where(*this, *which).values(values))


_at = bindparam("at", type_=outbox.c.ended_at.type)
_doubts = bindparam("new_doubts", type_=outbox.c.doubts.type)
_ENDINGS: Final[Mapping[type[Ending], PreparedStatement]] = {
    Delivered: _ending(state=State.SENT, ended_at=_at, facts={}),
    GivenUp: _ending(state=State.FAILED, ended_at=_at, facts={}, doubts=_doubts),
    PutOff: _ending(
        _ON_ITS_WAY,  # a notice that was dropped meanwhile has no next try
        state=_at_rest(outbox.c.channel, outbox.c.user_id),
        tried_at=_at,
        due_at=bindparam("then", type_=outbox.c.due_at.type),
        doubts=_doubts,
    ),
}


async def _begin(connection: AsyncConnection, tries: Sequence[BeginTry]) -> set[int]:
    rows = _identities([one.queued for one in tries])
    return {row.id for row in await _BEGIN.all(connection, {"rows": rows})}


def _identities(batch: Iterable[Queued]) -> list[list[object]]:
    return [[one.id, one.notice.key] for one in batch]


def _values(ending: Ending) -> dict[str, Any]:
    queued = ending.queued
    row = {"of_id": queued.id, "of_key": queued.notice.key, "at": ending.at}
    if isinstance(ending, Delivered):
        return row
    row["new_doubts"] = queued.doubts + ending.doubts
    return row | {"then": ending.at + ending.pause} if isinstance(ending, PutOff) else row


_TRIES = ("tries", "tried_at", "doubts")
GROUP: Final = TableGroup(
    repositories={NoticeRepository: SqlNotices},
    traces=(
        Trace(
            "notices",
            N_("сообщения и письма, которые бот отправил вам сам или отправит"),
            outbox.c.user_id,
            hidden("id", "key", "line", "edits", "urgency", "own_urgency", "due_at", "quiet", "not_before", *_TRIES),
        ),
    ),
    impersonal={"moved_chats": "groups, of the staff"},
)
