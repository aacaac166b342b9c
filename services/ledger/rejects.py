"""The lines that an import did not take: number, reason and the line itself, in a file beside the input."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from services.ledger.layout import REJECTED

Rejected = tuple[int, str, str]  # number of the line, reason, the line


@dataclass(slots=True)
class Rejects:
    """Opened at the first rejected line; what an earlier import left there is removed.

    `path`: where the lines are, in a private temporary file when the folder cannot be written to, None when
    nothing was rejected or nowhere could be written.
    """

    source: Path
    count: int = 0
    path: Path | None = None
    _file: TextIO | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        with suppress(OSError):
            self._beside.unlink()

    @property
    def _beside(self) -> Path:
        return self.source.with_name(self.source.stem + REJECTED)

    def add(self, lines: Iterable[Rejected]) -> None:
        for line in lines:
            if self.count == 0:
                self._open()
            self.count += 1
            if self._file is not None:
                csv.writer(self._file, delimiter=";", lineterminator="\n").writerow(line)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self) -> None:
        with suppress(OSError):
            self.path, self._file = self._place()
            self._file.write("line;reason;content\n")

    def _place(self) -> tuple[Path, TextIO]:
        try:
            return self._beside, self._beside.open("w", encoding="utf-8-sig", newline="")
        except OSError:
            number, name = tempfile.mkstemp(prefix=f"{self.source.stem}.", suffix=REJECTED)
            return Path(name), os.fdopen(number, "w", encoding="utf-8-sig", newline="")
