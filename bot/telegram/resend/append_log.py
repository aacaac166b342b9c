"""A log of records in a file, a JSON array a line: written and not waited for.

Records that a process has written outlive its end, however it ends; a power cut may take the newest ones.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import structlog

log = structlog.get_logger("append_log")

Record = list[Any]


class AppendLog:
    """`path`: of the file, None keeps nothing; `new`: there was no file.

    A full disk is logged once and no error. The file is emptied then, as records without those that are missing may
    mislead, and is not `whole` until it has been replaced.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.new = path is None or not path.exists()
        self._file = None if path is None else _open(path)
        self._waiting: list[Record] = []
        self._told = False
        self.whole = True
        self.size = 0 if path is None else path.stat().st_size

    def read(self) -> list[Record]:
        """All records but those that were torn."""
        lines = self._path.read_bytes().splitlines() if self._path else []
        records = map(_parsed, lines)
        return [one for one in records if isinstance(one, list)]

    def add(self, record: Record) -> None:
        """Goes with the next that is appended; the end of the process may come before."""
        self._waiting.append(record)

    def append(self, *records: Record) -> None:
        waiting, self._waiting = self._waiting, []
        if self._file is None:
            return
        data = _lines([*waiting, *records])
        try:
            _write(self._file, data)
        except OSError as error:
            self._spoilt(error)
        else:
            self.size += len(data)

    def replace(self, records: Iterable[Record]) -> None:
        """Records of before, by these: all of the old ones or all of the new ones survive the end of the process."""
        self._waiting = []
        if self._path is None or self._file is None:
            return
        try:
            new = _written_anew(self._path, _lines(records))
        except OSError as error:
            self._spoilt(error)
            return
        os.close(self._file)
        self._file, self.whole, self._told = new, True, False
        self.size = os.fstat(new).st_size

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # records that wait may be missing: on a full disk they are
                _write(self._file, _lines(self._waiting))
            os.close(self._file)
            self._file = None

    def _spoilt(self, error: OSError) -> None:
        if not self._told:
            log.warning("records cannot be written", error=type(error).__name__)
        self.whole, self._told, self.size = False, True, 0
        if self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file, 0)


def _written_anew(path: Path, data: bytes) -> int:
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    file = _open(beside)
    try:
        _write(file, data)
        beside.replace(path)
    except OSError:
        os.close(file)
        raise
    return file


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _write(file: int, data: bytes) -> None:
    if os.write(file, data) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _lines(records: Iterable[Record]) -> bytes:
    """The line break comes first: a record that was torn spoils no later one."""
    return b"".join(b"\n" + orjson.dumps(one) for one in records)


def _parsed(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
