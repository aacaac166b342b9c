"""Submissions: the list, one of them again with the steps that are still open, its letter."""

from __future__ import annotations

from dataclasses import dataclass

from services.accounts.models import Link
from services.customers.models import Customer
from services.errors import NotYours
from services.notices.catalog import SheetLetter
from services.notices.letters import post
from services.ports import Clock, Store
from services.readings.errors import NoReadings
from services.readings.models import PENDING, Submission, SubmissionStatus
from services.readings.ports import SubmissionRepository
from services.readings.readings import Readings
from services.readings.recount import Recount
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Meter
from services.supplier.periods import Window, is_open, window
from services.supplier.profile import Region, SupplierProfile

UNCOUNTED = (*PENDING, SubmissionStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class SubmissionCard:
    """A submission with what may still be done. `remaining`: other meters of the account without readings yet."""

    submission: Submission
    link: Link
    region: Region
    window: Window
    correctable: bool
    remaining: tuple[Meter, ...]
    mailable: bool


class ReadingHistory:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        profile: SupplierProfile,
        readings: Readings,
        recount: Recount,
        *,
        mails: bool,
    ) -> None:
        """`mails`: letters can be sent."""
        self._store = store
        self._clock = clock
        self._profile = profile
        self._readings = readings
        self._recount = recount
        self._mails = mails

    async def page(self, link: Link, limit: int, offset: int = 0) -> tuple[Submission, ...]:
        """Submissions of this customer for the account, newest first, with the status of now; without asking the
        supplier about an account that is closed to them."""
        async with self._store.reading() as unit:
            found = await unit.of(SubmissionRepository).of_account(link.user_id, link.account, limit, offset)
        return found if link.barred else await self._recount.of(link, found)

    async def get(self, customer: Customer, key: str) -> Submission:
        """As it stands, as the list shows it. Raises NotYours unless the customer made it and still has the account."""
        found = await self.find(customer, key)
        if found is None:
            raise NotYours
        link = _link(customer, found)
        return found if link.barred else (await self._recount.of(link, (found,)))[0]

    async def find(self, customer: Customer, key: str) -> Submission | None:
        """The submission that a confirmation has led to, if it has. Raises NotYours as `get`."""
        async with self._store.reading() as unit:
            found = await unit.of(SubmissionRepository).get(key)
        return own(customer, found) if found else None

    async def card(self, customer: Customer, submission: Submission) -> SubmissionCard:
        link, now = _link(customer, submission), self._clock.now()
        region = self._profile.region_of(link.account)
        still_open = is_open(submission.period, now, region.timezone, region.reading_days)
        correctable = still_open and submission.status in UNCOUNTED and link.submits
        present = window(now, region.timezone, region.reading_days)
        remaining = await self._remaining(link, submission.meter)
        return SubmissionCard(submission, link, region, present, correctable, remaining, self._mails)

    async def _remaining(self, link: Link, done: str) -> tuple[Meter, ...]:
        try:
            account = await self._readings.open(link)
        except (NoReadings, SupplierUnavailable):
            return ()
        return tuple(view.meter for view in account.meters if not view.passed and view.meter.number != done)

    async def kept(self, key: str) -> Submission | None:
        """A submission whose letter is on its way to its customer."""
        async with self._store.reading() as unit:
            return await unit.of(SubmissionRepository).get(key)

    async def mail(self, customer: Customer, key: str, address: str, request: str) -> None:
        """Queue the submission's sheet for an e-mail address; the same `request` again is the same letter.
        Raises TooManyMails, NotYours."""
        await self.get(customer, key)
        letter = SheetLetter(address=address, submission=key)
        async with self._store.writing() as unit:
            await post(unit, customer, f"mail:{request}", letter, self._clock.now())
            await unit.commit()


def own(customer: Customer, submission: Submission) -> Submission:
    """Raises NotYours unless the customer made it and still has the account."""
    linked = any(link.account == submission.account for link in customer.links)
    if submission.user_id != customer.user_id or not linked:
        raise NotYours
    return submission


def _link(customer: Customer, submission: Submission) -> Link:
    return next(link for link in customer.links if link.account == submission.account)
