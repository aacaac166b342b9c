"""Buttons about receipts."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number


class OpenReceipts(CallbackData, prefix="rc1"):
    """Years with receipts, and the last one. `fresh` as in Go."""

    link: str
    fresh: bool = False


class ReceiptYear(CallbackData, prefix="ry1"):
    """Receipts of a year."""

    link: str
    year: Number


class GetReceipt(CallbackData, prefix="rg1"):
    """`month`: 202610."""

    link: str
    month: Number


class GetYear(CallbackData, prefix="ra1"):
    """Receipts of a year in one file."""

    link: str
    year: Number


class ReadingsOfAccount(CallbackData, prefix="rm1"):
    """Hand in readings of the account that a receipt was of."""

    link: str
