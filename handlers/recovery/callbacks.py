"""Buttons about a lost Telegram."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class RecoveryAction(StrEnum):
    ASK = "ask"
    SEND = "send"
    REFUSE = "keep"


class OnRecovery(CallbackData, prefix="re1"):
    """`own`: the link of the one who presses; `link`: that of the other Telegram."""

    action: RecoveryAction
    own: str
    link: str
