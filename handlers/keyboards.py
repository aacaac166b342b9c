"""Buttons and their rows. Colours only help: every label makes sense without them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CopyTextButton, DisabledButton, InlineKeyboardButton, InlineKeyboardMarkup

from handlers.callbacks import Go, Place
from locales import _

Style = Literal["primary", "success", "danger"]
Row = Iterable[InlineKeyboardButton]


def button(text: str, data: CallbackData, style: Style | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data.pack(), style=style)


def copy_button(text: str, value: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, copy_text=CopyTextButton(text=value))


def url_button(text: str, url: str, style: Style | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, url=url, style=style)


def disabled_button(text: str) -> InlineKeyboardButton:
    """A place in a grid that leads nowhere."""
    return InlineKeyboardButton(text=text, disabled=DisabledButton())


def rows(*lines: Row) -> InlineKeyboardMarkup:
    """A keyboard of the rows that have buttons."""
    return InlineKeyboardMarkup(inline_keyboard=[kept for line in lines if (kept := list(line))])


def help_button() -> InlineKeyboardButton:
    return button(_("☎️ Помощь"), Go(to=Place.HELP))


def home_button(*, fresh: bool = False) -> InlineKeyboardButton:
    return button(_("🏠 На главную"), Go(to=Place.HOME, fresh=fresh))
