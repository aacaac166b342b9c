"""Buttons about accounts."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class ConfirmAddress(CallbackData, prefix="ad1"):
    draft: str
    yes: bool


class AccountAction(StrEnum):
    CHOOSE = "choose"
    OPEN = "open"
    RENAME = "rename"
    UNLINK = "unlink"
    UNLINK_YES = "gone"
    FIRST = "first"
    PROVE = "prove"
    INFO = "info"
    CONTROL = "control"
    MEMBERS = "members"
    INVITE = "invite"
    JOURNAL = "journal"


class OnAccount(CallbackData, prefix="ac1"):
    action: AccountAction
    link: str
