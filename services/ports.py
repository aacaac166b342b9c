"""Ports that all use cases share. Each subject's own ports stand beside its use cases.

Adapters are chosen in `bot/app.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

Port = TypeVar("Port")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware UTC."""
        ...


@dataclass(frozen=True, slots=True)
class ConversationState:
    """Where a conversation stands. With neither state nor data it is at rest and needs no row."""

    state: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class Conversations(Protocol):
    async def state(self, key: str) -> ConversationState: ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """A one-page document in a person's language: facts as pairs, one table, a line below it."""

    title: str
    issuer: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: str
    footer: str
    language: str


class Documents(Protocol):
    async def sheet(self, sheet: Sheet) -> bytes:
        """PDF."""
        ...

    async def qr(self, payload: bytes) -> bytes:
        """PNG of a QR code that holds these very bytes, at least 600 pixels wide."""
        ...


class Alerts(Protocol):
    async def send(self, what: str, error: Exception | None = None) -> None:
        """Tell the operator of trouble that is ours. `what` names it, without anything of a customer's; the log
        gets the place that `error` comes from."""
        ...


class UnitOfWork(Protocol):
    """One short transaction. Nothing is kept unless `commit` was called."""

    def of(self, port: type[Port]) -> Port:
        """The repository of a port."""
        ...

    async def commit(self) -> None: ...


class Store(Protocol):
    """The bot's own tables."""

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]: ...

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]: ...
