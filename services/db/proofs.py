"""Guesses at sums, verified links, what owners allow others, and the journal of an account."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.accounts.models import Action, Control, JournalEntry, Link, Trust
from services.accounts.ports import GuessCounts, ProofRepository
from services.db.group import NAMELESS, Repository, TableGroup, Trace, hidden
from services.db.links import controls, link_of, links
from services.db.lists import among
from services.db.metadata import ERASED, Moment, metadata
from services.db.recoveries import recoveries
from services.errors import N_

guesses = Table(
    "guesses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(48), nullable=False, index=True, comment="of the message in which it was typed"),
    Column("user_id", BigInteger, comment=ERASED),
    Column("account", String(12), nullable=False),
    Column("at", Moment, nullable=False),
    Column("hit", Boolean, comment="NULL: the supplier was asked and nobody knows what came of it"),
    Index("ix_guesses_user_id_at", "user_id", "at"),
    Index("ix_guesses_account_at", "account", "at"),
)

renewals = Table(
    "renewals",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("at", Moment, nullable=False, comment="proofs of before ended then, and payments of before prove nothing"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String(12), nullable=False),
    Column("user_id", BigInteger, comment=ERASED),
    Column("action", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_journal_account_at", "account", "at"),
)


class SqlProofs(Repository):
    async def outcomes(self, key: str) -> tuple[bool | None, ...]:
        query = select(guesses.c.hit).where(guesses.c.key == key).order_by(guesses.c.id)
        return tuple((await self._connection.execute(query)).scalars())

    async def guesses(
        self, user_id: int, account: str, since: datetime, apart: Collection[int], *, erased: bool
    ) -> GuessCounts:
        made, here = select(func.count()).where(guesses.c.at > since), guesses.c.account == account
        own, of_erased = guesses.c.user_id == user_id, guesses.c.user_id.is_(None)
        own_here = or_(own, of_erased) if erased else own
        of_crowd = or_(of_erased, guesses.c.user_id.not_in(apart))
        counts = (made.where(own), made.where(own_here, here), made.where(here, of_crowd))
        row = await self._connection.execute(select(*(count.scalar_subquery() for count in counts)))
        return GuessCounts(*row.one())

    async def note(self, key: str, user_id: int, account: str, at: datetime) -> int:
        row = {"key": key, "user_id": user_id, "account": account, "at": at}
        made = await self._connection.execute(insert(guesses).values(row).returning(guesses.c.id))
        return int(made.scalar_one())

    async def settle(self, guess_id: int, *, hit: bool) -> None:
        await self._connection.execute(update(guesses).where(guesses.c.id == guess_id).values(hit=hit))

    async def take_back(self, guess_id: int) -> None:
        await self._connection.execute(delete(guesses).where(guesses.c.id == guess_id))

    async def verify(self, user_id: int, link_id: str, at: datetime, *, first: bool) -> bool:
        own = (links.c.id == link_id, links.c.user_id == user_id, links.c.trust != Trust.VERIFIED)
        values = {"trust": Trust.VERIFIED, "verified_at": at, "proved_first": first}
        done = await self._connection.execute(update(links).where(*own).values(values))
        return done.rowcount > 0

    async def verified(self, account: str) -> tuple[Link, ...]:
        query = select(links).where(links.c.account == account, links.c.trust == Trust.VERIFIED)
        rows = (await self._connection.execute(query.order_by(links.c.verified_at, links.c.id))).all()
        return tuple(link_of(row.user_id, row) for row in rows)

    async def has_proved(self, link: Link) -> bool:
        theirs = (journal.c.account == link.account, journal.c.user_id == link.user_id)
        proofs = select(journal.c.id).where(*theirs, journal.c.action == Action.VERIFIED)
        since = select(links.c.created_at).where(links.c.id == link.id).scalar_subquery()
        return (await self._connection.execute(proofs.where(journal.c.at >= since))).first() is not None

    async def find(self, link_id: str) -> Link | None:
        row = (await self._connection.execute(select(links).where(links.c.id == link_id))).first()
        return link_of(row.user_id, row) if row else None

    async def control(self, account: str) -> Control:
        query = select(controls.c.anyone_submits, controls.c.closed, controls.c.locked)
        row = (await self._connection.execute(query.where(controls.c.account == account))).first()
        return Control(*row) if row else Control()

    async def set_control(self, account: str, control: Control) -> None:
        values = {"anyone_submits": control.anyone_submits, "closed": control.closed, "locked": control.locked}
        row = upsert(controls).values(account=account, **values)
        await self._connection.execute(row.on_conflict_do_update(index_elements=["account"], set_=values))

    async def renew(self, accounts: Iterable[str], at: datetime) -> None:
        rows = [{"account": account, "at": at} for account in accounts]
        if rows:
            renewed = upsert(renewals)
            later = func.max(renewals.c.at, renewed.excluded.at)  # a clock may be turned back
            await self._connection.execute(
                renewed.on_conflict_do_update(index_elements=["account"], set_={"at": later}), rows
            )

    async def renewed_at(self, account: str) -> datetime | None:
        query = select(renewals.c.at).where(renewals.c.account == account)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def concerned(self, accounts: Iterable[str]) -> tuple[str, ...]:
        asked = list(accounts)
        owners = select(links.c.account).where(among(links.c.account, asked), links.c.trust != Trust.CONFIRMED)
        others = (select(table.c.account).where(among(table.c.account, asked)) for table in (controls, recoveries))
        return tuple((await self._connection.execute(union(owners, *others))).scalars())

    async def unprove(self, account: str) -> tuple[Link, ...]:
        owners = await self.verified(account)
        proved = (links.c.account == account, links.c.trust == Trust.VERIFIED)
        values = {"trust": Trust.CONFIRMED, "verified_at": None, "proved_first": False, "role": None}
        await self._connection.execute(update(links).where(*proved).values(values | {"granted_by": None}))
        return owners

    async def journal(self, account: str, limit: int) -> tuple[JournalEntry, ...]:
        query = select(journal.c.user_id, journal.c.action, journal.c.at).where(journal.c.account == account)
        rows = await self._connection.execute(query.order_by(journal.c.id.desc()).limit(limit))
        return tuple(JournalEntry(row.user_id, Action(row.action), row.at) for row in rows)

    async def record(self, account: str, user_id: int | None, action: Action, at: datetime) -> None:
        row = {"account": account, "user_id": user_id, "action": action, "at": at}
        await self._connection.execute(insert(journal).values(row))


GROUP: Final = TableGroup(
    repositories={ProofRepository: SqlProofs},
    traces=(
        Trace(
            "guesses",
            N_("ваши попытки подтвердить счёт, без сумм"),
            guesses.c.user_id,
            hidden("id", "key"),
            left={**NAMELESS, "key": ""},
        ),
        Trace("journal", N_("ваши важные действия со счетами"), journal.c.user_id, hidden("id"), left=NAMELESS),
    ),
    impersonal={"renewals": "when proofs of an account began anew, without whose they were"},
)
