"""Buttons of the flow."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from services.customers.models import Quiet, Topic


class SwitchTopic(CallbackData, prefix="tp1"):
    topic: Topic
    on: bool


class SetQuiet(CallbackData, prefix="qh1"):
    quiet: Quiet
