"""A bar that shows how far a command has come."""

from __future__ import annotations

import sys
from typing import Any

import typer


class Progress:
    """A bar for people who look; nothing in a pipe. `label`: the name of the things that are counted."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def show(self, done: int, count: int) -> None:
        if not sys.stdout.isatty():
            return
        if self._bar is None:
            self._bar = typer.progressbar(length=count, label=self._label)
            self._bar.__enter__()
        self._bar.length = count
        self._bar.update(done - self._bar.pos)
