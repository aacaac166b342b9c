"""Notices about proofs of an account: made by others, and ended."""

from __future__ import annotations

from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.keyboards import button, home_button, rows
from handlers.notices import Words
from handlers.proofs.callbacks import Disown
from handlers.show import Screen
from locales import _
from services.notices.catalog import HolderChanged, LinkNotice, ResetByCompany, Verified, VerifiedBeside

words = Words()


@words.text(Verified)
def verified(facts: Verified) -> Screen:
    text = _(
        "🔑 Счёт …{tail} подтвердил ещё один человек: он назвал сумму вашей оплаты. Теперь ему видны адрес, "
        "начисления и показания.\n\nЕсли вы его не знаете, нажмите «Это не я»: доступ закроется, и подтвердить "
        "счёт больше никто не сможет."
    )
    return Screen(text.format(tail=facts.tail), rows([not_me(facts.link, facts.own)], [home_button(fresh=True)]))


@words.text(VerifiedBeside)
def verified_beside(facts: VerifiedBeside) -> Screen:
    text = _(
        "🔑 Счёт …{tail} подтвердил ещё один человек: он назвал сумму оплаты. Теперь ему видны адрес, начисления и "
        "показания.\n\nЕсли вы его не знаете, позвоните нам."
    )
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))


def not_me(link: str, own: str) -> InlineKeyboardButton:
    return button(_("🚫 Это не я, закрыть доступ"), Disown(link=link, own=own), "danger")


@words.text(HolderChanged)
def holder_changed(facts: HolderChanged) -> Screen:
    text = _(
        "🔑 По данным компании, у счёта …{tail} сменился владелец. Поэтому прежние подтверждения больше не "
        "действуют.\n\nЕсли счёт ваш, подтвердите его заново: оплатите здесь от 1 ₽ и послезавтра назовите эту сумму. "
        "Прежние оплаты не подойдут."
    )
    return _proofs_ended(text, facts)


@words.text(ResetByCompany)
def reset(facts: ResetByCompany) -> Screen:
    text = _(
        "🔑 Компания отменила все подтверждения счёта …{tail}.\n\nЕсли счёт ваш, подтвердите его заново: "
        "оплатите здесь от 1 ₽ и послезавтра назовите эту сумму. Прежние оплаты не подойдут."
    )
    return _proofs_ended(text, facts)


def _proofs_ended(text: str, facts: LinkNotice) -> Screen:
    prove = button(_("🔑 Подтвердить счёт"), OnAccount(link=facts.own, action=AccountAction.PROVE))
    return Screen(text.format(tail=facts.tail), rows([prove], [home_button(fresh=True)]))
