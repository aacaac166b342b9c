"""What ends for others when the owner of an account goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.models import Action, Control, Link, Notice, Urgency
from services.ports import Unit


async def leave(unit: Unit, link: Link, at: datetime) -> None:
    """Whoever the link belongs to gives the account up."""
    if link.verified:
        await owner_gone(unit, link.account, link.user_id, at)
        await unit.proofs.record(link.account, link.user_id, Action.LEFT, at)


async def owner_gone(unit: Unit, account: str, granted_by: int, at: datetime) -> None:
    """Nobody keeps what a person gave who is no longer an owner, and nothing that they asked for or were asked about
    stays open; with the last owner go the account's bars."""
    await unit.recoveries.drop(account, granted_by)
    await tell_revoked(unit, await unit.shares.withdraw(account, granted_by), at)
    if all(owner.user_id == granted_by for owner in await unit.proofs.verified(account)):
        await unit.proofs.set_control(account, Control())


async def tell_revoked(unit: Unit, members: Iterable[Link], at: datetime) -> None:
    for member in members:
        notice = Notice(
            f"revoked:{member.id}", member.user_id, "disowned", {"tail": member.tail}, urgency=Urgency.ANSWER
        )
        await unit.notices.tell(notice, at)
