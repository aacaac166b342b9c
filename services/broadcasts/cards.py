"""The card of a broadcast follows it, in the transaction of what has happened."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from services.broadcasts.ports import BroadcastRepository
from services.notices.catalog import DeskBroadcast
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import UnitOfWork


async def tell_card(unit: UnitOfWork, broadcast_id: int, now: datetime) -> str:
    """The key of the notice; "" where there is no card."""
    card = await unit.of(BroadcastRepository).card(broadcast_id)
    if card is None:
        return ""
    key = f"desk_broadcast:{broadcast_id}:{uuid4().hex}"
    notice = Notice(key, card.group, DeskBroadcast(broadcast=broadcast_id), line=f"broadcast:{broadcast_id}")
    await unit.of(NoticeRepository).tell(notice, now)
    return key
