"""Requests to withdraw the access of a Telegram account that was lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Row,
    String,
    Table,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.accounts.models import RecoveryRequest
from services.accounts.ports import RecoveryRepository
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.metadata import Moment, metadata
from services.errors import N_

recoveries = Table(
    "recoveries",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("asked_by", BigInteger, primary_key=True, autoincrement=False),
    Column("against", BigInteger, primary_key=True, autoincrement=False, comment="whose access is to end"),
    Column("asked_at", Moment, nullable=False),
    Column("objected_at", Moment),
)


class SqlRecoveries(Repository):
    async def open(self, account: str, asked_by: int, against: int, at: datetime) -> bool:
        row = {"account": account, "asked_by": asked_by, "against": against, "asked_at": at}
        made = await self._connection.execute(upsert(recoveries).values(row).on_conflict_do_nothing())
        return made.rowcount > 0

    async def get(self, account: str, asked_by: int, against: int) -> RecoveryRequest | None:
        query = select(recoveries).where(*_pair(account, asked_by, against))
        row = (await self._connection.execute(query)).first()
        return _request(row) if row else None

    async def asked_by(self, account: str, user_id: int) -> tuple[RecoveryRequest, ...]:
        query = select(recoveries).where(recoveries.c.account == account, recoveries.c.asked_by == user_id)
        return tuple(map(_request, (await self._connection.execute(query)).all()))

    async def object(self, account: str, asked_by: int, against: int, at: datetime) -> bool:
        unanswered = (*_pair(account, asked_by, against), recoveries.c.objected_at.is_(None))
        done = await self._connection.execute(update(recoveries).where(*unanswered).values(objected_at=at))
        return done.rowcount > 0

    async def unanswered(self, before: datetime) -> tuple[RecoveryRequest, ...]:
        query = select(recoveries).where(recoveries.c.objected_at.is_(None), recoveries.c.asked_at <= before)
        return tuple(map(_request, (await self._connection.execute(query.order_by(recoveries.c.asked_at))).all()))

    async def drop(self, account: str, user_id: int) -> None:
        theirs = or_(recoveries.c.asked_by == user_id, recoveries.c.against == user_id)
        await self._connection.execute(
            delete(recoveries).where(recoveries.c.account == account, theirs, recoveries.c.objected_at.is_(None))
        )

    async def forget(self, account: str) -> None:
        await self._connection.execute(delete(recoveries).where(recoveries.c.account == account))


def _pair(account: str, asked_by: int, against: int) -> tuple[ColumnElement[bool], ...]:
    return recoveries.c.account == account, recoveries.c.asked_by == asked_by, recoveries.c.against == against


def _request(row: Row[Any]) -> RecoveryRequest:
    return RecoveryRequest(row.account, row.asked_by, row.against, row.asked_at, row.objected_at)


GROUP: Final = TableGroup(
    repositories={RecoveryRepository: SqlRecoveries},
    traces=(
        Trace(
            "recoveries", N_("ваши просьбы отозвать доступ прежнего Telegram"), recoveries.c.asked_by, hidden("against")
        ),
        Trace("withdrawals", N_("просьбы других отозвать ваш доступ"), recoveries.c.against, hidden("asked_by")),
    ),
)
