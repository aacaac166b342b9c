"""Buttons about reminders."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import AfterValidator

from handlers.callbacks import Number


class ReminderAction(StrEnum):
    TAKE = "take"
    SAME = "same"
    EVENING = "evening"
    TOMORROW = "tomorrow"


class OnReminder(CallbackData, prefix="rn1"):
    """`link`: of an account that the reminder names."""

    action: ReminderAction
    link: str


class PickAccount(CallbackData, prefix="rp1"):
    """`draft`: holds the numbers of an answer."""

    draft: str
    link: str


class SetReminderHour(CallbackData, prefix="rh1"):
    hour: Number


class SwitchReminded(CallbackData, prefix="rl1"):
    link: str
    on: bool


class OpenAway(CallbackData, prefix="wo1"):
    link: str


def _written(until: str) -> str:
    """Raises ValueError."""
    return date.fromisoformat(until).isoformat() if until else ""


class SetAway(CallbackData, prefix="ws1"):
    """`until`: a day as ISO has it; empty when somebody lives there."""

    link: str
    until: Annotated[str, AfterValidator(_written)] = ""
