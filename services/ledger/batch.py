"""From a chunk of a registry file to rows of its table, whole columns at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from services.ledger.cells import BadCell, Value
from services.ledger.layout import Column, Layout
from services.ledger.lines import Chunk, Header, columns, one_by_one
from services.ledger.refused import Refused
from services.ledger.rejects import Rejected

Row = tuple[Value, ...]
OCCURRENCE = "occurrence"


@dataclass(frozen=True, slots=True)
class Form:
    """How one file is read and written: its layout, and of the layout's columns those that the file has."""

    layout: Layout
    header: Header
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, layout: Layout, header: Header) -> Form:
        """Raises Refused when a needed column is missing."""
        missing = [name for name in layout.needed if name not in header.names]
        if missing:
            raise Refused(f"Не хватает столбцов: {', '.join(missing)}. Ни одна строка не загружена.")
        return cls(layout, header, tuple(column for column in layout.columns if column.name in header.names))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of a row's values."""
        counted = (OCCURRENCE,) if OCCURRENCE in self.layout.key else ()
        return tuple(column.name for column in self.columns) + counted

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(name for name in self.layout.key if name in self.names)

    def keys(self, names: Sequence[str], rows: Sequence[Row]) -> list[Row | Value]:
        """The named values of each row, without a tuple around a single one."""
        return list(map(itemgetter(*map(self.names.index, names)), rows))


@dataclass(slots=True)
class Batch:
    """Rows for the table; `numbers` and `raw` tell by a row's position which line it was; `rejected` in any order."""

    rows: list[Row]
    numbers: Sequence[int]
    raw: Callable[[int], str]
    rejected: list[Rejected] = field(default_factory=list)

    def without(self, reasons: dict[int, str]) -> Batch:
        """The same with the rows at these positions rejected."""
        if not reasons:
            return self
        kept = [index for index in range(len(self.rows)) if index not in reasons]
        refused = [(self.numbers[index], reason, self.raw(index)) for index, reason in reasons.items()]
        return Batch(
            [self.rows[index] for index in kept],
            [self.numbers[index] for index in kept],
            lambda index: self.raw(kept[index]),
            self.rejected + refused,
        )


def read_batch(form: Form, chunk: Chunk, complete: Callable[[list[Row]], list[Row]] = list) -> Batch:
    """`complete` adds to each row the values that its cells do not hold."""
    batch = _by_column(form, chunk) or _by_line(form, chunk)
    batch.rows = complete(batch.rows)
    return batch.without(_repeated(form, batch))


def _by_column(form: Form, chunk: Chunk) -> Batch | None:
    """None when something in the chunk is unusual."""
    found = columns(chunk, form.header)
    if found is None:
        return None
    try:
        values = [column.read_all(found[form.header.names.index(column.name)]) for column in form.columns]
    except BadCell:
        return None
    numbers = range(chunk.number, chunk.number + chunk.count)
    return Batch(list(zip(*values, strict=True)), numbers, lambda index: chunk.lines[index])


def _by_line(form: Form, chunk: Chunk) -> Batch:
    rows: list[Row] = []
    numbers: list[int] = []
    raw: list[str] = []
    rejected: list[Rejected] = []
    for line in one_by_one(chunk, form.header):
        row, reason = (None, line.reason) if line.cells is None else _row(form, line.cells)
        if row is None:
            rejected.append((line.number, reason, line.raw))
            continue
        rows.append(row)
        numbers.append(line.number)
        raw.append(line.raw)
    return Batch(rows, numbers, raw.__getitem__, rejected)


def _row(form: Form, cells: Sequence[str]) -> tuple[Row | None, str]:
    """The values, or what is wrong with every cell that is wrong."""
    values: list[Value] = []
    reasons: list[str] = []
    for column in form.columns:
        cell = cells[form.header.names.index(column.name)]
        try:
            values.append(column.read(cell))
        except BadCell as error:
            reasons.append(f"{column.name}: {error}, а здесь «{cell.strip()[:30]}»")
    return (None, "; ".join(reasons)) if reasons else (tuple(values), "")


def _repeated(form: Form, batch: Batch) -> dict[int, str]:
    """Reasons for rows whose key comes again later in the chunk."""
    keys = form.keys(form.key, batch.rows)
    last = dict(zip(keys, range(len(keys)), strict=True))
    if len(last) == len(keys):
        return {}
    names = ", ".join(name for name in form.key if name != OCCURRENCE)
    return {
        index: f"тот же ключ ({names}) ещё раз в строке {batch.numbers[last[key]]}: действует она"
        for index, key in enumerate(keys)
        if last[key] != index
    }
