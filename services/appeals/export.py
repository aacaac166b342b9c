"""Appeals as a file for the company: UTF-8, `;`, a header row, moments as 2026-11-23 10:14 of the account's region."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterable, Iterable
from datetime import datetime
from html import unescape
from typing import Final, TextIO

from services.appeals.models import Appeal, AppealMessage, Side
from services.readings.export import harmless
from services.supplier.profile import SupplierProfile

APPEALS: Final = (
    *("number", "created", "account", "subject", "state", "answered", "closed", "rating"),
    *("question", "answer", "rating_words"),
)
HEADERS: Final = (f"{';'.join(APPEALS)}\n".encode(),)

Told = tuple[Appeal, tuple[AppealMessage, ...]]


async def write_appeals(told: AsyncIterable[Told], profile: SupplierProfile, file: TextIO) -> int:
    """A line for every appeal, with the words of both sides and without names and contacts. `file` is open for text
    with `newline=""`. Returns the number of lines after the header."""
    writer = csv.writer(file, delimiter=";", lineterminator="\n")
    writer.writerow(APPEALS)
    count = 0
    async for appeal, messages in told:
        writer.writerow(map(harmless, _line(appeal, messages, profile)))
        count += 1
    return count


def _line(appeal: Appeal, messages: tuple[AppealMessage, ...], profile: SupplierProfile) -> Iterable[str]:
    zone = profile.region_of(appeal.about.account).timezone

    def moment(one: datetime | None) -> str:
        return f"{one.astimezone(zone):%Y-%m-%d %H:%M}" if one else ""

    yield from (appeal.number, moment(appeal.created_at), appeal.about.account)
    yield from (profile.appeals.subject(appeal.subject).name, appeal.state.value)
    yield from (moment(appeal.answered_at), moment(appeal.closed_at), str(appeal.rating or ""))
    yield from (_words(messages, Side.CUSTOMER), _words(messages, Side.STAFF), appeal.rating_words)


def _words(messages: tuple[AppealMessage, ...], side: Side) -> str:
    """Words of one side; messages that were taken back are left out."""
    written = [one.written.text for one in messages if one.written.side is side and not one.withdrawn_at]
    return "\n\n".join(unescape(re.sub("<[^>]+>", "", text)) for text in written if text)
