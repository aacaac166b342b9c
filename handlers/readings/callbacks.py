"""Buttons about readings."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number
from services.readings.plausibility import Way
from services.supplier.models import Meter, Zone


def meter_id(meter: Meter) -> str:
    """An opaque name of a meter for buttons."""
    return blake2b(meter.number.encode(), digest_size=6).hexdigest()


class PickMeter(CallbackData, prefix="mt1"):
    """`meter`: a digest of its number; `fresh` as in Go."""

    link: str
    meter: str
    fresh: bool = False


class ReadingAction(StrEnum):
    SAME = "same"
    FIX = "fix"
    CANCEL = "cancel"
    WHERE = "where"


class OnReading(CallbackData, prefix="rd1"):
    action: ReadingAction
    draft: str


class Submit(CallbackData, prefix="cf1"):
    """`confirmation`: of the values that the preview shows."""

    confirmation: str


class Explain(CallbackData, prefix="rw2"):
    """The customer's answer to a doubt about the value of a zone."""

    draft: str
    zone: Zone
    value: Number
    way: Way
