"""Topics of appeals in groups of the staff, and templates of answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    delete,
    or_,
    select,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.appeals.models import Appeal, AppealState, DeliveryState, Side
from services.appeals.ports import DeskRepository
from services.appeals.topics import OnItsWay, Template, Topic
from services.db.appeals import appeal_messages, appeal_of, appeals, message_of
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.metadata import Moment, metadata
from services.db.outbox import moved_chats
from services.db.users import users
from services.errors import N_

desk_topics = Table(
    "desk_topics",
    metadata,
    Column("appeal", ForeignKey("appeals.key", ondelete="CASCADE"), primary_key=True),
    Column("group_id", BigInteger, nullable=False, comment="the group, by the number in the settings"),
    Column("chat_id", BigInteger, comment="where it stands: the group may have moved"),
    Column("thread_id", Integer, comment="NULL: not made yet, or in a group without topics"),
    Column("card_id", Integer, comment="the message with the facts"),
    Column("asked_at", Moment, comment="when Telegram was asked for it and has not answered"),
    Column("flat", Boolean, nullable=False, server_default="0", comment="the group has no topics"),
    Column("remade", Boolean, nullable=False, server_default="0", comment="an earlier one was deleted"),
    Column("closed", Boolean, nullable=False, server_default="0"),
    Column("owner_id", BigInteger, comment="the member of the staff who took it"),
    Column("owner_name", String(128), nullable=False, server_default=""),
    Column("reminded_at", Moment, comment="when staff were told that time runs out"),
    Index("uq_desk_topics_thread", "chat_id", "thread_id", unique=True),
    Index("ix_desk_topics_card", "chat_id", "card_id"),
)

desk_templates = Table(
    "desk_templates",
    metadata,
    Column("group_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(32), primary_key=True),
    Column("text", Text, nullable=False, comment="HTML"),
)

_NAMES: Final = {column.name: f"topic_{column.name}" for column in desk_topics.c}


class SqlDesk(Repository):
    async def topic(self, appeal: str) -> Topic | None:
        return await self._topic(desk_topics.c.appeal == appeal)

    async def topic_at(self, chat: int, thread: int) -> Topic | None:
        return await self._topic(desk_topics.c.chat_id == chat, desk_topics.c.thread_id == thread)

    async def topic_of_card(self, chat: int, card: int) -> Topic | None:
        return await self._topic(desk_topics.c.chat_id == chat, desk_topics.c.card_id == card)

    async def _topic(self, *which: ColumnElement[bool]) -> Topic | None:
        row = (await self._connection.execute(_topics().where(*which))).first()
        return _topic(row) if row else None

    async def keep(self, topic: Topic) -> None:
        row = _row(topic)
        kept = upsert(desk_topics).values(row).on_conflict_do_update(index_elements=["appeal"], set_=row)
        await self._connection.execute(kept)

    async def home_of(self, chat: int) -> int:
        query = select(moved_chats.c.old_id).where(moved_chats.c.new_id == chat)
        return int((await self._connection.execute(query)).scalar() or chat)

    async def groups(self) -> list[int]:
        return list((await self._connection.execute(select(desk_topics.c.group_id).distinct())).scalars())

    async def chat_of(self, home: int) -> int:
        query = select(moved_chats.c.new_id).where(moved_chats.c.old_id == home)
        return int((await self._connection.execute(query)).scalar() or home)

    async def on_their_way(self) -> list[OnItsWay]:
        query = (
            select(appeal_messages, users.c.blocked_at)
            .join(appeals, appeals.c.key == appeal_messages.c.appeal)
            .join(users, users.c.id == appeals.c.user_id)
            .where(appeal_messages.c.side == Side.STAFF)
            .where(appeal_messages.c.delivery.in_((DeliveryState.WAITING, DeliveryState.BLOCKED)))
            .where(appeal_messages.c.withdrawn_at.is_(None))
        )
        rows = (await self._connection.execute(query)).all()
        return [OnItsWay(message_of(row), row.blocked_at is not None) for row in rows]

    async def out_of_step(self) -> list[str]:
        query = select(appeals.c.key).join(desk_topics, desk_topics.c.appeal == appeals.c.key)
        differs = desk_topics.c.closed != (appeals.c.state == AppealState.CLOSED)
        return list((await self._connection.execute(query.where(differs))).scalars())

    async def unanswered(self, group: int | None = None) -> list[tuple[Appeal, Topic]]:
        silent = or_(appeals.c.answered_at.is_(None), appeals.c.answer_at < appeals.c.reopened_at)
        query = _with_topics().where(appeals.c.state == AppealState.OPEN, silent)
        if group is not None:
            query = query.where(desk_topics.c.group_id == group)
        return await self._pairs(query.order_by(appeals.c.due_at, appeals.c.number))

    async def find(self, words: str, group: int, limit: int) -> list[tuple[Appeal, Topic]]:
        fits = or_(
            appeals.c.number == words.removeprefix("№").strip(),
            appeals.c.account.endswith(words, autoescape=True) & (appeals.c.account != ""),
            *(appeals.c.name.contains(one, autoescape=True) for one in _spellings(words)),
        )
        query = _with_topics().where(desk_topics.c.group_id == group, fits)
        return await self._pairs(query.order_by(appeals.c.created_at.desc()).limit(limit))

    async def _pairs(self, query: Select[Any]) -> list[tuple[Appeal, Topic]]:
        rows = (await self._connection.execute(query)).all()
        return [(appeal_of(row), _topic(row)) for row in rows]

    async def since(self, moment: datetime, group: int) -> list[Appeal]:
        query = _with_topics().where(desk_topics.c.group_id == group, appeals.c.created_at >= moment)
        return [appeal for appeal, _ in await self._pairs(query)]

    async def keep_template(self, group: int, template: Template) -> None:
        row = {"group_id": group, "name": template.name, "text": template.text}
        kept = upsert(desk_templates).values(row)
        await self._connection.execute(kept.on_conflict_do_update(index_elements=["group_id", "name"], set_=row))

    async def drop_template(self, group: int, name: str) -> None:
        this = (desk_templates.c.group_id == group, desk_templates.c.name == name)
        await self._connection.execute(delete(desk_templates).where(*this))

    async def templates(self, group: int) -> list[Template]:
        query = select(desk_templates).where(desk_templates.c.group_id == group).order_by(desk_templates.c.name)
        return [Template(row.name, row.text) for row in (await self._connection.execute(query)).all()]


def _spellings(words: str) -> set[str]:
    """As names may be written: SQLite knows no small letters but those of English."""
    return {words, words.lower(), words.capitalize(), words.title(), words.upper()}


def _topics() -> Select[Any]:
    return select(*(column.label(_NAMES[column.name]) for column in desk_topics.c))


def _with_topics() -> Select[Any]:
    both = select(appeals, *(column.label(_NAMES[column.name]) for column in desk_topics.c))
    return both.join(desk_topics, desk_topics.c.appeal == appeals.c.key)


def _topic(row: Row[Any]) -> Topic:
    return Topic(
        appeal=row.topic_appeal,
        group=row.topic_group_id,
        chat=row.topic_chat_id,
        thread=row.topic_thread_id,
        card=row.topic_card_id,
        asked_at=row.topic_asked_at,
        flat=row.topic_flat,
        remade=row.topic_remade,
        closed=row.topic_closed,
        owner=row.topic_owner_id,
        owner_name=row.topic_owner_name,
        reminded_at=row.topic_reminded_at,
    )


def _row(topic: Topic) -> dict[str, Any]:
    return {
        "appeal": topic.appeal,
        "group_id": topic.group,
        "chat_id": topic.chat,
        "thread_id": topic.thread,
        "card_id": topic.card,
        "asked_at": topic.asked_at,
        "flat": topic.flat,
        "remade": topic.remade,
        "closed": topic.closed,
        "owner_id": topic.owner,
        "owner_name": topic.owner_name,
        "reminded_at": topic.reminded_at,
    }


_PLACES: Final = ("group_id", "chat_id", "thread_id", "card_id")
GROUP: Final = TableGroup(
    repositories={DeskRepository: SqlDesk},
    traces=(
        Trace(
            "appeals_taken",
            N_("обращения, которые вы взяли как сотрудник компании"),
            desk_topics.c.owner_id,
            hidden("appeal", "asked_at", "flat", "remade", *_PLACES),
            left={"owner_id": None, "owner_name": ""},
        ),
    ),
    impersonal={"desk_templates": "answers of the staff, of which each group has its own"},
)
