"""Buttons of the desk."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class DeskAction(StrEnum):
    TAKE = "take"
    RELEASE = "release"
    REOPEN = "reopen"
    ACCESS = "access"
    UNLOCK = "unlock"
    UNLINK = "unlink"
    SURE = "sure"
    CARD = "card"


class OnDesk(CallbackData, prefix="wk1"):
    """`appeal`: its key; `link`: of the account, or the number of the owner who gives it back; empty where neither is
    meant."""

    action: DeskAction
    appeal: str
    link: str = ""
