from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Integer,
    Label,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.accounts.models import Control, Link, Trust
from services.customers.models import DEFAULT_QUIET, Consent, ConsentText, Customer, NotificationKind, Quiet
from services.customers.ports import CustomerRepository
from services.db.group import Repository, TableGroup, Trace, hidden
from services.db.links import controls, link_of, links
from services.db.lists import among
from services.db.metadata import Moment, metadata
from services.db.outbox import note_return, note_stop
from services.db.prepared import LookUp, PreparedQuery
from services.db.users import users
from services.errors import N_

consent_texts = Table(
    "consent_texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consent", String(32), nullable=False),
    Column("version", String(32), nullable=False),
    Column("language", String(8), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True, comment="of what was really shown"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", BigInteger, nullable=False, index=True, comment="stays when the person's row is gone"),
    Column("consent", String(32), nullable=False),
    Column("text_id", ForeignKey("consent_texts.id"), nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

lookups = Table(
    "lookups",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("account", String(12), primary_key=True),
)

wrong_flats = Table(
    "wrong_flats",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", String(12), primary_key=True),
    Column("answer", String(24), primary_key=True, comment="its digest: the same one again is no other guess"),
    Column("at", Moment, nullable=False),
)


def _given(consent: Consent) -> Label[bool]:
    standing = consents.c.withdrawn_at.is_(None)
    return (
        select(consents.c.id)
        .where(consents.c.user_id == users.c.id, consents.c.consent == consent.value, standing)
        .exists()
        .label(consent.value)
    )


CUSTOMERS = (
    select(
        users.c.id.label("person_id"),
        users.c.language,
        users.c.current_link,
        users.c.blocked_at,
        users.c.email,
        users.c.quiet,
        users.c.muted,
        users.c.remind_hour,
        *map(_given, Consent),
        links.c.id,
        links.c.account,
        links.c.trust,
        links.c.label,
        links.c.verified_at,
        links.c.proved_first,
        links.c.created_at,
        links.c.role,
        links.c.granted_by,
        links.c.person,
        links.c.used_at,
        links.c.preliminary,
        links.c.reminded,
        links.c.away_until,
        controls.c.anyone_submits,
        controls.c.closed,
        controls.c.locked,
    )
    .select_from(users.outerjoin(links).outerjoin(controls, controls.c.account == links.c.account))
    .order_by(users.c.id, links.c.position, links.c.created_at, links.c.id)
)
_CUSTOMER = LookUp(CUSTOMERS.where(users.c.id == bindparam("user_id")))
_CUSTOMERS = PreparedQuery(CUSTOMERS.where(among(users.c.id, "user_ids")))


class SqlCustomers(Repository):
    async def get(self, user_id: int) -> Customer | None:
        rows = await _CUSTOMER.all(self._connection, {"user_id": user_id})
        return customer_of(user_id, rows) if rows else None

    async def get_all(self, user_ids: Collection[int]) -> dict[int, Customer]:
        return customers_of(await _CUSTOMERS.all(self._connection, {"user_ids": list(user_ids)}))

    async def create(self, user_id: int, language: str, at: datetime) -> None:
        row = {"id": user_id, "language": language, "quiet": str(DEFAULT_QUIET), "created_at": at}
        await self._connection.execute(upsert(users).values(row).on_conflict_do_nothing())

    async def block(self, user_id: int, at: datetime | None) -> None:
        if at is None:
            await note_return(self._connection, user_id)
        else:
            await note_stop(self._connection, user_id, at)

    async def set_language(self, user_id: int, language: str) -> None:
        await self._connection.execute(update(users).where(users.c.id == user_id).values(language=language))

    async def set_email(self, user_id: int, address: str | None) -> None:
        await self._connection.execute(update(users).where(users.c.id == user_id).values(email=address))

    async def set_quiet(self, user_id: int, quiet: Quiet) -> None:
        await self._connection.execute(update(users).where(users.c.id == user_id).values(quiet=str(quiet)))

    async def mute(self, user_id: int, kinds: Iterable[NotificationKind]) -> None:
        await self._connection.execute(update(users).where(users.c.id == user_id).values(muted=sorted(kinds)))

    async def agree(self, user_id: int, shown: Iterable[ConsentText], at: datetime) -> None:
        standing = await self._standing(user_id)
        rows = [
            {"user_id": user_id, "consent": text.consent, "text_id": await self._text_id(text), "given_at": at}
            for text in shown
            if text.consent not in standing
        ]
        if rows:
            await self._connection.execute(insert(consents), rows)

    async def _standing(self, user_id: int) -> set[str]:
        query = select(consents.c.consent).where(consents.c.user_id == user_id, consents.c.withdrawn_at.is_(None))
        return set((await self._connection.execute(query)).scalars())

    async def _text_id(self, text: ConsentText) -> int:
        row = {
            "consent": text.consent,
            "version": text.version,
            "language": text.language,
            "title": text.title,
            "text": text.text,
        }
        row["digest"] = hashlib.sha256("\0".join(row.values()).encode()).hexdigest()
        await self._connection.execute(upsert(consent_texts).values(row).on_conflict_do_nothing())
        query = select(consent_texts.c.id).where(consent_texts.c.digest == row["digest"])
        return int((await self._connection.execute(query)).scalar_one())

    async def choose(self, user_id: int, link_id: str | None) -> None:
        own = select(links.c.id).where(links.c.id == link_id, links.c.user_id == user_id).scalar_subquery()
        await self._connection.execute(update(users).where(users.c.id == user_id).values(current_link=own))

    async def link(self, user_id: int, link_id: str, account: str, trust: Trust, at: datetime) -> Link:
        row = {"id": link_id, "user_id": user_id, "account": account, "trust": trust, "created_at": at}
        await self._connection.execute(upsert(links).values(row).on_conflict_do_nothing())
        query = select(links).where(links.c.user_id == user_id, links.c.account == account)
        return link_of(user_id, (await self._connection.execute(query)).one())

    async def unlink(self, user_id: int, link_id: str) -> bool:
        result = await self._connection.execute(delete(links).where(links.c.id == link_id, links.c.user_id == user_id))
        return result.rowcount > 0

    async def rename(self, user_id: int, link_id: str, label: str) -> bool:
        result = await self._connection.execute(
            update(links).where(links.c.id == link_id, links.c.user_id == user_id).values(label=label)
        )
        return result.rowcount > 0

    async def include_preliminary(self, user_id: int, link_id: str, *, on: bool) -> bool:
        result = await self._connection.execute(
            update(links).where(links.c.id == link_id, links.c.user_id == user_id).values(preliminary=on)
        )
        return result.rowcount > 0

    async def put_first(self, user_id: int, link_id: str) -> None:
        own = links.alias("own")
        first = select(func.min(own.c.position) - 1).where(own.c.user_id == user_id).scalar_subquery()
        theirs = (links.c.id == link_id, links.c.user_id == user_id)
        await self._connection.execute(update(links).where(*theirs).values(position=first))

    async def looked_up(self, user_id: int, day: date) -> frozenset[str]:
        query = select(lookups.c.account).where(lookups.c.user_id == user_id, lookups.c.day == day)
        return frozenset((await self._connection.execute(query)).scalars())

    async def note_lookup(self, user_id: int, day: date, account: str) -> None:
        row = {"user_id": user_id, "day": day, "account": account}
        await self._connection.execute(upsert(lookups).values(row).on_conflict_do_nothing())

    async def wrong_flats(self, user_id: int, account: str, since: datetime) -> frozenset[str]:
        theirs = (wrong_flats.c.user_id == user_id, wrong_flats.c.account == account, wrong_flats.c.at > since)
        return frozenset((await self._connection.execute(select(wrong_flats.c.answer).where(*theirs))).scalars())

    async def note_wrong_flat(self, user_id: int, account: str, answer: str, at: datetime) -> None:
        row = upsert(wrong_flats).values(user_id=user_id, account=account, answer=answer, at=at)
        keys = ["user_id", "account", "answer"]
        await self._connection.execute(row.on_conflict_do_update(index_elements=keys, set_={"at": at}))


def customers_of(rows: Iterable[Any]) -> dict[int, Customer]:
    """Of `CUSTOMERS`, in their order."""
    return {person: customer_of(person, list(theirs)) for person, theirs in groupby(rows, key=attrgetter("person_id"))}


def customer_of(user_id: int, rows: Sequence[Any]) -> Customer:
    """`rows`: of `CUSTOMERS`, all of one person."""
    first = rows[0]
    return Customer(
        user_id=user_id,
        language=first.language,
        consents=frozenset(consent for consent in Consent if getattr(first, consent.value)),
        links=tuple(_listed(user_id, row, alone=len(rows) == 1) for row in rows if row.id is not None),
        current_id=first.current_link,
        stopped=first.blocked_at is not None,
        email=first.email,
        quiet=Quiet.read(first.quiet),
        muted=frozenset(map(NotificationKind, first.muted)),
        remind_hour=first.remind_hour,
    )


def _listed(user_id: int, row: Any, *, alone: bool) -> Link:
    known = row.anyone_submits is not None
    control = Control(row.anyone_submits, row.closed, row.locked) if known else Control()
    return link_of(user_id, row, control=control, alone=alone)


GROUP: Final = TableGroup(
    repositories={CustomerRepository: SqlCustomers},
    traces=(
        Trace(
            "consents",
            N_("ваши согласия и тексты, которые вы тогда видели"),
            consents.c.user_id,
            hidden("id", "text_id"),
            left={},
        ),
        Trace("lookups", N_("какие счета вы искали"), lookups.c.user_id),
        Trace(
            "wrong_flats",
            N_("о каких счетах вы ответили неверно, когда бот спрашивал номер квартиры или дома"),
            wrong_flats.c.user_id,
            hidden("answer"),
        ),
    ),
    impersonal={"consent_texts": "documents of the company, the same for all"},
)
