"""Mailing a paper of a submission or a payment: states and draft."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class Mailing(StatesGroup):
    """Where a letter is to go, once."""

    address = State()


class MailDraft(Draft):
    """`submission`, `order`: key of the one whose paper is to be mailed, the other is empty."""

    states = Mailing
    submission: str = ""
    order: str = ""
