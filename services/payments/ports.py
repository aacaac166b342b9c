"""The table of orders and the payment provider, as the use cases see them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from services.payments.models import Order, OrderStatus, Transaction
from services.supplier.models import Month


class OrderRepository(Protocol):
    """Payments through the bot."""

    async def get(self, key: str) -> Order | None: ...

    async def of_provider(self, external_id: str) -> Order | None: ...

    async def next_number(self, period_of: date) -> str: ...

    async def add(self, order: Order, ask_at: datetime) -> None:
        """`ask_at`: when the provider is to be asked about it. Raises KeyError when `key` exists already."""
        ...

    async def update(self, order: Order, expected: Iterable[OrderStatus], *, ask_at: datetime | None) -> bool:
        """Write what may change; False when the order stood in none of the `expected` states. `ask_at` None: the
        provider need not be asked any more."""
        ...

    async def show_in(self, key: str, message_id: int | None) -> None:
        """The message with its buttons, None when there is none or its number is not known."""
        ...

    async def refund(self, key: str, kopecks: int, at: datetime) -> None:
        """So much more was given back."""
        ...

    async def credit(self, key: str, day: date) -> None:
        """The supplier has credited it on a day."""
        ...

    async def ask_by(self, key: str, at: datetime) -> bool:
        """The provider is to be asked about it at this moment, or earlier where that was planned: then False."""
        ...

    async def forget(self, reason: str, before: datetime) -> None:
        """Delete orders that were canceled for a reason and made before a moment."""
        ...

    async def due(self, now: datetime, each: int, limit: int) -> tuple[Order, ...]:
        """Orders that the provider is to be asked about, not more than `each` of one person: each person's longest due
        first, then each person's next."""
        ...

    async def outstanding(self, account: str, since: datetime) -> int:
        """Kopecks that were paid for an account since a moment, by all customers, and are not credited yet."""
        ...

    async def of_account(self, account: str, since: datetime) -> tuple[Order, ...]:
        """All customers', made since a moment, newest first."""
        ...

    async def payers(self, account: str, since: date) -> frozenset[int]:
        """People whose payment the supplier has credited to an account on a day or later."""
        ...

    async def uncredited(self, since: datetime, account: str | None = None) -> tuple[Order, ...]:
        """Paid since a moment and neither credited by the supplier yet nor given back; of one account or of all."""
        ...


class PaymentProvider(Protocol):
    """The shop at the payment provider. Calls raise ProviderUnavailable when their outcome is not known."""

    @property
    def wants_email(self) -> bool:
        """For the receipt of the cash register law."""
        ...

    def request(
        self, order: Order, month: Month, return_url: str, email: str | None, language: str
    ) -> Mapping[str, Any]:
        """The body of a request: kept with the order before the first attempt, so that all attempts are equal."""
        ...

    async def create(self, order: Order) -> Transaction:
        """Ask for `order.request` under `order.key`; the same again, within a day, is the same payment. Raises
        ProviderRefused when nothing was made."""
        ...

    async def get(self, external_id: str) -> Transaction | None: ...

    def since(self, moment: datetime) -> AsyncIterator[Transaction]:
        """All payments made since a moment, ours or not, the newest first."""
        ...

    async def check(self) -> str | None:
        """The trouble that keeps the shop from taking payments, None when there is none."""
        ...
