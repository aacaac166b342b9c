"""Registry files as text: encoding, header, delimiter, and lines in chunks that fit in memory.

UTF-8 (with or without a mark) or CP1251; `;` or `,`; cells in quotes, which may run over several lines.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

CHUNK = 1 << 20  # bytes: the write lock is held for some 50 ms, then others have a turn
_LONGEST_LINE = 1 << 16
_LONGEST_CELL = 20  # lines
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Refused(Exception):
    """The file cannot be imported at all; `str()` is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Header:
    """`names` of the columns in order, lower case."""

    delimiter: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Chunk:
    """Whole lines; `number`: of the first one, from 1; `clean`: all bytes could be read."""

    number: int
    text: str
    clean: bool

    @property
    def count(self) -> int:
        return self.text.count("\n") + 1

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands in the file and its cells; None with the reason why it has none."""

    number: int
    raw: str
    cells: list[str] | None
    reason: str = ""


@dataclass(slots=True)
class Lines:
    """Reads a file once, from the front."""

    file: BinaryIO
    header: Header = field(init=False)
    _encoding: str = field(default="ascii", init=False)
    _next: int = field(default=2, init=False)

    def __post_init__(self) -> None:
        first = self.file.readline(_LONGEST_LINE)
        if first.startswith(_UTF16):
            raise Refused("Файл в кодировке UTF-16. Сохраните его в UTF-8 или CP1251.")
        text, _ = self._decode(first.removeprefix(b"\xef\xbb\xbf"))
        self.header = _header(text)

    def chunks(self) -> Iterator[Chunk]:
        while data := self.file.read(CHUNK):
            text, readable = self._decode(data + self._rest_of_line(data))
            text = text.replace("\r\n", "\n").removesuffix("\n")
            chunk = Chunk(self._next, text, clean=readable and "\0" not in text)
            self._next += chunk.count
            yield chunk

    def _rest_of_line(self, data: bytes) -> bytes:
        """A chunk ends with a line, and not inside a quoted cell."""
        rest = b"" if data.endswith(b"\n") else self.file.readline(_LONGEST_LINE)
        for _ in range(_LONGEST_CELL):
            if (data.count(b'"') + rest.count(b'"')) % 2 == 0:
                break
            rest += self.file.readline(_LONGEST_LINE)
        return rest

    def _decode(self, data: bytes) -> tuple[str, bool]:
        """Text, and whether all of it could be read. The first bytes that are not ASCII tell the encoding."""
        if self._encoding == "ascii" and not data.isascii():
            self._encoding = _guess(data)
        try:
            return data.decode(self._encoding), True
        except UnicodeDecodeError:
            return data.decode(self._encoding, errors="replace"), False


def _guess(data: bytes) -> str:
    """Russian text in CP1251 is hardly ever valid UTF-8; a few damaged lines do not make UTF-8 something else."""
    foreign = [line for line in data.split(b"\n") if not line.isascii()]
    valid = sum(map(_is_utf8, foreign))
    return "utf-8" if valid * 2 >= len(foreign) else "cp1251"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _header(line: str) -> Header:
    if not line.strip():
        raise Refused("Файл пуст: нет строки с названиями столбцов.")
    delimiter = max(";,", key=line.count)
    cells = next(csv.reader([line.rstrip("\r\n").replace("\r", " ")], delimiter=delimiter))
    names = tuple(cell.strip().lower() for cell in cells)
    for name in filter(None, names):
        if names.count(name) > 1:
            raise Refused(f"Столбец «{name}» назван в заголовке дважды.")
    return Header(delimiter, names)


def columns(chunk: Chunk, header: Header) -> Sequence[Sequence[str]] | None:
    """The chunk's cells by column, None when some line of it is unusual and all must be looked at."""
    if not chunk.clean or "\r" in chunk.text:
        return None
    found = _quoted_columns(chunk, header) if '"' in chunk.text else _plain_columns(chunk, header)
    return found if found is not None and len(found) == len(header.names) else None


def _plain_columns(chunk: Chunk, header: Header) -> Sequence[Sequence[str]] | None:
    """Cut without looking at lines. They all have the same number of cells when every break between two lines
    stands in the first column, where it is looked for."""
    width = len(header.names)
    cells = chunk.text.replace("\n", f"{header.delimiter}\n").split(header.delimiter)
    first = "".join(cells[::width]).split("\n")
    if len(cells) != width * chunk.count or len(first) != chunk.count:
        return None
    return [first, *(cells[place::width] for place in range(1, width))]


def _quoted_columns(chunk: Chunk, header: Header) -> Sequence[Sequence[str]] | None:
    if chunk.lines[-1].count('"') % 2:
        return None
    try:
        records = list(csv.reader(chunk.lines, delimiter=header.delimiter))
        return list(zip(*records, strict=True)) if len(records) == chunk.count else None
    except (csv.Error, ValueError):
        return None


def one_by_one(chunk: Chunk, header: Header) -> Iterator[Line]:
    """Every line with its cells or the reason; empty lines are left out."""
    index = 0
    while index < len(chunk.lines):
        raw, found, reason = _record(chunk.lines, index, header)
        if found is None or any(cell.strip() for cell in found):
            yield Line(chunk.number + index, "\n".join(raw), found, reason)
        index += len(raw)


def _record(lines: list[str], index: int, header: Header) -> tuple[list[str], list[str] | None, str]:
    """The lines of one record, its cells, and the reason why there are none."""
    first = lines[index : index + 1]
    for count in range(1, _LONGEST_CELL + 1):
        raw = lines[index : index + count]
        try:
            found = _closed(raw, header.delimiter)
        except csv.Error:
            return first, None, "слишком длинная ячейка"
        if found is not None and (count == 1 or len(found) == len(header.names)):
            return _checked(raw, found, header)
        if found is not None or len(raw) < count:
            break
    return first, None, "кавычка в начале ячейки не закрыта"


def _closed(raw: Sequence[str], delimiter: str) -> list[str] | None:
    """Cells of one record; None when its last cell is still in quotes and has swallowed the sentinel."""
    texts = [line.rstrip("\r").replace("\r", " ") + " " * (len(raw) > 1) for line in raw]
    records = list(csv.reader([*texts, "sentinel"], delimiter=delimiter))
    return records[0] if len(records) == 2 else None


def _checked(raw: list[str], found: list[str], header: Header) -> tuple[list[str], list[str] | None, str]:
    text = "".join(raw)
    if "\0" in text:
        return raw, None, "в строке нулевой байт"
    if "\ufffd" in text:
        return raw, None, "в строке есть знаки не из кодировки файла"
    if len(found) != len(header.names) and any(map(str.strip, found)):
        return raw, None, f"ячеек {len(found)}, а в заголовке столбцов {len(header.names)}"
    return raw, found, ""
