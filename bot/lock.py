"""One running process per SQLite file: two would answer the same person twice."""

from __future__ import annotations

import fcntl
import os
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
        if os.geteuid() == 0 and database.exists():  # a command run by root must not lock the bot's own user out
            os.chown(file.fileno(), database.stat().st_uid, database.stat().st_gid)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"another process already runs on {name}; stop it first") from None
        yield
