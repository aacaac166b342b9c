"""The bytes of a registry file: checksum, kind when they are no text, and encoding.

An 8-bit Cyrillic encoding is told by the text that it gives: letters that follow each other in Russian, capitals
where they belong, no box drawings within words. Where two readings are about as good, the file is refused.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from services.ledger.refused import Refused

_BLOCK = 1 << 16
_SAMPLE = 1 << 16  # bytes that are looked at in a whole file, and of one block of it
_SAMPLE_OF_BLOCK = 1 << 12
_FOREIGN = re.compile(rb"[\x80-\xff][^\r\n]{0,200}")
_CERTAIN = 5  # points by which one reading has to lead
_COMMON_PAIR, _KNOWN, _BAD, _RARE, _MISPLACED = 2, 6, -6, -3, -6  # points

# Shown to the operator; the first of them are guessed, the others are taken when they are named or marked.
NAMES = {
    "cp1251": "CP1251",
    "cp866": "CP866",
    "koi8-r": "KOI8-R",
    "mac-cyrillic": "MacCyrillic",
    "iso8859-5": "ISO 8859-5",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "ascii": "ASCII",
}
_GUESSED = tuple(NAMES)[:5]
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NO_TEXT = {
    b"PK\x03\x04": "архив ZIP",
    b"\xd0\xcf\x11\xe0": "книга Excel (xls)",
    b"\x89PNG": "картинка PNG",
    b"\xff\xd8\xff": "картинка JPEG",
    b"GIF8": "картинка GIF",
    b"%PDF": "документ PDF",
    b"{\\rtf": "документ RTF",
    b"\x1f\x8b": "архив gzip",
    b"BZh": "архив bzip2",
    b"\xfd7zXZ": "архив xz",
    b"Rar!": "архив RAR",
    b"7z\xbc\xaf": "архив 7z",
    b"SQLite format 3": "база SQLite",
    b"<": "страница HTML или XML",
}
_LETTERS = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")
# Letters that follow another in 98 of 100 pairs of Russian names, addresses and sentences; ё is е.
_FOLLOWERS = {
    "а": "бвгдежзийклмнопрстфхцчшщя",
    "б": "аеилорущы",
    "в": "авгдеиклнорстчыья",
    "г": "адеилору",
    "д": "авезиклмнорстуь",
    "е": "бвгдежзйклмнопрстфхцчщ",
    "ж": "адеимну",
    "з": "авдеимноуы",
    "и": "авгдежзийклмнопрстфхцчшюя",
    "й": "длност",
    "к": "авеилнорсту",
    "л": "агежиклноуьюя",
    "м": "аеимнопсуь",
    "н": "агдеикностуцыья",
    "о": "бвгдежзийклмнопрстфхчшщя",
    "п": "аеиклору",
    "р": "абвгдежиклмнопстухшыья",
    "с": "абвеиклмнопстучыья",
    "т": "авеикнорсучыь",
    "у": "бвгдежзклмнпрстхчю",
    "ф": "аеиор",
    "х": "аио",
    "ц": "аеио",
    "ч": "аеинт",
    "ш": "аеикно",
    "щ": "аеи",
    "ъ": "е",
    "ы": "бвейклмхш",
    "ь": "вгезикмнстшя",
    "э": "клнт",
    "ю": "бкрч",
    "я": "бвезкнрт",
}
_WORDS = frozenset(
    re.findall(
        r"\w+", "ул кв пр пер обл пгт рп тер корп стр бул наб ип ооо оао зао пао ао снт сдт днт гск тсж жск муп сбп"
    )
)
_WORD = re.compile("[А-Яа-яЁё]+")
# Beside Latin, Greek and Cyrillic letters, punctuation, symbols, what fonts and word processors add, and emoji.
_OTHER_SCRIPT = re.compile("[^\0-\u052f\u1e00-\u1eff\u2000-\u2fff\uf000-\uffff\U0001f000-\U0001faff]")
# Points of an encoding before anything is read: how common it is.
_HABIT = {"cp1251": 0, "cp866": -1, "koi8-r": -2, "iso8859-5": -4, "mac-cyrillic": -8}
_COMMON = frozenset(first + second for first, seconds in _FOLLOWERS.items() for second in seconds)
_PUNCTUATION = frozenset("«»„“”‘’–—−…№°§€·•\u00a0\u00ad\u202f\ufeff")
_BEHIND_WORDS = _PUNCTUATION - frozenset("«„№\u00a0\u202f\ufeff")
# Bytes that text in an encoding consists of: others are worth a look at their line.
_USUAL = bytes(range(0x80)).decode("ascii") + "".join(_LETTERS) + "ё" + "".join(_LETTERS).upper() + "Ё«»№–—“”„’…\u00a0"


@dataclass(frozen=True, slots=True)
class Examined:
    """`checksum`: SHA-256 in hexadecimal."""

    size: int
    checksum: str
    encoding: str


def known(name: str) -> str | None:
    """The encoding by any of its names: `windows-1251`, `CP866`, `utf8`."""
    names = {"866": "cp866", "dos": "cp866", "1251": "cp1251", "ansi": "cp1251", "mac": "mac-cyrillic"}
    try:
        found = codecs.lookup(names.get(name.strip().lower(), name.strip())).name
    except LookupError:
        return None
    return found if found in NAMES else None


def examine(file: BinaryIO, encoding: str = "") -> Examined:
    """Reads all of the file and leaves it at its beginning. Raises Refused when it is no text, or none of which the
    encoding could be told."""
    digest, sample, head = hashlib.sha256(), bytearray(), b""
    for block in _blocks(file):
        head = head or block
        digest.update(block)
        if len(sample) < _SAMPLE and not block.isascii():
            sample += _foreign(block)
    size = file.tell()
    file.seek(0)
    found = encoding or _marked(head) or (_guess(bytes(sample)) if sample else "ascii")
    return Examined(size, digest.hexdigest(), found)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _foreign(block: bytes) -> bytes:
    found = bytearray()
    for match in _FOREIGN.finditer(block):
        found += match[0] + b"\n"
        if len(found) > _SAMPLE_OF_BLOCK:
            break
    return bytes(found)


def _marked(head: bytes) -> str:
    """The encoding that the first bytes show, empty when they do not. Raises Refused."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    for beginning, what in _NO_TEXT.items():
        if start.startswith(beginning):
            book = what == "архив ZIP" and b"[Content_Types].xml" in head
            raise Refused(f"Это {'книга Excel (xlsx)' if book else what}, а не CSV. Сохраните таблицу как CSV.")
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    if wide := _without_mark(head[:4096]):
        return wide
    controls = len(head[:4096]) - len(head[:4096].translate(None, bytes([*range(9), *range(14, 26), *range(27, 32)])))
    if controls * 10 > len(head[:4096]):
        raise Refused("Это не текст, а двоичный файл. Сохраните таблицу как CSV.")
    return ""


def _without_mark(head: bytes) -> str:
    """UTF-16 by the zeros around digits and delimiters."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 < len(head) / 2 or min(even, odd) * 20 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _guess(sample: bytes) -> str:
    text = sample.decode("utf-8", errors="replace")
    if text.count("\ufffd") * 5 <= len(text) - sum(map(str.isascii, text)):
        _refuse_garbled(text)
        return "utf-8"
    texts = {name: sample.decode(name, errors="replace") for name in _GUESSED}
    readings = sorted(((_likeness(text) + _HABIT[name], name, text) for name, text in texts.items()), reverse=True)
    (best, name, read), *others = readings
    rival = max((points for points, _, text in others if text != read), default=best - _CERTAIN)
    if 2 * best < sum(map(_is_foreign, read)) or min(best, best - rival) < _CERTAIN:
        raise Refused(
            "Непонятно, в какой кодировке файл. Сохраните его в UTF-8 или назовите кодировку: "
            f"--encoding {name} (или {', '.join(other for other in _GUESSED if other != name)})."
        )
    return name


def _is_foreign(sign: str) -> bool:
    return not sign.isascii()


def _refuse_garbled(text: str) -> None:
    """Raises Refused for text that was read in a wrong encoding before it was saved as UTF-8."""
    foreign = sum(map(_is_foreign, text))
    if _likeness(text) >= 0:
        return
    for wrong in ("cp1251", "cp866", "koi8-r", "latin-1", "cp1252"):
        for right in ("utf-8", *_GUESSED):
            data = text.encode(wrong, errors="ignore")
            mended = data.decode(right, errors="ignore")
            letters = sum(map(_is_foreign, mended))
            if (
                len(text) - len(data) < foreign / 20
                and letters * 3 > foreign
                and _likeness(mended) > max(letters, _CERTAIN)
            ):
                raise Refused(
                    f"Буквы испорчены: {NAMES[right]} когда-то прочитали как {wrong.upper()} и сохранили так. "
                    "Нужна новая выгрузка."
                )


def _likeness(text: str) -> int:
    """Points for looking like Russian: about two a letter where it is, far below zero where it is not."""
    signs = Counter(text)
    score = sum(_BAD * count for sign, count in signs.items() if not _expected(sign))
    for (first, second), count in Counter(pairwise(text)).items():
        score += count * _pair(first, second)
    return score + _KNOWN * sum(word.lower() in _WORDS for word in _WORD.findall(text))


def _expected(sign: str) -> bool:
    return sign.isascii() or sign in _PUNCTUATION or _plain(sign) in _LETTERS


def _plain(sign: str) -> str:
    return sign.lower().replace("ё", "е")


def _pair(first: str, second: str) -> int:
    one, other = _plain(first), _plain(second)
    if other not in _LETTERS:
        return 0
    if one not in _LETTERS:
        return _MISPLACED if first in _BEHIND_WORDS else 0
    misplaced = _MISPLACED if first.islower() and second.isupper() else 0
    return misplaced + (_COMMON_PAIR if one + other in _COMMON else _RARE)


def unusual(data: bytes, encoding: str) -> bool:
    """Whether text in UTF-8 or an 8-bit encoding has bytes that are worth a look, as lines have that are damaged or in
    another encoding."""
    return bool(data.translate(None, _USUAL_BYTES[encoding]))


_USUAL_BYTES = {name: _USUAL.encode(name, errors="ignore") for name in (*_GUESSED, "ascii")}
# All but those that begin letters of other scripts, among them a few rare ones of our own.
_USUAL_BYTES["utf-8"] = bytes((*range(0xD4), 0xE2, 0xEF))


def has_other_script(line: str) -> bool:
    """As where bytes of UTF-16 came or went: what follows is read as other letters, ends of lines too."""
    return _OTHER_SCRIPT.search(line) is not None


def misread(line: str, encoding: str) -> str:
    """The encoding in which a line of an 8-bit file is rather written, empty when it is the file's."""
    if line.isascii() or encoding not in _GUESSED:
        return ""
    data = line.encode(encoding, errors="replace")
    here = _likeness(line)
    for other in ("utf-8", *_GUESSED):
        if other != encoding and _decodes(data, other) and _likeness(data.decode(other)) - here > 2 * _CERTAIN:
            return other
    return ""


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
