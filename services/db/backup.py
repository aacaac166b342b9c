"""A copy of the database while the bot writes to it. It gets its name only when it is known to be good."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from pathlib import Path

from services.db.file import explained, open_file, revision_of
from services.db.migrate import LATER, is_later, revisions
from services.files import UNFINISHED, spare, spare_what_is_not, unfinished

_HEADER = b"SQLite format 3\0"
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


def back_up(source: Path, target: Path, at: datetime, others: Iterable[Path] = ()) -> Backup:
    """To the file `target`, or into that folder by a name with the moment. Only an older copy is replaced.

    `others`: files besides the database's own that are needed. Raises NoBackup, Spared, OSError.
    """
    if not source.is_file():
        raise NoBackup(f"There is no database {source.resolve()}.")
    by_moment = target.is_dir()
    if by_moment:
        target /= f"{source.stem}-{at:%Y%m%dT%H%M%SZ}{source.suffix}"
    target = target.resolve()
    names = f"{escape(source.stem)}-*{escape(source.suffix)}" if by_moment else escape(target.name)
    spare(target, source, *others)
    spare_what_is_not(target, [_HEADER], "backup")
    with _one_at_a_time(source):
        _clear(target.parent, names)
        with unfinished(target) as copy:
            try:
                with closing(open_file(source)) as database:
                    database.execute("VACUUM INTO ?", [str(copy)])  # one reading transaction: writers go on
                backup = _verified(copy, target)
            except UnicodeEncodeError:  # SQLite takes no other name
                raise NoBackup("The name of a backup must be text in UTF-8: choose another file.") from None
            except sqlite3.Error as error:
                words = explained(source, error)
                raise NoBackup(f"The database cannot be copied to {target.parent}: {words}.") from None
    return backup


def _clear(folder: Path, names: str) -> None:
    """Backups with such names that were killed left these."""
    for ending in ("", "-journal"):
        for left in folder.glob(f"{names}{UNFINISHED}{ending}"):
            left.unlink()


@contextmanager
def _one_at_a_time(source: Path) -> Iterator[None]:
    """Waits for another backup of this database, so that an unfinished file here is that of a killed one."""
    folder = os.open(source.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _verified(copy: Path, target: Path) -> Backup:
    """Raises NoBackup, sqlite3.Error."""
    with closing(open_file(copy)) as database:
        damage = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if damage != "ok":
            raise NoBackup(f"The copy is damaged, and so may be the database: {damage}.")
        if database.execute("PRAGMA foreign_key_check").fetchone():
            raise NoBackup("The copy refers to rows that are not there, and so may the database.")
        revision = revision_of(database)
        if is_later(revision):
            raise NoBackup(LATER.format(revision))
        if revision not in revisions():
            raise NoBackup("The database has not the tables of this version, nor of an earlier one.")
        counts = {what: database.execute(query).fetchone()[0] for what, query in _COUNTS.items()}
    return Backup(target, copy.stat().st_size, revision, counts)
