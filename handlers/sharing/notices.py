"""Notices about access that others have, get and lose."""

from __future__ import annotations

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.keyboards import button, home_button, rows
from handlers.notices import Words
from handlers.sharing.screens import role_words
from handlers.show import Screen
from handlers.wording import escape, person_name
from locales import _
from services.notices.catalog import Disowned, Joined, OtherUnlinked, ShareEnded, UnlinkedByCompany, UnlockedByCompany

words = Words()


@words.text(Joined)
def joined(facts: Joined) -> Screen:
    text = _(
        "👥 Приглашение к счёту …{tail} принято: {person} теперь может {role}. Доступ можно закрыть в любой момент."
    )
    person, role = escape(person_name(facts.person)), role_words(facts.role)
    return _with_members(text.format(person=person, role=role, tail=facts.tail), facts.own)


@words.text(Disowned)
def disowned(facts: Disowned) -> Screen:
    text = _("Владелец счёта …{tail} закрыл вам доступ к нему. Если счёт ваш, позвоните нам.")
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))


@words.text(ShareEnded)
def share_ended(facts: ShareEnded) -> Screen:
    text = _("Доступ к счёту …{tail}, который вам открыли, закончился: подтверждения этого счёта отменены.")
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))


@words.text(UnlinkedByCompany)
def unlinked(facts: UnlinkedByCompany) -> Screen:
    text = _("Компания закрыла вам доступ к счёту …{tail}. Если счёт ваш, позвоните нам.")
    return Screen(text.format(tail=facts.tail), rows([home_button(fresh=True)]))


@words.text(OtherUnlinked)
def other_unlinked(facts: OtherUnlinked) -> Screen:
    text = _("🔑 Компания закрыла доступ одного человека к счёту …{tail}. Ваш доступ остаётся.")
    return _with_members(text.format(tail=facts.tail), facts.own)


@words.text(UnlockedByCompany)
def unlocked(facts: UnlockedByCompany) -> Screen:
    text = _("🔑 Компания сняла запрет подтверждать счёт …{tail}: другие люди снова могут это сделать.")
    return _with_members(text.format(tail=facts.tail), facts.own)


def _with_members(text: str, own: str) -> Screen:
    members = OnAccount(link=own, action=AccountAction.MEMBERS)
    return Screen(text, rows([button(_("👥 Кто имеет доступ"), members)], [home_button(fresh=True)]))
