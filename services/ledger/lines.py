"""Registry files as text: header, delimiter, and lines in chunks that fit in memory.

A record is one line, whatever its quotes say: a quote that is opened and not closed spoils its own line and no other.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

from services.ledger.cells import LONGEST
from services.ledger.encoding import NAMES, has_other_script, misread, unusual
from services.ledger.refused import Refused

CHUNK = 1 << 20  # bytes: the write lock is held for some 50 ms, then others have a turn
_LONGEST_LINE = 1 << 14
_DELIMITERS = ";\t,|"
_SEPARATOR = re.compile(r'"?sep=(.|\\t)"?', re.IGNORECASE)
_ACCOUNT = re.compile(r"[0-9]{12}")
_END = "\n\x1a"  # CP/M's end of a file is still written
_SHOWN = 100  # lines that tell whether all end with a delimiter


@dataclass(frozen=True, slots=True)
class Header:
    """`names` of the columns in order, lower case."""

    delimiter: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Chunk:
    """Whole lines; `number`: of the first one, from 1; `clean`: all bytes could be read and look like the encoding."""

    number: int
    text: str
    clean: bool
    encoding: str = "utf-8"

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
    """Reads a file once, from the front. Raises Refused when it has no header."""

    file: BinaryIO
    encoding: str
    chunk: int = CHUNK
    header: Header = field(init=False)
    _pieces: Iterator[tuple[str, bool]] = field(init=False)
    _first: Chunk = field(init=False)

    def __post_init__(self) -> None:
        self._pieces = _whole_lines(_texts(self.file, self.encoding, self.chunk))
        text, clean = next(self._pieces, ("", True))
        lines = text.split("\n")
        index, delimiter = _beginning(lines)
        header = _header(lines[index], delimiter)
        rest = lines[index + 1 :]
        self.header = _with_trailing(header, rest)
        self._first = Chunk(index + 2, "\n".join(rest), clean, self.encoding)

    def chunks(self) -> Iterator[Chunk]:
        yield self._first
        number = self._first.number + self._first.count
        for text, clean in self._pieces:
            chunk = Chunk(number, text, clean, self.encoding)
            number += chunk.count
            yield chunk


def _texts(file: BinaryIO, encoding: str, size: int) -> Iterator[tuple[str, bool]]:
    """Text with `\\n` at the ends of lines, and whether its bytes are usual ones."""
    bytes_to_text = codecs.getincrementaldecoder(encoding)(errors="replace")
    decoder = io.IncrementalNewlineDecoder(bytes_to_text, translate=True)
    data = file.read(size)
    while data:
        following = file.read(size)
        text = decoder.decode(data, final=not following)
        yield text if following else f"{text.rstrip(_END)}\n", _is_usual(data, text, encoding)
        data = following


def _is_usual(data: bytes, text: str, encoding: str) -> bool:
    wide = encoding.startswith(("utf-16", "utf-32"))
    return not (unusual(text.encode(), "utf-8") if wide else unusual(data, encoding))


def _whole_lines(texts: Iterator[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Whole lines, and whether they are clean. A line that is too long is cut, but not to a length that is allowed."""
    rest, clean = "", True
    for read, usual in texts:
        text = read.replace("\ufeff", "")  # of files that were joined
        clean = clean and usual and _is_clean(text)
        whole, end, rest = (rest + text).rpartition("\n")
        if end:
            yield whole, clean
            clean = usual and _is_clean(rest)
        rest = rest[: 2 * _LONGEST_LINE]


def _is_clean(text: str) -> bool:
    return "\0" not in text and "\ufffd" not in text


def _beginning(lines: Sequence[str]) -> tuple[int, str]:
    """The header's place, and the delimiter when a line before it names one."""
    delimiter = ""
    for index, line in enumerate(lines):
        if found := _SEPARATOR.fullmatch(line.strip()):
            delimiter = "\t" if found[1] == "\\t" else found[1]
        elif line.strip(_DELIMITERS + ' \x1a"'):
            return index, delimiter
    raise Refused("Файл пуст: нет строки с названиями столбцов.")


def _header(line: str, delimiter: str) -> Header:
    delimiter = delimiter or max(_DELIMITERS, key=line.count)
    cells = _cells(line, delimiter)
    if cells is None:
        raise Refused("В строке с названиями столбцов открыта кавычка и не закрыта.")
    if has_other_script(line):
        raise Refused("В названиях столбцов знаки чужих письменностей: файл повреждён или в другой кодировке.")
    names = tuple(cell.strip().lower() for cell in cells)
    if any(_ACCOUNT.fullmatch(name) for name in names):
        raise Refused("Нет строки с названиями столбцов: файл начинается с данных.")
    for name in filter(None, names):
        if names.count(name) > 1:
            raise Refused(f"Столбец «{name}» назван в заголовке дважды.")
    return Header(delimiter, names)


def _with_trailing(header: Header, lines: Sequence[str]) -> Header:
    """The header, with one more column when all lines end with a delimiter that the header lacks. A few lines may
    look so because of a delimiter within a cell, unless their last column is filled."""
    if header.delimiter == ",":  # «186,74,» may be a sum
        return header
    filled = [cells for line in lines[:_SHOWN] if line.strip() and (cells := _cells(line, header.delimiter))]
    width = len(header.names)
    trailing = [cells for cells in filled if len(cells) == width + 1 and not cells[-1].strip()]
    sure = len(trailing) > 2 or any(cells[-2].strip() for cells in trailing)
    return Header(header.delimiter, (*header.names, "")) if sure and len(trailing) == len(filled) else header


def columns(chunk: Chunk, header: Header) -> Sequence[Sequence[str]] | None:
    """The chunk's cells by column, None when some line of it is unusual and all must be looked at."""
    if not chunk.clean or "\x1a" in chunk.text or max(map(len, chunk.lines)) > LONGEST:
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
    try:
        records = list(csv.reader(chunk.lines, delimiter=header.delimiter, strict=True))
        return list(zip(*records, strict=True)) if len(records) == chunk.count else None
    except (csv.Error, ValueError):
        return None


def one_by_one(chunk: Chunk, header: Header) -> Iterator[Line]:
    """Every line with its cells or the reason; empty lines are left out."""
    for number, raw in enumerate(chunk.lines, chunk.number):
        cells = _cells(raw, header.delimiter)
        if cells is None or any(cell.strip(" \t\x1a") for cell in cells):
            reason = _fault(raw, cells, header, chunk)
            yield Line(number, raw[:_LONGEST_LINE], None if reason else cells, reason)


def _cells(line: str, delimiter: str) -> list[str] | None:
    """Cells of a line, None when a quote is not closed. Quotes within quotes may be left undoubled, as in
    `"ООО "Ромашка""`, where no delimiter is among them."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        cells = line.split(delimiter)
    if not all(_is_closed(cell) for cell in cells):
        return None
    return [cell[1:-1].replace('""', '"') if cell.startswith('"') else cell for cell in cells]


def _is_closed(cell: str) -> bool:
    return not cell.startswith('"') or (len(cell) > 1 and cell.endswith('"'))


def _fault(raw: str, cells: Sequence[str] | None, header: Header, chunk: Chunk) -> str:
    """Why a line cannot be taken, empty when it can."""
    if len(raw) > _LONGEST_LINE:
        return "слишком длинная строка"
    if "\0" in raw:
        return "в строке нулевой байт"
    if "\ufffd" in raw:
        return "в строке есть знаки не из кодировки файла"
    if not chunk.clean and has_other_script(raw):
        return "в строке есть знаки чужих письменностей: похоже, файл повреждён"
    if cells is None:
        return "кавычка в начале ячейки не закрыта"
    if len(cells) != len(header.names):
        return f"ячеек {len(cells)}, а в заголовке столбцов {len(header.names)}"
    if not chunk.clean and (other := misread(raw, chunk.encoding)):
        return f"строка в кодировке {NAMES[other]}, а файл в {NAMES[chunk.encoding]}"
    return ""
