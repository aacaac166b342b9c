"""Invitations to accounts, and those who followed them."""

from __future__ import annotations

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
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.accounts.models import Invitation, Link, Role, Trust
from services.accounts.ports import ShareRepository
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.links import link_of, links
from services.db.metadata import Moment, metadata
from services.errors import N_

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True, comment="of the token, which only its link holds"),
    Column("key", String(64), nullable=False, unique=True, comment="of the press that made it"),
    Column("account", String(12), nullable=False),
    Column("granted_by", BigInteger, nullable=False),
    Column("role", String(16), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("person", String(64), comment="the inviter's name in Telegram"),
    Index("ix_invitations_account", "account"),
)

_ID = func.substr(invitations.c.digest, 1, 16)  # of 64: enough to tell one from another
_RANK = {Trust.VERIFIED: 0, Trust.SHARED: 1, Trust.CONFIRMED: 2}


class SqlShares(Repository):
    async def invite(self, digest: str, key: str, invitation: Invitation) -> bool:
        earlier = await self._connection.execute(delete(invitations).where(invitations.c.key == key))
        row = {
            "digest": digest,
            "key": key,
            "account": invitation.account,
            "granted_by": invitation.granted_by,
            "role": invitation.role,
            "expires_at": invitation.expires_at,
            "person": invitation.person,
        }
        await self._connection.execute(insert(invitations).values(row))
        return earlier.rowcount == 0

    async def invitation(self, digest: str) -> Invitation | None:
        query = select(invitations, _ID.label("id")).where(invitations.c.digest == digest)
        row = (await self._connection.execute(query)).first()
        return _invitation(row) if row else None

    async def invitations(self, account: str, at: datetime) -> tuple[Invitation, ...]:
        good = (invitations.c.account == account, invitations.c.used_at.is_(None), invitations.c.expires_at > at)
        query = select(invitations, _ID.label("id")).where(*good).order_by(invitations.c.expires_at, _ID)
        return tuple(map(_invitation, (await self._connection.execute(query)).all()))

    async def uninvite(self, account: str, invitation_id: str) -> bool:
        unused = (invitations.c.account == account, invitations.c.used_at.is_(None), _ID.op("=")(invitation_id))
        return (await self._connection.execute(delete(invitations).where(*unused))).rowcount > 0

    async def use(self, digest: str, at: datetime) -> bool:
        unused = (invitations.c.digest == digest, invitations.c.used_at.is_(None))
        return (await self._connection.execute(update(invitations).where(*unused).values(used_at=at))).rowcount > 0

    async def join(self, user_id: int, link_id: str, invitation: Invitation, person: str, at: datetime) -> Link:
        granted: dict[str, Any] = {
            "trust": Trust.SHARED,
            "role": invitation.role,
            "granted_by": invitation.granted_by,
            "person": person,
        }
        row = {"id": link_id, "user_id": user_id, "account": invitation.account, "created_at": at} | granted
        statement = upsert(links).values(row)
        same = [links.c.user_id, links.c.account]
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=same, set_=granted, where=links.c.trust != Trust.VERIFIED)
        )
        query = select(links).where(links.c.user_id == user_id, links.c.account == invitation.account)
        return link_of(user_id, (await self._connection.execute(query)).one())

    async def members(self, account: str) -> tuple[Link, ...]:
        rank = case(_RANK, value=links.c.trust)
        query = select(links).where(links.c.account == account).order_by(rank, links.c.created_at, links.c.id)
        return tuple(link_of(row.user_id, row) for row in (await self._connection.execute(query)).all())

    async def withdraw(self, account: str, granted_by: int | None = None) -> tuple[Link, ...]:
        given = (*_given(links, account, granted_by), links.c.trust == Trust.SHARED)
        gone = (await self._connection.execute(select(links).where(*given))).all()
        await self._connection.execute(delete(links).where(*given))
        await self._connection.execute(delete(invitations).where(*_given(invitations, account, granted_by)))
        return tuple(link_of(row.user_id, row) for row in gone)

    async def touch(self, link_id: str, at: datetime) -> None:
        await self._connection.execute(update(links).where(links.c.id == link_id).values(used_at=at))


def _given(table: Table, account: str, by: int | None) -> list[ColumnElement[bool]]:
    """Rows that a person, or anybody, has given to others."""
    return [table.c.account == account] + ([] if by is None else [table.c.granted_by == by])


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(row.account, row.granted_by, Role(row.role), row.expires_at, row.used_at, row.id, row.person)


GROUP: Final = TableGroup(
    repositories={ShareRepository: SqlShares},
    traces=(
        Trace("invitations", N_("приглашения, которые вы создали"), invitations.c.granted_by, hidden("digest", "key")),
    ),
)
