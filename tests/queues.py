"""Tables `inbox` and `outbox` as tests see and change them; other modules of tests have no SQL on these two."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

MIDNIGHT: Final = "2026-11-23 00:00:00.000000"  # before the hour at which the clock of a harness stands
DROP_UPDATES: Final = "DELETE FROM inbox"
DROP_DEAD_LETTERS: Final = "DELETE FROM inbox WHERE parked_at IS NOT NULL"
DROP_NOTICES: Final = "DELETE FROM outbox"

Statement = tuple[str, list[object]]  # SQL and its values


class Queues(ABC):
    """Questions to both tables. Rows come in order of their ids; `where` has the value of a column, or several."""

    @abstractmethod
    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]: ...

    def outbox(self, columns: str, **where: object) -> list[tuple[Any, ...]]:
        """These columns of all notices in the outbox, or of those whose columns are as in `where`."""
        conditions, values = _conditions(where)
        return self.rows(f"SELECT {columns} FROM outbox WHERE {conditions} ORDER BY id", *values)

    def inbox(self, columns: str, **where: object) -> list[tuple[Any, ...]]:
        """These columns of all updates in the inbox, or of those whose columns are as in `where`."""
        conditions, values = _conditions(where)
        return self.rows(f"SELECT {columns} FROM inbox WHERE {conditions} ORDER BY update_id", *values)

    def unsent(self, **where: object) -> list[tuple[int, str]]:
        """Ids and states of notices that wait or are on their way; those kept for people who stopped the bot are
        neither."""
        return self.outbox("id, state", state=("waiting", "sending"), **where)

    def due(self, by: datetime, **where: object) -> list[int]:
        """Ids of such notices whose moment has come."""
        unsent = self.outbox("id, due_at", state=("waiting", "sending"), **where)
        return [number for number, due_at in unsent if due_at <= f"{by.astimezone(UTC):%F %T.%f}"]

    def undone_updates(self) -> list[int]:
        """Numbers of updates that are not worked off, those put aside among them."""
        return [number for (number,) in self.inbox("update_id", done_at=None)]

    def open_updates(self) -> list[int]:
        """Numbers of updates that are neither worked off nor put aside."""
        return [number for (number,) in self.inbox("update_id", done_at=None, parked_at=None)]

    def dead_letters(self, columns: str = "update_id, body") -> list[tuple[Any, ...]]:
        """These columns of the updates that are put aside."""
        return self.rows(f"SELECT {columns} FROM inbox WHERE parked_at IS NOT NULL ORDER BY update_id")


def _conditions(where: Mapping[str, object]) -> tuple[str, list[object]]:
    terms, values = ["true"], list[object]()
    for name, value in where.items():
        if isinstance(value, Collection) and not isinstance(value, str | bytes):
            terms.append(f"{name} IN ({', '.join('?' * len(value))})")
            values.extend(value)
        else:
            terms.append(f"{name} IS ?")
            values.append(value)
    return " AND ".join(terms), values


def queueing(**columns: object) -> Statement:
    """Puts a row into the outbox; columns that are not named are as those of a notice in a person's chat."""
    row = {"channel": "telegram", "facts": "{}", "urgency": 0, "created_at": MIDNIGHT, "due_at": MIDNIGHT} | columns
    row = {"own_urgency": row["urgency"]} | row
    return f"INSERT INTO outbox ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", [*row.values()]


def rewriting(columns: Mapping[str, object], **where: object) -> Statement:
    """Gives these columns of the outbox other values."""
    conditions, values = _conditions(where)
    changes = ", ".join(f"{name} = ?" for name in columns)
    return f"UPDATE outbox SET {changes} WHERE {conditions}", [*columns.values(), *values]
