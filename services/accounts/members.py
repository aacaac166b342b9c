"""Proofs, shares, bars and receipts of an account that end when somebody goes, and when all its proofs begin anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.accounts.models import Action, Control, Link, Watch
from services.accounts.ports import DisclosureRepository, ProofRepository, RecoveryRepository, ShareRepository
from services.customers.models import Errand, Purpose
from services.customers.ports import CustomerRepository, EmailRequestRepository
from services.notices.catalog import Disowned, HolderChanged, LinkNotice, ReceiptsEnded, ResetByCompany, ShareEnded
from services.notices.models import Channel, Notice
from services.notices.ports import NoticeRepository
from services.ports import UnitOfWork
from services.readings.ports import SubmissionRepository
from services.receipts.ports import SubscriptionRepository

_ENDED = {Action.HOLDER_CHANGED: HolderChanged, Action.RESET_BY_COMPANY: ResetByCompany}


async def leave(unit: UnitOfWork, link: Link, at: datetime) -> None:
    """The link's customer gives the account up."""
    await end_receipts(unit, link, at)
    if link.verified:
        await owner_gone(unit, link.account, link.user_id, at)
        await unit.of(ProofRepository).record(link.account, link.user_id, Action.LEFT, at)


async def shut_out(unit: UnitOfWork, link: Link, at: datetime) -> None:
    """Take the account from the link's customer, with what a verified owner has given to others."""
    if await unit.of(CustomerRepository).unlink(link.user_id, link.id):
        await end_receipts(unit, link, at)
    if link.verified:
        await owner_gone(unit, link.account, link.user_id, at)


async def end_receipts(unit: UnitOfWork, link: Link, at: datetime) -> None:
    """No receipts of the account come to the link's customer any more, until they subscribe again."""
    for channel in Channel:
        await unit.of(SubscriptionRepository).end(link.user_id, link.account, channel, at)
    for purpose in (Purpose.SUBSCRIBE, Purpose.UNSUBSCRIBE):
        await unit.of(EmailRequestRepository).end(link.user_id, at, Errand(purpose, link.account))


async def owner_gone(unit: UnitOfWork, account: str, granted_by: int, at: datetime) -> None:
    """Shares and invitations of a former owner end, and so do open requests by and against them; with the last owner go
    the account's bars."""
    await unit.of(RecoveryRepository).drop(account, granted_by)
    guests = await unit.of(ShareRepository).withdraw(account, granted_by)
    for guest in guests:
        await end_receipts(unit, guest, at)
    await tell_revoked(unit, guests, at)
    if all(owner.user_id == granted_by for owner in await unit.of(ProofRepository).verified(account)):
        await unit.of(ProofRepository).set_control(account, Control())


async def begin_anew(unit: UnitOfWork, accounts: Iterable[str], cause: Action, at: datetime) -> None:
    """End all proofs of these accounts, with their shares, invitations, bars, requests and receipts by e-mail; payments
    until now prove nothing any more, and submissions have no rank. Links keep the trust that the address alone gives,
    and owners who prove the account again find their switch of receipts in the chat as they left it."""
    accounts = tuple(accounts)
    for ended in await unit.of(SubscriptionRepository).end_letters(accounts, at):
        key = f"receipts_ended:{ended.user_id}:{ended.account}:{_written(at)}"
        await unit.of(NoticeRepository).tell(Notice(key, ended.user_id, ReceiptsEnded(tail=ended.account[-4:])), at)
    await unit.of(EmailRequestRepository).end_about(accounts, at)
    await unit.of(ProofRepository).renew(accounts, at)
    await unit.of(SubmissionRepository).level(accounts)
    for account in await unit.of(ProofRepository).concerned(accounts):
        owners = await unit.of(ProofRepository).unprove(account)
        await unit.of(DisclosureRepository).begin(account, Watch(at, at.date()))  # its owners have seen its sum
        guests = await unit.of(ShareRepository).withdraw(account)
        for guest in guests:
            await end_receipts(unit, guest, at)
        await unit.of(RecoveryRepository).forget(account)
        await unit.of(ProofRepository).set_control(account, Control())
        await unit.of(ProofRepository).record(account, None, cause, at)
        for what, links in ((_ENDED[cause], owners), (ShareEnded, guests)):
            for link in links:
                await tell_ended(unit, link, what, at)


async def tell_ended(unit: UnitOfWork, link: Link, what: type[LinkNotice], at: datetime) -> None:
    """It may happen to the same link again, so the moment makes the notice once."""
    key = f"{what.kind}:{link.id}:{_written(at)}"
    await unit.of(NoticeRepository).tell(Notice(key, link.user_id, what(tail=link.tail, own=link.id)), at)


async def tell_revoked(unit: UnitOfWork, members: Iterable[Link], at: datetime) -> None:
    for member in members:
        await unit.of(NoticeRepository).tell(
            Notice(f"revoked:{member.id}", member.user_id, Disowned(tail=member.tail)), at
        )


def _written(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S%f}"
