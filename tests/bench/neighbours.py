"""Customers for the benchmarks, up to a million, each with an account whose readings of the month are missing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from services.db.engine import file_of
from tests.bench import customers, recipients

_ACCOUNTS: Final = (
    "INSERT INTO ledger_accounts (account, address, tariff, status) "
    "SELECT links.account, like.address, like.tariff, like.status FROM links, ledger_accounts like "
    "WHERE links.user_id >= :first AND like.account = :like",
    "INSERT INTO ledger_meters (account, meter, zones, digits) "
    "SELECT links.account, 'm' || links.account, like.zones, like.digits FROM links, ledger_meters like "
    "WHERE links.user_id >= :first AND like.account = :like",
    "INSERT INTO ledger_readings (account, meter, zone, date, value, source, counted) "
    "SELECT links.account, 'm' || links.account, like.zone, like.date, like.value, like.source, like.counted "
    "FROM links, (SELECT * FROM ledger_readings WHERE account = :like ORDER BY date DESC LIMIT 2) like "
    "WHERE links.user_id >= :first AND like.date < :month",
)


async def build(folder: Path, people: int, talkers: int, month: str) -> str:
    """Database URL. `talkers`: the first of the customers, with all their readings; `month`: its first day."""
    url = await recipients.build(folder, people, talkers)
    values = {"first": customers.FIRST_PERSON + talkers, "like": int(customers.account_of(0)), "month": month}
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        for statement in _ACCOUNTS:
            connection.execute(statement, values)
    return url
