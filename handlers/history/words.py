"""Words that the screens, the files and the chart of the history share."""

from __future__ import annotations

from handlers.wording import escape, month_name
from locales import _
from services.history.consumption import YEAR
from services.history.periods import Period
from services.readings.export import SOURCE
from services.supplier.models import Month

_LONGEST = 40  # characters of a way that billing names


def month_title(month: Month) -> str:
    return f"{month_name(month)} {month.year}"


def period_title(period: Period) -> str:
    """`июнь — ноябрь 2026`, `2025 год`"""
    if period.first == period.last:
        return month_title(period.first)
    if (period.first.month, period.months) == (1, YEAR):
        return _("{year} год").format(year=period.first.year)
    first = month_name(period.first) if period.first.year == period.last.year else month_title(period.first)
    return f"{first} — {month_title(period.last)}"


def way(source: str) -> str:
    """A reading's or payment's way to the company; empty where billing does not name it."""
    if source.partition(":")[0] == SOURCE:
        return _("через бота")
    return source if len(source) <= _LONGEST else f"{source[: _LONGEST - 1]}…"


def way_shown(source: str) -> str:
    return escape(way(source))
