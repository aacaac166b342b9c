"""Proof of an account: states and draft."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class Proving(StatesGroup):
    sum = State()


class ProofDraft(Draft):
    """`link_id`: the account that the customer proves."""

    states = Proving
    link_id: str
