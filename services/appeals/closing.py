"""The end of an appeal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.appeals.models import Appeal, AppealState, Side
from services.appeals.ports import AppealRepository
from services.ports import UnitOfWork


async def close(unit: UnitOfWork, appeal: Appeal, by: Side, now: datetime) -> Appeal:
    """Once more changes nothing."""
    if appeal.state is AppealState.CLOSED:
        return appeal
    closed = replace(appeal, state=AppealState.CLOSED, closed_at=now, closed_by=by)
    await unit.of(AppealRepository).save(closed)
    return closed
