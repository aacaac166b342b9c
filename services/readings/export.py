"""Submissions and payments as files for billing: UTF-8, `;`, a header row, dates as 2026-11-23."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterable, Iterator
from datetime import date
from typing import TextIO

from services.payments import sums
from services.payments.models import Movement
from services.readings.models import Remark, Submission, SubmissionStatus
from services.supplier.periods import local_day
from services.supplier.profile import SupplierProfile

READINGS = ("account", "meter", "zone", "date", "value", "source", "submission")
PAYMENTS = ("account", "date", "amount", "source", "reference")
HEADERS = tuple(f"{';'.join(columns)}\n".encode() for columns in (READINGS, PAYMENTS))

SOURCE = "bot"  # of values and payments that came through the bot
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DROPPED = {SubmissionStatus.REPLACED, SubmissionStatus.REFUSED}


def source(remark: Remark) -> str:
    """How billing sees where a value comes from: `bot`, with the customer's remark `bot:meter_replaced`."""
    return f"{SOURCE}:{remark}" if remark else SOURCE


def remark(source: str) -> Remark:
    """The customer's remark about a value with this source."""
    return next((one for one in Remark if one and source == f"{SOURCE}:{one}"), Remark.NONE)


async def write_readings(submissions: AsyncIterable[Submission], file: TextIO) -> int:
    """A line for every register that customers read, replaced and refused submissions left out.

    `file` is open for text with `newline=""`. Returns the number of lines after the header.
    """
    writer = csv.writer(file, delimiter=";", lineterminator="\n")
    writer.writerow(READINGS)
    count = 0
    async for submission in submissions:
        for line in _lines(submission):
            writer.writerow(map(harmless, line))
            count += 1
    return count


def _lines(submission: Submission) -> Iterator[tuple[str, ...]]:
    if submission.status in _DROPPED:
        return
    for item in submission.values:
        register = (submission.account, submission.meter, item.zone.value)
        yield (*register, submission.day.isoformat(), str(item.value), source(item.remark), submission.number)


async def write_payments(
    movements: AsyncIterable[Movement], profile: SupplierProfile, first: date, last: date, file: TextIO
) -> int:
    """A line for every payment, and one with a negative amount for everything that was given back, of these days of
    the account's region. Amounts as `1234.56`. `file` and the result as of `write_readings`."""
    writer = csv.writer(file, delimiter=";", lineterminator="\n")
    writer.writerow(PAYMENTS)
    count = 0
    async for one in movements:
        day = local_day(one.at, profile.region_of(one.account).timezone)
        if first <= day <= last:
            account, number = harmless(one.account), harmless(one.number)
            writer.writerow((account, day.isoformat(), sums.plain(one.kopecks), SOURCE, number))
            count += 1
    return count


def harmless(cell: str) -> str:
    """Spreadsheets run cells that look like formulas; an apostrophe makes them text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
