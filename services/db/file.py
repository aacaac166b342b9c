"""The database file, for those who must not wait for the bot or who run beside it: health, `check`, `backup`."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote


def open_file(path: Path, patience: timedelta = timedelta(seconds=5)) -> sqlite3.Connection:
    """An existing file, never a new one. `patience`: how long a lock is waited for. Raises sqlite3.Error."""
    address = f"file:{quote(str(path))}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=patience.total_seconds(), isolation_level=None)


def explained(path: Path, words: object) -> str:
    """SQLite's message about a file that it cannot use, with the reason where a look at the file tells it."""
    return f"{words}" + next((f" ({why})" for why in _reasons(path)), "")


def _reasons(path: Path) -> Iterator[str]:
    if path.is_dir():
        yield f"{path} is a folder"
    for one in (path, path.parent):
        if one.exists() and not os.access(one, os.R_OK | os.W_OK):
            yield f"{one} belongs to user {one.stat().st_uid}, and this is user {os.geteuid()}"


def touch(connection: sqlite3.Connection) -> None:
    """Write and commit what is there already. Raises sqlite3.Error when the file cannot be written."""
    [[version]] = connection.execute("PRAGMA user_version")
    connection.execute(f"PRAGMA user_version = {int(version)}")


def shorten_wal(path: Path) -> None:
    """Empty the WAL file, as far as no reader needs it. Raises sqlite3.Error."""
    with closing(open_file(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def revision_of(connection: sqlite3.Connection) -> str | None:
    """Of the tables, None when there are none. Raises sqlite3.Error."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found[0]) if found else None
