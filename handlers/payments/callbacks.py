"""Buttons about payments."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number


class Pay(CallbackData, prefix="py2"):
    """The sum that is due, and the ways to pay it. `fresh` as in Go."""

    link: str
    fresh: bool = False


class PaySum(CallbackData, prefix="ps3"):
    """The ways to pay a sum of the customer's own."""

    link: str
    kopecks: Number


class IncludePreliminary(CallbackData, prefix="pi1"):
    """The charge of the current month into the sum, or out of it."""

    link: str
    on: bool


class PaymentAction(StrEnum):
    OTHER = "other"
    EXPLAIN = "explain"


class OnPayment(CallbackData, prefix="pa2"):
    """`fresh` as in Go."""

    action: PaymentAction
    link: str
    fresh: bool


class PayByCode(CallbackData, prefix="pc2"):
    """`offered`: the sum was due when it was shown."""

    link: str
    kopecks: Number
    offered: bool


class ShowRequisites(CallbackData, prefix="pq1"):
    """Bank details of a payment code, to be copied."""

    link: str
    kopecks: Number


class AskReceipt(CallbackData, prefix="pe2"):
    """An address for the receipt. `kopecks`: a sum of the customer's own, 0 for the one that is due; `fresh` as in
    Go."""

    link: str
    kopecks: Number
    fresh: bool


class OrderAction(StrEnum):
    CHECK = "check"
    RETRY = "retry"
    PDF = "pdf"
    MAIL = "mail"


class OnOrder(CallbackData, prefix="or1"):
    action: OrderAction
    key: str
