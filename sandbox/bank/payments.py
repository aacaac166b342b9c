"""Payments and refunds as the provider keeps and shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal
from uuid import uuid4

from sandbox.state import Json

Status = Literal["pending", "waiting_for_capture", "succeeded", "canceled"]
METHODS: Final = ("bank_card", "sbp")
"""Ways to pay on the payment page."""
SBP_KOPECKS: Final = range(1_00, 700_000_00 + 1)


@dataclass(slots=True)
class Shop:
    """The merchant's settings at the provider.

    `utility`: connected for payments of utilities, every payment needs its order. `fiscalization`: the provider makes
    the receipts of 54-ФЗ, every payment needs its data. `methods`: a real test shop has no «sbp», this one may.
    `fee` is the part of a payment that the provider keeps, with its VAT.
    """

    id: str = "100500"
    secret_key: str = "test_c2FuZGJveC1zaG9wLWtleQ"  # noqa: S105 - nobody's key
    name: str = "Пример Энергосбыт"
    utility: bool = False
    fiscalization: bool = False
    methods: tuple[str, ...] = METHODS
    fee: Decimal = Decimal("0.028") * Decimal("1.22")
    page_lifetime: timedelta = timedelta(hours=1)
    hold: timedelta = timedelta(days=7)

    @property
    def test(self) -> bool:
        """A test shop moves no money."""
        return self.secret_key.startswith("test_")

    def json(self) -> Json:
        """The answer to `GET /me`."""
        fiscalization: Json = {"enabled": self.fiscalization}
        if self.fiscalization:
            fiscalization["provider"] = "avanpost"
        return {
            "account_id": self.id,
            "status": "enabled",
            "test": self.test,
            "fiscalization": fiscalization,
            "fiscalization_enabled": self.fiscalization,
            "payment_methods": list(self.methods),
        }


@dataclass(slots=True, kw_only=True)
class Payment:
    """One payment. Sums in kopecks; `asked` is the request's body, `page` where a person pays."""

    asked: Json
    created: datetime
    page: str
    amount: int
    id: str = field(default_factory=lambda: str(uuid4()))
    status: Status = "pending"
    method: Json | None = None
    authorization: Json | None = None
    authorized: datetime | None = None
    captured: datetime | None = None
    cancellation: Json | None = None
    refunded: int = 0

    @property
    def return_url(self) -> str | None:
        """Where the shop wants the person back."""
        url: str | None = self.asked.get("confirmation", {}).get("return_url")
        return url

    @property
    def two_stages(self) -> bool:
        """Whether money is held first; the documented default."""
        return not self.asked.get("capture", False)

    @property
    def paid(self) -> bool:
        """Whether the person's money is held or taken."""
        return self.status in {"waiting_for_capture", "succeeded"}

    @property
    def left(self) -> int:
        """Kopecks that can still be given back."""
        return self.amount - self.refunded if self.status == "succeeded" else 0

    def due(self, shop: Shop) -> datetime | None:
        """When it will be canceled by itself; None when it is final."""
        if self.status == "pending":
            return self.created + shop.page_lifetime
        if self.status == "waiting_for_capture" and self.authorized is not None:
            return self.authorized + shop.hold
        return None

    def allows(self, method: str, shop: Shop) -> bool:
        """Whether the page offers this way to pay."""
        wanted = self.asked.get("payment_method_data", {}).get("type", method)
        fits = method != "sbp" or (self.amount in SBP_KOPECKS and not self.two_stages)
        return method in shop.methods and wanted == method and fits

    def json(self, shop: Shop) -> Json:
        """As the API shows it."""
        shown = {
            "id": self.id,
            "status": self.status,
            "amount": money(self.amount),
            "description": self.asked.get("description"),
            "recipient": {"account_id": shop.id, "gateway_id": "2000001"},
            "payment_method": self.method or self._unused_method(),
            "created_at": moment(self.created),
            "captured_at": moment(self.captured),
            "expires_at": moment(self.due(shop)) if self.status == "waiting_for_capture" else None,
            "confirmation": self._confirmation(),
            "test": shop.test,
            "paid": self.paid,
            "refundable": self.left > 0,
            "income_amount": money(self.amount - _part(self.amount, shop.fee)) if self.paid else None,
            "refunded_amount": money(self.refunded) if self.refunded else None,
            "metadata": self.asked.get("metadata", {}),
            "merchant_customer_id": self.asked.get("merchant_customer_id"),
            "authorization_details": self.authorization,
            "cancellation_details": self.cancellation,
            "receipt_registration": self._receipt(),
        }
        return {name: value for name, value in shown.items() if value is not None}

    def _unused_method(self) -> Json | None:
        wanted = self.asked.get("payment_method_data")
        return {"type": wanted["type"], "id": self.id, "saved": False, "status": "inactive"} if wanted else None

    def _confirmation(self) -> Json | None:
        asked = self.asked.get("confirmation")
        if asked is None or self.status != "pending":
            return None
        if asked["type"] == "qr":
            return {"type": "qr", "confirmation_data": f"{self.page}/sbp"}
        return {"type": "redirect", "return_url": asked["return_url"], "confirmation_url": self.page}

    def _receipt(self) -> str | None:
        if "receipt" not in self.asked:
            return None
        return {"succeeded": "succeeded", "canceled": "canceled"}.get(self.status, "pending")


@dataclass(slots=True, kw_only=True)
class Refund:
    """Money given back; `amount` in kopecks."""

    payment_id: str
    amount: int
    created: datetime
    description: str | None = None
    metadata: Json | None = None
    id: str = field(default_factory=lambda: str(uuid4()))

    def json(self) -> Json:
        """As the API shows it."""
        shown = {
            "id": self.id,
            "payment_id": self.payment_id,
            "status": "succeeded",
            "amount": money(self.amount),
            "created_at": moment(self.created),
            "description": self.description,
            "metadata": self.metadata,
        }
        return {name: value for name, value in shown.items() if value is not None}


def kopecks(amount: Json) -> int:
    """Of a sum that has passed the rules."""
    return int(Decimal(amount["value"]) * 100)


def money(amount: int) -> Json:
    """Kopecks as the API writes sums."""
    return {"value": f"{amount // 100}.{amount % 100:02}", "currency": "RUB"}


def moment(at: datetime | None) -> str | None:
    """UTC in ISO 8601, with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _part(amount: int, share: Decimal) -> int:
    return int((amount * share).quantize(Decimal(1), ROUND_HALF_UP))
