"""Quiet hours as people type them: «с 23 до 7», «23-7», «22:00–8:00», «с 11 вечера до 7 утра», «нет»."""

from __future__ import annotations

import re
from typing import Final

from services.customers.errors import QuietUnclear
from services.customers.models import Quiet
from services.readings.numbers import plain_text

_HOUR: Final = r"(?P<{0}>[0-9]{{1,2}})(?:[:.]00)? ?(?:час(?:а|ов)?|ч\.?)? ?(?P<{0}_half>утра|вечера|am|pm)?"
_HOURS: Final = re.compile(
    rf"(?:с|со|from)? ?{_HOUR.format('first')} ?(?:-|до|to|till|until) ?{_HOUR.format('end')}\.?"
)
_NEVER: Final = frozenset(
    {"off", "нет", "не надо", "не нужны", "никогда", "в любое время", "no", "none", "never", "any time"}
)
_DAY: Final = 24


def hours_of(text: str) -> Quiet:
    """Raises QuietUnclear."""
    typed = " ".join(plain_text(text).casefold().split())
    if typed.rstrip(".!") in _NEVER:
        return Quiet(None)
    match = _HOURS.fullmatch(typed)
    if match is None:
        raise QuietUnclear
    first, end = (_hour(int(match[name]), match[f"{name}_half"]) for name in ("first", "end"))
    if first == end or not {first, end} <= set(range(_DAY)):
        raise QuietUnclear
    return Quiet((first, end))


def _hour(named: int, half: str | None) -> int:
    """«12 вечера» and «24» are midnight."""
    if half in {"вечера", "pm"} and named <= _DAY // 2:
        named += _DAY // 2
    return 0 if named == _DAY else named
