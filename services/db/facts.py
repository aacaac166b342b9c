"""The facts of a notice as JSON in its outbox row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from services.notices.models import Facts

_adapters: dict[type[Facts], TypeAdapter[Facts]] = {}


def stored(facts: Facts) -> dict[str, Any]:
    return _adapter(type(facts)).dump_python(facts, mode="json", exclude_none=True)  # type: ignore[no-any-return]


def read(kind: type[Facts], row: Mapping[str, Any]) -> Facts:
    """Raises ValueError for facts that are not of this kind."""
    return _adapter(kind).validate_python({name: _typed(name, value) for name, value in row.items()})


def _adapter(kind: type[Facts]) -> TypeAdapter[Facts]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _typed(name: str, value: Any) -> Any:
    """Rows of earlier versions hold strings alone: the day of a payment may be empty, values are `day 3650 night 1580`.
    Numbers and days in strings are read as they are."""
    if name == "day" and value == "":
        return None
    if name in ("was", "now") and isinstance(value, str):
        words = value.split()
        return list(zip(words[::2], words[1::2], strict=True))
    return value
