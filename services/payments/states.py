"""States of an order: the moves between them, and the moments at which its provider is asked.

`docs/payments.md` draws them with every message and answer; a test walks that table.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.payments.models import Order, OrderStatus, Transaction

CURRENCY: Final = "RUB"
PAGE_LIFE: Final = timedelta(hours=1)  # of the provider's page; the provider forgets a key after a day

# Reasons of a cancellation: the provider's word for a link that ran out, and two of the bot's own.
EXPIRED: Final = "expired_on_confirmation"
REFUSED: Final = "refused"
NEVER_MADE: Final = "never_made"

# Answers that move an order: from its state to the payment's. Any other answer leaves the state as it is, so paid
# stays paid; money that comes late is money.
MOVES: Final = frozenset(
    {
        (OrderStatus.NEW, OrderStatus.PENDING),
        (OrderStatus.NEW, OrderStatus.PAID),
        (OrderStatus.NEW, OrderStatus.CANCELED),
        (OrderStatus.PENDING, OrderStatus.PAID),
        (OrderStatus.PENDING, OrderStatus.CANCELED),
        (OrderStatus.CANCELED, OrderStatus.PAID),
    }
)

_PAUSES: Final = (  # until an order of less than an age is asked about again
    (timedelta(minutes=2), timedelta(seconds=5)),
    (timedelta(minutes=10), timedelta(seconds=15)),
    (timedelta(minutes=70), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=10)),
    (timedelta(days=3), timedelta(hours=1)),
    (timedelta(days=30), timedelta(hours=12)),
)
_REFUND_PAUSE: Final = timedelta(hours=12)  # until a paid order is asked about again of which a refund was announced


def matches(order: Order, seen: Transaction) -> bool:
    """Whether a payment is the order's: its key, sum and currency, and no other payment's id."""
    return (
        seen.order == order.key
        and order.external_id in (None, seen.external_id)
        and (seen.kopecks, seen.currency) == (order.kopecks, CURRENCY)
    )


def answered(before: Order, seen: Transaction, now: datetime) -> Order:
    """The order after its provider's answer."""
    after = replace(
        before, external_id=seen.external_id, url=seen.url or before.url, refunded=max(before.refunded, seen.refunded)
    )
    if (before.status, seen.status) not in MOVES:
        return after
    if seen.status is OrderStatus.PENDING:
        return replace(after, status=OrderStatus.PENDING)
    return _settled(after, seen.status, seen.reason, _taken_at(before, seen, now), now)


def given_up(order: Order, reason: str, now: datetime) -> Order:
    """The order without a payment at the provider's; one that has had an answer is not given up."""
    if order.status is not OrderStatus.NEW:
        return order
    return _settled(order, OrderStatus.CANCELED, reason, now, now)


def _settled(order: Order, status: OrderStatus, reason: str, at: datetime, now: datetime) -> Order:
    return replace(order, status=status, reason=reason, settled_at=at, learned_at=now, request={})


def _taken_at(order: Order, seen: Transaction, now: datetime) -> datetime:
    """The moment of payment by the provider's clock, which may differ from ours: not before the order was made, not in
    the future."""
    if seen.status is not OrderStatus.PAID or seen.captured_at is None:
        return now
    return min(now, max(order.created_at, seen.captured_at))


def next_question(order: Order, now: datetime) -> datetime | None:
    """The moment to ask about an order; None when there is nothing to learn."""
    return question_after(order, now) if order.open else None


def question_after(order: Order, now: datetime) -> datetime | None:
    """The moment to ask again when there was no answer: the older the order, the later; None for one that is too old.
    Money that came is not given up."""
    if order.status is OrderStatus.PAID:
        return now + _REFUND_PAUSE
    age = now - order.created_at
    return next((now + pause for young, pause in _PAUSES if age < young), None)
