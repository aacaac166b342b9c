"""Public holidays of Russia, the days among them that the government has moved as far as the library knows of them."""

from __future__ import annotations

from datetime import date
from functools import cache


class RussianCalendar:
    def is_holiday(self, day: date) -> bool:
        return day in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # takes 50 ms, at the first appeal

    return frozenset(country_holidays("RU", years=[year]))
