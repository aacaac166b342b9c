"""The command `receipts form`: receipts of a charged month for all subscribers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime

from bot.cli.progress import Progress
from bot.cli.tables import require_database, require_tables
from bot.clock import SystemClock
from services.db.engine import Database, file_of
from services.db.store import SqlStore
from services.ledger.papers import LedgerPapers, folder_of
from services.ledger.supplier import LedgerSupplier
from services.receipts.formation import Formation, Formed
from services.supplier.models import Month
from services.supplier.periods import local_day
from services.supplier.profile import SupplierProfile

FIRST = Month(2015, 1)  # of the past that is shown
_WRITTEN = (r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})", r"(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})")


class WrongMonth(ValueError):
    """`str()` says it to the operator."""


def charged_month(typed: str, now: datetime, profile: SupplierProfile) -> Month:
    """The month of `2026-10` or `10.2026`. Raises WrongMonth."""
    written = next((found for form in _WRITTEN if (found := re.fullmatch(form, typed.strip()))), None)
    if written is None or not 1 <= int(written["month"]) <= 12:
        raise WrongMonth(f"{typed!r} is no month such as 2026-10 or 10.2026.")
    month = Month(int(written["year"]), int(written["month"]))
    present = Month.of(local_day(now, profile.elsewhere.timezone))
    if month > present:
        raise WrongMonth(f"{month} is ahead: it is {present} now.")
    if month < FIRST:
        raise WrongMonth(f"{month} is too long ago: receipts begin with {FIRST}.")
    return month


async def form_receipts(
    url: str, profile: SupplierProfile, typed: str, *, mails: bool, dry: bool, say: Callable[[str], None]
) -> int:
    """The exit code: 1 when there was nothing to form. Raises WrongMonth, WrongSettings."""
    clock = SystemClock()
    month = charged_month(typed, clock.now(), profile)
    require_database(url)
    database = Database(url)
    try:
        await require_tables(database)
        supplier = LedgerSupplier(database, clock, lambda account: profile.region_of(account).reading_days)
        papers = LedgerPapers(database, folder_of(file_of(url)))
        formation = Formation(SqlStore(database, asyncio.Event()), supplier, papers, clock, profile, mails=mails)
        with Progress("subscriptions") as progress:
            formed = await formation.form(month, dry=dry, on_progress=progress.show)
    finally:
        await database.close()
    for line in _told(month, formed, dry=dry):
        say(line)
    return int(not formed.charged)


def _told(month: Month, formed: Formed, *, dry: bool) -> list[str]:
    if not formed.looked:
        return ["Nobody has subscribed to receipts."]
    if not formed.charged:
        none = f"None of the accounts of {formed.looked} subscriptions is charged in {month}: is `charges` imported?"
        return [none, *_own(formed)]
    counted = [
        f"to send {formed.sent}" + (f", {formed.corrected} of them corrected" if formed.corrected else ""),
        f"sent or on the way already {formed.known}",
        f"not charged {formed.uncharged}",
        f"no access any more {formed.without_access}",
    ]
    counted += [f"by mail, without SMTP_URL {formed.without_mail}"] if formed.without_mail else []
    lines = [f"Receipts of {month}, {formed.looked} subscriptions: {'; '.join(counted)}."]
    lines += _own(formed)
    if dry:
        return [*lines, "Nothing was done."]
    return [*lines, "A running bot sends them, one that is stopped when it starts."] if formed.sent else lines


def _own(formed: Formed) -> list[str]:
    """About PDF files of accounts that are not charged: a receipt that comes by itself says what there is to pay."""
    if not formed.own:
        return []
    return [f"{formed.own} of those not charged have a PDF of your own: it goes out when their `charges` are imported."]
