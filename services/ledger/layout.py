"""The six registry files and the folder of receipts: their columns, what identifies a line, what a line refers to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table

from services.ledger import cells, tables
from services.ledger.cells import Reader, Value

Whole = Callable[[Sequence[str]], list[Value]]


class _Memo(dict[str, Value]):
    """Cells of a column repeat: each kind is read once."""

    def __init__(self, read: Reader) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> Value:
        value = self[cell] = self._read(cell)
        return value


@dataclass(frozen=True, slots=True)
class Column:
    """`needed`: the header must name it. `whole` reads a column at once where that is quicker."""

    name: str
    read: Reader
    needed: bool = True
    whole: Whole | None = None

    def read_all(self, column: Sequence[str]) -> list[Value]:
        """Raises BadCell when any cell is wrong, without telling which."""
        if self.whole is not None:
            return self.whole(column)
        return list(map(_Memo(self.read).__getitem__, column))


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of registry file. `refers_to`: what must have been imported before: nothing, its account,
    or its account, meter and zone. `until`: a column of days or months, and how many months ahead it may be."""

    name: str
    table: Table
    columns: tuple[Column, ...]
    refers_to: tuple[str, ...] = ()
    until: tuple[str, int] | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that identify a line, those of the table."""
        return tuple(column.name for column in self.table.primary_key)

    @property
    def values(self) -> tuple[str, ...]:
        """Columns of the table that a line may change."""
        return tuple(column.name for column in self.table.c if not column.primary_key and column.name != "import_id")

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.needed)


def _account() -> Column:
    return Column("account", cells.account, whole=cells.account_column)  # type: ignore[arg-type]  # list is invariant


def _text(name: str) -> Column:
    return Column(name, cells.text, needed=False, whole=cells.text_column)  # type: ignore[arg-type]


def _filled(name: str) -> Column:
    return Column(name, cells.filled_text, whole=cells.filled_text_column)  # type: ignore[arg-type]


def _code(name: str) -> Column:
    return Column(name, cells.code, needed=False)


def _filled_code(name: str) -> Column:
    return Column(name, cells.filled_code)


def _optional(name: str, read: Reader, default: Value = None) -> Column:
    return Column(name, cells.optional(read, default), needed=False)


_ACCOUNTS = Layout(
    "accounts",
    tables.accounts,
    (
        _account(),
        _filled("address"),
        _text("holder"),
        _text("phone"),
        _optional("residents", cells.whole(0, 999)),
        _optional("area", cells.decimal),
        _optional("season_ratio", cells.decimal),
        _optional("social_norm", cells.decimal),
        _text("tariff"),
        _optional("status", cells.status, "active"),
    ),
)
_METERS = Layout(
    "meters",
    tables.meters,
    (
        _account(),
        _filled_code("meter"),
        Column("zones", cells.scheme),
        _optional("digits", cells.whole(3, 9), 6),
        _optional("coefficient", cells.whole(1, 100_000), 1),
        _optional("verification_due", cells.day),
        _text("place"),
        _optional("status", cells.status, "active"),
    ),
    refers_to=("account",),
)
_TARIFFS = Layout(
    "tariffs",
    tables.tariffs,
    (
        _filled("tariff"),
        Column("valid_from", cells.day),
        Column("zone", cells.zone),
        Column("tier", cells.whole(1, 9)),
        _optional("up_to_kwh", cells.whole(1, 999_999_999)),
        Column("price", cells.price),
    ),
)
_READINGS = Layout(
    "readings",
    tables.readings,
    (
        _account(),
        _filled_code("meter"),
        Column("zone", cells.zone),
        Column("date", cells.day),
        Column("value", cells.reading),
        _text("source"),
        _optional("counted", cells.flag, 0),
    ),
    refers_to=("account", "meter", "zone"),
    until=("date", 0),
)
_CHARGES = Layout(
    "charges",
    tables.charges,
    (
        _account(),
        Column("period", cells.month),
        _optional("opening", cells.money, 0),
        _optional("charged", cells.money, 0),
        _optional("recalculated", cells.money, 0),
        _optional("penalty", cells.money, 0),
        Column("closing", cells.money),
        _optional("recommended", cells.sum_to_pay),
    ),
    refers_to=("account",),
    until=("period", 1),
)
_PAYMENTS = Layout(
    "payments",
    tables.payments,
    (
        _account(),
        Column("date", cells.day),
        Column("amount", cells.money),
        _text("source"),
        _code("reference"),
        _optional("status", cells.word("active", "cancelled"), "active"),
    ),
    refers_to=("account",),
    until=("date", 0),
)

# No file of lines: a folder of PDF.
RECEIPTS = Layout(
    "receipts",
    tables.receipts,
    (
        _account(),
        Column("period", cells.month),
        Column("digest", cells.text),
        Column("size", cells.whole(1, 999_999_999)),
    ),
    refers_to=("account",),
    until=("period", 0),
)

# In the order in which they refer to each other.
LAYOUTS = (_TARIFFS, _ACCOUNTS, _METERS, _READINGS, _CHARGES, _PAYMENTS)

_NAME = re.compile(rf"({'|'.join(layout.name for layout in LAYOUTS)})(?:[ _.-].*)?\.csv")
REJECTED = ".rejected.csv"


def layout_of(path: Path) -> Layout | None:
    """Known by the file's name: `accounts.csv`, and in pieces `accounts_2026-11.csv`, `ACCOUNTS-36.CSV`."""
    name = path.name.lower()
    match = None if name.endswith(REJECTED) else _NAME.fullmatch(name)
    return next((layout for layout in LAYOUTS if match and layout.name == match[1]), None)
