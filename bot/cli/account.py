"""The command `account`: an account's links for the operator, and the changes that `services/accounts/access.py` makes.

No names: a link's id stands for a person, and only at this account.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.cli.tables import require_database, require_tables
from bot.clock import SystemClock
from services.accounts.access import AccessDesk, AccountAccess
from services.accounts.errors import AccessEnded
from services.accounts.models import Control, JournalEntry, Link, Trust
from services.db.engine import Database
from services.db.store import SqlStore
from services.ledger.supplier import LedgerSupplier
from services.ports import Clock
from services.supplier.errors import AccountUnknown

Say = Callable[[str], None]

_BY = {Trust.VERIFIED: "payment", Trust.SHARED: "invitation", Trust.CONFIRMED: "address"}
_COLUMNS = "{:<10}  {:<9}  {:<10}  {:<8}  {:<16}  {:<16}  {:<16}  {:<6}"
_HEADER = _COLUMNS.format("link", "trust", "by", "role", "linked", "verified", "last used", "first")


class CannotMend(Exception):
    """`str()` is a sentence for the operator, `code` the one to exit with."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Mend:
    """A change that the operator asks for, or none. `sure`: also one that cannot be taken back."""

    unlock: bool = False
    unlink: str | None = None
    reset: bool = False
    sure: bool = False

    @property
    def warning(self) -> str:
        """Losses that need `--yes`, as a sentence; empty when there are none."""
        if self.unlink is not None:
            return (
                f"This ends the access of link {self.unlink}, with everything that it gave to others; if it is the "
                "last proof of the account, its bars go, too."
            )
        if self.reset:
            return (
                "This ends every proof of the account, every share, every unused invitation, every bar and every "
                "request to withdraw an access. People who had proved it keep what the address alone gives and have to "
                "prove it again by a later payment: earlier ones will not do."
            )
        return ""


async def mend_account(url: str, number: str, mend: Mend, say: Say, clock: Clock | None = None) -> None:
    """Raises WrongSettings, CannotMend."""
    async with _desk(url, clock or SystemClock()) as desk:
        try:
            found = await desk.look(number)
            _admit(mend, found)
            done = await _mended(desk, number, mend)
        except AccountUnknown:
            raise CannotMend("There is no such account in the registry, and nobody has linked it.") from None
        except AccessEnded:
            raise CannotMend(f"The account has no link {mend.unlink}.") from None
        for line in _told(number, found) if done is None else [done]:
            say(line)


@asynccontextmanager
async def _desk(url: str, clock: Clock) -> AsyncIterator[AccessDesk]:
    """Outbox rows that are written here are found by a running bot."""
    require_database(url)
    database = Database(url)
    try:
        await require_tables(database)
        yield AccessDesk(SqlStore(database, asyncio.Event()), LedgerSupplier(database, clock), clock)
    finally:
        await database.close()


def _admit(mend: Mend, found: AccountAccess) -> None:
    """Raises AccessEnded, CannotMend."""
    if mend.unlink is not None and mend.unlink not in {link.id for link in found.links}:
        raise AccessEnded
    if mend.warning and not mend.sure:
        raise CannotMend(f"{mend.warning} Nothing was done: add --yes.", code=2)


async def _mended(desk: AccessDesk, number: str, mend: Mend) -> str | None:
    """The change in a sentence, None when none was asked for."""
    if mend.unlock:
        return "The account can be proved again." if await desk.unlock(number) else "The account was not locked."
    if mend.unlink is not None:
        await desk.unlink(number, mend.unlink)
        return f"Link {mend.unlink} is gone."
    if mend.reset:
        await desk.reset(number)
        return "Every proof of the account has ended; only later payments prove it again."
    return None


def _told(number: str, found: AccountAccess) -> Iterator[str]:
    account = found.account
    state = "not in the registry" if account is None else "closed" if account.closed else "active"
    yield f"Account {number}, {state}. Times are UTC."
    yield from _bars(found.control)
    if found.renewed_at:
        yield f"Proofs began anew at {_moment(found.renewed_at)}: only later payments prove it."
    yield f"Invitations that are still good: {len(found.invitations)}."
    yield from [_HEADER, *map(_link, found.links)] if found.links else ["Nobody has linked it."]
    if found.journal:
        yield "Journal, the newest first:"
    for entry in found.journal:
        yield f"{_moment(entry.at)}  {entry.action:<20}  {_whose(entry, found)}".rstrip()


def _bars(control: Control) -> Iterator[str]:
    yield f"Closed to everybody but those who have proved it: {_yes(control.closed)}."
    yield f"Locked, so that nobody else can prove it: {_yes(control.locked)}."
    yield f"Readings from those who only know the address: {'taken' if control.anyone_submits else 'not taken'}."


def _link(link: Link) -> str:
    role, first = link.role if link.shared and link.role else "", "first" if link.proved_first else ""
    moments = map(_moment, (link.linked_at, link.verified_at, link.used_at))
    return _COLUMNS.format(link.id, link.trust, _BY[link.trust], role, *moments, first).rstrip()


def _whose(entry: JournalEntry, found: AccountAccess) -> str:
    if entry.action.by_company:
        return "the company"
    link = found.link_of(entry)
    return f"link {link.id}" if link else "somebody who has gone"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
