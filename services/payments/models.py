"""Orders, and payments as their provider sees them. Sums are integer kopecks, moments aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from services.supplier.periods import local_day


class OrderStatus(StrEnum):
    """new: confirmed by the customer, the provider has not answered yet; pending: it waits for the money; paid: it
    has the money; canceled: it will never take it. `states.py` has the moves between them."""

    NEW = "new"
    PENDING = "pending"
    PAID = "paid"
    CANCELED = "canceled"


OPEN_ORDERS = (OrderStatus.NEW, OrderStatus.PENDING)


@dataclass(frozen=True, slots=True)
class Order:
    """A payment that a customer confirmed once. Sums are kopecks.

    `key` is the confirmation's id and the provider's idempotence key; `request` is the body of every attempt, emptied
    when the order has ended; without `user_id` the customer had everything about them erased. `reason` is the
    provider's word for a cancellation; `offered`: the sum was due when the customer was given the link; `dropped`:
    they no longer want to pay; `shown_in`: the message with
    its buttons; `settled_at`: when the provider took the money, or will never take it, and `learned_at`: when the
    bot heard of it; `credited_on`: the supplier's day of it.
    """

    key: str
    number: str
    user_id: int | None
    account: str
    kopecks: int
    created_at: datetime
    request: Mapping[str, Any] = field(default_factory=dict)
    status: OrderStatus = OrderStatus.NEW
    external_id: str | None = None
    url: str | None = None
    reason: str = ""
    settled_at: datetime | None = None
    learned_at: datetime | None = None
    credited_on: date | None = None
    refunded: int = 0
    offered: bool = False
    dropped: bool = False
    shown_in: int | None = None

    @property
    def open(self) -> bool:
        """Money may still come."""
        return self.status in OPEN_ORDERS

    @property
    def tail(self) -> str:
        return self.account[-4:]

    def paid_on(self, zone: ZoneInfo) -> date:
        """The day on which the provider took the money; the order's own where that is not known."""
        return local_day(self.settled_at or self.created_at, zone)


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that came or, negative, went back through the bot. `number` of its order; `kopecks`."""

    account: str
    number: str
    kopecks: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Transaction:
    """A payment as its provider sees it. `order` is the key of ours; sums are kopecks of `currency`; `captured_at`:
    when it took the money, None where it does not say."""

    external_id: str
    order: str
    status: OrderStatus
    kopecks: int
    currency: str
    url: str | None = None
    reason: str = ""
    refunded: int = 0
    captured_at: datetime | None = None
