"""One running process per SQLite file: two would answer the same person twice."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds the database."""


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Raises AlreadyRunning. The lock ends with the process, however it ends."""
    name, database = database, database.resolve()  # by whatever link it is called
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(f"{database.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"another process already runs on {name}; stop it first") from None
        yield
