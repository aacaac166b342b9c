"""Buttons about payments."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number


class Pay(CallbackData, prefix="py1"):
    """The sum to pay. `preliminary`: with the charge of the current month; `fresh` as in Go."""

    link: str
    preliminary: bool = True
    fresh: bool = False


class PaymentAction(StrEnum):
    OTHER = "other"
    EXPLAIN = "explain"


class OnPayment(CallbackData, prefix="pa1"):
    action: PaymentAction
    link: str
    preliminary: bool


class PaySum(CallbackData, prefix="ps2"):
    """How to pay a sum. `fresh` as in Go; `preliminary` as in Pay, for the way back."""

    link: str
    kopecks: Number
    fresh: bool = False
    preliminary: bool = True


class PayDrafted(CallbackData, prefix="pd1"):
    """How to pay the sum of a form. `draft`: of the payment."""

    draft: str


class PayByCode(CallbackData, prefix="pc2"):
    """`offered`: the sum was due when it was shown."""

    link: str
    kopecks: Number
    offered: bool


class AskReceipt(CallbackData, prefix="pe1"):
    """An address for the receipt is missing. `draft`: of the payment."""

    draft: str


class PlaceOrder(CallbackData, prefix="po1"):
    """`confirmation`: of the sum that the screen shows."""

    confirmation: str


class OrderAction(StrEnum):
    VIEW = "view"
    CHECK = "check"
    DROP = "drop"
    RETRY = "retry"


class OnOrder(CallbackData, prefix="or1"):
    action: OrderAction
    key: str
