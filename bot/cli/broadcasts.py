"""The command `broadcast`: a message to many, made by one person and confirmed by another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot.cli.progress import Progress
from bot.cli.tables import require_database, require_tables
from bot.clock import SystemClock
from services.broadcasts.accounts import accounts_in_file
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.errors import NotAText, StoppedAlready
from services.broadcasts.models import Audience, Broadcast, BroadcastState, Operator, Reach, Silence
from services.broadcasts.reach import Audiences
from services.db.engine import Database
from services.db.store import SqlStore
from services.ledger.supplier import LedgerSupplier
from services.supplier.profile import SupplierProfile

_COMMAND_LINE: Final = "command line"
_SILENT: Final = {
    Silence.STOPPED: "stopped the bot",
    Silence.NO_CONSENT: "gave no consent",
    Silence.BARRED: "barred by the account's owner",
}

Say = Callable[[str], None]


@asynccontextmanager
async def _broadcasts(url: str, profile: SupplierProfile) -> AsyncIterator[Broadcasts]:
    require_database(url)
    database, clock = Database(url), SystemClock()
    try:
        await require_tables(database)
        supplier = LedgerSupplier(database, clock, lambda account: profile.region_of(account).reading_days)
        store = SqlStore(database, asyncio.Event())
        yield Broadcasts(store, Audiences(store, supplier, profile), clock, profile)
    finally:
        await database.close()


async def create(
    url: str, profile: SupplierProfile, file: Path, audience: Callable[[], Audience], by: str, say: Say
) -> None:
    """Raises CannotBroadcast, OSError."""
    async with _broadcasts(url, profile) as broadcasts:
        one, reach = await broadcasts.make(_read(file), audience(), Operator(by))
        _show(one, reach, say)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise NotAText from None


def listed(file: Path) -> tuple[str, ...]:
    """Raises CannotBroadcast, OSError."""
    return accounts_in_file(file.read_bytes())


def _show(one: Broadcast, reach: Reach, say: Say) -> None:
    say(one.text)
    say("")
    for line in _told(reach):
        say(line)
    say(f"Broadcast {one.id} for {one.count} people. Nothing is sent yet.")
    say(f"Another person confirms it: python -m bot broadcast confirm {one.id} --by NAME")


def _told(reach: Reach) -> Iterator[str]:
    if reach.unknown:
        yield f"Skipped, the company has no such accounts ({len(reach.unknown)}): {', '.join(reach.unknown)}."
    if reach.unlinked:
        yield f"Accounts that no customer of the bot has: {reach.unlinked}."
    if reach.silent:
        yield f"Do not hear it: {', '.join(f'{_SILENT[why]} {count}' for why, count in sorted(reach.silent.items()))}."


async def confirm(url: str, profile: SupplierProfile, broadcast_id: int, by: str, say: Say) -> None:
    """One that is not queued in full goes on. Raises CannotBroadcast."""
    async with _broadcasts(url, profile) as broadcasts:
        if (await broadcasts.get(broadcast_id)).state is not BroadcastState.GOING:
            await broadcasts.confirm(broadcast_id, Operator(by))
        with Progress("customers") as progress:
            one = await broadcasts.go_on(broadcast_id, progress.show)
        if one.state is BroadcastState.STOPPED:
            raise StoppedAlready(number=one.id)
        say(f"Broadcast {one.id} is queued. A running bot sends it, one that is stopped when it starts.")


async def stop(url: str, profile: SupplierProfile, broadcast_id: int, say: Say) -> None:
    """Raises CannotBroadcast."""
    async with _broadcasts(url, profile) as broadcasts:
        one = await broadcasts.stop(broadcast_id, Operator(_COMMAND_LINE))
        tally = await broadcasts.tally(one)
        left = max(one.count, tally.all) - tally.sent
        say(f"Broadcast {one.id} is stopped: {tally.sent} people have got it, {left} do not get it.")
