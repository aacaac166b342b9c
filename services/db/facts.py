"""The facts of a notice as JSON in its outbox row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from services.notices.catalog import OrderNotice, ReadingsReplaced
from services.notices.models import Facts

_adapters: dict[type[Facts], TypeAdapter[Facts]] = {}


def stored(facts: Facts) -> dict[str, Any]:
    return _adapter(type(facts)).dump_python(facts, mode="json", exclude_none=True)  # type: ignore[no-any-return]


def read(kind: type[Facts], row: Mapping[str, Any]) -> Facts:
    """Raises ValueError for facts that are not of this kind."""
    return _adapter(kind).validate_python(_typed(kind, row))


def _adapter(kind: type[Facts]) -> TypeAdapter[Facts]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _typed(kind: type[Facts], row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Rows of earlier versions hold strings alone. Numbers and days are read from them as they are, but for the empty
    day of a payment and for values like `day 3650 night 1580`."""
    if issubclass(kind, OrderNotice) and row.get("day") == "":
        return {**row, "day": None}
    if kind is ReadingsReplaced:
        return {name: _values(value) if name in ("was", "now") else value for name, value in row.items()}
    return row


def _values(said: Any) -> Any:
    words = said.split() if isinstance(said, str) else None
    return said if words is None else list(zip(words[::2], words[1::2], strict=True))
