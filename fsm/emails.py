"""The customer's e-mail: states and drafts."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class SettingEmail(StatesGroup):
    address = State()


class EmailDraft(Draft):
    """The customer is asked for an address of their own."""

    states = SettingEmail


class EmailRemovalDraft(Draft):
    """`address`: the one that the customer is asked to let go."""

    address: str
