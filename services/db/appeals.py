"""Appeals, and their messages with the copies on the other side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
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
    String,
    Table,
    Text,
    and_,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.appeals.models import (
    About,
    Appeal,
    AppealMessage,
    AppealState,
    Attachment,
    Contact,
    Copy,
    DeliveryState,
    Side,
    Written,
)
from services.appeals.ports import AppealMessageRepository, AppealRepository
from services.db.counters import next_in_series
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.metadata import ERASED, Moment, metadata
from services.errors import N_

_HAS_WORDS = text("words_id IS NOT NULL")
_ON_ITS_WAY = text("side = 'staff' AND delivery IN ('waiting', 'blocked')")

appeals = Table(
    "appeals",
    metadata,
    Column("key", String(32), primary_key=True, comment="the draft's id"),
    Column("number", String(32), nullable=False, unique=True),
    Column("user_id", BigInteger, index=True, comment=ERASED),
    Column("language", String(8), nullable=False),
    Column("account", String(12), nullable=False, server_default="", comment="empty: of no customer"),
    Column("locality", String(120), nullable=False, server_default=""),
    Column("address", String(300), nullable=False, server_default=""),
    Column("subject", String(32), nullable=False, comment="its key in the profile"),
    Column("name", String(120), nullable=False, server_default=""),
    Column("email", String(254), nullable=False, server_default=""),
    Column("phone", String(32), nullable=False, server_default="", comment="E.164"),
    Column("by_mail_only", Boolean, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False, comment="open or closed"),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, comment="until when an answer is promised"),
    Column("answered_at", Moment, comment="the first answer"),
    Column("answer_at", Moment, comment="the newest answer"),
    Column("seen_at", Moment, comment="when the customer looked last"),
    Column("closed_at", Moment),
    Column("closed_by", String(16)),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("rating", Integer),
    Column("rating_words", String(1000), nullable=False, server_default=""),
    Column("reopened_at", Moment, comment="the last time"),
    Column("first_due_at", Moment, comment="the first promise, where due_at is a later one"),
    Index("ix_appeals_state_due_at", "state", "due_at"),
)

appeal_messages = Table(
    "appeal_messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("appeal", ForeignKey("appeals.key"), nullable=False, index=True),
    Column("side", String(16), nullable=False, comment="customer, staff; note: stays among the staff"),
    Column("chat_id", BigInteger, comment="where it was written; NULL: its customer was erased"),
    Column("message_id", Integer, comment="and as which message"),
    Column("author_id", BigInteger, comment="the member of the staff"),
    Column("reply_id", Integer, comment="the message of its chat that it answers"),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False, server_default="", comment="HTML"),
    Column("file_kind", String(16), nullable=False, server_default=""),
    Column("file_id", Text, nullable=False, server_default="", comment="Telegram's, good for this bot alone"),
    Column("file_name", String(255), nullable=False, server_default=""),
    Column("file_size", Integer, nullable=False, server_default="0", comment="bytes"),
    Column("album", String(64), nullable=False, server_default=""),
    Column("written_at", Moment, nullable=False),
    Column("edited_at", Moment),
    Column("withdrawn_at", Moment),
    Column("copy_chat_id", BigInteger),
    Column("copy_id", Integer, comment="the message on the other side"),
    Column("words_id", Integer, comment="and the one before it with the words that do not fit under its file"),
    Column("delivery", String(16), nullable=False, server_default="waiting"),
    Column("reason", String(64), nullable=False, server_default="", comment="of a refusal"),
    Column("mark_id", Integer, comment="the message under which staff read of the delivery"),
    Index("uq_appeal_messages_chat_id", "chat_id", "message_id", unique=True),
    Index("ix_appeal_messages_copy", "copy_chat_id", "copy_id"),
    Index(
        "ix_appeal_messages_words",
        "copy_chat_id",
        "words_id",
        sqlite_where=_HAS_WORDS,
        postgresql_where=_HAS_WORDS,
    ),
    Index("ix_appeal_messages_on_its_way", "delivery", sqlite_where=_ON_ITS_WAY, postgresql_where=_ON_ITS_WAY),
)


class SqlAppeals(Repository):
    async def add(self, appeal: Appeal) -> bool:
        row = {"key": appeal.key, "number": appeal.number, "user_id": appeal.user_id, **_changing(appeal)}
        row["created_at"] = appeal.created_at
        made = await self._connection.execute(
            upsert(appeals).values(row).on_conflict_do_nothing(index_elements=["key"])
        )
        return made.rowcount > 0

    async def next_number(self, day: date) -> str:
        return await next_in_series(self._connection, "appeal", day)

    async def get(self, key: str) -> Appeal | None:
        return await self._one(appeals.c.key == key)

    async def by_number(self, number: str) -> Appeal | None:
        return await self._one(appeals.c.number == number)

    async def _one(self, condition: ColumnElement[bool]) -> Appeal | None:
        row = (await self._connection.execute(select(appeals).where(condition))).first()
        return appeal_of(row) if row else None

    async def save(self, appeal: Appeal) -> None:
        await self._connection.execute(update(appeals).where(appeals.c.key == appeal.key).values(_changing(appeal)))

    async def of_person(self, user_id: int, since: datetime, limit: int, offset: int = 0) -> tuple[Appeal, ...]:
        latest = func.max(appeals.c.created_at, func.coalesce(appeals.c.answer_at, appeals.c.created_at))
        theirs = select(appeals).where(appeals.c.user_id == user_id, latest >= since)
        newest = theirs.order_by(appeals.c.created_at.desc(), appeals.c.number.desc()).limit(limit).offset(offset)
        return tuple(map(appeal_of, (await self._connection.execute(newest)).all()))

    async def has_unread(self, user_id: int) -> bool:
        unseen = or_(appeals.c.seen_at.is_(None), appeals.c.seen_at < appeals.c.answer_at)
        query = select(appeals.c.key).where(appeals.c.user_id == user_id, appeals.c.answer_at.is_not(None), unseen)
        return (await self._connection.execute(query.limit(1))).first() is not None

    async def count_since(self, user_id: int, since: datetime) -> int:
        query = select(func.count()).where(appeals.c.user_id == user_id, appeals.c.created_at >= since)
        return int((await self._connection.execute(query)).scalar_one())

    async def forget(self, before: datetime) -> None:
        latest = func.max(
            appeals.c.created_at,
            func.coalesce(appeals.c.answer_at, appeals.c.created_at),
            func.coalesce(appeals.c.closed_at, appeals.c.created_at),
        )
        old = select(appeals.c.key).where(appeals.c.created_at < before, latest < before)
        await self._connection.execute(delete(appeal_messages).where(appeal_messages.c.appeal.in_(old)))
        await self._connection.execute(delete(appeals).where(appeals.c.created_at < before, latest < before))

    async def written(self, first: datetime, end: datetime) -> AsyncIterator[tuple[Appeal, tuple[AppealMessage, ...]]]:
        """Appeals that were sent from a moment to another, in this order, each with its messages but notes."""
        sent = (appeals.c.created_at >= first, appeals.c.created_at < end)
        keyed = select(appeals.c.key).where(*sent).order_by(appeals.c.created_at, appeals.c.number)
        keys = (await self._connection.execute(keyed)).scalars().all()
        messages = SqlAppealMessages(self._connection)
        for key in keys:
            if appeal := await self.get(key):
                yield appeal, await messages.of_appeal(key, (Side.CUSTOMER, Side.STAFF), limit=-1)


class SqlAppealMessages(Repository):
    async def add(self, appeal: str, written: Written) -> AppealMessage | None:
        made = await self._connection.execute(
            upsert(appeal_messages).values(_row(appeal, written)).on_conflict_do_nothing()
        )
        return await self.at(written.chat, written.message) if made.rowcount else None

    async def get(self, message_id: int) -> AppealMessage | None:
        return await self._one(appeal_messages.c.id == message_id)

    async def at(self, chat: int, message: int) -> AppealMessage | None:
        return await self._one(and_(appeal_messages.c.chat_id == chat, appeal_messages.c.message_id == message))

    async def copied_to(self, chat: int, message: int) -> AppealMessage | None:
        this = or_(appeal_messages.c.copy_id == message, appeal_messages.c.words_id == message)
        return await self._one(and_(appeal_messages.c.copy_chat_id == chat, this))

    async def _one(self, condition: ColumnElement[bool]) -> AppealMessage | None:
        row = (await self._connection.execute(select(appeal_messages).where(condition))).first()
        return message_of(row) if row else None

    async def of_appeal(
        self, appeal: str, sides: Sequence[Side], limit: int, offset: int = 0
    ) -> tuple[AppealMessage, ...]:
        theirs = select(appeal_messages).where(appeal_messages.c.appeal == appeal, appeal_messages.c.side.in_(sides))
        page = theirs.order_by(appeal_messages.c.id).limit(limit).offset(offset)
        return tuple(map(message_of, (await self._connection.execute(page)).all()))

    async def of_album(self, message: AppealMessage) -> tuple[AppealMessage, ...]:
        album = (appeal_messages.c.chat_id == message.written.chat, appeal_messages.c.album == message.written.album)
        theirs = select(appeal_messages).where(appeal_messages.c.appeal == message.appeal, *album)
        rows = await self._connection.execute(theirs.order_by(appeal_messages.c.id))
        return tuple(map(message_of, rows.all()))

    async def count(self, appeal: str, sides: Sequence[Side]) -> int:
        theirs = (appeal_messages.c.appeal == appeal, appeal_messages.c.side.in_(sides))
        return int((await self._connection.execute(select(func.count()).where(*theirs))).scalar_one())

    async def count_of_person(self, user_id: int, since: datetime) -> int:
        theirs = (appeal_messages.c.chat_id == user_id, appeal_messages.c.written_at >= since)
        return int((await self._connection.execute(select(func.count()).where(*theirs))).scalar_one())

    async def edit(self, message_id: int, text: str, file: Attachment | None, at: datetime) -> None:
        await self._set(message_id, text=text, edited_at=at, **_file_columns(file))

    async def withdraw(self, message_id: int, at: datetime) -> None:
        await self._set(message_id, withdrawn_at=at)

    async def note_copy(self, message_id: int, copy: Copy) -> None:
        place = {"copy_chat_id": copy.chat, "copy_id": copy.message, "words_id": copy.words}
        await self._set(message_id, **place, delivery=DeliveryState.DELIVERED, reason="")

    async def note_delivery(self, message_id: int, delivery: DeliveryState, reason: str = "") -> None:
        await self._set(message_id, delivery=delivery, reason=reason)

    async def note_mark(self, message_id: int, mark: int | None) -> None:
        await self._set(message_id, mark_id=mark)

    async def _set(self, message_id: int, **values: Any) -> None:
        this = update(appeal_messages).where(appeal_messages.c.id == message_id)
        await self._connection.execute(this.values(values))


def _changing(appeal: Appeal) -> dict[str, Any]:
    about, contact = appeal.about, appeal.contact
    return {
        "language": appeal.language,
        "account": about.account,
        "locality": about.locality,
        "address": about.address,
        "subject": appeal.subject,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "by_mail_only": contact.by_mail_only,
        "state": appeal.state,
        "due_at": appeal.due_at,
        "answered_at": appeal.answered_at,
        "answer_at": appeal.answer_at,
        "seen_at": appeal.seen_at,
        "closed_at": appeal.closed_at,
        "closed_by": appeal.closed_by,
        "reopened": appeal.reopened,
        "rating": appeal.rating,
        "rating_words": appeal.rating_words,
        "reopened_at": appeal.reopened_at,
        "first_due_at": appeal.first_due_at,
    }


def appeal_of(row: Row[Any]) -> Appeal:
    return Appeal(
        key=row.key,
        number=row.number,
        user_id=row.user_id,
        language=row.language,
        about=About(row.account, row.locality, row.address),
        subject=row.subject,
        contact=Contact(row.name, row.email, row.phone, row.by_mail_only),
        created_at=row.created_at,
        due_at=row.due_at,
        state=AppealState(row.state),
        answered_at=row.answered_at,
        answer_at=row.answer_at,
        seen_at=row.seen_at,
        closed_at=row.closed_at,
        closed_by=Side(row.closed_by) if row.closed_by else None,
        reopened=row.reopened,
        rating=row.rating,
        rating_words=row.rating_words,
        reopened_at=row.reopened_at,
        first_due_at=row.first_due_at,
    )


def _file_columns(file: Attachment | None) -> dict[str, Any]:
    known = file or Attachment("", "")
    return {"file_kind": known.kind, "file_id": known.id, "file_name": known.name, "file_size": known.size}


def _row(appeal: str, written: Written) -> dict[str, Any]:
    return {
        "appeal": appeal,
        "side": written.side,
        "chat_id": written.chat,
        "message_id": written.message,
        "author_id": written.author,
        "reply_id": written.reply,
        "kind": written.kind,
        "text": written.text,
        **_file_columns(written.file),
        "album": written.album,
        "written_at": written.at,
    }


def message_of(row: Row[Any]) -> AppealMessage:
    file = Attachment(row.file_kind, row.file_id, row.file_name, row.file_size) if row.file_id else None
    written = Written(
        side=Side(row.side),
        chat=row.chat_id or 0,
        message=row.message_id or 0,
        at=row.written_at,
        text=row.text,
        file=file,
        album=row.album,
        kind=row.kind,
        author=row.author_id,
        reply=row.reply_id,
    )
    return AppealMessage(
        id=row.id,
        appeal=row.appeal,
        written=written,
        edited_at=row.edited_at,
        withdrawn_at=row.withdrawn_at,
        copy=Copy(row.copy_chat_id, row.copy_id, row.words_id) if row.copy_chat_id and row.copy_id else None,
        delivery=DeliveryState(row.delivery),
        reason=row.reason,
        mark=row.mark_id,
    )


def _of_customer(user_id: int) -> ColumnElement[bool]:
    """Messages of a person's appeals, answers included; notes are the staff's own."""
    theirs = select(appeals.c.key).where(appeals.c.user_id == user_id)
    return and_(appeal_messages.c.appeal.in_(theirs), appeal_messages.c.side != Side.NOTE)


_THEIR_PLACES: Final = ("chat_id", "message_id", "reply_id", "mark_id")
_PLACES: Final = (*_THEIR_PLACES, "copy_chat_id", "copy_id", "words_id")
_OURS: Final = ("id", "appeal", "author_id", "file_id", *_PLACES)
GROUP: Final = TableGroup(
    repositories={AppealRepository: SqlAppeals, AppealMessageRepository: SqlAppealMessages},
    traces=(  # messages first: they are found by their appeals
        Trace(
            "appeal_messages",
            N_("сообщения ваших обращений и ответы на них"),
            appeal_messages.c.chat_id,
            hidden(*_OURS),
            left=dict.fromkeys(_THEIR_PLACES),
            belongs=_of_customer,
        ),
        Trace(
            "appeal_answers_sent",
            N_("ответы и копии ответов, которые пришли в ваш чат"),
            appeal_messages.c.copy_chat_id,
            hidden(*_OURS, "text", "file_name"),
            left={"copy_chat_id": None, "copy_id": None, "words_id": None},
        ),
        Trace(
            "appeal_answers",
            N_("ответы на обращения, которые вы написали как сотрудник компании"),
            appeal_messages.c.author_id,
            hidden(*_OURS),
            left={"author_id": None},
        ),
        Trace(
            "appeals",
            N_("ваши обращения в компанию"),
            appeals.c.user_id,
            hidden("key"),
            left={"user_id": None, "name": "", "email": "", "phone": "", "rating_words": ""},
        ),
    ),
)
