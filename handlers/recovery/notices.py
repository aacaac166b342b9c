"""Notices about access of a lost Telegram."""

from __future__ import annotations

from handlers.keyboards import button, home_button, rows
from handlers.notices import Words
from handlers.proofs.notices import not_me
from handlers.recovery.callbacks import OnRecovery, RecoveryAction
from handlers.show import Screen
from locales import _
from services.notices.catalog import Recovered, RecoveryAsked, RecoveryKept, Withdrawn

words = Words()


@words.text(RecoveryAsked)
def asked(facts: RecoveryAsked) -> Screen:
    text = _(
        "♻️ Человек, который подтвердил счёт …{tail} суммой оплаты, говорит, что этот Telegram — его прежний, и "
        "просит закрыть отсюда доступ к счёту.\n\nЕсли это не так, нажмите «Оставить доступ». Если вы не ответите, "
        "через 7 дней или позже доступ закроется и у вас, и у тех, кого вы пригласили."
    )
    keep = OnRecovery(action=RecoveryAction.REFUSE, own=facts.own, link=facts.link)
    buttons = (
        [button(_("✅ Оставить доступ"), keep, "success")],
        [not_me(facts.link, facts.own)],
        [home_button(fresh=True)],
    )
    return Screen(text.format(tail=facts.tail), rows(*buttons))


@words.text(RecoveryKept)
def kept(facts: RecoveryKept) -> Screen:
    text = _(
        "Доступ к счёту …{tail} остаётся и у другого Telegram: там ответили, что он нужен. Если это ваш прежний "
        "Telegram, позвоните нам или приходите в офис."
    )
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))


@words.text(Recovered)
def recovered(facts: Recovered) -> Screen:
    text = _("♻️ Доступ прежнего Telegram к счёту …{tail} закрыт: никто не возразил.")
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))


@words.text(Withdrawn)
def withdrawn(facts: Withdrawn) -> Screen:
    text = _(
        "Доступ к счёту …{tail} отсюда закрыт: об этом просили с нового Telegram, и никто не возразил. "
        "Если счёт ваш и вы об этом не просили, позвоните нам."
    )
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))
