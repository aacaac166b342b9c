from __future__ import annotations

from handlers.keyboards import help_button, home_button, rows
from handlers.show import Screen
from handlers.wording import escape
from locales import _
from services.broadcasts.models import Broadcast


def announcement(one: Broadcast) -> Screen:
    """The company's own words, in the language in which it wrote them."""
    head = _("Исправление к прежнему сообщению:") + "\n\n" if one.audience.corrects else ""
    return Screen(f"📢 {head}{escape(one.text)}", rows([help_button(), home_button(fresh=True)]))
