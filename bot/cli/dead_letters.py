"""Updates that were put aside, for the operator: when they came and how often they were tried, no more."""

from __future__ import annotations

from collections.abc import Callable

from bot.cli.tables import require_database, require_tables
from services.db.engine import Database
from services.db.inbox import DeadLetter, Inbox

_HEADER = f"{'update':>12}  {'received':16}  {'put aside':16}  tries"


async def show_parked(url: str, retry: bool, say: Callable[[str], None]) -> None:
    """With `retry` they are asked for again. Raises WrongSettings."""
    require_database(url)
    database = Database(url)
    try:
        await require_tables(database)
        inbox = Inbox(database)
        parked = await inbox.dead_letters()
        tried = await inbox.retry() if retry else None
    finally:
        await database.close()
    for line in [_HEADER, *map(_line, parked)] if parked else []:
        say(line)
    say(_end(len(parked), tried))


def _line(one: DeadLetter) -> str:
    return f"{one.update_id:>12}  {one.received_at:%Y-%m-%d %H:%M}  {one.parked_at:%Y-%m-%d %H:%M}  {one.tries:>5}"


def _end(count: int, tried: int | None) -> str:
    """`tried`: how many are to be tried again; None: not asked for."""
    if not count:
        return "No update is put aside."
    if tried is None:
        return f"Put aside: {count} (times are UTC). `python -m bot parked --retry` has them tried again."
    without = f" {count - tried} could not be read and cannot be tried." if tried < count else ""
    return f"Tried again: {tried}. A running bot begins within a minute, one that is stopped when it starts.{without}"
