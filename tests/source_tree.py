"""The product's own modules and classes, for guards that look at all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

Kind = TypeVar("Kind")


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def classes(package: ModuleType, kind: type[Kind]) -> list[type[Kind]]:
    """Subclasses of `kind` by name, each where it is defined."""
    found = {
        member.__qualname__: member
        for module in modules(package)
        for _, member in inspect.getmembers(module, inspect.isclass)
        if issubclass(member, kind) and member is not kind and member.__module__ == module.__name__
    }
    return [found[name] for name in sorted(found)]
