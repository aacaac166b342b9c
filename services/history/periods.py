"""Periods of whole months, from January 2015 on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.supplier.models import Month, Span

EARLIEST: Final = Month(2015, 1)  # as in the supplier's cabinet
DAY: Final = timedelta(days=1)
_USUAL = 6  # months


@dataclass(frozen=True, slots=True)
class Period:
    """Months from `first` to `last`, both included."""

    first: Month
    last: Month

    @classmethod
    def of(cls, one: Month, other: Month, present: Month) -> Period:
        """Between two months in any order, as far as the history reaches."""
        first, last = sorted((one, other))
        return cls(min(max(first, EARLIEST), present), min(max(last, EARLIEST), present))

    @classmethod
    def usual(cls, present: Month) -> Period:
        """Half a year."""
        return cls(present.plus(1 - _USUAL), present)

    @property
    def span(self) -> Span:
        return Span(self.first.first, last_day(self.last))

    @property
    def months(self) -> int:
        return self.last.since(self.first) + 1


def last_day(month: Month) -> date:
    return month.plus(1).first - DAY
