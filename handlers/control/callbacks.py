"""Buttons about rights of others."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from services.accounts.models import Switch


class SetControl(CallbackData, prefix="ct2"):
    switch: Switch
    link: str
    on: bool
