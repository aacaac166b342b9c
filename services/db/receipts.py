"""Receipts: files that Telegram keeps, and tokens of accounts on paper."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, String, Table, Text, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from services.db.group import Repository, TableGroup
from services.db.metadata import Moment, metadata
from services.receipts.ports import PaperTokenRepository, UploadRepository

uploads = Table(
    "uploads",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(32), primary_key=True, comment="digest of the receipts that the file is"),
    Column("file_id", Text, nullable=False, comment="Telegram's, good for this bot alone"),
    Column("used_at", Moment, nullable=False),
)

paper_tokens = Table(
    "paper_tokens",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("token", String(24), nullable=False, unique=True),
)


class SqlUploads(Repository):
    async def find(self, bot_id: int, key: str, at: datetime) -> str | None:
        this = (uploads.c.bot_id == bot_id, uploads.c.key == key)
        used = update(uploads).where(*this).values(used_at=at).returning(uploads.c.file_id)
        found: str | None = (await self._connection.execute(used)).scalar_one_or_none()
        return found

    async def keep(self, bot_id: int, key: str, file_id: str, at: datetime) -> None:
        kept = upsert(uploads).values(bot_id=bot_id, key=key, file_id=file_id, used_at=at)
        changed = {"file_id": file_id, "used_at": at}
        await self._connection.execute(kept.on_conflict_do_update(index_elements=["bot_id", "key"], set_=changed))

    async def forget(self, before: datetime) -> None:
        await self._connection.execute(delete(uploads).where(uploads.c.used_at < before))


class SqlPaperTokens(Repository):
    async def token(self, account: str, new: str) -> str:
        row = upsert(paper_tokens).values(account=account, token=new).on_conflict_do_nothing()
        await self._connection.execute(row)
        query = select(paper_tokens.c.token).where(paper_tokens.c.account == account)
        return str((await self._connection.execute(query)).scalar_one())

    async def account(self, token: str) -> str | None:
        query = select(paper_tokens.c.account).where(paper_tokens.c.token == token)
        found: str | None = (await self._connection.execute(query)).scalar_one_or_none()
        return found


GROUP: Final = TableGroup(
    repositories={UploadRepository: SqlUploads, PaperTokenRepository: SqlPaperTokens},
    impersonal={
        "uploads": "digests and Telegram's ids of files",
        "paper_tokens": "names of accounts on paper, without a person",
    },
)
