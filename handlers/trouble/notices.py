"""Notices about our own trouble."""

from __future__ import annotations

from handlers.keyboards import home_button, rows
from handlers.notices import Words
from handlers.show import Screen
from handlers.wording import escape
from locales import _
from services.notices.catalog import Alert, UpdateParked

words = Words()


@words.text(UpdateParked)
def parked(facts: UpdateParked) -> Screen:
    text = _("Это наша ошибка, мы о ней уже знаем. Ваше сообщение сохранено. Попробуйте ещё раз немного позже.")
    return Screen(text, rows([home_button(fresh=True)]))


@words.text(Alert)
def alert(facts: Alert) -> Screen:
    return Screen(_("⚠️ Боту нужна помощь: {what}").format(what=escape(facts.what)))
