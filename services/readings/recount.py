"""Submissions that billing has used by now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.accounts.models import Link
from services.ports import Clock, Store
from services.readings.models import Submission, SubmissionStatus
from services.readings.ports import SubmissionRepository
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.ports import Supplier


class Recount:
    def __init__(self, store: Store, supplier: Supplier, clock: Clock) -> None:
        self._store = store
        self._supplier = supplier
        self._clock = clock

    async def of(self, link: Link, found: tuple[Submission, ...]) -> tuple[Submission, ...]:
        """The same submissions with the status of now, which is kept."""
        accepted = [one for one in found if one.status is SubmissionStatus.ACCEPTED]
        counted = await self._counted(link, accepted) if accepted else frozenset()
        if counted:
            await self._mark(counted)
        return tuple(replace(one, status=SubmissionStatus.COUNTED) if one.key in counted else one for one in found)

    async def _counted(self, link: Link, accepted: Sequence[Submission]) -> frozenset[str]:
        """The bot's own status is shown even when the supplier cannot be asked."""
        if not self._supplier.capabilities.tells_counted:
            return frozenset()
        try:
            return await self._supplier.counted(link.access, accepted)
        except (SupplierUnavailable, AccountUnknown):
            return frozenset()

    async def _mark(self, keys: frozenset[str]) -> None:
        accepted, now = (SubmissionStatus.ACCEPTED,), self._clock.now()
        async with self._store.writing() as unit:
            for key in keys:
                await unit.of(SubmissionRepository).set_status(key, SubmissionStatus.COUNTED, accepted, now)
            await unit.commit()
