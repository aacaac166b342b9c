"""Buttons about offices."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number


class Offices(CallbackData, prefix="of1"):
    region: Number
