"""Reminders: rounds over all customers, wishes, and messages that can be answered with numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    Row,
    String,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.customers.models import Customer
from services.db.customers import CUSTOMERS, customers_of
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.links import links
from services.db.metadata import Moment, metadata
from services.db.old_rows import remove
from services.db.outbox import outbox, tally_of
from services.db.prepared import PreparedQuery, PreparedStatement
from services.db.users import users
from services.errors import N_
from services.notices.models import Tally
from services.reminders.models import Round, SentReminder
from services.reminders.ports import ReminderRepository
from services.supplier.models import Month

rounds = Table(
    "reminder_rounds",
    metadata,
    Column("day", Date, primary_key=True),
    Column("people", Integer, nullable=False, comment="counted when it began"),
    Column("after", BigInteger, nullable=False, comment="the last person that was looked at"),
    Column("looked", Integer, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("done_at", Moment),
)

warnings = Table(
    "reminder_warnings",
    metadata,
    Column("period", String(7), primary_key=True),
    Column("at", Moment, nullable=False),
)

sent_reminders = Table(
    "sent_reminders",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", Integer, primary_key=True, autoincrement=False),
    Column("links", JSON, nullable=False, comment="of the accounts that it names"),
    Column("sent_at", Moment, nullable=False, index=True),
    Column("passed_over", Boolean, nullable=False, server_default="0", comment="an account was chosen since"),
    sqlite_with_rowid=False,
)

_REACHED = (users.c.blocked_at.is_(None), select(links.c.id).where(links.c.user_id == users.c.id).exists())
_NEXT = (
    select(users.c.id)
    .where(users.c.id > bindparam("after"), *_REACHED)
    .order_by(users.c.id)
    .limit(bindparam("limit", type_=Integer))
    .correlate(None)
)
_PAGE = PreparedQuery(CUSTOMERS.where(users.c.id.in_(_NEXT)))
_round = upsert(rounds).values({column.name: bindparam(column.name, type_=column.type) for column in rounds.c})
_KEEP = PreparedStatement(
    _round.on_conflict_do_update(
        index_elements=["day"], set_={column.name: _round.excluded[column.name] for column in rounds.c}
    )
)


class SqlReminders(Repository):
    async def round(self, day: date) -> Round | None:
        row = (await self._connection.execute(select(rounds).where(rounds.c.day == day))).first()
        return Round(row.day, row.people, row.after, row.looked, row.planned, row.done_at is not None) if row else None

    async def keep(self, state: Round, at: datetime) -> None:
        values = {"people": state.people, "after": state.after, "looked": state.looked, "planned": state.planned}
        row = {"day": state.day, **values, "done_at": at if state.done else None}
        await _KEEP.run(self._connection, [row])

    async def people(self) -> int:
        return int((await self._connection.execute(select(func.count()).where(*_REACHED))).scalar_one())

    async def page(self, after: int, limit: int) -> list[Customer]:
        rows = await _PAGE.all(self._connection, {"after": after, "limit": limit})
        return list(customers_of(rows).values())

    async def tally(self, first: datetime, end: datetime, recent: datetime) -> Tally:
        planned = (outbox.c.not_before.is_not(None), outbox.c.not_before >= first, outbox.c.not_before < end)
        rows = select(outbox.c.state, outbox.c.ended_at).where(*planned).subquery()
        return await tally_of(self._connection, rows, recent)

    async def warn(self, period: Month, at: datetime) -> bool:
        row = upsert(warnings).values(period=str(period), at=at).on_conflict_do_nothing()
        return (await self._connection.execute(row)).rowcount > 0

    async def set_hour(self, user_id: int, hour: int) -> None:
        await self._connection.execute(update(users).where(users.c.id == user_id).values(remind_hour=hour))

    async def remind(self, user_id: int, link_id: str, *, on: bool) -> None:
        await self._set_link(user_id, link_id, reminded=on)

    async def set_away(self, user_id: int, link_id: str, until: date | None) -> None:
        await self._set_link(user_id, link_id, away_until=until)

    async def _set_link(self, user_id: int, link_id: str, **values: Any) -> None:
        theirs = (links.c.id == link_id, links.c.user_id == user_id)
        await self._connection.execute(update(links).where(*theirs).values(values))

    async def note_sent(self, user_id: int, sent: SentReminder) -> None:
        row = {"user_id": user_id, "message_id": sent.message_id, "links": sent.links, "sent_at": sent.sent_at}
        await self._connection.execute(upsert(sent_reminders).values(row).on_conflict_do_nothing())

    async def sent(self, user_id: int, message_id: int) -> SentReminder | None:
        this = (sent_reminders.c.user_id == user_id, sent_reminders.c.message_id == message_id)
        return _sent((await self._connection.execute(select(sent_reminders).where(*this))).first())

    async def newest(self, user_id: int) -> SentReminder | None:
        theirs = (sent_reminders.c.user_id == user_id, sent_reminders.c.passed_over.is_(False))
        newest = select(sent_reminders).where(*theirs).order_by(sent_reminders.c.message_id.desc()).limit(1)
        return _sent((await self._connection.execute(newest)).first())

    async def pass_over(self, user_id: int) -> None:
        theirs = (sent_reminders.c.user_id == user_id, sent_reminders.c.passed_over.is_(False))
        await self._connection.execute(update(sent_reminders).where(*theirs).values(passed_over=True))

    async def forget(self, before: datetime, most: int) -> bool:
        await self._connection.execute(delete(rounds).where(rounds.c.day < before.date()))
        await self._connection.execute(delete(warnings).where(warnings.c.at < before))
        return await remove(self._connection, sent_reminders, most, sent_reminders.c.sent_at < before) == most


def _sent(row: Row[Any] | None) -> SentReminder | None:
    return SentReminder(row.message_id, tuple(row.links), row.sent_at) if row else None


GROUP: Final = TableGroup(
    repositories={ReminderRepository: SqlReminders},
    traces=(
        Trace(
            "reminders",
            N_("напоминания, на которые можно ответить показаниями"),
            sent_reminders.c.user_id,
            hidden("message_id", "links", "passed_over"),
        ),
    ),
    impersonal={
        "reminder_rounds": "how far a look at all customers has come",
        "reminder_warnings": "months, of all customers",
    },
)
