"""Whether the database fits this version, and how it is made to, in words for the operator."""

from __future__ import annotations

from collections.abc import Callable

from bot.config import WrongSettings
from bot.lock import alone
from services.db.engine import Database, file_of
from services.db.migrate import LATER, CannotMigrate, is_later, migrate, newest, revision, rows


def misfit(found: str | None) -> str:
    """Why tables of this revision do not fit, as a sentence; empty for this version's own."""
    if is_later(found):
        return LATER.format(found)
    return "" if found == newest() else "The database lacks this version's tables: run `python -m bot migrate` first."


def require_database(url: str) -> None:
    """A file that is not there is not made: it may lie elsewhere. Raises WrongSettings."""
    path = file_of(url).absolute()
    if not path.exists():
        raise WrongSettings(
            f"There is no database {path}: run `python -m bot migrate` first, or put DATABASE_URL right (without a "
            "fourth slash it counts from the folder in which a command is started)."
        )


async def require_tables(database: Database) -> None:
    """Raises WrongSettings."""
    if words := misfit(await revision(database)):
        raise WrongSettings(words)


async def bring_to(url: str, to: str, *, yes: bool, say: Callable[[str], None]) -> str:
    """The result in a sentence; `say` gets the counts of rows that are lost. Raises CannotMigrate, AlreadyRunning."""
    with alone(file_of(url)):
        database = Database(url)
        try:
            if to == "base":
                await _warn(database, yes=yes, say=say)
            await migrate(database, to)
        finally:
            await database.close()
    return "The database is ready." if to == "head" else f"The database is at {to}."


async def _warn(database: Database, *, yes: bool, say: Callable[[str], None]) -> None:
    held = {name: count for name, count in (await rows(database)).items() if count}
    lost = ", ".join(f"{name}: {count} row{'' if count == 1 else 's'}" for name, count in held.items()) or "no rows"
    if not yes:
        raise CannotMigrate(
            f"Nothing was done: this would remove all tables, and with them {lost}. "
            "To do this all the same: `backup` first, then `migrate --to base --yes`."
        )
    say(f"All tables are removed, and with them {lost}.")
