"""Broadcasts, their cards in groups of the staff, and the notices that they have become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Select,
    String,
    Subquery,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.broadcasts.models import (
    Audience,
    Broadcast,
    BroadcastState,
    Card,
    CardQuestion,
    Operator,
    Reach,
    Silence,
)
from services.broadcasts.ports import BroadcastRepository
from services.customers.models import Customer
from services.db.customers import CUSTOMERS, customers_of
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.links import links
from services.db.lists import among
from services.db.metadata import Moment, metadata
from services.db.outbox import State, outbox, tally_of
from services.db.users import users
from services.errors import N_
from services.notices.models import Tally

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("made_by", String(64), nullable=False, comment="the name that the operator gave"),
    Column("author_id", BigInteger, comment="the member of the staff; NULL: made on the command line"),
    Column("made_at", Moment, nullable=False),
    Column("count", Integer, nullable=False, comment="people, when it was written"),
    Column("reach", JSON, comment="those people, and who does not hear it"),
    Column("count_asked_at", Moment, comment="when they were to be counted; NULL: they are"),
    Column("state", String(16), nullable=False, comment="writing, draft, going, queued, done, stopped"),
    Column("confirmed_by", String(64), nullable=False, server_default=""),
    Column("confirmer_id", BigInteger, comment="the member of the staff"),
    Column("confirmed_at", Moment),
    Column("stopped_by", String(64), nullable=False, server_default=""),
    Column("ended_at", Moment),
    Column("after", BigInteger, nullable=False, server_default="0", comment="the last person that was looked at"),
    sqlite_autoincrement=True,
)

cards = Table(
    "broadcast_cards",
    metadata,
    Column("broadcast", ForeignKey("broadcasts.id"), primary_key=True, autoincrement=False),
    Column("group_id", BigInteger, nullable=False, comment="the group, by the number in the settings"),
    Column("chat_id", BigInteger, nullable=False, comment="where it stands: the group may have moved"),
    Column("thread_id", Integer),
    Column("command", String(64), nullable=False, comment="the message or the press that began it"),
    Column("message_id", Integer, comment="the newest card"),
    Column("asked_id", Integer, comment="the message whose replies answer the question"),
    Column("question", String(16), comment="audience, street, accounts, text; NULL: none"),
    Index("uq_broadcast_cards_command", "chat_id", "command", unique=True),
)

_OPEN: Final = (BroadcastState.WRITING, BroadcastState.DRAFT)
_RUNNING: Final = [state for state in BroadcastState if state.running]


class SqlBroadcasts(Repository):
    async def add(self, broadcast: Broadcast) -> int:
        counted = {"count": broadcast.count, "reach": _stored(broadcast.reach)}
        new = insert(broadcasts).values(_row(broadcast) | counted).returning(broadcasts.c.id)
        return int((await self._connection.execute(new)).scalar_one())

    async def get(self, broadcast_id: int) -> Broadcast | None:
        found = await self._connection.execute(select(broadcasts).where(broadcasts.c.id == broadcast_id))
        row = found.mappings().first()
        return _broadcast(row) if row else None

    async def running(self) -> list[Broadcast]:
        return await self._all(broadcasts.c.state.in_(_RUNNING))

    async def to_count(self) -> list[Broadcast]:
        return await self._all(broadcasts.c.state.in_(_OPEN), broadcasts.c.count_asked_at.is_not(None))

    async def unconfirmed(self, before: datetime) -> list[Broadcast]:
        return await self._all(broadcasts.c.state.in_(_OPEN), broadcasts.c.made_at < before)

    async def _all(self, *which: ColumnElement[bool]) -> list[Broadcast]:
        found = select(broadcasts).where(*which).order_by(broadcasts.c.id)
        return [_broadcast(row) for row in (await self._connection.execute(found)).mappings()]

    async def ask_count(self, broadcast_id: int, at: datetime) -> None:
        asked = update(broadcasts).where(broadcasts.c.id == broadcast_id)
        await self._connection.execute(asked.values(count=0, reach=None, count_asked_at=at))

    async def note_count(self, broadcast_id: int, reach: Reach) -> None:
        counted = {"count": reach.people, "reach": _stored(reach), "count_asked_at": None}
        await self._connection.execute(update(broadcasts).where(broadcasts.c.id == broadcast_id).values(counted))

    async def change(self, broadcast: Broadcast, was: Broadcast) -> bool:
        same = (broadcasts.c.id == was.id, broadcasts.c.state == was.state, broadcasts.c.after == was.after)
        known, row = _row(was), _row(broadcast)
        values = {name: value for name, value in row.items() if name == "state" or value != known[name]}
        changed = update(broadcasts).where(*same).values(values)
        return (await self._connection.execute(changed)).rowcount > 0

    async def customers(self, accounts: Sequence[str], after: int, limit: int) -> list[Customer]:
        listed = [among(links.c.account, accounts)] if accounts else []
        theirs = select(links.c.user_id).where(links.c.user_id > after, *listed).distinct()
        return await self._people(theirs.order_by(links.c.user_id).limit(limit))

    async def recipients(self, broadcast: Broadcast, after: int, limit: int) -> list[Customer]:
        had = or_(outbox.c.state.in_((State.SENT, State.SENDING)), outbox.c.doubts > 0)
        notice = outbox.c.key == broadcast.prefix + users.c.id.cast(String)
        got = select(outbox.c.id).where(notice, had).exists()
        return await self._people(select(users.c.id).where(users.c.id > after, got).order_by(users.c.id).limit(limit))

    async def _people(self, ids: Select[Any]) -> list[Customer]:
        rows = (await self._connection.execute(CUSTOMERS.where(users.c.id.in_(ids)))).all()
        return list(customers_of(rows).values())

    async def tally(self, broadcast: Broadcast, after: str, limit: int, recent: datetime) -> tuple[Tally, str]:
        rows = _next_notices(broadcast, after, limit)
        last = await self._last(rows)
        return await tally_of(self._connection, rows, recent), last

    async def withdraw(self, broadcast: Broadcast, after: str, at: datetime, limit: int) -> str:
        last = await self._last(_next_notices(broadcast, after, limit))
        waits = (outbox.c.ended_at.is_(None), outbox.c.state != State.SENDING)
        these = update(outbox).where(*waits, outbox.c.key > after, outbox.c.key <= last)
        await self._connection.execute(these.values(state=State.FAILED, ended_at=at, facts={}))
        return last

    async def _last(self, notices: Subquery) -> str:
        """The last key; "" where there are none."""
        return (await self._connection.execute(select(func.max(notices.c.key)))).scalar() or ""

    # Cards

    async def card(self, broadcast_id: int) -> Card | None:
        return await self._card(cards.c.broadcast == broadcast_id)

    async def card_of(self, chat: int, command: str) -> Card | None:
        return await self._card(cards.c.chat_id == chat, cards.c.command == command)

    async def card_asked(self, chat: int, message: int) -> Card | None:
        return await self._card(
            cards.c.chat_id == chat, or_(cards.c.asked_id == message, cards.c.message_id == message)
        )

    async def _card(self, *which: ColumnElement[bool]) -> Card | None:
        row = (await self._connection.execute(select(cards).where(*which))).first()
        if row is None:
            return None
        question = CardQuestion(row.question) if row.question else None
        place = (row.group_id, row.chat_id, row.thread_id, row.command)
        return Card(row.broadcast, *place, row.message_id, row.asked_id, question)

    async def keep(self, card: Card) -> None:
        values = {
            "group_id": card.group,
            "chat_id": card.chat,
            "thread_id": card.thread,
            "command": card.command,
            "message_id": card.message,
            "asked_id": card.asked,
            "question": card.question,
        }
        row = upsert(cards).values(broadcast=card.broadcast, **values)
        await self._connection.execute(row.on_conflict_do_update(index_elements=["broadcast"], set_=values))


def _next_notices(broadcast: Broadcast, after: str, limit: int) -> Subquery:
    """`after`: a key, or the prefix. With another lower bound beside it SQLite may look through all."""
    theirs = (outbox.c.key > after, outbox.c.key < f"{broadcast.prefix}:")
    page = select(outbox.c.key, outbox.c.state, outbox.c.ended_at).where(*theirs)
    return page.order_by(outbox.c.key).limit(limit).subquery()


def _row(one: Broadcast) -> dict[str, Any]:
    return {
        "text": one.text,
        "audience": asdict(one.audience),
        "made_by": one.author.name,
        "author_id": one.author.member,
        "made_at": one.made_at,
        "state": one.state,
        "confirmed_by": one.confirmer.name,
        "confirmer_id": one.confirmer.member,
        "confirmed_at": one.confirmed_at,
        "stopped_by": one.stopped_by,
        "ended_at": one.ended_at,
        "after": one.after,
    }


def _stored(reach: Reach | None) -> dict[str, Any] | None:
    return asdict(reach) | {"silent": {why.value: count for why, count in reach.silent.items()}} if reach else None


def _reach(found: dict[str, Any] | None) -> Reach | None:
    if found is None:
        return None
    silent = Counter({Silence(why): count for why, count in found["silent"].items()})
    return Reach(found["people"], silent, tuple(found["unknown"]), found["unlinked"])


def _broadcast(row: RowMapping) -> Broadcast:
    return Broadcast(
        row["id"],
        row["text"],
        Audience(**{**row["audience"], "accounts": tuple(row["audience"]["accounts"])}),
        Operator(row["made_by"], row["author_id"]),
        row["made_at"],
        row["count"],
        BroadcastState(row["state"]),
        Operator(row["confirmed_by"], row["confirmer_id"]),
        row["confirmed_at"],
        row["stopped_by"],
        row["ended_at"],
        row["after"],
        _reach(row["reach"]),
        row["count_asked_at"],
    )


_OURS: Final = hidden("text", "audience", "count", "reach", "count_asked_at", "after", "confirmer_id", "author_id")
GROUP: Final = TableGroup(
    repositories={BroadcastRepository: SqlBroadcasts},
    traces=(
        Trace(
            "broadcasts_made",
            N_("рассылки, которые вы составили как сотрудник компании"),
            broadcasts.c.author_id,
            _OURS | hidden("confirmed_by", "stopped_by"),
            left={"author_id": None, "made_by": ""},
        ),
        Trace(
            "broadcasts_confirmed",
            N_("рассылки, которые вы подтвердили как сотрудник компании"),
            broadcasts.c.confirmer_id,
            _OURS | hidden("made_by", "stopped_by"),
            left={"confirmer_id": None, "confirmed_by": ""},
        ),
    ),
    impersonal={"broadcast_cards": "messages among the staff"},
)
