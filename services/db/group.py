"""A group of tables: its repositories, and where it holds people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection


class Repository:
    """The SQL behind a port, within one unit of work. `events`: what was written since the last commit, by name."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.events: Counter[str] = Counter()


@dataclass(frozen=True, slots=True)
class Trace:
    """A column by which a table's rows belong to people. `section`: its name in the file of one's own data, where
    `words`, a message of the catalogs, explain it; `hidden`: columns that file leaves out, being numbers of ours or
    somebody else's data; `belongs`: the condition for one person's rows where the column holds more than their id. When
    a person is erased their rows go, save `spared` ones; with `left` the rows stay and get these values."""

    section: str
    words: str
    person: Column[Any]
    hidden: frozenset[str] = frozenset()
    left: Mapping[str, Any] | None = None
    spared: ColumnElement[bool] | None = None
    belongs: Callable[[int], ColumnElement[bool]] | None = None

    def of(self, user_id: int) -> ColumnElement[bool]:
        """Rows of one person."""
        return self.belongs(user_id) if self.belongs else self.person == user_id

    @property
    def shown(self) -> list[Column[Any]]:
        """Columns of the file of one's own data. The person's own row says once whose they are."""
        left_out = self.hidden | ({self.person.name} - {"id"})
        return [column for column in self.person.table.c if column.name not in left_out]


def hidden(*names: str) -> frozenset[str]:
    return frozenset(names)


NAMELESS: Mapping[str, Any] = {"user_id": None}


@dataclass(frozen=True, slots=True)
class TableGroup:
    """`repositories` by port; `impersonal`: tables that hold no person, each with the reason."""

    repositories: Mapping[type, Callable[[AsyncConnection], Repository]] = field(default_factory=dict)
    traces: tuple[Trace, ...] = ()
    impersonal: Mapping[str, str] = field(default_factory=dict)
