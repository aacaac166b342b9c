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
    """Words of the customer that wait for the consents: `payload` of the link that they came by, or the `account` that
    they typed."""

    payload: str = ""
    account: str = ""
