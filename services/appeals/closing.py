"""The end of an appeal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.appeals.models import Appeal, AppealState, Side
from services.appeals.ports import AppealRepository
from services.notices.catalog import AppealClosed
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import UnitOfWork


async def close(unit: UnitOfWork, appeal: Appeal, by: Side, now: datetime) -> Appeal:
    """The closed appeal; one that is closed already stays as it is. Its customer is told, unless they closed it."""
    if appeal.state is AppealState.CLOSED:
        return appeal
    closed = replace(appeal, state=AppealState.CLOSED, closed_at=now, closed_by=by)
    await unit.of(AppealRepository).save(closed)
    if by is not Side.CUSTOMER and appeal.user_id is not None:
        facts = AppealClosed(appeal=appeal.key, number=appeal.number)
        key = f"appeal_closed:{appeal.key}:{appeal.reopened}"
        await unit.of(NoticeRepository).tell(Notice(key, appeal.user_id, facts), now)
    return closed
