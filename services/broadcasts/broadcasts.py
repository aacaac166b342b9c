"""Broadcasts: made by one person, confirmed by another, queued page by page in the order of people's ids.

A page of notices and the place that was reached are committed together: after a kill it is confirmed again, and goes on
where it ended.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace

from services.broadcasts.models import LONGEST, Audience, Broadcast, BroadcastState, CannotBroadcast
from services.broadcasts.ports import BroadcastRepository
from services.customers.models import Customer
from services.notices.catalog import Announcement
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Clock, Store
from services.reminders.ports import ReminderRepository
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

PAGE = 500  # customers that are committed together

OnProgress = Callable[[int, int], None]  # customers done, and all of them


class Broadcasts:
    def __init__(self, store: Store, supplier: Supplier, clock: Clock, profile: SupplierProfile) -> None:
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._profile = profile

    async def make(self, text: str, audience: Audience, made_by: str) -> Broadcast:
        """A draft that waits for another person. Raises CannotBroadcast, SupplierUnavailable."""
        text = text.strip()
        if not 0 < len(text) <= LONGEST:
            raise CannotBroadcast(f"The text has {len(text)} characters; it must have 1 to {LONGEST}.")
        names = [region.name for region in self._profile.regions]
        if audience.region and audience.region not in names:
            raise CannotBroadcast(f"There is no region {audience.region!r}; there are: {', '.join(names)}.")
        await self._check_corrected(audience)
        draft = Broadcast(0, text, audience, made_by, self._clock.now(), 0)
        count = 0
        async for _, fitting in self._pages(draft):
            count += len(fitting)
        if not count:
            raise CannotBroadcast("No customer fits.")
        async with self._store.writing() as unit:
            made = await unit.of(BroadcastRepository).add(text, audience, made_by, count, draft.made_at)
            await unit.commit()
        return replace(draft, id=made, count=count)

    async def _check_corrected(self, audience: Audience) -> None:
        if audience.corrects is None:
            return
        corrected = await self.get(audience.corrects)
        if corrected.state is BroadcastState.DRAFT:
            raise CannotBroadcast(f"Broadcast {corrected.id} has gone to nobody: make another one in its place.")
        if corrected.state is BroadcastState.GOING:
            raise CannotBroadcast(f"Broadcast {corrected.id} is not queued in full: confirm it again, or stop it.")

    async def get(self, broadcast_id: int) -> Broadcast:
        """Raises CannotBroadcast."""
        async with self._store.reading() as unit:
            found = await unit.of(BroadcastRepository).get(broadcast_id)
        if found is None:
            raise CannotBroadcast(f"There is no broadcast {broadcast_id}.")
        return found

    async def confirm(self, broadcast_id: int, by: str, on_progress: OnProgress = lambda *_: None) -> Broadcast:
        """Queue it for all whom it is for. Raises CannotBroadcast, SupplierUnavailable."""
        one = await self.get(broadcast_id)
        if one.state in (BroadcastState.QUEUED, BroadcastState.STOPPED):
            raise CannotBroadcast(f"Broadcast {one.id} is {one.state} already.")
        if by.casefold() == one.made_by.casefold():
            raise CannotBroadcast("Another person than the one who made it has to confirm it.")
        one = replace(one, state=BroadcastState.GOING, confirmed_by=by)
        await self._keep(one, [])
        done = 0
        async for reached, fitting in self._pages(one):
            one = reached
            await self._keep(one, fitting)
            done += len(fitting)
            on_progress(done, max(done, one.count))
        one = replace(one, state=BroadcastState.QUEUED)
        await self._keep(one, [])
        return one

    async def stop(self, broadcast_id: int) -> int:
        """Nothing more of it goes out; how many people it does not reach. Raises CannotBroadcast."""
        one = await self.get(broadcast_id)
        async with self._store.writing() as unit:
            await unit.of(BroadcastRepository).update(replace(one, state=BroadcastState.STOPPED))
            kept_back = await unit.of(BroadcastRepository).withdraw(one, self._clock.now())
            await unit.commit()
        return kept_back

    async def _keep(self, one: Broadcast, people: Sequence[Customer]) -> None:
        """Raises CannotBroadcast where it was stopped meanwhile."""
        notices = [Notice(one.key(person.user_id), person.user_id, Announcement(broadcast=one.id)) for person in people]
        async with self._store.writing() as unit:
            known = await unit.of(BroadcastRepository).get(one.id)
            if known is None or known.state is BroadcastState.STOPPED:
                raise CannotBroadcast(f"Broadcast {one.id} was stopped meanwhile.")
            await unit.of(BroadcastRepository).update(one)
            if notices:
                await unit.of(NoticeRepository).tell_all(notices, self._clock.now())
            await unit.commit()

    async def _pages(self, one: Broadcast) -> AsyncIterator[tuple[Broadcast, list[Customer]]]:
        """The place that is reached, and the customers of each page whom it is for."""
        corrected = await self.get(one.audience.corrects) if one.audience.corrects else None
        while page := await self._page(one, corrected):
            one = replace(one, after=page[-1].user_id)
            yield one, list(page) if corrected else await self._fitting(page, one.audience)

    async def _page(self, one: Broadcast, corrected: Broadcast | None) -> Sequence[Customer]:
        async with self._store.reading() as unit:
            if corrected:
                return await unit.of(BroadcastRepository).reached(corrected, one.after, PAGE)
            return await unit.of(ReminderRepository).page(one.after, PAGE)

    async def _fitting(self, page: Iterable[Customer], audience: Audience) -> list[Customer]:
        agreed = [(one, self._accounts(one, audience)) for one in page if one.agreed]
        if not audience.street:
            return [one for one, accounts in agreed if accounts]
        accesses = [link.access for one, accounts in agreed for link in one.links if link.account in accounts]
        wanted = _plain(audience.street)
        addresses = await self._supplier.addresses(accesses)
        on_street = {number for number, address in addresses.items() if wanted in _plain(address)}
        return [one for one, accounts in agreed if accounts & on_street]

    def _accounts(self, customer: Customer, audience: Audience) -> set[str]:
        """The customer's accounts in the region and in the list, where there is one."""
        return {
            link.account
            for link in customer.links
            if not link.barred
            and (not audience.accounts or link.account in audience.accounts)
            and (not audience.region or self._profile.region_of(link.account).name == audience.region)
        }


def _plain(address: str) -> str:
    """With the ends marked, so that «ул. Мира, д. 1» is not «ул. Мира, д. 12»."""
    words = address.casefold().replace("\u0451", "\u0435").replace(",", " ").replace(".", " ").split()
    return " " + " ".join(words) + " "
