"""The exchange between an appeal's customer and the desk: each message is kept, and goes to the other side by a row of
the outbox that is committed with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.appeals.models import Appeal, AppealMessage, Written
from services.appeals.ports import AppealMessageRepository
from services.notices.catalog import AppealAnswer, AppealMessageToDesk
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Store, UnitOfWork
from services.supplier.profile import SupplierProfile


def group_of(appeal: Appeal, profile: SupplierProfile) -> int | None:
    """The staff group that answers it, None where no desk is set up."""
    return profile.desk.group_of(appeal.subject, profile.region_of(appeal.about.account).name)


async def to_desk(
    unit: UnitOfWork, appeal: Appeal, group: int, written: Iterable[Written], now: datetime
) -> tuple[AppealMessage, ...]:
    """The messages that are new. One that belongs to an appeal already is left out."""
    kept = [await unit.of(AppealMessageRepository).add(appeal.key, one) for one in written]
    new = tuple(one for one in kept if one is not None)
    for one in new:
        facts = AppealMessageToDesk(appeal=appeal.key, message=one.id)
        await unit.of(NoticeRepository).tell(Notice(f"appeal_message:{one.id}", group, facts), now)
    return new


async def to_customer(unit: UnitOfWork, appeal: Appeal, written: Written, now: datetime) -> AppealMessage | None:
    """None: it belongs to an appeal already, or its customer had everything about them erased."""
    if appeal.user_id is None:
        return None
    kept = await unit.of(AppealMessageRepository).add(appeal.key, written)
    if kept is not None:
        facts = AppealAnswer(appeal=appeal.key, message=kept.id)
        await unit.of(NoticeRepository).tell(Notice(f"appeal_answer:{kept.id}", appeal.user_id, facts), now)
    return kept


class Exchange:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def message(self, message_id: int) -> AppealMessage | None:
        """None where it was erased or taken back."""
        async with self._store.reading() as unit:
            found = await unit.of(AppealMessageRepository).get(message_id)
        return None if found is None or found.withdrawn_at else found
