"""Buttons about consents and language."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Place
from services.customers.models import Consent


class Tick(CallbackData, prefix="ct1"):
    consent: Consent


class ReadConsent(CallbackData, prefix="cr1"):
    """`back`: where the reader came from."""

    consent: Consent
    back: Place


class Agree(CallbackData, prefix="ca1"):
    pass


class Speak(CallbackData, prefix="ln1"):
    language: str
