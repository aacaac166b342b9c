"""Mailing a submission: states and draft."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class Mailing(StatesGroup):
    """Where a letter is to go, once."""

    address = State()


class MailDraft(Draft):
    """`submission`: key of the one to be mailed."""

    states = Mailing
    submission: str
