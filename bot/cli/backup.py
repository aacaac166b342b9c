"""A verified copy of the database, in words for the operator."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.config import needed_files
from services.db.backup import back_up
from services.db.engine import file_of
from services.db.migrate import newest
from services.ledger.papers import folder_of


async def make_backup(url: str, target: Path) -> str:
    """The backup in a sentence or two. Raises NoBackup, Spared, OSError."""
    made = back_up(file_of(url), target, datetime.now(UTC), needed_files())
    counts = ", ".join(f"{what}: {count}" for what, count in made.counts.items())
    words = f"{made.path}: {made.size / 1e6:.1f} MB, verified. {counts}."
    if made.revision != newest():
        words += f" Its tables are of revision {made.revision}: `migrate` brings them to this version."
    receipts = folder_of(file_of(url))
    return f"{words} Imported receipts are not in it: copy {receipts} too." if receipts.is_dir() else words
