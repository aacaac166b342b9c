from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from handlers.callbacks import AccountAction, Disown, Go, Invite, Join, OnAccount, Place, Revoke
from handlers.keyboards import button, copy_button, rows, url_button
from handlers.screens.words import account_title, escape
from handlers.show import Screen
from locales import N_, _, moment
from services.models import Action, Entry, Invitation, Link, Role, Trust

MOST = 15  # people listed
_ROLES = {
    Role.VIEW: N_("смотреть"),
    Role.READINGS: N_("смотреть и передавать показания"),
    Role.PAY: N_("смотреть, передавать показания и платить"),
}
_ACTIONS = {
    Action.VERIFIED: N_("счёт подтверждён суммой оплаты"),
    Action.DISOWNED: N_("чужое подтверждение отменено"),
    Action.ANYONE_SUBMITS: N_("показания без подтверждения разрешены"),
    Action.NOBODY_SUBMITS: N_("показания без подтверждения запрещены"),
    Action.CLOSED: N_("управление другим запрещено"),
    Action.OPENED: N_("управление другим разрешено"),
    Action.LOCKED: N_("подтверждать счёт запрещено"),
    Action.UNLOCKED: N_("подтверждать счёт разрешено"),
    Action.INVITED: N_("создано приглашение"),
    Action.JOINED: N_("приглашение принято"),
    Action.REVOKED: N_("доступ закрыт"),
    Action.LEFT: N_("владелец отвязал счёт"),
}


def ask_role(link: Link) -> Screen:
    text = _(
        "➕ {account}\n\nЧто разрешить тому, кого приглашаете? Приглашение — ссылка на один раз, она действует сутки."
    )
    labels = {
        Role.VIEW: _("👁 Только смотреть"),
        Role.READINGS: _("📟 И передавать показания"),
        Role.PAY: _("💳 И платить"),
    }
    return Screen(
        text.format(account=account_title(link)),
        rows(*([button(label, Invite(role=role, link=link.id))] for role, label in labels.items()), [_back(link)]),
    )


def invited(link: Link, role: Role, url: str) -> Screen:
    text = _(
        "✉️ {account}\n\nПриглашение готово. Перешлите ссылку тому, кому доверяете: по ней можно {role}.\n\n"
        "<code>{url}</code>\n\nСсылка сработает один раз в течение суток."
    )
    share = f"https://t.me/share/url?url={quote(url, safe='')}"
    return Screen(
        text.format(role=_(_ROLES[role]), account=account_title(link), url=escape(url)),
        rows([url_button(_("📤 Переслать"), share)], [copy_button(_("📋 Скопировать ссылку"), url)], [_back(link)]),
    )


def ask_join(invitation: Invitation, person: str, draft_id: str) -> Screen:
    text = _(
        "👥 Вас приглашают к счёту <b>…{tail}</b>. Вам можно будет {role}.\n\n"
        "Владелец счёта увидит ваше имя в Telegram: {person}."
    )
    shown = text.format(tail=invitation.account[-4:], role=_(_ROLES[invitation.role]), person=escape(person))
    return Screen(
        shown,
        rows([button(_("✅ Принять"), Join(draft=draft_id), "primary")], [button(_("Не сейчас"), Go(to=Place.HOME))]),
    )


def members(link: Link, others: Iterable[Link], zone: ZoneInfo) -> Screen:
    everybody = list(others)
    close = [member for member in everybody if member.sees][:MOST]
    lines = [f"{number}. {_member(member, zone)}" for number, member in enumerate(close, start=1)]
    if known := sum(member.trust is Trust.CONFIRMED for member in everybody):
        lines.append(
            _("Добавили по номеру и адресу: {count}. Полный адрес и начисления им не видны.").format(count=known)
        )
    nobody = _("Кроме вас, этот счёт никто не добавил.")
    return Screen(
        f"👥 {account_title(link)}\n\n" + ("\n".join(lines) or nobody),
        rows(
            *([_end(link, number, member)] for number, member in enumerate(close, start=1) if _may_end(link, member)),
            [button(_("➕ Пригласить близких"), OnAccount(link=link.id, action=AccountAction.INVITE))],
            [_back(link)],
        ),
    )


def _member(member: Link, zone: ZoneInfo) -> str:
    if member.verified:
        return _("счёт подтверждён суммой оплаты")
    used = _("ещё не заходили")
    if member.used_at:
        used = _("последний раз {moment}").format(moment=moment(member.used_at, zone))
    return f"{escape(member.person or '')}: {_(_ROLES[member.role or Role.VIEW])}, {used}"


def _may_end(link: Link, member: Link) -> bool:
    """What was given can be taken back, and a proof that came later can be undone."""
    later = member.verified_at and link.verified_at and member.verified_at > link.verified_at
    return member.shared or bool(later)


def _end(link: Link, number: int, member: Link) -> InlineKeyboardButton:
    label = _("Закрыть доступ: {number}. {person}").format(number=number, person=member.person or "").strip()
    data = Revoke(member=member.id) if member.shared else Disown(link=member.id, own=link.id)
    return button(label[:60], data, "danger")


def journal(link: Link, entries: Iterable[Entry], zone: ZoneInfo) -> Screen:
    lines = []
    for entry in entries:
        who = _("вы") if entry.user_id == link.user_id else _("другой человек")
        lines.append(f"{moment(entry.at, zone)} · {_(_ACTIONS[entry.action])} ({who})")
    return Screen(f"📒 {account_title(link)}\n\n" + "\n".join(lines), rows([_back(link)]))


def _back(link: Link) -> InlineKeyboardButton:
    return button(_("Назад"), OnAccount(link=link.id, action=AccountAction.CONTROL))
