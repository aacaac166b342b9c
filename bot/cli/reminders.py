"""The command `remind`: today's reminders of all customers, or their count."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from bot.alerts import ChatAlerts
from bot.cli.progress import Progress
from bot.cli.tables import require_database, require_tables
from bot.clock import SystemClock
from bot.config import GeneralSettings
from services.db.engine import Database
from services.db.store import SqlStore
from services.ledger.supplier import LedgerSupplier
from services.reminders.models import Counts, LookResult
from services.reminders.planning import ReminderPlan
from services.reminders.rounds import ReminderRounds
from services.supplier.profile import SupplierProfile


async def remind(
    url: str, profile: SupplierProfile, general: GeneralSettings, *, dry: bool, say: Callable[[str], None]
) -> None:
    """Raises WrongSettings."""
    clock, settings = SystemClock(), general.reminders
    require_database(url)
    database = Database(url)
    try:
        await require_tables(database)
        store = SqlStore(database, asyncio.Event())
        supplier = LedgerSupplier(database, clock, lambda account: profile.region_of(account).reading_days)
        plan = ReminderPlan(supplier, profile, settings)
        rounds = ReminderRounds(store, clock, profile, plan, settings, ChatAlerts(store, clock, None))
        for day in rounds.days():
            with Progress("customers") as progress:
                counts = await rounds.run(day, dry=dry, on_progress=progress.show)
            for line in _told(day, counts, dry=dry):
                say(line)
    finally:
        await database.close()


def _told(day: date, counts: Counts, *, dry: bool) -> Iterator[str]:
    """By region: messages to remind with, and accounts that are left out."""
    yield f"{day:%d.%m.%Y}, {counts.looked} customers: {counts.planned} reminders {'would be ' if dry else ''}planned."
    regions: defaultdict[str, list[tuple[LookResult, int]]] = defaultdict(list)
    for (region, reason), count in counts.by_reason.items():
        regions[region].append((reason, count))
    for region, reasons in sorted(regions.items()):
        told = "; ".join(
            f"{reason} {count}" for reason, count in sorted(reasons, key=lambda one: list(LookResult).index(one[0]))
        )
        yield f"  {region or 'elsewhere'}: {told}"
    if dry:
        yield "Nothing was done."
    elif counts.planned:
        yield "A running bot sends them at their hours, one that is stopped when it starts."
