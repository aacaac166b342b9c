"""E-mail addresses that wait for their link to be opened."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    String,
    Table,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.customers.models import EmailRequest
from services.customers.ports import EmailRequestRepository
from services.db.group import Repository, TableGroup, Trace, hidden
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
)

letters = Table(
    "letters",
    metadata,
    Column("key", String(96), primary_key=True, comment="of its notice"),
    Column("mailbox", String(32), nullable=False, comment="digest of an unconfirmed address"),
    Column("at", Moment, nullable=False),
    Index("ix_letters_mailbox_at", "mailbox", "at"),
)

_REQUEST = select(
    email_requests.c.user_id, email_requests.c.address, email_requests.c.expires_at, email_requests.c.ended_at
)


class SqlEmailRequests(Repository):
    async def ask(self, digest: str, request: EmailRequest) -> None:
        row = {
            "digest": digest,
            "user_id": request.user_id,
            "address": request.address,
            "expires_at": request.expires_at,
        }
        await self._connection.execute(upsert(email_requests).values(row).on_conflict_do_nothing())

    async def find(self, digest: str) -> EmailRequest | None:
        row = (await self._connection.execute(_REQUEST.where(email_requests.c.digest == digest))).first()
        return EmailRequest(*row) if row else None

    async def pending(self, user_id: int, at: datetime) -> EmailRequest | None:
        good = (email_requests.c.user_id == user_id, email_requests.c.ended_at.is_(None))
        query = _REQUEST.where(*good, email_requests.c.expires_at > at).order_by(email_requests.c.expires_at.desc())
        row = (await self._connection.execute(query.limit(1))).first()
        return EmailRequest(*row) if row else None

    async def letters_since(self, mailbox: str, since: datetime) -> int:
        query = select(func.count()).where(letters.c.mailbox == mailbox, letters.c.at > since)
        return int((await self._connection.execute(query)).scalar_one())

    async def note_letter(self, mailbox: str, key: str, at: datetime) -> None:
        row = {"mailbox": mailbox, "key": key, "at": at}
        await self._connection.execute(upsert(letters).values(row).on_conflict_do_nothing())

    async def end(self, user_id: int, at: datetime, but: str | None = None) -> None:
        good = [email_requests.c.user_id == user_id, email_requests.c.ended_at.is_(None)]
        if but is not None:
            good.append(email_requests.c.address != but)
        await self._connection.execute(update(email_requests).where(*good).values(ended_at=at))

    async def forget(self, before: datetime) -> None:
        await self._connection.execute(delete(email_requests).where(email_requests.c.expires_at < before))


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
