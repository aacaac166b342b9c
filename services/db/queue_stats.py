"""How the bot's tables are doing, over connections that neither wait for the bot nor keep it waiting."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from services.db.counters import counters
from services.db.engine import Database
from services.db.file import open_file, touch
from services.db.inbox import OPEN, inbox
from services.db.outbox import State, outbox
from services.notices.models import Channel

_IMPORTED = "imported"  # a counter's name: seconds since 1970
PATIENCE = timedelta(milliseconds=400)  # for a lock: commits take milliseconds

_ON_ITS_WAY = (outbox.c.ended_at.is_(None), outbox.c.state != State.HELD)


@dataclass(frozen=True, slots=True)
class QueueStats:
    """`open` and `parked` count updates, `waiting` notices, those left out whose person has stopped the bot.
    `queue_age`: of the oldest open update; `held_up`: of the oldest one outside flooded conversations;
    `outbox_age`: how long the oldest notice has been due; zero: there is none. `imported_at`: when registry files were
    last taken over.
    """

    open: int
    queue_age: timedelta
    held_up: timedelta
    parked: int
    waiting: Mapping[Channel, int]
    outbox_age: timedelta
    imported_at: datetime | None


class QueueStatsReader:
    """Calls block. Each opens the file anew, as a process would that starts now."""

    def __init__(self, path: Path) -> None:
        self._open = partial(open_file, path, PATIENCE)
        self._engine = create_engine("sqlite://", creator=self._open, poolclass=NullPool)

    def read(self, now: datetime, flooded: Collection[str] = ()) -> QueueStats | None:
        """`flooded`: conversations that only their own many updates hold up. None when the database cannot be read."""
        try:
            with self._engine.connect() as connection:
                return _stats(connection, now, flooded)
        except SQLAlchemyError:
            return None

    def writable(self) -> bool:
        """Whether a commit reaches the disk."""
        try:
            with closing(self._open()) as connection:
                touch(connection)
        except sqlite3.Error:
            return False
        return True


async def note_import(database: Database, at: datetime) -> None:
    """Registry files have been taken over."""
    seconds = int(at.timestamp())
    noted = upsert(counters).values(name=_IMPORTED, value=seconds)
    async with database.writing() as connection:
        await connection.execute(noted.on_conflict_do_update(index_elements=["name"], set_={"value": seconds}))
        await connection.commit()


def _stats(connection: Connection, now: datetime, flooded: Collection[str]) -> QueueStats:
    updates = connection.execute(select(func.count(), func.min(inbox.c.received_at)).where(*OPEN)).one()
    others = select(func.min(inbox.c.received_at)).where(*OPEN, inbox.c.conversation.not_in(flooded))
    parked = connection.execute(select(func.count()).where(inbox.c.parked_at.is_not(None))).scalar_one()
    of_channels = select(outbox.c.channel, func.count()).where(*_ON_ITS_WAY).group_by(outbox.c.channel)
    due = connection.execute(select(func.min(outbox.c.due_at)).where(*_ON_ITS_WAY)).scalar()
    imported = connection.execute(select(counters.c.value).where(counters.c.name == _IMPORTED)).scalar()
    counted = {str(channel): int(count) for channel, count in connection.execute(of_channels)}
    return QueueStats(
        open=updates[0],
        queue_age=_age(updates[1], now),
        held_up=_age(connection.execute(others).scalar(), now) if flooded else _age(updates[1], now),
        parked=parked,
        waiting={channel: counted.get(channel, 0) for channel in Channel},
        outbox_age=_age(due, now),
        imported_at=datetime.fromtimestamp(imported, UTC) if imported else None,
    )


def _age(since: datetime | None, now: datetime) -> timedelta:
    return max(now - since, timedelta(0)) if since else timedelta(0)
