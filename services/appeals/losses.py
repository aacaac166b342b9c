"""Answers of the staff that do not reach their customers."""

from __future__ import annotations

from datetime import datetime

from services.appeals.exchange import tell_topic
from services.appeals.models import DeliveryState
from services.appeals.ports import AppealMessageRepository, DeskRepository
from services.notices.catalog import AppealAnswer, AppealMark
from services.notices.models import Facts
from services.ports import UnitOfWork


async def note_loss(unit: UnitOfWork, facts: Facts, now: datetime) -> None:
    """An answer was given up: the mark at it says so."""
    if not isinstance(facts, AppealAnswer):
        return
    message = await unit.of(AppealMessageRepository).get(facts.message)
    topic = await unit.of(DeskRepository).topic(facts.appeal)
    if message and topic and message.copy is None:
        await unit.of(AppealMessageRepository).note_delivery(message.id, DeliveryState.REFUSED)
        await tell_topic(unit, topic.group, AppealMark(appeal=facts.appeal, message=message.id), now)
