"""A copy of the database while the bot writes to it. It gets its name only when it is known to be good."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from pathlib import Path

from services.db.file import open_file, revision_of
from services.db.migrate import revisions

_BESIDE = ("", "-wal", "-shm", "-journal", ".lock")  # what belongs to a database in use
_HEADER = b"SQLite format 3\0"
_UNFINISHED = ".partial"
_COUNTS = {
    "customers": "SELECT count(*) FROM users",
    "submissions": "SELECT count(*) FROM submissions",
    "open updates": "SELECT count(*) FROM inbox WHERE done_at IS NULL AND parked_at IS NULL",
}


class NoBackup(Exception):
    """Says in a sentence why there is none."""


@dataclass(frozen=True, slots=True)
class Backup:
    """`size` in bytes; `counts` of rows by what they are."""

    path: Path
    size: int
    revision: str
    counts: Mapping[str, int]


def back_up(source: Path, target: Path, at: datetime) -> Backup:
    """To the file `target`, or into that folder by a name with the moment. Only an older copy is replaced.

    Raises NoBackup, OSError.
    """
    by_moment = target.is_dir()
    if by_moment:
        target /= f"{source.stem}-{at:%Y%m%dT%H%M%SZ}{source.suffix}"
    target = target.resolve()
    names = f"{escape(source.stem)}-*{escape(source.suffix)}" if by_moment else escape(target.name)
    _spare_the_living(source.resolve(), target)
    _spare_what_is_no_copy(target)
    with _one_at_a_time(source), _unfinished(target, names) as copy:
        try:
            with closing(open_file(source)) as database:
                database.execute("VACUUM INTO ?", [str(copy)])  # one reading transaction: writers go on
            backup = _verified(copy, target)
        except sqlite3.Error as error:
            raise NoBackup(f"The database cannot be copied to {target.parent}: {error}.") from None
        _to_disk(copy)
        copy.replace(target)
        _to_disk(target.parent)
    return backup


def _spare_the_living(source: Path, target: Path) -> None:
    """No copy may take the place of a database that somebody has open."""
    if not source.is_file():
        raise NoBackup(f"There is no database {source}.")
    if not target.parent.is_dir():
        raise NoBackup(f"There is no folder {target.parent}.")
    if target in [source.with_name(source.name + ending) for ending in _BESIDE]:
        raise NoBackup(f"{target} is the bot's own: choose another file.")
    if target.exists() and target.samefile(source):
        raise NoBackup(f"{target} is the bot's own: choose another file.")
    if target.with_name(f"{target.name}-wal").exists():
        raise NoBackup(f"{target} is a database in use: {target.name}-wal lies beside it.")


def _spare_what_is_no_copy(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_file():
        raise NoBackup(f"{target} is no regular file: choose another.")
    with target.open("rb") as file:
        if file.read(len(_HEADER)) != _HEADER:
            raise NoBackup(f"{target} is no backup, which alone may be replaced: choose another file.")


@contextmanager
def _one_at_a_time(source: Path) -> Iterator[None]:
    """Waits for another backup of this database, so that what is unfinished here belongs to nobody any more."""
    folder = os.open(source.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def _unfinished(target: Path, names: str) -> Iterator[Path]:
    """A new empty file beside `target`, for the owner's eyes only; it is gone at the end if it is still there, and so
    are those of backups with such names that were killed."""
    for ending in ("", "-journal"):
        for left in target.parent.glob(f"{names}{_UNFINISHED}{ending}"):
            left.unlink()
    copy = target.with_name(f"{target.name}{_UNFINISHED}")
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _verified(copy: Path, target: Path) -> Backup:
    """Raises NoBackup, sqlite3.Error."""
    with closing(open_file(copy)) as database:
        damage = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if damage != "ok":
            raise NoBackup(f"The copy is damaged, and so may be the database: {damage}.")
        if database.execute("PRAGMA foreign_key_check").fetchone():
            raise NoBackup("The copy refers to rows that are not there, and so may the database.")
        revision = revision_of(database)
        if revision not in revisions():
            raise NoBackup("The database has not the tables of this version, nor of an earlier one.")
        counts = {what: database.execute(query).fetchone()[0] for what, query in _COUNTS.items()}
    return Backup(target, copy.stat().st_size, revision, counts)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
