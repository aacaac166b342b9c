"""Cells of registry files. Every reader raises BadCell with words for the operator.

Values are as the tables keep them: account numbers and kopecks as integers, days and months as ISO text,
prices in 1/10000 rouble, decimals that are only shown as text with a point.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from services.supplier.models import Month, Zone, ZoneScheme

Value = int | str | None
Reader = Callable[[str], Value]

_LOST = "???"
LONGEST = 500  # characters of a text: a screen holds several
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_DASHES = str.maketrans("\u2212\u2010\u2011\u2012\u2013", "-----")
_WRAPPED = re.compile(r"""(?:'|=")?([^"]*)"?""")  # how spreadsheets mark text
_ACCOUNT = re.compile(r"([0-9]{12})(?:[.,]0{1,2})?")
_POWER = re.compile(r"[0-9]([.,][0-9]*)?[EЕ]\+?[0-9]+", re.IGNORECASE)  # the second letter is a Russian one
_SHORT_ACCOUNT = re.compile(r"[0-9]{9,11}")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_RUSSIAN = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_TWO_DIGITS = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}")
_SERIAL = re.compile(r"[0-9]{5}([.,][0-9]+)?")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?$")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})(?:-01)?")
_RUSSIAN_MONTH = re.compile(r"(?:0?1\.)?([0-9]{1,2})\.([0-9]{4})")
_MONEY = re.compile(r"([+-]?)0*([0-9]{1,10})(?:[.,]([0-9]{1,2})0*)?")
_LARGE_MONEY = re.compile(r"[+-]?0*[1-9][0-9]{10,}(?:[.,][0-9]{1,2}0*)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")  # a thousand or one with three decimals
_PRICE = re.compile(r"0*([0-9]{1,6})(?:[.,]([0-9]{1,4})0*)?")
_WHOLE = re.compile(r"([0-9]{1,15})(?:[.,]0*)?")
_READING = re.compile(r"0*([0-9]{1,9})(?:[.,][0-9]*)?")
_DECIMAL = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,9}))?")
_YEARS = range(1990, 2100)


class BadCell(ValueError):
    """`str()` says what was expected."""


def account(cell: str) -> int:
    """12 digits, also as spreadsheets write text, `'360000123456` or `="360000123456"`, and whole numbers."""
    written = _SPACES.sub("", cell)
    wrapped = _WRAPPED.fullmatch(written)
    if wrapped and (match := _ACCOUNT.fullmatch(wrapped[1])):
        return int(match[1])
    if _POWER.fullmatch(written):
        raise BadCell("нужно 12 цифр; Excel сократил номер и потерял цифры: сохраните столбец как текст")
    if _SHORT_ACCOUNT.fullmatch(written):
        raise BadCell(f"нужно 12 цифр, их {len(written)}: не потеряны ли нули в начале")
    raise BadCell("нужно 12 цифр")


def account_column(cells: Sequence[str]) -> list[int]:
    """A whole column at once: four times faster than cell by cell."""
    digits = "".join(cells)
    if not (digits.isascii() and digits.isdigit() and set(map(len, cells)) == {12}):
        raise BadCell("нужно 12 цифр")
    return list(map(int, cells))


def text(cell: str) -> str:
    words = cell.strip()
    if len(words) > LONGEST:
        raise BadCell(f"длиннее {LONGEST} знаков")
    if _LOST in words:
        raise BadCell("вместо букв вопросительные знаки: они потеряны при перекодировке")
    return words


def text_column(cells: Sequence[str]) -> list[str]:
    """Texts of cells, none of them longer than `LONGEST`."""
    if _LOST in "".join(cells):
        raise BadCell("вместо букв вопросительные знаки")
    return list(map(str.strip, cells))


def filled_text(cell: str) -> str:
    if not (words := text(cell)):
        raise BadCell("пусто")
    return words


def filled_text_column(cells: Sequence[str]) -> list[str]:
    words = text_column(cells)
    if not all(words):
        raise BadCell("пусто")
    return words


def code(cell: str) -> str:
    """A number or name by which something is known: of a meter, a payment."""
    words = text(cell)
    if _POWER.fullmatch(words):
        raise BadCell("Excel сократил номер и потерял цифры: сохраните столбец как текст")
    return words


def filled_code(cell: str) -> str:
    code(cell)
    return filled_text(cell)


def day(cell: str) -> str:
    """`2026-11-23` or `23.11.2026`; a time of the day, as spreadsheets add it, is dropped."""
    written = _TIME.sub("", cell.strip())
    if match := _ISO.fullmatch(written):
        year, month, number = map(int, match.groups())
    elif match := _RUSSIAN.fullmatch(written):
        number, month, year = map(int, match.groups())
    else:
        raise BadCell(_no_day(written))
    try:
        return _sane(date(year, month, number)).isoformat()
    except ValueError:
        raise BadCell("такой даты нет") from None


def _no_day(written: str) -> str:
    if _TWO_DIGITS.fullmatch(written):
        return "нужна дата с годом из четырёх цифр"
    if _SERIAL.fullmatch(written):
        return "нужна дата вида 2026-11-23 или 23.11.2026, а не номер дня из Excel"
    return "нужна дата вида 2026-11-23 или 23.11.2026"


def _sane(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(day)
    return day


def month(cell: str) -> str:
    """`2026-10` or `10.2026`, also as its first day."""
    written = _TIME.sub("", cell.strip())
    if match := _MONTH.fullmatch(written):
        year, number = map(int, match.groups())
    elif match := _RUSSIAN_MONTH.fullmatch(written):
        number, year = map(int, match.groups())
    else:
        raise BadCell("нужен месяц вида 2026-10")
    try:
        return str(Month.of(_sane(date(year, number, 1))))
    except ValueError:
        raise BadCell("такого месяца нет") from None


def money(cell: str) -> int:
    """Kopecks of `1234.56`, `1 234,5`, `-10`, less than ten billion roubles."""
    written = _SPACES.sub("", cell).translate(_DASHES)
    if _GROUPED.fullmatch(written):
        raise BadCell("нужна сумма вида 1234.56: непонятно, тысячи здесь или копейки")
    if _LARGE_MONEY.fullmatch(written):
        raise BadCell("нужна сумма меньше 10 миллиардов рублей")
    if not (match := _MONEY.fullmatch(written)):
        raise BadCell("нужна сумма вида 1234.56")
    sign, roubles, kopecks = match.groups(default="")
    amount = int(roubles) * 100 + int(kopecks.ljust(2, "0"))
    return -amount if sign == "-" else amount


def sum_to_pay(cell: str) -> int:
    """Kopecks, as `money`, above nothing."""
    if (kopecks := money(cell)) <= 0:
        raise BadCell("нужна сумма больше нуля")
    return kopecks


def price(cell: str) -> int:
    """1/10000 roubles of `6.66`."""
    if not (match := _PRICE.fullmatch(_SPACES.sub("", cell))):
        raise BadCell("нужна цена вида 6.66")
    roubles, fraction = match.groups(default="")
    return int(roubles) * 10_000 + int(fraction.ljust(4, "0"))


def reading(cell: str) -> int:
    """Whole kWh; digits after the comma are dropped, as billing does."""
    if not (match := _READING.fullmatch(_SPACES.sub("", cell))):
        raise BadCell("нужно целое число от 0 до 999999999")
    return int(match[1])


def decimal(cell: str) -> str:
    """`54,30` as `54.3`."""
    if not (match := _DECIMAL.fullmatch(_SPACES.sub("", cell))):
        raise BadCell("нужно число вида 54.3")
    whole, fraction = match.groups(default="")
    return f"{int(whole)}.{fraction.rstrip('0')}".rstrip(".")


def whole(low: int, high: int) -> Reader:
    """A reader of whole numbers from `low` to `high`."""
    return partial(_whole, low, high)


def _whole(low: int, high: int, cell: str) -> int:
    written = _SPACES.sub("", cell)
    match = None if _GROUPED.fullmatch(written) else _WHOLE.fullmatch(written)
    if not match or not low <= int(match[1]) <= high:
        raise BadCell(f"нужно целое число от {low} до {high}")
    return int(match[1])


def word(*words: str) -> Reader:
    """A reader of one of the words, in any case."""
    return partial(_word, words)


def _word(words: tuple[str, ...], cell: str) -> str:
    if (found := cell.strip().lower()) not in words:
        raise BadCell(f"нужно одно из: {', '.join(words)}")
    return found


def optional(read: Reader, default: Value) -> Reader:
    """The same reader, an empty cell being `default`."""
    return partial(_optional, read, default)


def _optional(read: Reader, default: Value, cell: str) -> Value:
    return read(cell) if cell and not cell.isspace() else default


zone = word(*Zone)
scheme = word(*ZoneScheme)
status = word("active", "closed")
flag = whole(0, 1)
