"""Buttons about settings."""

from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import AfterValidator

from services.customers.models import NotificationKind, Quiet


class SwitchNotifications(CallbackData, prefix="tp1"):
    kind: NotificationKind
    on: bool


def _written(hours: str) -> str:
    """Raises ValueError."""
    return str(Quiet.read(hours))


class SetQuiet(CallbackData, prefix="qh1"):
    """`quiet`: hours as a Quiet writes them."""

    quiet: Annotated[str, AfterValidator(_written)]
