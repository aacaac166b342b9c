"""Lists as values of statements: SQLite takes none, so they come as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, ColumnElement, bindparam, func, literal, select


def among(column: ColumnElement[Any], values: str | Iterable[Any]) -> ColumnElement[bool]:
    """The column is one of these. `values`: they, or the name by which they are bound."""
    bound = bindparam(values, type_=JSON) if isinstance(values, str) else literal(list(values), JSON)
    listed = func.json_each(bound).table_valued("value")
    return column.in_(select(listed.c.value))
