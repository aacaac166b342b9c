"""Port of the supplier's system.

Every call may raise SupplierUnavailable, and every question about one account AccountUnknown: there is no such account,
or it is not for the person of the access. None stands in an answer for a fact that the back end does not give.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.readings.models import Submission
from services.supplier.models import (
    Access,
    Account,
    AccountMonth,
    Bill,
    Charged,
    Details,
    Meter,
    Month,
    PastReading,
    Payment,
    ReceiptFacts,
    Span,
    Tariff,
    Totals,
)


@dataclass(frozen=True, slots=True)
class AccountMeters:
    """An account with its meters in use, each with its readings, the newest first."""

    account: Account
    meters: tuple[Meter, ...]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Differences between back ends in how they are used. `finds_by_number`: the number alone finds any account, so
    that its address has to be confirmed; otherwise only those of the person's own login session are found.
    `tells_counted`: it is known whether billing has used a submission."""

    finds_by_number: bool
    tells_counted: bool


class Supplier(Protocol):
    """The energy supplier's system."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def find(self, access: Access) -> Account: ...

    async def metering(self, access: Access) -> AccountMeters: ...

    async def tariff(self, access: Access, day: date) -> Tariff | None:
        """Prices in force on `day`, None where the account has none."""
        ...

    async def bill(self, access: Access, day: date) -> Bill:
        """The bill on `day`, with a preliminary charge for its month."""
        ...

    async def details(self, access: Access) -> Details: ...

    async def payments(self, access: Access, since: date) -> tuple[Payment, ...]:
        """Credited to the account since a day, newest first."""
        ...

    async def receipts(self, access: Access) -> tuple[Month, ...]:
        """Charged months, newest first."""
        ...

    async def receipt(self, access: Access, month: Month) -> ReceiptFacts | None:
        """None where the month is not charged."""
        ...

    async def charges(self, access: Access, span: Span) -> tuple[AccountMonth, ...]:
        """Months of the span that were charged or paid in, newest first. `most` counts months."""
        ...

    async def totals(self, access: Access, span: Span) -> Totals:
        """Of all charges and payments in the span's months."""
        ...

    async def paid(self, access: Access, span: Span) -> tuple[Payment, ...]:
        """Credited to the account in the span, newest first."""
        ...

    async def readings(self, access: Access, span: Span) -> tuple[PastReading, ...]:
        """Readings of the span by all ways, of all meters that the account has or had; newest first, by meter and zone
        within a day. `most` counts days."""
        ...

    async def counted(self, access: Access, submissions: Sequence[Submission]) -> frozenset[str]:
        """Keys of the account's submissions among these that billing has used in full. Only where `capabilities` has
        it."""
        ...

    async def submit(self, submission: Submission) -> None:
        """Hand over readings, by the submission's own access. The same `key` again changes nothing; `replaces`
        withdraws the earlier submission of the period. Raises SupplierRefused when the supplier says no, an account
        that it does not have included: a submission ends with a status, not with a question."""
        ...

    async def without_readings(self, accesses: Collection[Access], period: Month) -> frozenset[str]:
        """Accounts among these with a meter whose readings of the period have not arrived by any way. None that is
        closed, unknown or without meters. For scans of all customers: one question for a page of some hundreds."""
        ...

    async def verifications(
        self, accesses: Collection[Access], first: date, last: date
    ) -> Mapping[str, frozenset[date]]:
        """Days from `first` to `last` on which verifications of meters in use end, by the accounts among these that
        have such. For scans, as `without_readings`."""
        ...

    async def addresses(self, accesses: Collection[Access]) -> Mapping[str, str]:
        """Full addresses of the accounts among these that are there and not closed. For scans, as
        `without_readings`."""
        ...

    async def charged(self, accesses: Collection[Access], month: Month) -> Mapping[str, Charged]:
        """Accounts among these that were charged in a month, by number. For scans, as `without_readings`."""
        ...
