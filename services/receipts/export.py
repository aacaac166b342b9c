"""Spans without paper receipts, and reasons for the end of letters, as files for the company: UTF-8, `;`, a header
row, dates as 2026-11-23, months as 2026-11."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterable
from datetime import date, datetime
from typing import TextIO

from services.readings.export import harmless
from services.receipts.models import Paperless, Reason
from services.supplier.periods import local_day, month_read
from services.supplier.profile import SupplierProfile

PAPERLESS = ("account", "since", "ended", "paper_from")
REASONS = ("date", "reason", "words")
HEADERS = tuple(f"{';'.join(columns)}\n".encode() for columns in (PAPERLESS, REASONS))


async def write_paperless(spans: AsyncIterable[Paperless], profile: SupplierProfile, file: TextIO) -> int:
    """A line for every span; one without `ended` goes on. Days are those of the account's region; `paper_from` is the
    month whose receipt is the first on paper again. `file` is open for text with `newline=""`. Returns the number of
    lines after the header."""
    writer = csv.writer(file, delimiter=";", lineterminator="\n")
    writer.writerow(PAPERLESS)
    count = 0
    async for one in spans:
        since, ended = _day(profile, one, one.since), _day(profile, one, one.ended_at)
        writer.writerow((one.account, since, ended or "", month_read(ended) if ended else ""))
        count += 1
    return count


def _day(profile: SupplierProfile, one: Paperless, moment: datetime | None) -> date | None:
    return local_day(moment, profile.region_of(one.account).timezone) if moment else None


async def write_reasons(reasons: AsyncIterable[tuple[date, Reason, str]], file: TextIO) -> int:
    """A line for every reason that was given; `file` and the result as of `write_paperless`."""
    writer = csv.writer(file, delimiter=";", lineterminator="\n")
    writer.writerow(REASONS)
    count = 0
    async for day, reason, words in reasons:
        writer.writerow((day.isoformat(), reason.value, harmless(words)))
        count += 1
    return count
