"""Whether the database fits this version, in words for the operator."""

from __future__ import annotations

from bot.config import WrongSettings
from services.db.engine import Database
from services.db.migrate import is_current


async def require_tables(database: Database) -> None:
    """Raises WrongSettings."""
    if not await is_current(database):
        raise WrongSettings("The database lacks this version's tables: run `python -m bot migrate` first.")
