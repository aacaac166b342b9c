"""Ports that all use cases share. Each subject's own ports stand beside its use cases.

Adapters are chosen in `bot/app.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from services.receipts.models import Receipt

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
    """A one-page document in a person's language: facts as pairs, one table if it has columns, a line and a small note
    below it."""

    title: str
    issuer: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: str
    footer: str
    language: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Two bars of a chart, each of parts that stand on one another; None: not known."""

    label: str
    before: tuple[int, ...] | None
    now: tuple[int, ...] | None
    under: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of months beside those of a year before. `parts`: kinds and names of what the bars are made of, from
    below."""

    title: str
    subtitle: str
    headline: str
    remark: str
    parts: tuple[tuple[str, str], ...]
    now: str
    before: str
    columns: tuple[Columns, ...]
    language: str


Cell = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of a workbook, or a CSV file. Whole numbers, sums of money in roubles, days and words; `total` is a last
    row that stands out."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class CodePicture:
    """A code to pay by and the words around it, in a person's language."""

    content: bytes
    payee: str
    sum: str
    account: str


class Documents(Protocol):
    """Papers. Both kinds may raise DocumentsBusy."""

    async def sheet(self, sheet: Sheet) -> bytes:
        """PDF."""
        ...

    async def receipt(self, receipt: Receipt, *, bulk: bool = False) -> bytes:
        """PDF/A-2a and PDF/UA-1, the same bytes for the same receipt. `bulk`: one of many, no customer waits for it."""
        ...

    async def code(self, picture: CodePicture) -> bytes:
        """PNG of a QR code that holds the very bytes, at least 600 pixels wide, between the words."""
        ...

    async def chart(self, chart: Chart) -> bytes:
        """PNG, 1080 pixels wide."""
        ...


class Spreadsheets(Protocol):
    """Files of tables. No cell is taken for a formula, whatever its words begin with."""

    async def workbook(self, tables: Sequence[Table]) -> bytes:
        """XLSX, a sheet for each table."""
        ...

    async def csv(self, table: Table) -> bytes:
        """UTF-8 with a byte order mark, `;` between cells, decimal commas: as Russian spreadsheets read it."""
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

    def writing(self, *, durable: bool = True) -> AbstractAsyncContextManager[UnitOfWork]:
        """A commit that is not `durable` may be lost with the machine's power, until a later one is durable: for work
        that is then done anew."""
        ...
