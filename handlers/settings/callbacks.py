"""Buttons about settings."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from services.customers.models import NotificationKind, Quiet


class SwitchNotifications(CallbackData, prefix="tp1"):
    kind: NotificationKind
    on: bool


class SetQuiet(CallbackData, prefix="qh1"):
    quiet: Quiet
