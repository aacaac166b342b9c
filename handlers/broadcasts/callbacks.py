"""Buttons of broadcasts, in groups of the staff."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number


class BroadcastAction(StrEnum):
    ALL = "all"
    REGION = "region"
    STREET = "street"
    ACCOUNTS = "accounts"
    AUDIENCE = "audience"
    TEXT = "text"
    CONFIRM = "confirm"
    STOP = "stop"
    CORRECT = "correct"


class OnBroadcast(CallbackData, prefix="bc1"):
    """`broadcast`: its number; `region`: its place in the profile."""

    action: BroadcastAction
    broadcast: Number
    region: Number = 0
