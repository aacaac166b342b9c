"""Quiet hours that a customer types: states and draft."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class SettingQuiet(StatesGroup):
    hours = State()


class QuietDraft(Draft):
    """The customer is asked for hours of their own."""

    states = SettingQuiet
