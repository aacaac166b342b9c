"""Linking and naming accounts: states and drafts."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft


class Linking(StatesGroup):
    number = State()
    address = State()


class Naming(StatesGroup):
    """`offered`: with the account just linked, other things may be said as well."""

    label = State()
    offered = State()


class AddressDraft(Draft):
    """`number`: of the account whose address is to be confirmed; `shown`: the address as the question had it."""

    states = Linking
    number: str
    shown: str = ""


class LabelDraft(Draft):
    states = Naming
    link_id: str


class UnlinkDraft(Draft):
    """`link_id`: the account that the customer is asked to let go."""

    link_id: str
