"""Payments: states and draft."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class Paying(StatesGroup):
    sum = State()
    email = State()


class PaymentDraft(Draft):
    """A payment of an account. `kopecks` None: the sum that is due."""

    states = Paying
    link_id: str
    kopecks: int | None = None
