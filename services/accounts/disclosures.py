"""The only way by which an account's sums reach people. A sum for a person without a proof of the account is written
down before it is shown, but not the person: a payment that could be worked out from such sums proves nothing.

The first look notes which payments the supplier has credited by then, before it is asked for the sum. A payment that
comes later changes the sum while somebody may be looking.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from services.accounts.models import Link, Watch
from services.accounts.ports import DisclosureRepository
from services.payments.crediting import Crediting
from services.ports import Clock, Store
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import AccountMonth, Bill, Details, Month, Payment, ReceiptFacts, Span, Statement, Totals
from services.supplier.periods import local_day
from services.supplier.ports import Supplier
from services.supplier.profile import SupplierProfile

MEMORY = timedelta(days=365)  # how far back a payment proves anything


@dataclass(frozen=True, slots=True)
class Claim:
    """A bill, and `outstanding`: kopecks paid through the bot that the supplier does not show yet."""

    bill: Bill
    outstanding: int


class Disclosures:
    def __init__(
        self, store: Store, supplier: Supplier, crediting: Crediting, clock: Clock, profile: SupplierProfile
    ) -> None:
        self._store = store
        self._supplier = supplier
        self._crediting = crediting
        self._clock = clock
        self._profile = profile

    async def bill(self, link: Link) -> Claim:
        """The bill of today. Raises SupplierUnavailable, AccountUnknown."""
        watch = await self._watch(link)
        bill = await self._supplier.bill(link.access, self._today(link))
        claim = Claim(bill, await self._crediting.outstanding(link.access))
        await self._show(link, watch, _of_claim(claim, parts=link.sees))
        return claim

    async def outstanding(self, link: Link) -> int:
        """Kopecks, for screens without another sum; 0 also where they cannot be put on record now."""
        outstanding = await self._crediting.outstanding(link.access)
        if outstanding and link.sees:
            try:
                await self._show(link, await self._watch(link), {outstanding})
            except (SupplierUnavailable, AccountUnknown):
                return 0
        return outstanding

    async def details(self, link: Link) -> tuple[Details, int]:
        """The details, and outstanding kopecks. Raises SupplierUnavailable, AccountUnknown."""
        watch = await self._watch(link)
        details = await self._supplier.details(link.access)
        outstanding = await self._crediting.outstanding(link.access)
        if details.statement:
            await self._show(link, watch, _of_statement(details.statement, outstanding))
        return details, outstanding

    async def receipt(self, link: Link, month: Month) -> ReceiptFacts | None:
        """The facts of a receipt, None where the month is not charged. Raises SupplierUnavailable, AccountUnknown."""
        watch = await self._watch(link)
        facts = await self._supplier.receipt(link.access, month)
        if facts:
            await self._show(link, watch, _of_statement(facts.statement, outstanding=0) | {facts.recommended or 0})
        return facts

    async def paper(self, link: Link, month: Month) -> None:
        """A receipt of a month that the supplier has set itself is about to be shown: it may tell of any payment to
        the end of the next month. Raises SupplierUnavailable, AccountUnknown."""
        watch = await self._watch(link)
        if watch is None:
            return
        paid = await self._supplier.payments(link.access, self._today(link) - MEMORY)
        told = [payment for payment in paid if payment.day < month.plus(2).first]
        of_months = [sum(one.amount for one in told if Month.of(one.day) == when) for when in (month, month.plus(1))]
        sums = {payment.amount for payment in told} | set(of_months)
        facts = await self._supplier.receipt(link.access, month)
        if facts:
            sums |= _of_statement(facts.statement, outstanding=0) | {facts.recommended or 0}
        await self._show(link, watch, sums)

    async def charges(self, link: Link, span: Span, whole: Span) -> tuple[tuple[AccountMonth, ...], Totals]:
        """Months of a span, and the totals of a `whole` one. Raises SupplierUnavailable, AccountUnknown."""
        watch = await self._watch(link)
        months = await self._supplier.charges(link.access, span)
        totals = await self._supplier.totals(link.access, whole)
        await self._show(link, watch, _of_months(months) | _of_totals(totals))
        return months, totals

    async def paid(self, link: Link, span: Span, whole: Span) -> tuple[tuple[Payment, ...], Totals]:
        """Payments of a span, and the totals of a `whole` one. Raises SupplierUnavailable, AccountUnknown."""
        watch = await self._watch(link)
        payments = await self._supplier.paid(link.access, span)
        totals = await self._supplier.totals(link.access, whole)
        await self._show(link, watch, {payment.amount for payment in payments} | _of_totals(totals))
        return payments, totals

    async def _watch(self, link: Link) -> Watch | None:
        """The account's watch, None for its verified owners."""
        if link.verified:
            return None
        async with self._store.reading() as unit:
            known = await unit.of(DisclosureRepository).watch(link.account)
        return known or await self._begin(link)

    async def _begin(self, link: Link) -> Watch:
        today, now = self._today(link), self._clock.now()
        paid = await self._supplier.payments(link.access, today - MEMORY)
        watch = Watch(now, today, tuple((payment.day, payment.amount) for payment in paid))
        async with self._store.writing() as unit:
            await unit.of(DisclosureRepository).begin(link.account, watch)
            begun = await unit.of(DisclosureRepository).watch(link.account)
            await unit.commit()
        return begun or watch

    async def _show(self, link: Link, watch: Watch | None, sums: set[int]) -> None:
        """Written at most once for a sum, and once a day."""
        today = self._today(link)
        if watch is None or (sums <= watch.sums | {0} and today <= watch.seen_on):
            return
        async with self._store.writing() as unit:
            await unit.of(DisclosureRepository).show(link.account, sums - {0}, today)
            await unit.commit()

    def _today(self, link: Link) -> date:
        return local_day(self._clock.now(), self._profile.region_of(link.account).timezone)


def _of_claim(claim: Claim, *, parts: bool) -> set[int]:
    """`parts`: with debt, penalty and advance, as an open account shows them."""
    bill, outstanding = claim.bill, claim.outstanding
    owed, charge = bill.owed - outstanding, bill.preliminary or 0
    shown = {owed, charge, max(0, owed + charge)}
    return shown | {bill.debt, bill.penalty, -bill.advance, outstanding} if parts else shown


def _of_statement(statement: Statement, outstanding: int) -> set[int]:
    lines = (statement.opening, statement.charged, statement.recalculated, statement.penalty, statement.paid)
    return {*lines, statement.common_needs or 0, outstanding, statement.to_pay - outstanding}


def _of_months(months: Iterable[AccountMonth]) -> set[int]:
    shown = set()
    for month in months:
        shown |= {payment.amount for payment in month.payments}
        if charge := month.charge:
            shown |= {charge.opening, charge.charged, charge.recalculated, charge.penalty, charge.closing}
    return shown


def _of_totals(totals: Totals) -> set[int]:
    return {totals.charged, totals.recalculated, totals.penalty, totals.paid}
