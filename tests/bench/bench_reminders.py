"""(o) A look at the outbox in which 1,000,000 reminders wait for their moment, beside 1,000."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from services.db.engine import Database, file_of
from services.db.facts import stored
from services.db.migrate import migrate
from services.db.outbox import SqlOutbox
from services.notices.catalog import ReadingsDue
from services.notices.models import Channel
from services.supplier.models import Month
from tests.bench import customers
from tests.bench.table import Row

LOOKS = 50
NOW = datetime(2026, 11, 23, tzinfo=UTC)
# Urgency 2 is bulk.
_WAITING = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)
    INSERT INTO outbox (key, channel, user_id, kind, facts, urgency, own_urgency, created_at, due_at, not_before, quiet)
    SELECT 'bench' || i, 'telegram', :first + i % :people, 'remind_readings', :facts, 2, 2, :created, :due, :due, 1
    FROM n
"""


def run(_quick: bool) -> list[Row]:
    return [asyncio.run(_looks())]


async def _looks() -> Row:
    """Milliseconds of a look at an outbox in which all wait for a later moment."""
    many, few = await _look(1_000_000), await _look(1_000)
    return Row("a look at the outbox, 1,000,000 planned beside 1,000", many, few, many / few, "ms")


async def _look(count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        database = Database(url)
        await migrate(database)
        _plan(url, count, count, "2026-11-23 12:00:00.000000")
        outbox, times = SqlOutbox(database), list[float]()
        for _ in range(LOOKS):
            began = time.perf_counter()
            assert not await outbox.due(Channel.TELEGRAM, NOW, 100)
            times.append(time.perf_counter() - began)
        await database.close()
    return median(times) * 1e3


def _plan(url: str, count: int, people: int, due: str) -> None:
    today = datetime.now(UTC).date()
    due_facts = ReadingsDue(Month.of(today), "Europe/Moscow", "1-31", today)
    facts = json.dumps(stored(due_facts))
    values = {"count": count, "first": customers.FIRST_PERSON, "people": people, "facts": facts, "due": due}
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute(_WAITING, values | {"created": "2026-11-01 00:00:00.000000"})


if __name__ == "__main__":
    print(asyncio.run(_looks()))  # noqa: T201
