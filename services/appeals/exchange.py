"""The exchange between an appeal's customer and the desk: each message is kept, and goes to the other side by a row of
the outbox that is committed with it. So do its changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from services.appeals.models import Appeal, AppealMessage, Attachment, Deed, Side, Written
from services.appeals.ports import AppealMessageRepository, AppealRepository
from services.notices.catalog import (
    AppealAnswer,
    AppealMark,
    AppealMessageChanged,
    AppealMessageToDesk,
    DeskCard,
    DeskWord,
    OfAppeal,
)
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store, UnitOfWork
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
        await unit.of(NoticeRepository).tell(Notice(f"appeal_message:{one.id}", group, facts, line=appeal.key), now)
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


async def tell_topic(unit: UnitOfWork, group: int, facts: OfAppeal, now: datetime) -> None:
    """Bring something in the appeal's topic up to date. The row finds the newest state when it goes out."""
    key = f"{facts.kind}:{facts.appeal}:{uuid4().hex}"
    await unit.of(NoticeRepository).tell(Notice(key, group, facts, line=facts.appeal), now)


async def tell_deed(unit: UnitOfWork, appeal: Appeal, deed: Deed, group: int | None, now: datetime) -> None:
    """Staff read what their customer has done, and the topic is closed or open as the appeal is."""
    if group is not None:
        await tell_topic(unit, group, DeskWord(appeal=appeal.key, deed=deed.value), now)
        await tell_topic(unit, group, DeskCard(appeal=appeal.key), now)


class Exchange:
    def __init__(self, store: Store, profile: SupplierProfile, clock: Clock) -> None:
        self._store = store
        self._profile = profile
        self._clock = clock

    async def message(self, message_id: int) -> AppealMessage | None:
        """None where it was erased or taken back."""
        found = await self.any_message(message_id)
        return None if found is None or found.withdrawn_at else found

    async def any_message(self, message_id: int) -> AppealMessage | None:
        async with self._store.reading() as unit:
            return await unit.of(AppealMessageRepository).get(message_id)

    async def album_from(self, message: AppealMessage, *, withdrawn: bool) -> tuple[AppealMessage, ...]:
        """The message and the parts of its album after it that have no copy yet. `withdrawn`: also those that were
        taken back."""
        async with self._store.reading() as unit:
            parts = await unit.of(AppealMessageRepository).of_album(message)
        return tuple(
            one for one in parts if one.id >= message.id and one.copy is None and (withdrawn or not one.withdrawn_at)
        )

    async def whole(self, message: AppealMessage) -> tuple[AppealMessage, ...]:
        """The message, or all parts of its album that have come and were not taken back."""
        if not message.written.album:
            return (message,)
        async with self._store.reading() as unit:
            parts = await unit.of(AppealMessageRepository).of_album(message)
        return tuple(one for one in parts if not one.withdrawn_at)

    async def at(self, chat: int, message: int) -> AppealMessage | None:
        """The one that was written as this message of Telegram, and was not taken back."""
        async with self._store.reading() as unit:
            found = await unit.of(AppealMessageRepository).at(chat, message)
        return None if found is None or found.withdrawn_at else found

    async def edit(self, chat: int, message: int, text: str, file: Attachment | None) -> AppealMessage | None:
        """The writer has changed a message. None: it is of no appeal, or was taken back. `text`: HTML."""
        async with self._store.writing() as unit:
            found = await unit.of(AppealMessageRepository).at(chat, message)
            if found is None or found.withdrawn_at:
                return None
            if (found.written.text, found.written.file) != (text, file):
                await unit.of(AppealMessageRepository).edit(found.id, text, file, self._clock.now())
                await self._tell_other_side(unit, found)
                await unit.commit()
        return found

    async def take_back(self, chat: int, message: int) -> AppealMessage | None:
        """The writer takes a message back. None: it is of no appeal, or was taken back already."""
        async with self._store.writing() as unit:
            found = await unit.of(AppealMessageRepository).at(chat, message)
            if found is None or found.withdrawn_at:
                return None
            await unit.of(AppealMessageRepository).withdraw(found.id, self._clock.now())
            await self._tell_other_side(unit, found)
            await unit.commit()
        return found

    async def _tell_other_side(self, unit: UnitOfWork, message: AppealMessage) -> None:
        appeal = await unit.of(AppealRepository).get(message.appeal)
        if appeal is None or message.written.side is Side.NOTE:
            return
        changed, now = AppealMessageChanged(appeal=appeal.key, message=message.id), self._clock.now()
        if message.written.side is Side.STAFF and appeal.user_id is not None:
            key = f"{changed.kind}:{message.id}:{uuid4().hex}"
            await unit.of(NoticeRepository).tell(Notice(key, appeal.user_id, changed), now)
        if (group := group_of(appeal, self._profile)) is not None:
            facts = (
                changed if message.written.side is Side.CUSTOMER else AppealMark(appeal=appeal.key, message=message.id)
            )
            await tell_topic(unit, group, facts, now)
