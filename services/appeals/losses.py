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
    """An answer was given up: the mark at it says so. With a part of an album so were those after it: they went with it
    at each try, and their own rows send them no more."""
    if not isinstance(facts, AppealAnswer):
        return
    message = await unit.of(AppealMessageRepository).get(facts.message)
    topic = await unit.of(DeskRepository).topic(facts.appeal)
    if message is None or topic is None:
        return
    together = await unit.of(AppealMessageRepository).of_album(message) if message.written.album else [message]
    for part in together:
        if part.id >= message.id and part.copy is None and not part.withdrawn_at:
            await unit.of(AppealMessageRepository).note_delivery(part.id, DeliveryState.REFUSED)
            await tell_topic(unit, topic.group, AppealMark(appeal=part.appeal, message=part.id), now)
