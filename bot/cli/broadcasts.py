"""The command `broadcast`: a message to many, made by one person and confirmed by another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.cli.progress import Progress
from bot.cli.tables import require_database, require_tables
from bot.clock import SystemClock
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.models import Audience, Broadcast, CannotBroadcast
from services.db.engine import Database
from services.db.store import SqlStore
from services.ledger.supplier import LedgerSupplier
from services.supplier.profile import SupplierProfile

Say = Callable[[str], None]


@asynccontextmanager
async def _broadcasts(url: str, profile: SupplierProfile) -> AsyncIterator[Broadcasts]:
    require_database(url)
    database, clock = Database(url), SystemClock()
    try:
        await require_tables(database)
        supplier = LedgerSupplier(database, clock, lambda account: profile.region_of(account).reading_days)
        yield Broadcasts(SqlStore(database, asyncio.Event()), supplier, clock, profile)
    finally:
        await database.close()


async def create(url: str, profile: SupplierProfile, file: Path, audience: Audience, by: str, say: Say) -> None:
    """Raises CannotBroadcast, OSError."""
    async with _broadcasts(url, profile) as broadcasts:
        _show(await broadcasts.make(_read(file), audience, by), say)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CannotBroadcast(f"{file} must be text in UTF-8.") from None


def accounts_in(file: Path) -> tuple[str, ...]:
    """Numbers of 12 digits, one a line; spaces do not count. Raises CannotBroadcast, OSError."""
    lines = ["".join(line.split()) for line in _read(file).splitlines()]
    for number, line in enumerate(lines, 1):
        if line and not (len(line) == 12 and line.isascii() and line.isdigit()):
            raise CannotBroadcast(f"{file}, line {number}: an account number has 12 digits.")
    return tuple(filter(None, lines))


def _show(one: Broadcast, say: Say) -> None:
    say(one.text)
    say("")
    say(f"Broadcast {one.id} for {one.count} people. Nothing is sent yet.")
    say(f"Another person confirms it: python -m bot broadcast confirm {one.id} --by NAME")


async def confirm(url: str, profile: SupplierProfile, broadcast_id: int, by: str, say: Say) -> None:
    """Raises CannotBroadcast."""
    async with _broadcasts(url, profile) as broadcasts:
        with Progress("customers") as progress:
            one = await broadcasts.confirm(broadcast_id, by, progress.show)
        say(f"Broadcast {one.id} is queued. A running bot sends it, one that is stopped when it starts.")


async def stop(url: str, profile: SupplierProfile, broadcast_id: int, say: Say) -> None:
    """Raises CannotBroadcast."""
    async with _broadcasts(url, profile) as broadcasts:
        say(f"Broadcast {broadcast_id} is stopped: {await broadcasts.stop(broadcast_id)} people do not get it.")
