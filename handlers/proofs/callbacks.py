"""Buttons about proofs."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class Disown(CallbackData, prefix="ds1"):
    """`link`: of the person whose verification is to be undone; `own`: that of the one who presses."""

    link: str
    own: str
