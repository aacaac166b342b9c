"""Buttons about subscriptions to receipts."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from services.receipts.models import Reason


class DeliveryAction(StrEnum):
    """JOIN: the conditions; AGREE and CHANGE: the question for an address; TAKE_BACK: what waits for a link;
    PAPER: receipts on paper come again."""

    SHOW = "show"
    JOIN = "join"
    AGREE = "agree"
    CHANGE = "change"
    AGAIN = "again"
    TAKE_BACK = "back"
    LEAVE = "leave"
    LEAVE_AGAIN = "leave2"
    UNREACHED = "unreached"
    PAPER = "paper"


class OnDelivery(CallbackData, prefix="dl1"):
    action: DeliveryAction
    link: str


class KeepAddress(CallbackData, prefix="dk1"):
    """Receipts come to the customer's own address. `draft`: of the question."""

    draft: str


class FixAddress(CallbackData, prefix="df1"):
    """The answer to a doubt about an address; without `fix` it is right as it was typed."""

    draft: str
    fix: bool


class Because(CallbackData, prefix="dr1"):
    reason: Reason
    draft: str


class EndWay(StrEnum):
    """LETTER: by a letter's link; UNREACHED: the warning before the end without one; NOW: that end."""

    LETTER = "letter"
    UNREACHED = "unreached"
    NOW = "now"


class EndLetters(CallbackData, prefix="de1"):
    way: EndWay
    draft: str


class SwitchChat(CallbackData, prefix="dc1"):
    """Receipts of an account in the chat. `fresh` as in Go."""

    link: str
    on: bool
    fresh: bool = False


class StopFor(CallbackData, prefix="do1"):
    """`link`: of somebody whose letters an owner ends; `own`: that of the owner."""

    link: str
    own: str
