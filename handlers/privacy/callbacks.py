"""Buttons about own data."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number


class ConsentAction(StrEnum):
    VIEW = "view"
    WITHDRAW = "withdraw"
    WITHDRAW_YES = "gone"


class OnConsent(CallbackData, prefix="cn1"):
    """`given`: one giving of a consent, so that an old button does not withdraw one that was given later."""

    action: ConsentAction
    given: Number


class Erase(CallbackData, prefix="er1"):
    """`draft`: of the question that this answers."""

    draft: str
