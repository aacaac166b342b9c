"""Buttons about the past. Months are counted from January 2015, days from its first one."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number
from services.history.pages import PageMark
from services.history.periods import EARLIEST
from services.supplier.models import Month

_FARTHEST: Final = 100_000  # days or months that a date can still be made of


class OpenHistory(CallbackData, prefix="ho1"):
    """With the usual period."""

    link: str


class View(StrEnum):
    HUB = "hub"
    CHARGES = "charges"
    READINGS = "readings"
    PAYMENTS = "payments"
    FILES = "files"


class OnHistory(CallbackData, prefix="hs1"):
    view: View
    link: str
    first: Number
    last: Number


class TurnPage(CallbackData, prefix="hp1"):
    """Entries before the day `at`, or after it when `newer`."""

    view: View
    link: str
    first: Number
    last: Number
    at: Number
    newer: bool


class Edge(StrEnum):
    FIRST = "from"
    LAST = "to"


class PickMonth(CallbackData, prefix="pm1"):
    """The months of a year, to pick an edge of the period."""

    view: View
    link: str
    first: Number
    last: Number
    edge: Edge
    year: Number


class ShowChart(CallbackData, prefix="hc1"):
    link: str


class FileKind(StrEnum):
    XLSX = "xlsx"
    CHARGES = "charges"
    READINGS = "readings"
    PAYMENTS = "payments"


class Download(CallbackData, prefix="hd1"):
    """A workbook with all tables, or one of them as CSV."""

    kind: FileKind
    link: str
    first: Number
    last: Number


def number_of(month: Month) -> int:
    return max(0, month.since(EARLIEST))


def month_of(number: int) -> Month:
    return EARLIEST.plus(min(number, _FARTHEST))


def place_of(at: int, *, newer: bool) -> PageMark:
    return PageMark(EARLIEST.first + timedelta(days=min(at, _FARTHEST)), newer)


def days_of(day: date) -> int:
    return max(0, (day - EARLIEST.first).days)
