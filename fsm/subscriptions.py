"""Subscriptions to receipts: states and drafts."""

from __future__ import annotations

from datetime import date

from aiogram.fsm.state import State, StatesGroup

from fsm.draft import Draft
from services.receipts.models import Reason


class Subscribing(StatesGroup):
    address = State()


class Leaving(StatesGroup):
    reason = State()


class SubscribeDraft(Draft):
    """The customer has agreed to letters with receipts of an account and is asked where to; `typed`: an address that
    looks mistyped; `done`: a second press does no more."""

    states = Subscribing
    link_id: str
    typed: str = ""
    done: bool = False


class LeavingDraft(Draft):
    """The customer is asked why they want no letters with receipts of an account any more."""

    states = Leaving
    link_id: str


class EndingDraft(Draft):
    """The customer is asked whether the letters are to end. `words`: their own for the reason; `paper_from`: what they
    were told, as Delivery has it; `done`: a second press does no more."""

    link_id: str
    reason: Reason = Reason.OTHER
    words: str = ""
    paper_from: date | None = None
    done: bool = False
