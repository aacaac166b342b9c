"""The customer's e-mail: states and drafts."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class SettingEmail(StatesGroup):
    address = State()


class EmailDraft(Draft):
    """The customer is asked for an address of their own."""

    states = SettingEmail


class DoubtedAddress(Draft):
    """`address`: as it was typed, and may have a slip. Typed once more it is right."""

    id: str = ""
    address: str


class EmailRemovalDraft(Draft):
    """`address`: the one that the customer is asked to let go."""

    address: str
