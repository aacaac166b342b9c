"""The bot's own tables behind the `Store` port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.customers import SqlCustomers
from services.db.disclosures import SqlDisclosures
from services.db.emails import SqlEmailRequests
from services.db.engine import Database
from services.db.orders import SqlOrders
from services.db.outbox import SqlNotices
from services.db.privacy import SqlPersonalData
from services.db.proofs import SqlProofs
from services.db.recoveries import SqlRecoveries
from services.db.shares import SqlShares
from services.db.submissions import SqlSubmissions
from services.ports import Unit


class Signal(Protocol):
    def set(self) -> None: ...


class Taken(Protocol):
    """Counts the submissions and paid orders of each commit."""

    def readings(self, count: int) -> None: ...

    def payments(self, count: int) -> None: ...


class SqlUnit:
    """`wake_up` is set when a commit has left something to send; `taken` counts its submissions and paid orders."""

    def __init__(self, connection: AsyncConnection, wake_up: Signal, taken: Taken | None = None) -> None:
        self.customers = SqlCustomers(connection)
        self.proofs = SqlProofs(connection)
        self.disclosures = SqlDisclosures(connection)
        self.shares = SqlShares(connection)
        self.recoveries = SqlRecoveries(connection)
        self.emails = SqlEmailRequests(connection)
        self.submissions = SqlSubmissions(connection)
        self.orders = SqlOrders(connection)
        self.notices = SqlNotices(connection)
        self.personal = SqlPersonalData(connection)
        self._connection = connection
        self._wake_up = wake_up
        self._taken = taken

    async def commit(self) -> None:
        await self._connection.commit()
        if self._taken:
            self._taken.readings(self.submissions.added)
            self._taken.payments(self.orders.paid)
            self.submissions.added = self.orders.paid = 0
        if self.notices.told:
            self._wake_up.set()


class SqlStore:
    def __init__(self, database: Database, wake_up: Signal, taken: Taken | None = None) -> None:
        self._database = database
        self._wake_up = wake_up
        self._taken = taken

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        async with self._database.reading() as connection:
            yield SqlUnit(connection, self._wake_up, self._taken)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        async with self._database.writing() as connection:
            yield SqlUnit(connection, self._wake_up, self._taken)
