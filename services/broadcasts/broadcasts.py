"""Broadcasts: written by one person, confirmed by another, queued page by page in the order of people's ids.

A page of notices and the place that was reached are committed together, and only where no other process has gone on
from there: after a kill the queue is filled from where it ended, and by two processes at once it is filled once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.broadcasts.cards import tell_card
from services.broadcasts.errors import (
    BroadcastTooLong,
    ChangedMeanwhile,
    ConfirmedAlready,
    DoneAlready,
    NoRecipients,
    NoStreet,
    NoSuchRegion,
    NotBegun,
    NotCounted,
    NoText,
    NotReady,
    SecondPersonNeeded,
    StillGoing,
    StoppedAlready,
    UnknownBroadcast,
)
from services.broadcasts.models import LONGEST, Audience, Broadcast, BroadcastState, Operator, Reach
from services.broadcasts.ports import BroadcastRepository
from services.broadcasts.reach import Audiences, plain
from services.customers.models import Customer
from services.customers.ports import CustomerRepository
from services.notices.catalog import Announcement
from services.notices.models import Notice, Tally
from services.notices.ports import NoticeRepository
from services.pages import one_page
from services.ports import Clock, Store, UnitOfWork
from services.supplier.errors import SupplierUnavailable
from services.supplier.profile import SupplierProfile

COUNTED: Final = 2000  # notices that are counted together: reads of others wait for no longer than that takes
PASSED: Final = 10  # pages without recipients before the place that was reached is committed
WITHDRAWN: Final = 500  # notices that are withdrawn together: commits of others wait for no longer than that takes
LONGEST_STREET: Final = 200
RECENT: Final = timedelta(minutes=1)
UNCONFIRMED: Final = timedelta(days=7)  # a draft is as old as its news

OnProgress = Callable[[int, int], None]  # customers queued, and all of them


class Broadcasts:
    def __init__(self, store: Store, audiences: Audiences, clock: Clock, profile: SupplierProfile) -> None:
        self._store = store
        self._audiences = audiences
        self._clock = clock
        self._profile = profile
        self._counting = set[int]()

    async def get(self, broadcast_id: int) -> Broadcast:
        """Raises UnknownBroadcast."""
        async with self._store.reading() as unit:
            found = await unit.of(BroadcastRepository).get(broadcast_id)
        if found is None:
            raise UnknownBroadcast(number=broadcast_id)
        return found

    # Writing

    async def make(self, text: str, audience: Audience, author: Operator) -> tuple[Broadcast, Reach]:
        """A draft that waits for another person. Raises CannotBroadcast, SupplierUnavailable."""
        one = Broadcast(0, checked(text), audience, author, self._clock.now(), state=BroadcastState.DRAFT)
        await self.check(audience)
        reach = await self._audiences.reach(audience)
        if not reach.people:
            raise NoRecipients
        one = replace(one, count=reach.people, reach=reach)
        async with self._store.writing() as unit:
            number = await unit.of(BroadcastRepository).add(one)
            await unit.commit()
        return replace(one, id=number), reach

    async def check(self, audience: Audience) -> None:
        """Raises CannotBroadcast."""
        names = [region.name for region in self._profile.regions]
        if audience.region and audience.region not in names:
            raise NoSuchRegion(region=audience.region, regions=", ".join(names))
        if audience.street and (not plain(audience.street) or len(audience.street) > LONGEST_STREET):
            raise NoStreet
        if audience.corrects is not None:
            await self.check_corrected(audience.corrects)

    async def check_corrected(self, broadcast_id: int) -> None:
        """Raises UnknownBroadcast, NotBegun, StillGoing."""
        one = await self.finish(await self.get(broadcast_id))
        if not one.state.begun:
            raise NotBegun(number=one.id)
        if one.state.running:
            raise StillGoing(number=one.id)

    async def count_asked(self) -> None:
        """Count the people of each whose author has asked for it, and show the count on its card. Errors as in
        `queue_confirmed`."""
        failed: dict[int, Exception] = {}
        while one := await self._to_count(failed):
            self._counting.add(one.id)
            try:
                await self._count(one)
            except Exception as error:  # noqa: BLE001  # raised at the end
                failed[one.id] = error
            finally:
                self._counting.discard(one.id)
        _raise_first(failed.values())

    async def _to_count(self, but: Collection[int]) -> Broadcast | None:
        """The first whose people no other tick counts."""
        async with self._store.reading() as unit:
            asked = await unit.of(BroadcastRepository).to_count()
        return next((one for one in asked if one.id not in self._counting and one.id not in but), None)

    async def _count(self, one: Broadcast) -> None:
        reach = await self._audiences.reach(one.audience)
        async with self._store.writing() as unit:
            known = await unit.of(BroadcastRepository).get(one.id)
            if known and known.count_asked_at and known.audience == one.audience:  # else it is asked for anew
                await unit.of(BroadcastRepository).note_count(one.id, reach)
                await tell_card(unit, one.id, self._clock.now())
                await unit.commit()

    async def forget(self) -> None:
        """The words of drafts go that have stayed unconfirmed for days; their cards say so."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            for one in await unit.of(BroadcastRepository).unconfirmed(now - UNCONFIRMED):
                gone = replace(one, text="", audience=Audience(), state=BroadcastState.STOPPED, ended_at=now)
                await unit.of(BroadcastRepository).change(gone, one)
                await tell_card(unit, one.id, now)
            await unit.commit()

    # Sending

    async def confirm(self, broadcast_id: int, by: Operator) -> Broadcast:
        """From now on it is queued. Raises CannotBroadcast."""
        one = await self.get(broadcast_id)
        if one.state is BroadcastState.WRITING:
            raise NotReady(number=one.id)
        if one.state is BroadcastState.STOPPED:
            raise StoppedAlready(number=one.id)
        if one.state.begun:
            raise ConfirmedAlready(number=one.id, name=one.confirmer.name)
        if not one.author.name or one.author.is_same(by):
            raise SecondPersonNeeded
        if one.count_asked_at is not None:
            raise NotCounted(number=one.id)
        if not one.count:
            raise NoRecipients
        going = replace(one, state=BroadcastState.GOING, confirmer=by, confirmed_at=self._clock.now())
        await self._change(going, one)
        return going

    async def _change(self, broadcast: Broadcast, was: Broadcast) -> None:
        async with self._store.writing() as unit:
            if not await unit.of(BroadcastRepository).change(broadcast, was):
                raise ChangedMeanwhile(number=was.id)
            await unit.commit()

    async def go_on(self, broadcast_id: int, on_progress: OnProgress = lambda *_: None) -> Broadcast:
        """Queue a confirmed one for all whom it is for, from where that stands. Raises UnknownBroadcast,
        SupplierUnavailable."""
        queued = 0
        while (one := await self.get(broadcast_id)).state is BroadcastState.GOING:
            if (new := await self._queue_next(one)) is not None:
                queued += new
                on_progress(queued, max(queued, one.count))
        return one

    async def _queue_next(self, one: Broadcast) -> int | None:
        """How many people were queued; None: another process has done it, or it was stopped meanwhile."""
        page, hearing = await self._next_page(one)
        async with one_page():
            is_queued = await self._queue(one, page, hearing)
        return len(hearing) if is_queued else None

    async def _next_page(self, one: Broadcast) -> tuple[Sequence[Customer], Sequence[Customer]]:
        """The next page that has recipients, and these. After `PASSED` pages without any, and at the end, a page
        without."""
        after = one.after
        for _ in range(PASSED):
            async with one_page():
                page = await self._audiences.page(one.audience, after)
                hearing = await self._audiences.hearing(page, one.audience)
            if hearing or not page:
                break
            after = page[-1].user_id
        return page, hearing

    async def _queue(self, one: Broadcast, page: Sequence[Customer], hearing: Sequence[Customer]) -> bool:
        """False: another process has done it, or it was stopped meanwhile."""
        reached = replace(one, after=page[-1].user_id) if page else replace(one, state=BroadcastState.QUEUED)
        async with self._store.writing(durable=False) as unit:
            changed = await unit.of(BroadcastRepository).change(reached, one)
            if changed:
                if hearing:
                    await self._tell(unit, one, [who.user_id for who in hearing])
                await unit.commit()
        return changed

    async def _tell(self, unit: UnitOfWork, one: Broadcast, people: Sequence[int]) -> None:
        """Notices for those people of whom not everything was erased since they were looked at."""
        known = await unit.of(CustomerRepository).get_all(people)
        notices = [
            Notice(one.key(person), person, Announcement(broadcast=one.id)) for person in people if person in known
        ]
        await unit.of(NoticeRepository).tell_all(notices, self._clock.now())

    async def queue_confirmed(self) -> None:
        """Go on with all that are not queued in full, in turn: a street does not wait until a million customers are
        queued. One with an error waits for the next tick, and the others go on. Raises the first of those errors, or
        SupplierUnavailable."""
        failed: dict[int, Exception] = {}
        while going := await self._going(failed):
            for one in going:
                try:
                    await self._queue_next(one)
                except Exception as error:  # noqa: BLE001  # raised at the end
                    failed[one.id] = error
        _raise_first(failed.values())

    async def _going(self, but: Collection[int]) -> list[Broadcast]:
        return [one for one in await self.running() if one.state is BroadcastState.GOING and one.id not in but]

    async def still_for(
        self, broadcast_id: int, customers: Sequence[Customer]
    ) -> tuple[Broadcast, frozenset[int]] | None:
        """The broadcast, and the ids of those of these customers for whom it still is; None once it was stopped. Raises
        SupplierUnavailable."""
        async with self._store.reading() as unit:
            one = await unit.of(BroadcastRepository).get(broadcast_id)
        if one is None or not one.state.running:
            return None
        return one, frozenset(who.user_id for who in await self._audiences.hearing(customers, one.audience))

    async def stop(self, broadcast_id: int, by: Operator) -> Broadcast:
        """Nothing more of it goes out. Raises CannotBroadcast."""
        one = await self.finish(await self.get(broadcast_id))
        is_cut_off = one.state is BroadcastState.STOPPED and one.stopped_by == by.name  # perhaps, by a kill
        stopped = one if is_cut_off else await self._note_stop(broadcast_id, by)
        await self._withdraw(stopped)
        return stopped

    async def _note_stop(self, broadcast_id: int, by: Operator) -> Broadcast:
        now = self._clock.now()
        async with self._store.writing() as unit:
            one = await unit.of(BroadcastRepository).get(broadcast_id)
            if one is None or one.state is BroadcastState.STOPPED:
                raise StoppedAlready(number=broadcast_id)
            if one.state is BroadcastState.DONE:
                raise DoneAlready(number=broadcast_id)
            stopped = replace(one, state=BroadcastState.STOPPED, stopped_by=by.name, ended_at=now)
            await unit.of(BroadcastRepository).change(stopped, one)
            await tell_card(unit, one.id, now)
            await unit.commit()
        return stopped

    async def _withdraw(self, stopped: Broadcast) -> None:
        """Notices, a few at a time. Those that a kill leaves are dropped when their turn comes (`still_for`)."""
        after = stopped.prefix
        while after:
            async with self._store.writing() as unit:
                after = await unit.of(BroadcastRepository).withdraw(stopped, after, self._clock.now(), WITHDRAWN)
                await unit.commit()

    # Progress

    async def running(self) -> Sequence[Broadcast]:
        async with self._store.reading() as unit:
            return await unit.of(BroadcastRepository).running()

    async def finish(self, one: Broadcast) -> Broadcast:
        """Note the end of one of which nothing waits any more."""
        if one.state is not BroadcastState.QUEUED or (await self.tally(one)).waiting:
            return one
        now = self._clock.now()
        done = replace(one, state=BroadcastState.DONE, ended_at=now)
        async with self._store.writing() as unit:
            if await unit.of(BroadcastRepository).change(done, one):
                await tell_card(unit, one.id, now)
                await unit.commit()
        return await self.get(one.id)

    async def tally(self, one: Broadcast) -> Tally:
        """Its notices, as far as they are queued."""
        tally, after, recent = Tally(), one.prefix, self._clock.now() - RECENT
        while after:
            async with self._store.reading() as unit:
                more, after = await unit.of(BroadcastRepository).tally(one, after, COUNTED, recent)
            tally += more
        return tally


def _raise_first(errors: Collection[Exception]) -> None:
    """An error of ours before the supplier's."""
    ours = (error for error in errors if not isinstance(error, SupplierUnavailable))
    if first := next(ours, next(iter(errors), None)):
        raise first


def checked(text: str) -> str:
    """Raises NoText, BroadcastTooLong."""
    text = text.strip()
    if not text:
        raise NoText
    if (count := length(text)) > LONGEST:
        raise BroadcastTooLong(count=count, most=LONGEST)
    return text


def length(text: str) -> int:
    """As Telegram counts: most emoji are two characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
