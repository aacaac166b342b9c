"""Words for what the bot says unasked, by the notice's kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.keyboards import home_button, rows
from handlers.screens.words import escape
from handlers.show import Screen
from locales import _
from services.models import Notice


def words(notice: Notice) -> Screen:
    """Raises KeyError for a kind without words."""
    return _WORDS[notice.kind](notice.facts)


def _accepted(facts: Mapping[str, str]) -> Screen:
    text = _("✅ Система расчётов приняла ваши показания № <b>{number}</b>.")
    return Screen(text.format(number=escape(facts["number"])), rows([home_button(fresh=True)]))


def _refused(facts: Mapping[str, str]) -> Screen:
    text = _(
        "⚠️ Система расчётов не приняла показания № <b>{number}</b>. "
        "Мы уже разбираемся. Чтобы успеть к расчёту, передайте их по телефону."
    )
    return Screen(text.format(number=escape(facts["number"])), rows([home_button(fresh=True)]))


def _trouble(facts: Mapping[str, str]) -> Screen:
    text = _("Это наша ошибка, мы о ней уже знаем. Ваше сообщение сохранено. Попробуйте ещё раз немного позже.")
    return Screen(text, rows([home_button(fresh=True)]))


def _undelivered(facts: Mapping[str, str]) -> Screen:
    text = _("✉️ Письмо на {address} не доставлено. Проверьте адрес или сохраните PDF.")
    return Screen(text.format(address=escape(facts["address"])), rows([home_button(fresh=True)]))


def _alert(facts: Mapping[str, str]) -> Screen:
    return Screen(_("⚠️ Боту нужна помощь: {what}").format(what=escape(facts["what"])))


_WORDS: dict[str, Callable[[Mapping[str, str]], Screen]] = {
    "accepted": _accepted,
    "refused": _refused,
    "trouble": _trouble,
    "undelivered": _undelivered,
    "alert": _alert,
}
