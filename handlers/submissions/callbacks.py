"""Buttons about submissions."""

from __future__ import annotations

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from handlers.callbacks import Number


class SubmissionAction(StrEnum):
    VIEW = "view"
    CORRECT = "correct"
    PDF = "pdf"
    MAIL = "mail"


class OnSubmission(CallbackData, prefix="sb1"):
    action: SubmissionAction
    key: str
    fresh: bool = False


class History(CallbackData, prefix="hi2"):
    """`fresh` as in Go."""

    link: str
    offset: Number
    fresh: bool = False
