"""The use cases, found by their types. None is listed by hand: each says in its constructor what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from inspect import signature
from types import NoneType
from typing import Any, TypeVar, get_args

Kind = TypeVar("Kind")
_PLAIN = (bool, int, str)


class Missing(LookupError):
    """Nothing gives what a constructor asks for."""


class Assembly:
    """`parts`: ports and settings by their types; `plain`: numbers and words by the names of parameters."""

    def __init__(self, parts: Mapping[Any, Any], **plain: bool | int | str) -> None:
        self._parts = dict(parts)
        self._plain = plain

    def get(self, kind: type[Kind]) -> Kind:
        """The one of a type, built when it is first asked for. Raises Missing."""
        if kind not in self._parts:
            if getattr(kind, "_is_protocol", False):
                raise Missing(f"no adapter of the port {kind.__qualname__} is given")
            self._parts[kind] = self._made(kind)
        found: Kind = self._parts[kind]
        return found

    def _made(self, kind: Any) -> Any:
        return kind(**{name: self._part(kind, name, hint) for name, hint in _asked(kind).items()})

    def _part(self, kind: type, name: str, hint: Any) -> Any:
        if hint not in _PLAIN:
            return self.get(next((one for one in get_args(hint) if one is not NoneType), hint))
        if name not in self._plain:
            raise Missing(f"{kind.__qualname__} asks for `{name}`, which is not given")
        return self._plain[name]


@cache
def _asked(kind: type) -> dict[str, Any]:
    return {name: one.annotation for name, one in signature(kind, eval_str=True).parameters.items()}
