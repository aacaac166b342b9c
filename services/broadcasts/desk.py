"""Broadcasts in a group of the staff: questions to their author, cards, progress."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.broadcasts.broadcasts import Broadcasts, checked
from services.broadcasts.cards import tell_card
from services.broadcasts.errors import (
    ChangedMeanwhile,
    ConfirmedAlready,
    NamelessAuthor,
    StoppedAlready,
    WrittenByAnother,
)
from services.broadcasts.models import Audience, Broadcast, BroadcastState, Card, Operator
from services.broadcasts.ports import BroadcastRepository
from services.notices.models import Tally
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store

PAUSE: Final = timedelta(seconds=10)  # between two looks at a broadcast, as each may edit its card
OF_MANY: Final = timedelta(milliseconds=5)  # more for each hundred people: a look counts them all


class BroadcastDesk:
    def __init__(self, store: Store, broadcasts: Broadcasts, clock: Clock) -> None:
        self._store = store
        self._broadcasts = broadcasts
        self._clock = clock

    async def begin(self, card: Card, author: Operator, audience: Audience) -> tuple[Broadcast, Card]:
        """A broadcast that is to be written; the known one where the command comes again. `card`: its place. Raises
        CannotBroadcast."""
        if author.member is None:
            raise NamelessAuthor
        if audience.corrects is not None:
            await self._broadcasts.check_corrected(audience.corrects)
        one = Broadcast(0, "", audience, author, self._clock.now())
        async with self._store.writing() as unit:
            repository = unit.of(BroadcastRepository)
            if known := await repository.card_of(card.chat, card.command):
                found = await repository.get(known.broadcast)
                return found or one, known
            one = replace(one, id=await repository.add(one))
            if audience.corrects is not None:
                await repository.ask_count(one.id, self._clock.now())
                one = replace(one, count_asked_at=self._clock.now())
            card = replace(card, broadcast=one.id)
            await repository.keep(card)
            await unit.commit()
        return one, card

    async def card(self, broadcast_id: int) -> Card | None:
        async with self._store.reading() as unit:
            return await unit.of(BroadcastRepository).card(broadcast_id)

    async def asked(self, chat: int, message: int) -> Card | None:
        """The card that waits for replies to a message."""
        async with self._store.reading() as unit:
            return await unit.of(BroadcastRepository).card_asked(chat, message)

    async def keep(self, card: Card) -> None:
        async with self._store.writing() as unit:
            await unit.of(BroadcastRepository).keep(card)
            await unit.commit()

    async def written(self, broadcast_id: int, by: Operator) -> Broadcast:
        """One that its author goes on with. Raises CannotBroadcast."""
        one = await self._broadcasts.get(broadcast_id)
        if one.state is BroadcastState.STOPPED:
            raise StoppedAlready(number=one.id)
        if one.state.begun:
            raise ConfirmedAlready(number=one.id, name=one.confirmer.name)
        if not one.author.is_same(by):
            raise WrittenByAnother(name=one.author.name)
        return one

    async def reopen(self, one: Broadcast) -> Broadcast:
        """A broadcast that its author changes: it cannot be confirmed until it is whole. Raises ChangedMeanwhile."""
        return await self._change(replace(one, state=BroadcastState.WRITING), one)

    async def address(self, one: Broadcast, audience: Audience) -> Broadcast:
        """Its people are counted then, which takes time. Raises CannotBroadcast."""
        await self._broadcasts.check(audience)
        now = self._clock.now()
        addressed = replace(one, audience=audience, count=0, reach=None, count_asked_at=now)
        async with self._store.writing() as unit:
            if not await unit.of(BroadcastRepository).change(addressed, one):
                raise ChangedMeanwhile(number=one.id)
            await unit.of(BroadcastRepository).ask_count(one.id, now)
            await unit.commit()
        return addressed

    async def complete(self, one: Broadcast, text: str) -> Broadcast:
        """With its text it waits for another person. Raises CannotBroadcast."""
        return await self._change(replace(one, text=checked(text), state=BroadcastState.DRAFT), one)

    async def _change(self, broadcast: Broadcast, was: Broadcast) -> Broadcast:
        async with self._store.writing() as unit:
            if not await unit.of(BroadcastRepository).change(broadcast, was):
                raise ChangedMeanwhile(number=was.id)
            await unit.commit()
        return broadcast

    async def shown(self, broadcast_id: int) -> tuple[Broadcast, Tally]:
        """The facts of its card. Raises UnknownBroadcast."""
        one = await self._broadcasts.get(broadcast_id)
        return one, await self._broadcasts.tally(one) if one.state.begun else Tally()


@dataclass(frozen=True, slots=True)
class _Look:
    next_at: datetime
    tally: Tally | None = None
    key: str = ""


class BroadcastWatch:
    """Looks, every few seconds, whether running broadcasts have come to an end, and has their cards follow them."""

    def __init__(self, store: Store, broadcasts: Broadcasts, clock: Clock) -> None:
        self._store = store
        self._broadcasts = broadcasts
        self._clock = clock
        self._looks: dict[int, _Look] = {}

    async def look(self) -> None:
        now = self._clock.now()
        for one in await self._broadcasts.running():
            if self._looks.setdefault(one.id, _Look(now)).next_at <= now:
                await self._look_at(one, self._looks[one.id], now)
        for ended in self._looks.keys() - {one.id for one in await self._broadcasts.running()}:
            await self._look_at_end(await self._broadcasts.get(ended), self._looks[ended], now)

    async def _look_at_end(self, one: Broadcast, last: _Look, now: datetime) -> None:
        """Notices that were on their way at a stop count when they have come."""
        if one.state is BroadcastState.STOPPED:
            if (await self._broadcasts.tally(one)).waiting:
                return
            await self._tell(one.id, last.key, now)
        del self._looks[one.id]

    async def _look_at(self, one: Broadcast, last: _Look, now: datetime) -> None:
        tally = await self._broadcasts.tally(one)
        if not tally.waiting:
            one = await self._broadcasts.finish(one)
        changed = one.state.running and tally != last.tally
        key = await self._tell(one.id, last.key, now) if changed else last.key
        self._looks[one.id] = _Look(now + PAUSE + OF_MANY * (one.count // 100), tally, key)

    async def _tell(self, broadcast_id: int, last: str, now: datetime) -> str:
        """Not again while the last edit waits."""
        async with self._store.writing() as unit:
            if await unit.of(NoticeRepository).waiting([last]):
                return last
            key = await tell_card(unit, broadcast_id, now)
            await unit.commit()
        return key
