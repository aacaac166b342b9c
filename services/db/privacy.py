"""Where the bot's tables hold a person, and what of it they may ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.tables import consent_texts, consents
from services.models import Consent, ConsentText, GivenConsent


class SqlPersonalData:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def consents(self, user_id: int) -> tuple[GivenConsent, ...]:
        newest = select(func.max(consents.c.id)).where(consents.c.user_id == user_id).group_by(consents.c.consent)
        query = (
            select(consents, *(consent_texts.c[name] for name in ("version", "language", "title", "text")))
            .join(consent_texts)
            .where(consents.c.id.in_(newest))
            .order_by(consents.c.id)
        )
        return tuple(map(_given, (await self._connection.execute(query)).all()))

    async def withdraw(self, user_id: int, consent_id: int, at: datetime) -> None:
        standing = (consents.c.user_id == user_id, consents.c.id == consent_id, consents.c.withdrawn_at.is_(None))
        await self._connection.execute(update(consents).where(*standing).values(withdrawn_at=at))


def _given(row: Row[Any]) -> GivenConsent:
    text = ConsentText(Consent(row.consent), row.version, row.language, row.title, row.text)
    return GivenConsent(row.id, text, row.given_at, row.withdrawn_at)
