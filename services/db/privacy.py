"""Where the bot's tables hold a person: what they may ask for, and what becomes of it when they are erased."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, and_, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.customers.models import Consent, ConsentText, GivenConsent
from services.db.inbox import OPEN
from services.db.tables import (
    consent_texts,
    consents,
    conversations,
    email_requests,
    guesses,
    inbox,
    invitations,
    journal,
    letters,
    links,
    lookups,
    orders,
    outbox,
    recoveries,
    submissions,
    users,
    wrong_flats,
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A column by which a table's rows belong to people. `section`: its name in the file of one's own data;
    `hidden`: columns that file leaves out, being numbers of ours or somebody else's data. When a person is erased
    their rows go, save `spared` ones; with `left` the rows stay and get these values."""

    section: str
    person: Column[Any]
    hidden: frozenset[str] = frozenset()
    left: Mapping[str, Any] | None = None
    spared: ColumnElement[bool] | None = None

    def of(self, user_id: int) -> ColumnElement[bool]:
        """Rows of one person."""
        if self.person is inbox.c.conversation:
            return self.person.in_([str(user_id), f"user {user_id}"])
        if self.person is conversations.c.key:
            return self.person.like(f"%:{user_id}:%")
        return self.person == user_id

    @property
    def shown(self) -> list[Column[Any]]:
        """Whose the rows are is said once, by the person's own row."""
        own = {self.person.name} - {users.c.id.name}
        return [column for column in self.person.table.c if column.name not in self.hidden | own]


def _hidden(*names: str) -> frozenset[str]:
    return frozenset(names)


_NOBODY = {"user_id": None}
_ANONYMOUS: Mapping[str, Any] = _NOBODY | {"request": {}, "shown_in": None}
_CLOSED = {
    "conversation": "",
    "body": None,
    "parked_at": None,
    "done_at": func.coalesce(inbox.c.parked_at, inbox.c.received_at),
}

_TRIES = ("tries", "tried_at", "doubts")
TRACES = (
    Trace("consents", consents.c.user_id, _hidden("id", "text_id"), left={}),
    Trace("accounts", links.c.user_id, _hidden("granted_by")),
    Trace(
        "shared",
        links.c.granted_by,
        _hidden("id", "user_id", "label", "trust", "verified_at"),
        left={"granted_by": None},
    ),
    Trace("invitations", invitations.c.granted_by, _hidden("digest", "key")),
    Trace("recoveries", recoveries.c.asked_by, _hidden("against")),
    Trace("withdrawals", recoveries.c.against, _hidden("asked_by")),
    Trace("emails", email_requests.c.user_id, _hidden("digest")),
    Trace("lookups", lookups.c.user_id),
    Trace("wrong_flats", wrong_flats.c.user_id, _hidden("answer")),
    Trace("guesses", guesses.c.user_id, _hidden("id", "key"), left=_NOBODY | {"key": ""}),
    Trace("submissions", submissions.c.user_id, _hidden("key", "replaces"), left=_NOBODY),
    Trace("payments", orders.c.user_id, _hidden("key", "request", "ask_at", "shown_in"), left=_ANONYMOUS),
    Trace("journal", journal.c.user_id, _hidden("id"), left=_NOBODY),
    Trace(
        "notices", outbox.c.user_id, _hidden("id", "key", "edits", "urgency", "own_urgency", "due_at", "quiet", *_TRIES)
    ),
    Trace("conversation", conversations.c.key),
    Trace("updates", inbox.c.conversation, _hidden("tries"), left=_CLOSED, spared=and_(*OPEN)),
    Trace("customer", users.c.id),  # after everything that refers to it
)


class SqlPersonalData:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

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

    async def everything(self, user_id: int) -> dict[str, list[dict[str, Any]]]:
        return {trace.section: await self._rows(trace, user_id) for trace in TRACES}

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
