"""E-mail addresses that wait for their link to be opened."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Row,
    String,
    Table,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.customers.models import EmailRequest, Errand, Purpose
from services.customers.ports import EmailRequestRepository
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.lists import among
from services.db.metadata import Moment, metadata
from services.errors import N_

email_requests = Table(
    "email_requests",
    metadata,
    Column("digest", String(64), primary_key=True, comment="of the token, which only its letter holds"),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("address", String(254), nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment, comment="the address was confirmed, or another one asked for"),
    Column("purpose", String(16), nullable=False, server_default="own", comment="of the link"),
    Column("account", String(12), nullable=False, server_default="", comment="whose receipts the link is about"),
)

letters = Table(
    "letters",
    metadata,
    Column("key", String(96), primary_key=True, comment="of its notice"),
    Column("mailbox", String(32), nullable=False, comment="digest of an unconfirmed address"),
    Column("at", Moment, nullable=False),
    Index("ix_letters_mailbox_at", "mailbox", "at"),
)


class SqlEmailRequests(Repository):
    async def ask(self, digest: str, request: EmailRequest) -> None:
        row = {
            "digest": digest,
            "user_id": request.user_id,
            "address": request.address,
            "expires_at": request.expires_at,
            "purpose": request.errand.purpose,
            "account": request.errand.account,
        }
        await self._connection.execute(upsert(email_requests).values(row).on_conflict_do_nothing())

    async def find(self, digest: str) -> EmailRequest | None:
        row = (await self._connection.execute(select(email_requests).where(email_requests.c.digest == digest))).first()
        return _request(row) if row else None

    async def pending(self, user_id: int, at: datetime, errand: Errand | None = None) -> EmailRequest | None:
        good = (*_open(user_id, errand), email_requests.c.expires_at > at)
        query = select(email_requests).where(*good).order_by(email_requests.c.expires_at.desc())
        row = (await self._connection.execute(query.limit(1))).first()
        return _request(row) if row else None

    async def letters_since(self, mailbox: str, since: datetime) -> int:
        query = select(func.count()).where(letters.c.mailbox == mailbox, letters.c.at > since)
        return int((await self._connection.execute(query)).scalar_one())

    async def note_letter(self, mailbox: str, key: str, at: datetime) -> None:
        row = {"mailbox": mailbox, "key": key, "at": at}
        await self._connection.execute(upsert(letters).values(row).on_conflict_do_nothing())

    async def end(self, user_id: int, at: datetime, errand: Errand, but: str | None = None) -> None:
        good = _open(user_id, errand)
        if but is not None:
            good.append(email_requests.c.address != but)
        await self._connection.execute(update(email_requests).where(*good).values(ended_at=at))

    async def end_about(self, accounts: Collection[str], at: datetime) -> None:
        good = (among(email_requests.c.account, accounts), email_requests.c.ended_at.is_(None))
        await self._connection.execute(update(email_requests).where(*good).values(ended_at=at))

    async def forget(self, before: datetime) -> None:
        await self._connection.execute(delete(email_requests).where(email_requests.c.expires_at < before))


def _open(user_id: int, errand: Errand | None) -> list[ColumnElement[bool]]:
    """Rows of a person whose link has not done its work, of an errand, or of any that confirms an address."""
    found = [email_requests.c.user_id == user_id, email_requests.c.ended_at.is_(None)]
    if errand is None:
        return [*found, email_requests.c.purpose != Purpose.UNSUBSCRIBE]
    return [*found, email_requests.c.purpose == errand.purpose, email_requests.c.account == errand.account]


def _request(row: Row[Any]) -> EmailRequest:
    errand = Errand(Purpose(row.purpose), row.account)
    return EmailRequest(row.user_id, row.address, row.expires_at, row.ended_at, errand)


GROUP: Final = TableGroup(
    repositories={EmailRequestRepository: SqlEmailRequests},
    traces=(
        Trace(
            "emails",
            N_("адреса почты, которые вы указывали, и до когда действует ссылка из письма"),
            email_requests.c.user_id,
            hidden("digest"),
        ),
    ),
    impersonal={"letters": "digests of mailboxes, for three days, without who had letters sent there"},
)
