"""The life of payments: pending → (waiting_for_capture →) succeeded or canceled, and money given back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from sandbox.bank.cards import Card, card_method, sbp_method
from sandbox.bank.errors import Invalid, NotFound
from sandbox.bank.payments import Payment, Refund, Shop, kopecks, money
from sandbox.bank.rules import check_capture, check_nothing, check_payment, check_refund
from sandbox.errors import Refused
from sandbox.state import Json

_STATUSES: Final = frozenset({"pending", "waiting_for_capture", "succeeded", "canceled"})
_COMPARISONS: Final[Mapping[str, Callable[[datetime, datetime], bool]]] = {
    "gte": lambda at, edge: at >= edge,
    "gt": lambda at, edge: at > edge,
    "lte": lambda at, edge: at <= edge,
    "lt": lambda at, edge: at < edge,
}
_TIMES: Final[Mapping[str, Callable[[Payment], datetime | None]]] = {
    "created_at": lambda payment: payment.created,
    "captured_at": lambda payment: payment.captured,
}
_PAGE: Final = 10
_LONGEST_PAGE: Final = 100


class Tell(Protocol):
    """Announce that something has happened to a payment or a refund."""

    def __call__(self, event: str, about: Json) -> object: ...


class Till:
    """All payments of one shop. What comes over the API raises `Refusal`, what people do raises `Refused`."""

    def __init__(self, shop: Shop, clock: Callable[[], datetime], tell: Tell) -> None:
        self.shop = shop
        self.now = clock
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self._tell = tell

    # Requests of the shop

    def create(self, asked: Json, origin: str) -> Payment:
        """A new payment; `origin` is the page's host."""
        check_payment(asked, self.shop)
        payment = Payment(asked=asked, created=self.now(), page="", amount=kopecks(asked["amount"]))
        payment.page = f"{origin}/pay/{payment.id}"
        self.payments[payment.id] = payment
        return payment

    def find(self, payment_id: str) -> Payment:
        """The payment as it is at this moment."""
        self.expire_due()
        payment = self.payments.get(payment_id)
        if payment is None:
            raise NotFound("Payment", "payment_id")
        return payment

    def capture(self, payment_id: str, asked: Json) -> Payment:
        """Take held money, all or a part; the rest goes back."""
        payment = self._held(payment_id)
        check_capture(asked, money(payment.amount), self.shop)
        amount = kopecks(asked["amount"]) if "amount" in asked else payment.amount
        if amount > payment.amount:
            raise Invalid("The amount is more than what is held", "amount")
        payment.amount = amount
        self._succeed(payment)
        return payment

    def cancel(self, payment_id: str, asked: Json) -> Payment:
        """Give held money back."""
        payment = self._held(payment_id)
        check_nothing(asked)
        self._cancel(payment, "merchant", "canceled_by_merchant")
        return payment

    def _held(self, payment_id: str) -> Payment:
        payment = self.find(payment_id)
        if payment.status != "waiting_for_capture":
            raise Invalid(f"The payment is {payment.status}, not waiting_for_capture", "payment_id")
        return payment

    def refund(self, asked: Json) -> Refund:
        """Give back money that was taken."""
        check_refund(asked, self.shop)
        payment, amount = self.find(asked["payment_id"]), kopecks(asked["amount"])
        if amount > payment.left:
            raise Invalid(f"{money(payment.left)['value']} RUB can be refunded", "amount")
        more = {name: asked[name] for name in ("description", "metadata") if name in asked}
        refund = Refund(payment_id=payment.id, amount=amount, created=self.now(), **more)
        self.refunds[refund.id] = refund
        payment.refunded += amount
        self._tell("refund.succeeded", refund.json())
        return refund

    def find_refund(self, refund_id: str) -> Refund:
        """Money given back."""
        refund = self.refunds.get(refund_id)
        if refund is None:
            raise NotFound("Refund", "refund_id")
        return refund

    def list(self, query: Mapping[str, str]) -> Json:
        """A page of payments, newest first."""
        self.expire_due()
        limit, cursor, wanted = _page(query), query.get("cursor"), _filter(query)
        found = [one for one in reversed(self.payments.values()) if wanted(one)]
        if cursor is not None:
            ids = [one.id for one in found]
            if cursor not in ids:
                raise Invalid("Unknown cursor", "cursor")
            found = found[ids.index(cursor) :]
        shown = {"type": "list", "items": [one.json(self.shop) for one in found[:limit]]}
        return {**shown, "next_cursor": found[limit].id} if len(found) > limit else shown

    # The life of payments

    def offer_card(self, payment: Payment, card: Card, year: int, month: int) -> None:
        """A person has typed a card in: it pays, is refused, or waits for the 3-D Secure step."""
        self._check_open(payment, "bank_card")
        payment.method = card_method(card, year, month)
        payment.authorization = {"three_d_secure": {"applied": card.secure or card.refusal == "3d_secure_failed"}}
        if card.refusal is not None:
            self._cancel(payment, "payment_network", card.refusal)
        elif not card.secure:
            self._authorize(payment)

    def pay_by_card(self, payment: Payment, card: Card) -> None:
        """Everything a person does with a card that is still good, the 3-D Secure step included."""
        self.offer_card(payment, card, self.now().year + 1, 12)
        if payment.status == "pending":
            self.confirm(payment)

    def confirm(self, payment: Payment) -> None:
        """The 3-D Secure step is passed."""
        self._check_open(payment, "bank_card")
        if payment.method is None:
            raise Refused("Сначала введите карту.")
        self._authorize(payment)

    def pay_by_sbp(self, payment: Payment) -> None:
        """A person has paid in the bank's app."""
        self._check_open(payment, "sbp")
        payment.method, payment.authorization = sbp_method(), None
        self._succeed(payment)

    def decline(self, payment: Payment, reason: str = "general_decline", party: str = "payment_network") -> None:
        """The payment comes to nothing."""
        self._check_open(payment, None)
        self._cancel(payment, party, reason)

    def stop(self, payment: Payment) -> None:
        """Actions of the operator of the play on a payment that is not final."""
        if payment.status == "waiting_for_capture":
            self._cancel(payment, "merchant", "canceled_by_merchant")
        else:
            self.decline(payment, "expired_on_confirmation", "yoo_money")

    def expire_due(self) -> None:
        """Cancel what has waited too long."""
        now = self.now()
        for payment in self.payments.values():
            due = payment.due(self.shop)
            if due is not None and due <= now:
                stage = "confirmation" if payment.status == "pending" else "capture"
                self._cancel(payment, "yoo_money", f"expired_on_{stage}")

    def _check_open(self, payment: Payment, method: str | None) -> None:
        if payment.status != "pending":
            raise Refused("Этот платёж уже завершён.")
        if method is not None and not payment.allows(method, self.shop):
            raise Refused("Этот платёж так оплатить нельзя.")

    def _authorize(self, payment: Payment) -> None:
        assert payment.authorization is not None  # noqa: S101 - set with the card
        payment.authorization |= {"rrn": f"{UUID(payment.id).int % 10**12:012}", "auth_code": "062467"}
        if not payment.two_stages:
            self._succeed(payment)
            return
        payment.status, payment.authorized = "waiting_for_capture", self.now()
        self._tell("payment.waiting_for_capture", payment.json(self.shop))

    def _succeed(self, payment: Payment) -> None:
        payment.status, payment.captured = "succeeded", self.now()
        self._tell("payment.succeeded", payment.json(self.shop))

    def _cancel(self, payment: Payment, party: str, reason: str) -> None:
        payment.status, payment.cancellation = "canceled", {"party": party, "reason": reason}
        self._tell("payment.canceled", payment.json(self.shop))


def _page(query: Mapping[str, str]) -> int:
    limit = query.get("limit", str(_PAGE))
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= _LONGEST_PAGE):
        raise Invalid(f"Must be from 1 to {_LONGEST_PAGE}", "limit")
    return int(limit)


def _filter(query: Mapping[str, str]) -> Callable[[Payment], bool]:
    checks = [_check(name, value) for name, value in query.items() if name not in {"limit", "cursor"}]
    return lambda payment: all(check(payment) for check in checks)


def _check(name: str, value: str) -> Callable[[Payment], bool]:
    """One filter of the list."""
    if name == "status" and value in _STATUSES:
        return lambda payment: payment.status == value
    if name == "payment_method":
        return lambda payment: payment.method is not None and payment.method["type"] == value
    field, _, comparison = name.partition(".")
    if field not in _TIMES or comparison not in _COMPARISONS:
        raise Invalid("Unknown parameter or value", name)
    compare, time, edge = _COMPARISONS[comparison], _TIMES[field], _moment(name, value)
    return lambda payment: (at := time(payment)) is not None and compare(at, edge)


def _moment(name: str, value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise Invalid("Must be a time in ISO 8601", name) from None
    if found.tzinfo is None:
        raise Invalid("Must be a time with its zone", name)
    return found
