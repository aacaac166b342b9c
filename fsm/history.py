"""Looking at the past: the question for a period."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class Browsing(StatesGroup):
    """A period may be typed instead of picked."""

    period = State()


class PeriodDraft(Draft):
    """`view`: the screen that the period is for."""

    states = Browsing
    link_id: str
    view: str
