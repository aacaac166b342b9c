"""Buttons about e-mail."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class RemoveEmail(CallbackData, prefix="em1"):
    """`draft`: of the question that this answers, which names the address."""

    draft: str
