"""Buttons that all flows share, and the numbers in them.

A button carries an opaque id, and a version in its prefix; never a number or a name of a person. The first field of a
kind with several actions is the action. A prefix changes when its fields do, so that an old button falls through to
`fallback` and is explained there. So does one whose number no column could hold: buttons can be forged.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import BeforeValidator, Field

_LARGEST = 2**63 - 1  # that a column of the database holds


def _written(value: object) -> object:
    """A number as the bot writes it: «²», «+5» and «1_000» are none. Raises ValueError."""
    if isinstance(value, str) and not re.fullmatch("0|[1-9][0-9]{0,18}", value):
        raise ValueError
    return value


Number = Annotated[int, BeforeValidator(_written), Field(ge=0, le=_LARGEST)]


class Place(StrEnum):
    HOME = "home"
    READINGS = "readings"
    RESUME = "resume"
    ACCOUNTS = "accounts"
    ADD = "add"
    EDIT = "edit"
    INVITATION = "invited"
    APPEALS = "appeals"
    HELP = "help"
    OFFICES = "offices"
    GUIDE = "guide"
    DOCUMENTS = "documents"
    CONSENTS = "consents"
    SETTINGS = "settings"
    EMAIL = "email"
    EMAIL_ASK = "email_ask"
    EMAIL_AGAIN = "email_again"
    EMAIL_REMOVE = "email_remove"
    NOTIFICATIONS = "notices"
    DELIVERY = "delivery"
    QUIET = "quiet"
    REMINDERS = "reminders"
    MY_DATA = "my_data"
    MY_CONSENTS = "my_consents"
    EXPORT = "export"
    ERASURE = "erasure"
    ERASE = "erase"


class Go(CallbackData, prefix="go1"):
    """`fresh`: in a new message, because the one with the button is to stay."""

    to: Place
    fresh: bool = False


class Again(CallbackData, prefix="ag1"):
    """`draft`: holds what is said again."""

    draft: str
