"""Buttons about papers that are mailed."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class MailTo(CallbackData, prefix="ml1"):
    """To the customer's own address. `draft`: names the paper to be mailed."""

    draft: str
