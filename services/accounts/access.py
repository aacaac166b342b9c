"""Access to an account as the supplier's people see it and mend it, when a customer was shut out.

No names: a link's id stands for a person, and only at this account.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.accounts.errors import AccessEnded
from services.accounts.members import begin_anew, shut_out, tell_ended
from services.accounts.models import Action, Control, Invitation, JournalEntry, Link
from services.accounts.ports import ProofRepository, ShareRepository
from services.notices.catalog import LinkNotice, OtherUnlinked, UnlinkedByCompany, UnlockedByCompany
from services.ports import Clock, Store, UnitOfWork
from services.supplier.errors import AccountUnknown
from services.supplier.models import Access, Account
from services.supplier.ports import Supplier

JOURNAL = 30  # newest entries shown


@dataclass(frozen=True, slots=True)
class AccountAccess:
    """Everything about access to one account. `account` None: the supplier does not have it (any more). `renewed_at`:
    payments until then prove nothing."""

    account: Account | None
    links: tuple[Link, ...]
    control: Control
    invitations: tuple[Invitation, ...]
    renewed_at: datetime | None
    journal: tuple[JournalEntry, ...]

    def link_of(self, entry: JournalEntry) -> Link | None:
        """The link of the customer whose action it was, None when they have the account no more."""
        return next((link for link in self.links if link.user_id == entry.user_id), None)


class AccessDesk:
    def __init__(self, store: Store, supplier: Supplier, clock: Clock) -> None:
        self._store = store
        self._supplier = supplier
        self._clock = clock

    async def look(self, number: str) -> AccountAccess:
        """Raises AccountUnknown, SupplierUnavailable."""
        account = await self._find(number)
        async with self._store.reading() as unit:
            found = AccountAccess(
                account,
                await unit.of(ShareRepository).members(number),
                await unit.of(ProofRepository).control(number),
                await unit.of(ShareRepository).invitations(number, self._clock.now()),
                await unit.of(ProofRepository).renewed_at(number),
                await unit.of(ProofRepository).journal(number, JOURNAL),
            )
        if account is None and not (found.links or found.journal):
            raise AccountUnknown
        return found

    async def _find(self, number: str) -> Account | None:
        try:
            return await self._supplier.find(Access.of_bot(number))
        except AccountUnknown:
            return None

    async def unlock(self, number: str) -> bool:
        """Let people prove the account again; its owners are told. False: it was not locked."""
        async with self._store.writing() as unit:
            mended = await unlock(unit, number, self._clock.now())
            await unit.commit()
        return mended

    async def unlink(self, number: str, link_id: str) -> None:
        """End one person's access with all that it gave to others; they and the owners are told. Raises
        AccessEnded."""
        async with self._store.writing() as unit:
            await unlink(unit, number, link_id, self._clock.now())
            await unit.commit()

    async def reset(self, number: str) -> None:
        """End every proof of the account with its shares, invitations, bars and requests. Only new payments prove it
        then."""
        async with self._store.writing() as unit:
            await begin_anew(unit, [number], Action.RESET_BY_COMPANY, self._clock.now())
            await unit.commit()


async def unlock(unit: UnitOfWork, number: str, now: datetime) -> bool:
    """False: the account was not locked."""
    control = await unit.of(ProofRepository).control(number)
    if not control.locked:
        return False
    await unit.of(ProofRepository).set_control(number, replace(control, locked=False))
    await unit.of(ProofRepository).record(number, None, Action.UNLOCKED_BY_COMPANY, now)
    await _tell_owners(unit, number, UnlockedByCompany, now)
    return True


async def unlink(unit: UnitOfWork, number: str, link_id: str, now: datetime) -> None:
    """Raises AccessEnded."""
    link = await unit.of(ProofRepository).find(link_id)
    if link is None or link.account != number:
        raise AccessEnded
    await shut_out(unit, link, now)
    await unit.of(ProofRepository).record(number, None, Action.UNLINKED_BY_COMPANY, now)
    await tell_ended(unit, link, UnlinkedByCompany, now)
    await _tell_owners(unit, number, OtherUnlinked, now)


async def _tell_owners(unit: UnitOfWork, number: str, what: type[LinkNotice], at: datetime) -> None:
    for owner in await unit.of(ProofRepository).verified(number):
        await tell_ended(unit, owner, what, at)
