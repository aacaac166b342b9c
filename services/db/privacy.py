"""A person's data in all tables: the file that they may ask for, and what becomes of it when they are erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, delete, func, literal, select, update

from services.customers.models import Consent, ConsentText, GivenConsent, Section
from services.db.customers import consent_texts, consents, lookups, wrong_flats
from services.db.emails import letters
from services.db.group import Repository, Trace
from services.db.groups import TRACES
from services.db.links import links
from services.db.orders import orders
from services.db.outbox import outbox
from services.db.proofs import guesses
from services.db.shares import invitations
from services.db.users import users


class SqlPersonalData(Repository):
    async def consents(self, user_id: int) -> tuple[GivenConsent, ...]:
        newest = select(func.max(consents.c.id)).where(consents.c.user_id == user_id).group_by(consents.c.consent)
        query = select(consents, *_text_columns()).join(consent_texts).where(consents.c.id.in_(newest))
        return tuple(map(_given, (await self._connection.execute(query.order_by(consents.c.id))).all()))

    async def withdraw(self, user_id: int, consent_id: int, at: datetime) -> None:
        standing = (consents.c.user_id == user_id, consents.c.id == consent_id, consents.c.withdrawn_at.is_(None))
        await self._connection.execute(update(consents).where(*standing).values(withdrawn_at=at))

    async def erase(self, user_id: int, at: datetime) -> None:
        await self._forget_joining(user_id)
        await self._forget_payers_guesses(user_id)
        standing = (consents.c.user_id == user_id, consents.c.withdrawn_at.is_(None))
        await self._connection.execute(update(consents).where(*standing).values(withdrawn_at=at))
        for trace in TRACES:
            await self._erase(trace, user_id)

    async def _forget_joining(self, user_id: int) -> None:
        """News for an owner that has not gone out says the name of who joined."""
        joined = select(literal("joined:") + links.c.id).where(links.c.user_id == user_id)
        await self._connection.execute(delete(outbox).where(outbox.c.ended_at.is_(None), outbox.c.key.in_(joined)))

    async def _forget_payers_guesses(self, user_id: int) -> None:
        """They have counted for their payer alone; without them they would count with everybody's."""
        paid = select(orders.c.account).where(orders.c.user_id == user_id, orders.c.credited_on.is_not(None))
        theirs = (guesses.c.user_id == user_id, guesses.c.account.in_(paid))
        await self._connection.execute(delete(guesses).where(*theirs))

    async def _erase(self, trace: Trace, user_id: int) -> None:
        table, theirs = trace.person.table, [trace.of(user_id)]
        if trace.spared is not None:
            theirs.append(~trace.spared)
        if trace.left is None:
            await self._connection.execute(delete(table).where(*theirs))
        elif trace.left:
            await self._connection.execute(update(table).where(*theirs).values(trace.left))

    async def erased_since(self, user_id: int, since: datetime) -> bool:
        """Only who has been erased is new here and has a past."""
        past = (consents.c.withdrawn_at >= since, consents.c.withdrawn_at < users.c.created_at)
        query = select(users.c.id).join(consents, consents.c.user_id == users.c.id).where(users.c.id == user_id, *past)
        return (await self._connection.execute(query)).first() is not None

    async def forget(self, before: datetime, guesses_before: datetime) -> None:
        await self._connection.execute(delete(guesses).where(guesses.c.at < guesses_before))
        await self._connection.execute(delete(lookups).where(lookups.c.day < before.date()))
        await self._connection.execute(delete(wrong_flats).where(wrong_flats.c.at < before))
        await self._connection.execute(delete(letters).where(letters.c.at < before))
        await self._connection.execute(delete(invitations).where(invitations.c.expires_at < before))

    async def everything(self, user_id: int) -> list[Section]:
        return [Section(trace.section, trace.words, await self._rows(trace, user_id)) for trace in TRACES]

    async def _rows(self, trace: Trace, user_id: int) -> list[dict[str, Any]]:
        query = select(*trace.shown).where(trace.of(user_id))
        if trace.person.table is consents:
            query = query.join(consent_texts).add_columns(*_text_columns())
        found = (await self._connection.execute(query)).mappings().all()
        return [{str(name): _readable(value) for name, value in row.items()} for row in found]


def _text_columns() -> Iterator[Column[Any]]:
    return (consent_texts.c[name] for name in ("version", "language", "title", "text"))


def _given(row: Row[Any]) -> GivenConsent:
    text = ConsentText(Consent(row.consent), row.version, row.language, row.title, row.text)
    return GivenConsent(row.id, text, row.given_at, row.withdrawn_at)


def _readable(value: Any) -> Any:
    """An update's body is JSON itself."""
    return json.loads(value) if isinstance(value, bytes) else value
