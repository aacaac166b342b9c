"""The bot's own tables behind the `Store` port."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from services.customers.ports import PersonalDataRepository
from services.db.engine import Database
from services.db.group import Repository
from services.db.groups import REPOSITORIES
from services.db.privacy import SqlPersonalData
from services.ports import UnitOfWork

Port = TypeVar("Port")
_REPOSITORIES: Final[Mapping[type, Any]] = {**REPOSITORIES, PersonalDataRepository: SqlPersonalData}


class Signal(Protocol):
    def set(self) -> None: ...


class Taken(Protocol):
    """Counts the submissions and paid orders of each commit."""

    def readings(self, count: int) -> None: ...

    def payments(self, count: int) -> None: ...


class SqlUnitOfWork:
    """`wake_up` is set when a commit has left something to send; `taken` counts its submissions and paid orders."""

    def __init__(self, connection: AsyncConnection, wake_up: Signal, taken: Taken | None = None) -> None:
        self._connection = connection
        self._wake_up = wake_up
        self._taken = taken
        self._used: dict[type, Repository] = {}

    def of(self, port: type[Port]) -> Port:
        """Raises KeyError for a port without a table group."""
        if port not in self._used:
            self._used[port] = _REPOSITORIES[port](self._connection)
        return cast("Port", self._used[port])

    async def commit(self) -> None:
        await self._connection.commit()
        events = sum((one.events for one in self._used.values()), Counter[str]())
        for one in self._used.values():
            one.events.clear()
        if self._taken:
            self._taken.readings(events["submissions"])
            self._taken.payments(events["payments"])
        if events["notices"]:
            self._wake_up.set()


class SqlStore:
    def __init__(self, database: Database, wake_up: Signal, taken: Taken | None = None) -> None:
        self._database = database
        self._wake_up = wake_up
        self._taken = taken

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return _Unit(self._database.reading(), self._unit)

    def writing(self, *, durable: bool = True) -> AbstractAsyncContextManager[UnitOfWork]:
        return _Unit(self._database.writing(durable=durable), self._unit)

    def _unit(self, connection: AsyncConnection) -> SqlUnitOfWork:
        return SqlUnitOfWork(connection, self._wake_up, self._taken)


class _Unit:
    """A unit of work while a block lasts; no generator, as every update has several."""

    __slots__ = ("_connection", "_unit")

    def __init__(
        self,
        connection: AbstractAsyncContextManager[AsyncConnection],
        unit: Callable[[AsyncConnection], SqlUnitOfWork],
    ) -> None:
        self._connection = connection
        self._unit = unit

    async def __aenter__(self) -> SqlUnitOfWork:
        return self._unit(await self._connection.__aenter__())

    async def __aexit__(self, *error: Any) -> bool | None:
        return await self._connection.__aexit__(*error)
