"""Whether the embedded back end has what customers will ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import distinct, func, select

from services.db.engine import Database
from services.ledger.tables import accounts, tariffs


@dataclass(frozen=True, slots=True)
class Holdings:
    """`tariffs` are those with prices in force, `unpriced` the active accounts that have none of them."""

    accounts: int
    tariffs: int
    unpriced: int


async def holdings(database: Database, day: date) -> Holdings:
    priced = select(tariffs.c.tariff).where(tariffs.c.valid_from <= day)
    unpriced = (accounts.c.status == "active", accounts.c.tariff.not_in(priced))
    questions = (
        select(func.count()).select_from(accounts),
        select(func.count(distinct(tariffs.c.tariff))).where(tariffs.c.valid_from <= day),
        select(func.count()).select_from(accounts).where(*unpriced),
    )
    async with database.reading() as connection:
        return Holdings(*[int((await connection.execute(question)).scalar_one()) for question in questions])
