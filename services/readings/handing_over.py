"""Handing submissions over to the supplier: at once, and again as long as that is in vain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.notices.catalog import ReadingsAccepted, ReadingsRefused
from services.notices.models import Notice
from services.notices.ports import NoticeRepository
from services.ports import Alerts, Clock, Store, UnitOfWork
from services.readings.models import PENDING, Submission, SubmissionStatus
from services.readings.ports import SubmissionRepository
from services.supplier.errors import SupplierRefused, SupplierUnavailable
from services.supplier.ports import Supplier

_SETTLED = {SubmissionStatus.ACCEPTED: ReadingsAccepted, SubmissionStatus.REFUSED: ReadingsRefused}
_PATIENCE = timedelta(minutes=1)
_ENOUGH = 3  # submissions in vain before the supplier counts as away


class HandingOver:
    def __init__(self, store: Store, supplier: Supplier, clock: Clock, alerts: Alerts) -> None:
        self._store = store
        self._supplier = supplier
        self._clock = clock
        self._alerts = alerts
        self._puzzling: set[str] = set()

    async def deliver(self, submission: Submission) -> Submission:
        """Hand a kept submission to the supplier; what cannot be handed over now is queued."""
        try:
            await self._supplier.submit(submission)
        except SupplierUnavailable as error:
            await self._alerts.send(error.told)
            return await self._settle(submission, SubmissionStatus.QUEUED)
        except SupplierRefused as error:
            await self._report(submission, error)
            return await self._settle(submission, SubmissionStatus.REFUSED)
        return await self._settle(submission, SubmissionStatus.ACCEPTED)

    async def _report(self, submission: Submission, refusal: SupplierRefused) -> None:
        """The customer is told that the refusal is looked into."""
        await self._alerts.send(f"readings {submission.number} were refused: {refusal.facts.get('reason', '')}")

    async def _settle(self, submission: Submission, status: SubmissionStatus, *, tell: bool = False) -> Submission:
        """The submission as it stands then: what has been settled already stays as it is."""
        now = self._clock.now()
        async with self._store.writing() as unit:
            if not await unit.of(SubmissionRepository).set_status(submission.key, status, PENDING, now):
                return await unit.of(SubmissionRepository).get(submission.key) or submission
            if status is SubmissionStatus.REFUSED and submission.replaces:
                await self._reinstate(unit, submission.replaces)
            if tell:
                await self._tell(unit, submission.key, status)
            await unit.commit()
        return replace(submission, status=status)

    async def _tell(self, unit: UnitOfWork, key: str, status: SubmissionStatus) -> None:
        """Its customer may have been erased while the supplier was asked."""
        settled = await unit.of(SubmissionRepository).get(key)
        if settled and settled.user_id is not None:
            facts = _SETTLED[status](number=settled.number)
            await unit.of(NoticeRepository).tell(Notice(f"{status}:{key}", settled.user_id, facts), self._clock.now())

    async def _reinstate(self, unit: UnitOfWork, key: str) -> None:
        """A correction that the supplier refuses leaves the earlier readings in force; they are handed over anew."""
        replaced = (SubmissionStatus.REPLACED,)
        await unit.of(SubmissionRepository).set_status(key, SubmissionStatus.QUEUED, replaced, self._clock.now())

    async def deliver_waiting(self) -> None:
        """Hand over what had to wait, and tell its customers how it went."""
        now = self._clock.now()
        async with self._store.reading() as unit:
            waiting = await unit.of(SubmissionRepository).waiting(now - _PATIENCE, now, limit=100)
        in_vain = 0
        for submission in waiting:
            in_vain += not await self._deliver_late(submission)
            if in_vain >= _ENOUGH:
                return  # the supplier is away: the next tick asks again

    async def _deliver_late(self, submission: Submission) -> bool:
        """False when the supplier could not be asked."""
        try:
            await self._supplier.submit(submission)
        except SupplierUnavailable:
            await self._settle(submission, SubmissionStatus.QUEUED)
            return False
        except SupplierRefused as error:
            await self._report(submission, error)
            status = SubmissionStatus.REFUSED
        except Exception as error:  # noqa: BLE001  # a bug that one of them meets is no reason to keep the others
            await self._settle(submission, SubmissionStatus.QUEUED)
            await self._wonder(submission, error)
            return True
        else:
            status = SubmissionStatus.ACCEPTED
        await self._settle(submission, status, tell=True)
        return True

    async def _wonder(self, submission: Submission, error: Exception) -> None:
        """The next tick tries again, and says nothing more."""
        if submission.key not in self._puzzling:
            self._puzzling.add(submission.key)
            what = f"readings {submission.number} cannot be handed over: {type(error).__name__}"
            await self._alerts.send(what, error)
