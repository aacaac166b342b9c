"""Port of the supplier's system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.readings.models import Submission
from services.supplier.models import Account, Balance, Bill, Details, Meter, Payment, Tariff


@dataclass(frozen=True, slots=True)
class AccountMeters:
    """What is needed to take readings of one account: its meters in use, newest readings first."""

    account: Account
    meters: tuple[Meter, ...]


class Supplier(Protocol):
    """The energy supplier's system. Every call may raise SupplierUnavailable."""

    async def find(self, number: str) -> Account | None: ...

    async def metering(self, number: str) -> AccountMeters | None: ...

    async def tariff(self, number: str, day: date) -> Tariff | None:
        """Prices in force on `day`, None where the account has none."""
        ...

    async def balance(self, number: str) -> Balance: ...

    async def bill(self, number: str, day: date) -> Bill | None:
        """What there is to pay on `day`, with a preliminary charge for its month."""
        ...

    async def details(self, number: str) -> Details | None: ...

    async def payments(self, number: str, since: date) -> tuple[Payment, ...]:
        """Credited to the account since a day."""
        ...

    async def submit(self, submission: Submission) -> None:
        """Hand over readings. The same `key` again changes nothing; `replaces` withdraws the earlier
        submission of the period. Raises SupplierRefused when the supplier says no."""
        ...

    async def counted(self, submissions: Sequence[Submission]) -> frozenset[str]:
        """Keys of those that billing has used in full."""
        ...
