"""What ends for others when the owner of an account goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.models import Action, Link, Notice
from services.ports import Unit


async def leave(unit: Unit, link: Link, at: datetime) -> None:
    """Whoever the link belongs to gives the account up."""
    if link.verified:
        await withdraw_shares(unit, link.account, link.user_id, at)
        await unit.proofs.record(link.account, link.user_id, Action.LEFT, at)


async def withdraw_shares(unit: Unit, account: str, granted_by: int, at: datetime) -> None:
    """Nobody keeps what a person gave who is no longer an owner."""
    await tell_revoked(unit, await unit.shares.withdraw(account, granted_by), at)


async def tell_revoked(unit: Unit, members: Iterable[Link], at: datetime) -> None:
    for member in members:
        notice = Notice(f"revoked:{member.id}", member.user_id, "disowned", {"tail": member.tail})
        await unit.notices.tell(notice, at)
