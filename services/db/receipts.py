"""Receipts: files that Telegram keeps, tokens of accounts on paper, subscriptions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Row, String, Table, Text, delete, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert as upsert

from services.db.group import Repository, TableGroup, Trace
from services.db.metadata import Moment, metadata
from services.errors import N_
from services.notices.models import Channel
from services.receipts.models import Subscription
from services.receipts.ports import PaperTokenRepository, SubscriptionRepository, UploadRepository

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

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False, index=True),
    Column("channel", String(16), primary_key=True, comment="telegram or mail"),
    Column("since", Moment, nullable=False),
    Column("address", String(254), nullable=False, server_default="", comment="confirmed, of letters"),
)
_PLACE = (subscriptions.c.account, subscriptions.c.user_id, subscriptions.c.channel)


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


class SqlSubscriptions(Repository):
    async def of_account(self, user_id: int, account: str) -> list[Subscription]:
        theirs = (subscriptions.c.user_id == user_id, subscriptions.c.account == account)
        rows = await self._connection.execute(select(subscriptions).where(*theirs).order_by(subscriptions.c.channel))
        return [_subscription(row) for row in rows]

    async def page(self, after: Subscription | None, limit: int) -> list[Subscription]:
        query = select(subscriptions).order_by(*_PLACE).limit(limit)
        if after:
            query = query.where(tuple_(*_PLACE) > (after.account, after.user_id, after.channel))
        return [_subscription(row) for row in await self._connection.execute(query)]

    async def begin(self, subscription: Subscription) -> None:
        row = {
            "account": subscription.account,
            "user_id": subscription.user_id,
            "channel": subscription.channel,
            "since": subscription.since,
            "address": subscription.address,
        }
        changed = {"address": subscription.address}
        await self._connection.execute(
            upsert(subscriptions).values(row).on_conflict_do_update(index_elements=_PLACE, set_=changed)
        )

    async def end(self, user_id: int, account: str, channel: Channel) -> None:
        this = (
            subscriptions.c.user_id == user_id,
            subscriptions.c.account == account,
            subscriptions.c.channel == channel,
        )
        await self._connection.execute(delete(subscriptions).where(*this))


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(row.user_id, row.account, Channel(row.channel), row.since, row.address)


GROUP: Final = TableGroup(
    repositories={
        UploadRepository: SqlUploads,
        PaperTokenRepository: SqlPaperTokens,
        SubscriptionRepository: SqlSubscriptions,
    },
    traces=(Trace("receipts", N_("квитанции, которые приходят вам сами"), subscriptions.c.user_id),),
    impersonal={
        "uploads": "digests and Telegram's ids of files",
        "paper_tokens": "names of accounts on paper, without a person",
    },
)
