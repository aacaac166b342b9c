"""The end of an appeal, and its opening anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.appeals.models import Appeal, AppealState, Side
from services.appeals.ports import AppealRepository, DeskRepository
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


async def open_again(unit: UnitOfWork, appeal: Appeal, due_at: datetime, now: datetime) -> Appeal:
    """The opened appeal, with another promise, of which staff are reminded anew; one that is open stays as it is."""
    if appeal.state is AppealState.OPEN:
        return appeal
    opened = replace(
        appeal,
        state=AppealState.OPEN,
        closed_at=None,
        closed_by=None,
        reopened=appeal.reopened + 1,
        reopened_at=now,
        due_at=due_at,
        first_due_at=appeal.first_due_at or appeal.due_at,
    )
    await unit.of(AppealRepository).save(opened)
    if topic := await unit.of(DeskRepository).topic(appeal.key):
        await unit.of(DeskRepository).keep(replace(topic, reminded_at=None))
    return opened
