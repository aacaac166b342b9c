"""Files that commands write for the operator: they get their name when they are complete, and never that of another
file which is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

STANDARD_OUTPUT = Path("-")
UNFINISHED = ".partial"
_BESIDE = ("", "-wal", "-shm", "-journal", ".lock", "-sent", "-sent.new")


class Spared(Exception):
    """Says in a sentence why a file is not written."""


def spare(target: Path, database: Path, *others: Path) -> None:
    """Refuse a target that is the bot's `database`, a file beside it or one of `others`, by any name or link, or that
    is another database in use. Raises Spared."""
    stands, target = _what_stands(target), target.resolve()
    if not target.parent.is_dir():
        raise Spared(f"There is no folder {target.parent}.")
    if any(_same(target, own) for own in (*of_database(database), *of_database(database.resolve()), *others)):
        raise Spared(f"{target} is the bot's own: choose another file.")
    if target.with_name(f"{target.name}-wal").exists():
        raise Spared(f"{target} is a database in use: {target.name}-wal lies beside it.")
    if stands:
        raise Spared(f"{target} is {stands}.")


def spare_what_is_not(target: Path, beginnings: Iterable[bytes], what: str) -> None:
    """An existing file is replaced only by one of its own kind, known by how it begins. Raises Spared."""
    beginnings = tuple(beginnings)
    if not target.exists():
        return
    with target.open("rb") as file:
        if not file.read(max(map(len, beginnings))).startswith(beginnings):
            raise Spared(f"{target} is no {what}, which alone may be replaced: choose another file.")


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A new empty file beside `target`, for the owner's eyes only. It takes the target's place when the block ends
    well, durably, and is gone otherwise."""
    beside = target.with_name(f"{target.name}{UNFINISHED}")
    beside.unlink(missing_ok=True)
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield beside
        _to_disk(beside)
        beside.replace(target)
        _to_disk(target.parent)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def text_at(target: Path) -> Iterator[TextIO]:
    """For a CSV file, or standard output, which get all of it or nothing."""
    if target == STANDARD_OUTPUT:
        with TemporaryFile("w+", encoding="utf-8", newline="") as file:
            yield file
            file.seek(0)
            with suppress(BrokenPipeError):  # the reader has seen enough
                sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
                sys.stdout.writelines(file)
                sys.stdout.flush()
        return
    with unfinished(target.resolve()) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        yield file
        file.flush()


def of_database(database: Path) -> list[Path]:
    """The database and the files beside it while it is in use."""
    return [database.with_name(database.name + ending) for ending in _BESIDE]


def _what_stands(target: Path) -> str:
    """Words for a target that is there and no regular file, also behind a link to no name, as `/dev/stdout`."""
    if not target.exists() or target.is_file():
        return ""
    return "a folder: name a file in it" if target.is_dir() else "no regular file: choose another"


def _same(target: Path, own: Path) -> bool:
    try:
        return target == own.resolve() or target.samefile(own)
    except FileNotFoundError:  # a file beside a database may go at any moment
        return False


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
