"""Buttons of appeals."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class AppealAction(StrEnum):
    OPEN = "open"
    REPLY = "reply"
    CLOSE = "close"
    RATE = "rate"


class OnAppeal(CallbackData, prefix="ap1"):
    """`appeal`: its key."""

    action: AppealAction
    appeal: str
