"""Customers for the benchmarks to whom a broadcast goes out, and its rows in the outbox."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Final

from services.broadcasts.models import Audience, BroadcastState
from services.db.engine import file_of
from services.db.facts import stored
from services.notices.catalog import Announcement
from services.notices.models import Urgency
from tests.bench import customers

_BROADCAST: Final = 1
_TABLES: Final = (
    "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :first + :people) "
    "INSERT INTO users (id, language, created_at, quiet) SELECT i, 'ru', :at, 'off' FROM n",
    "INSERT INTO consents (user_id, consent, text_id, given_at) "
    "SELECT users.id, one.consent, one.text_id, one.given_at "
    "FROM users, (SELECT * FROM consents WHERE user_id = :like) one WHERE users.id >= :first",
    "INSERT INTO links (id, user_id, account, trust, created_at) "
    "SELECT 'l' || id, id, :account + id - :first, 'confirmed', :at FROM users WHERE id >= :first",
    "INSERT INTO broadcasts (id, text, audience, made_by, made_at, count, state) "
    "VALUES (:broadcast, 'Завтра с 10 до 12 часов не будет света', :audience, 'Анна', :at, :people, :state)",
)
_WAITING: Final = """
    INSERT INTO outbox (key, channel, user_id, kind, facts, urgency, own_urgency, created_at, due_at)
    SELECT 'broadcast:' || :broadcast || ':' || id, 'telegram', id, :kind, :facts, :urgency, :urgency, :at, :at
    FROM users WHERE id >= :first
"""


async def build(folder: Path, people: int, talkers: int) -> str:
    """Database URL. `talkers`: the first of the customers, to whom nothing goes out."""
    url = await customers.build(folder, talkers)
    values = {
        "first": customers.FIRST_PERSON + talkers,
        "like": customers.FIRST_PERSON,
        "account": int(customers.account_of(talkers)),
        "people": people,
        "broadcast": _BROADCAST,
        "audience": json.dumps(asdict(Audience())),
        "state": BroadcastState.QUEUED,
        "at": "2026-11-01 00:00:00.000000",
    }
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        for statement in _TABLES:
            connection.execute(statement, values)
    return url


def tell(url: str, talkers: int) -> None:
    """A row for each customer but the talkers, to be sent now."""
    facts = Announcement(_BROADCAST)
    values = {
        "first": customers.FIRST_PERSON + talkers,
        "broadcast": _BROADCAST,
        "kind": facts.kind,
        "facts": json.dumps(stored(facts)),
        "urgency": Urgency.BULK,
        "at": "2026-11-01 00:00:00.000000",
    }
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute(_WAITING, values)


def clear(url: str) -> None:
    """Forget the rows of the outbox."""
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("DELETE FROM outbox")
