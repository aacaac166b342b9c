"""Periods as people type them.

    period = point | point to point | "с" point (until now) | a word: «полгода», «год», «всё»
    point  = month name, with a year or without | 03.2024 | 2024-03 | 24.03.2024 | 2024
    to     = "по" | "до" | "-" | nothing

A month without a year is of the other one's year, or the last such month.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.history.errors import PeriodAhead, PeriodTooEarly, PeriodUnclear
from services.history.periods import EARLIEST, Period
from services.supplier.models import Month

_LONGEST: Final = 64  # characters
_STEMS: Final = (
    "янв|jan", "фев|feb", "мар|mar", "апр|apr", "май|мая|мае|may", "июн|jun",
    "июл|jul", "авг|aug", "сен|sep", "окт|oct", "ноя|nov", "дек|dec",
)  # fmt: skip
_MONTHS: Final = tuple(re.compile(rf"(?:{stem})[а-яa-z]*") for stem in _STEMS)
_SINCE: Final = frozenset({"с", "со", "from", "since"})
_UNTIL: Final = frozenset({"по", "до", "to", "till", "until"})
_FILLERS: Final = _SINCE | _UNTIL | {"за", "г", "гг", "год", "года", "годы", "the"}
_YEARS: Final = range(1900, 2100)  # other numbers are no years
_WORDS: Final = {
    "полгода": 6, "год": 12, "всё": 0, "все": 0, "все время": 0, "весь период": 0,
    "half a year": 6, "half year": 6, "year": 12, "all": 0, "all time": 0, "everything": 0,
}  # fmt: skip
_TOKEN: Final = re.compile(
    r"(?P<day>[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}(?![0-9]))"
    r"|(?P<month_year>[0-9]{1,2}[./-][0-9]{4}(?![0-9]))"
    r"|(?P<year_month>[0-9]{4}[./-][0-9]{1,2}(?![0-9]))"
    r"|(?P<year>[0-9]{4}(?![0-9]))"
    r"|(?P<word>[а-яa-z]+)"
    r"|(?P<sign>[\s.,–—-]+)"
)


@dataclass(frozen=True, slots=True)
class _Point:
    year: int | None = None
    month: int | None = None


def period_of(text: str, present: Month) -> Period:
    """Raises PeriodUnclear, PeriodTooEarly, PeriodAhead."""
    plain = " ".join(text.casefold().replace("ё", "е").split())
    if len(plain) > _LONGEST:
        raise PeriodUnclear
    words = plain.removeprefix("за ").rstrip(".!")
    if words in _WORDS:
        back = _WORDS[words]
        return Period(present.plus(1 - back), present) if back else Period(EARLIEST, present)
    tokens = list(_tokens(plain))
    points = list(_points(tokens))
    said = {word for kind, word in tokens if kind == "word"}
    first, last = _ends(points, present, open_end=bool(said & _SINCE) and not said & _UNTIL)
    if max(first, last) < EARLIEST:
        raise PeriodTooEarly(year=EARLIEST.year)
    if min(first, last) > present:
        raise PeriodAhead
    return Period.of(first, last, present)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise PeriodUnclear
        if found.lastgroup != "sign":
            yield found.lastgroup, found[0]
        place = found.end()


def _points(tokens: list[tuple[str, str]]) -> Iterator[_Point]:
    """A year behind a month's name belongs to it."""
    named: int | None = None
    for kind, words in tokens:
        if kind == "year" and named is not None:
            yield _Point(int(words), named)
            named = None
        elif kind == "word" and words in _FILLERS:
            continue
        else:
            if named is not None:
                yield _Point(None, named)
            named = _number(words) if kind == "word" else None
            if kind != "word":
                yield _numeric(kind, words)
    if named is not None:
        yield _Point(None, named)


def _number(word: str) -> int:
    found = next((number for number, stem in enumerate(_MONTHS, 1) if stem.fullmatch(word)), None)
    if found is None:
        raise PeriodUnclear
    return found


def _numeric(kind: str, words: str) -> _Point:
    numbers = [int(part) for part in re.split("[./-]", words)]
    if kind == "year":
        return _Point(numbers[0])
    month, year = reversed(numbers) if kind == "year_month" else numbers[-2:]
    if not 1 <= month <= 12:
        raise PeriodUnclear
    return _Point(year, month)


def _ends(points: list[_Point], present: Month, *, open_end: bool) -> tuple[Month, Month]:
    """Raises PeriodUnclear."""
    if len(points) == 1:
        first, last = _whole(points[0], present)
        return first, present if open_end else last
    if len(points) != 2:
        raise PeriodUnclear
    one, other = points
    if one.year is not None and other.year is None:
        first = _whole(one, present)[0]
        return first, _without_year(other, first.plus(11))
    last = _whole(other, present)[1]
    return _whole(one, last)[0], last


def _whole(point: _Point, latest: Month) -> tuple[Month, Month]:
    """First and last month of a point; one without a year is the last such month by `latest`."""
    if point.year is None:
        return (_without_year(point, latest),) * 2
    if point.year not in _YEARS:
        raise PeriodUnclear
    return Month(point.year, point.month or 1), Month(point.year, point.month or 12)


def _without_year(point: _Point, latest: Month) -> Month:
    found = Month(latest.year, point.month or 1)
    return found if found <= latest else found.plus(-12)
