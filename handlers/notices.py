"""Words for what the bot says unasked, by the notice's kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.callbacks import Disown
from handlers.keyboards import button, home_button, rows
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


def _verified(facts: Mapping[str, str]) -> Screen:
    text = _(
        "🔑 Счёт …{tail} подтвердил ещё один человек: он назвал сумму вашей оплаты. Теперь ему видны адрес, "
        "начисления и показания.\n\nЕсли вы его не знаете, нажмите «Это не я»: доступ закроется, и подтвердить "
        "счёт больше никто не сможет."
    )
    not_me = button(_("🚫 Это не я, закрыть доступ"), Disown(link=facts["link"], own=facts["own"]), "danger")
    return Screen(text.format(tail=facts["tail"]), rows([not_me], [home_button(fresh=True)]))


def _joined(facts: Mapping[str, str]) -> Screen:
    text = _(
        "👥 {person} теперь видит ваш счёт …{tail}: приглашение принято. Закрыть доступ можно в управлении счётом."
    )
    shown = text.format(person=escape(facts["person"]), tail=facts["tail"])
    return Screen(shown, rows([home_button(fresh=True)]))


def _disowned(facts: Mapping[str, str]) -> Screen:
    text = _("Владелец счёта …{tail} закрыл вам доступ к нему. Если счёт ваш, позвоните нам.")
    return Screen(text.format(tail=facts["tail"]), rows([home_button(fresh=True)]))


def _alert(facts: Mapping[str, str]) -> Screen:
    return Screen(_("⚠️ Боту нужна помощь: {what}").format(what=escape(facts["what"])))


_WORDS: dict[str, Callable[[Mapping[str, str]], Screen]] = {
    "accepted": _accepted,
    "refused": _refused,
    "trouble": _trouble,
    "undelivered": _undelivered,
    "verified": _verified,
    "disowned": _disowned,
    "joined": _joined,
    "alert": _alert,
}
