from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    Table,
    and_,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from services.accounts.models import Trust
from services.db.counters import next_in_series
from services.db.group import NAMELESS, Repository, TableGroup, Trace, hidden
from services.db.links import links
from services.db.lists import among
from services.db.metadata import ERASED, Moment, metadata
from services.db.prepared import LookUp
from services.errors import N_
from services.readings.models import PENDING, Remark, Submission, SubmissionStatus, Submitted
from services.readings.ports import SubmissionRepository
from services.supplier.models import Month, Zone

submissions = Table(
    "submissions",
    metadata,
    Column("key", String(32), primary_key=True, comment="the confirmation's id"),
    Column("number", String(32), nullable=False, unique=True),
    Column("user_id", BigInteger, index=True, comment=ERASED),
    Column("account", String(12), nullable=False),
    Column("meter", String(64), nullable=False),
    Column("period", String(7), nullable=False, comment="2026-11"),
    Column("day", Date, nullable=False, comment="of the region"),
    Column("submitted_at", Moment, nullable=False),
    Column("lines", JSON, nullable=False, comment="[{zone, value, previous, consumption, remark}]"),
    Column("cost", BigInteger, comment="kopecks, as it was estimated"),
    Column("status", String(16), nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("replaces", ForeignKey("submissions.key")),
    Column("trust", String(16), nullable=False, server_default="confirmed", comment="of the customer, then"),
    Index("ix_submissions_account_submitted_at", "account", "submitted_at"),
    Index("ix_submissions_waiting", "status", "submitted_at"),
    Index(
        "uq_submissions_active",
        "account",
        "meter",
        "period",
        unique=True,
        sqlite_where=text("status NOT IN ('replaced', 'refused')"),
        postgresql_where=text("status NOT IN ('replaced', 'refused')"),
    ),
)


_BATCH = 1000
_GONE = (SubmissionStatus.REPLACED, SubmissionStatus.REFUSED)
_GET = LookUp(select(submissions).where(submissions.c.key == bindparam("key")))
_THEIRS = and_(links.c.user_id == submissions.c.user_id, links.c.account == submissions.c.account)
_ACTIVE = LookUp(
    select(submissions, links.c.trust.label("trust_now"))
    .select_from(submissions.outerjoin(links, _THEIRS))
    .where(
        submissions.c.account == bindparam("account"),
        submissions.c.period == bindparam("period"),
        *(submissions.c.status != gone for gone in _GONE),
    )
)


class SqlSubmissions(Repository):
    async def get(self, key: str) -> Submission | None:
        found = await _GET.all(self._connection, {"key": key})
        return _submission(found[0]) if found else None

    async def next_number(self, period_of: date) -> str:
        return f"П-{await next_in_series(self._connection, 'submission', period_of)}"

    async def add(self, submission: Submission) -> None:
        try:
            await self._connection.execute(insert(submissions).values(_row(submission)))
        except IntegrityError as error:
            raise KeyError(submission.key) from error
        self.events["submissions"] += 1

    async def active(self, account: str, period: Month) -> tuple[Submission, ...]:
        found = await _ACTIVE.all(self._connection, {"account": account, "period": str(period)})
        return tuple(replace(_submission(row), trust=_highest(row.trust, row.trust_now)) for row in found)

    async def of_account(self, user_id: int, account: str, limit: int, offset: int = 0) -> tuple[Submission, ...]:
        query = select(submissions).where(submissions.c.account == account, submissions.c.user_id == user_id)
        newest = query.order_by(submissions.c.submitted_at.desc(), submissions.c.number.desc())
        return await self._all(newest.limit(limit).offset(offset))

    async def set_status(
        self, key: str, status: SubmissionStatus, expected: Iterable[SubmissionStatus], at: datetime
    ) -> bool:
        result = await self._connection.execute(
            update(submissions)
            .where(submissions.c.key == key, submissions.c.status.in_(list(expected)))
            .values(status=status, changed_at=at)
        )
        return result.rowcount > 0

    async def level(self, accounts: Iterable[str]) -> None:
        higher = (among(submissions.c.account, accounts), submissions.c.trust != Trust.CONFIRMED)
        await self._connection.execute(update(submissions).where(*higher).values(trust=Trust.CONFIRMED))

    async def waiting(self, before: datetime, now: datetime, limit: int) -> tuple[Submission, ...]:
        fresh = submissions.c.submitted_at.between(before, now)
        query = select(submissions).where(submissions.c.status.in_(PENDING), ~fresh)
        return await self._all(query.order_by(submissions.c.changed_at, submissions.c.key).limit(limit))

    async def of_days(self, first: date, last: date) -> AsyncIterator[Submission]:
        """Submitted from `first` to `last`, a batch in memory at a time."""
        after = ""
        while batch := await self._batch(first, last, after):
            for submission in batch:
                yield submission
            after = batch[-1].key

    async def _batch(self, first: date, last: date, after: str) -> tuple[Submission, ...]:
        of_days = submissions.c.day.between(first, last)
        query = select(submissions).where(of_days, submissions.c.key > after).order_by(submissions.c.key)
        return await self._all(query.limit(_BATCH))

    async def _all(self, query: Select[Any]) -> tuple[Submission, ...]:
        return tuple(_submission(row) for row in (await self._connection.execute(query)).all())


def _row(submission: Submission) -> dict[str, Any]:
    return {
        "key": submission.key,
        "number": submission.number,
        "user_id": submission.user_id,
        "account": submission.account,
        "meter": submission.meter,
        "period": str(submission.period),
        "day": submission.day,
        "submitted_at": submission.submitted_at,
        "lines": [
            {
                "zone": line.zone,
                "value": line.value,
                "previous": line.previous,
                "consumption": line.consumption,
                "remark": line.remark,
            }
            for line in submission.values
        ],
        "cost": submission.cost,
        "status": submission.status,
        "changed_at": submission.submitted_at,
        "replaces": submission.replaces,
        "trust": submission.trust,
    }


def _submission(row: Any) -> Submission:
    return Submission(
        key=row.key,
        number=row.number,
        user_id=row.user_id,
        account=row.account,
        meter=row.meter,
        period=Month.parse(row.period),
        day=row.day,
        submitted_at=row.submitted_at,
        values=tuple(_submitted(line) for line in row.lines),
        status=SubmissionStatus(row.status),
        replaces=row.replaces,
        cost=row.cost,
        trust=Trust(row.trust),
    )


def _highest(then: str, now: str | None) -> Trust:
    """`now` None: the customer has the account no more."""
    return Trust(now) if now and Trust(now).above(Trust(then)) else Trust(then)


def _submitted(line: dict[str, Any]) -> Submitted:
    return Submitted(
        zone=Zone(line["zone"]),
        value=line["value"],
        previous=line["previous"],
        consumption=line["consumption"],
        remark=Remark(line["remark"]),
    )


GROUP: Final = TableGroup(
    repositories={SubmissionRepository: SqlSubmissions},
    traces=(
        Trace(
            "submissions",
            N_("показания, которые вы передали"),
            submissions.c.user_id,
            hidden("key", "replaces"),
            left=NAMELESS,
        ),
    ),
)
