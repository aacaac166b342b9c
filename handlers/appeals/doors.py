"""Buttons of other flows that lead to appeals; none where no staff answer them."""

from __future__ import annotations

from aiogram.types import InlineKeyboardButton

from handlers.appeals.callbacks import Concern, NewAppeal
from handlers.callbacks import Go, Place
from handlers.keyboards import button
from locales import _


def appeals_button(*, unread: bool = False) -> InlineKeyboardButton:
    """`unread`: there is an answer that the customer has not looked at."""
    return button(_("🔵 Обращения") if unread else _("✉️ Обращения"), Go(to=Place.APPEALS))


def support_button(*, offered: bool, fresh: bool = False) -> list[InlineKeyboardButton]:
    """`fresh`: the screen with the button is to stay."""
    return [button(_("✉️ Написать в поддержку"), NewAppeal(concern=Concern.NOTHING, fresh=fresh))] if offered else []


def ask_button(
    concern: Concern, link: str = "", what: str = "", *, offered: bool, fresh: bool = True
) -> list[InlineKeyboardButton]:
    data = NewAppeal(concern=concern, link=link, what=what, fresh=fresh)
    return [button(_("✉️ Спросить об этом"), data)] if offered else []
