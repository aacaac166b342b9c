"""The past of an account for those who see it: pages of a period, all of it at once, consumption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from services.accounts.disclosures import Disclosures
from services.accounts.errors import not_for
from services.accounts.models import Link
from services.history import typed
from services.history.consumption import YEAR, Consumption, of_year
from services.history.pages import Entry, Page, PageMark, Paging
from services.history.periods import Period, last_day
from services.ports import Clock, Store
from services.readings.errors import AccountGone
from services.readings.models import Submission
from services.readings.ports import SubmissionRepository
from services.supplier.errors import AccountUnknown
from services.supplier.models import AccountMonth, Meter, Month, PastReading, Payment, Span, Totals
from services.supplier.periods import local_day
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

MONTHS: Final = 6  # of a page
READINGS: Final = 8
PAYMENTS: Final = 12


@dataclass(frozen=True, slots=True)
class MeterRead:
    """Values of one meter on a day."""

    day: date
    meter: Meter
    values: tuple[PastReading, ...]

    @property
    def counted(self) -> bool:
        return all(one.counted for one in self.values)

    @property
    def source(self) -> str:
        return self.values[0].source

    @property
    def submission(self) -> str:
        """The key of the bot's submission, empty for other ways."""
        return self.values[0].submission


@dataclass(frozen=True, slots=True)
class ChargesPage:
    """`totals`: of the whole period."""

    page: Page[AccountMonth]
    totals: Totals


@dataclass(frozen=True, slots=True)
class PaymentsPage:
    """`totals`: of the whole period; `outstanding`: kopecks paid through the bot that are not credited yet."""

    page: Page[Payment]
    totals: Totals
    outstanding: int


@dataclass(frozen=True, slots=True)
class ReadingsPage:
    """`own`: the customer's submissions among them, by key."""

    page: Page[MeterRead]
    own: tuple[Submission, ...]


@dataclass(frozen=True, slots=True)
class WholePeriod:
    """Everything of a period, newest first."""

    months: tuple[AccountMonth, ...]
    readings: tuple[PastReading, ...]
    totals: Totals

    @property
    def payments(self) -> tuple[Payment, ...]:
        return tuple(payment for month in self.months for payment in month.payments)


class AccountHistory:
    """Each question raises NotVerified, OwnersOnly, AccountGone, SupplierUnavailable."""

    def __init__(
        self, store: Store, supplier: Supplier, disclosures: Disclosures, clock: Clock, profile: SupplierProfile
    ) -> None:
        self._store = store
        self._supplier = supplier
        self._disclosures = disclosures
        self._clock = clock
        self._profile = profile

    def present(self, link: Link) -> Month:
        """The month of today in the account's region."""
        return Month.of(local_day(self._clock.now(), self._profile.region_of(link.account).timezone))

    def usual(self, link: Link) -> Period:
        return Period.usual(self.present(link))

    def period(self, link: Link, one: Month, other: Month) -> Period:
        """Between two months in any order, as far as the history reaches."""
        return Period.of(one, other, self.present(link))

    def typed(self, link: Link, text: str) -> Period:
        """Raises PeriodUnclear, PeriodTooEarly, PeriodAhead."""
        return typed.period_of(text, self.present(link))

    async def charges(self, link: Link, period: Period, place: PageMark | None = None) -> ChargesPage:
        admit(link)
        sums = [Totals()]

        async def ask(span: Span) -> Sequence[AccountMonth]:
            months, sums[0] = await self._disclosures.charges(link, span, period.span)
            return months

        paging = Paging(MONTHS, ask, lambda one: (one.month.first, last_day(one.month)))
        page = await _known(paging, period, place)
        return ChargesPage(page, sums[0])

    async def payments(self, link: Link, period: Period, place: PageMark | None = None) -> PaymentsPage:
        admit(link)
        sums = [Totals()]

        async def ask(span: Span) -> Sequence[Payment]:
            payments, sums[0] = await self._disclosures.paid(link, span, period.span)
            return payments

        page = await _known(Paging(PAYMENTS, ask, lambda one: (one.day, one.day)), period, place)
        return PaymentsPage(page, sums[0], await self._disclosures.outstanding(link))

    async def readings(self, link: Link, period: Period, place: PageMark | None = None) -> ReadingsPage:
        admit(link)

        async def ask(span: Span) -> Sequence[MeterRead]:
            return grouped(await self._supplier.readings(link.access, span))

        page = await _known(Paging(READINGS, ask, lambda one: (one.day, one.day)), period, place)
        keys = dict.fromkeys(one.submission for one in page.entries if one.submission)
        async with self._store.reading() as unit:
            found = [await unit.of(SubmissionRepository).get(key) for key in keys]
        return ReadingsPage(page, tuple(one for one in found if one and one.user_id == link.user_id))

    async def consumption(self, link: Link) -> Consumption:
        """Raises TooFewReadings, too."""
        admit(link)
        present = self.present(link)
        span = Period(present.plus(-2 * YEAR - 2), present).span
        try:
            return of_year(await self._supplier.readings(link.access, span))
        except AccountUnknown:
            raise AccountGone from None

    async def everything(self, link: Link, period: Period) -> WholePeriod:
        admit(link)
        try:
            months, totals = await self._disclosures.charges(link, period.span, period.span)
            return WholePeriod(months, await self._supplier.readings(link.access, period.span), totals)
        except AccountUnknown:
            raise AccountGone from None


def admit(link: Link) -> None:
    """Raises NotVerified, OwnersOnly."""
    if not link.sees:
        raise not_for(link)


def grouped(readings: Sequence[PastReading]) -> tuple[MeterRead, ...]:
    """By day, meter and submission, in their order."""
    by = groupby(readings, key=lambda one: (one.day, one.meter, one.submission))
    return tuple(MeterRead(day, meter, tuple(values)) for (day, meter, _), values in by)


async def _known(paging: Paging[Entry], period: Period, place: PageMark | None) -> Page[Entry]:
    try:
        return await paging.page(period, place)
    except AccountUnknown:
        raise AccountGone from None
