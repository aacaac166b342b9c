"""Owners for the benchmarks who have subscribed to receipts of a charged month."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.db.engine import file_of
from services.supplier.models import Month
from tests.bench import customers

CHARGED: Final = Month.of(datetime.now(UTC).date()).plus(-1)
_AT: Final = "2026-11-01 00:00:00.000000"


async def build(folder: Path, people: int, others: int = 0) -> str:
    """Database URL. `others`: the first of the customers, who have not subscribed."""
    url = await customers.build(folder, others + people)
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("UPDATE links SET trust = 'verified', verified_at = ?", (_AT,))
        connection.execute(
            "INSERT INTO subscriptions (account, user_id, channel, since, address) "
            "SELECT account, user_id, 'telegram', ?, '' FROM links WHERE user_id >= ?",
            (_AT, customers.FIRST_PERSON + others),
        )
        connection.execute(
            "INSERT INTO ledger_charges (account, period, opening, charged, closing) "
            "SELECT account, ?, 0, 50000 + account % 1000, 50000 + account % 1000 FROM ledger_accounts",
            (str(CHARGED),),
        )
        connection.execute("UPDATE users SET quiet = 'off'")
    return url
