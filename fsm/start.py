"""Consents: states and drafts."""

from __future__ import annotations

from aiogram.fsm.state import State, StatesGroup
from pydantic import Field

from fsm.draft import Draft
from services.customers.models import Consent


class Consenting(StatesGroup):
    choosing = State()


class ConsentDraft(Draft):
    states = Consenting
    ticked: set[Consent] = Field(default_factory=set)


class ArrivalDraft(Draft):
    """`payload`: of the link that the customer came by, to be followed when the consents are given."""

    payload: str
