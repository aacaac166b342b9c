from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.callbacks import Go, Place
from handlers.control.callbacks import SetControl
from handlers.control.screens import decides_later
from handlers.keyboards import button, copy_button, rows, url_button
from handlers.proofs.callbacks import Disown
from handlers.recovery.callbacks import OnRecovery, RecoveryAction
from handlers.sharing.callbacks import EndAccess, Invite, Join, Refuse, Revoke, Uninvite
from handlers.show import Screen
from handlers.wording import account_title, escape, person_name
from locales import N_, _, moment
from services.accounts.models import (
    AccountMembers,
    Action,
    Invitation,
    JournalEntry,
    Link,
    RecoveryRequest,
    Role,
    Switch,
    Trust,
)

MOST = 15  # people listed
MOST_INVITATIONS = 10
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
    Action.UNINVITED: N_("приглашение отозвано"),
    Action.JOINED: N_("приглашение принято"),
    Action.REVOKED: N_("доступ закрыт"),
    Action.LEFT: N_("владелец отвязал счёт"),
    Action.RECOVERY_ASKED: N_("запрошен отзыв доступа у прежнего Telegram"),
    Action.RECOVERY_REFUSED: N_("отзыв доступа отклонён"),
    Action.RECOVERED: N_("доступ прежнего Telegram отозван"),
    Action.HOLDER_CHANGED: N_("у счёта сменился владелец, подтверждения отменены"),
    Action.UNLOCKED_BY_COMPANY: N_("подтверждать счёт снова разрешено"),
    Action.UNLINKED_BY_COMPANY: N_("доступ одного человека закрыт"),
    Action.RESET_BY_COMPANY: N_("все подтверждения отменены"),
}


def action_words(action: Action) -> str:
    """A line of the journal."""
    return _(_ACTIONS[action])


def role_words(role: Role) -> str:
    """The rights of a role."""
    return _(_ROLES[role])


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


def closed_to_others(link: Link) -> Screen:
    text = _(
        "🔒 {account}\n\nВы запретили управление этим счётом другим, поэтому приглашение не сработает. "
        "Сначала разрешите его."
    )
    allow = button(_("Разрешить управление другим"), SetControl(switch=Switch.CLOSED, link=link.id, on=False))
    return Screen(text.format(account=account_title(link)), rows([allow], [_back(link)]))


def invited(link: Link, role: Role, url: str) -> Screen:
    text = _(
        "✉️ {account}\n\nПриглашение готово. Перешлите ссылку тому, кому доверяете: по ней можно {role}.\n\n"
        "<code>{url}</code>\n\nСсылка сработает один раз в течение суток."
    )
    share = f"https://t.me/share/url?url={quote(url, safe='')}"
    return Screen(
        text.format(role=role_words(role), account=account_title(link), url=escape(url)),
        rows([url_button(_("📤 Переслать"), share)], [copy_button(_("📋 Скопировать ссылку"), url)], [_back(link)]),
    )


def ask_join(invitation: Invitation, person: str, draft_id: str) -> Screen:
    text = _(
        "👥 Вас приглашают к счёту <b>…{tail}</b>. Вам можно будет {role}.\n\n"
        "Приглашает <b>{inviter}</b> (имя в Telegram). Владелец счёта увидит ваше имя в Telegram: {person}."
    )
    shown = text.format(
        tail=invitation.account[-4:],
        role=role_words(invitation.role),
        inviter=escape(person_name(invitation.person)),
        person=escape(person_name(person)),
    )
    return Screen(
        shown,
        rows(
            [button(_("✅ Принять"), Join(draft=draft_id), "primary")],
            [button(_("Отказаться"), Refuse(draft=draft_id)), button(_("Не сейчас"), Go(to=Place.HOME))],
        ),
    )


def confirm_end(link: Link, member: Link) -> Screen:
    if member.shared:
        text = _("{account}\n\nЗакрыть доступ? {person} больше не сможет {role}.")
        yes: CallbackData = Revoke(member=member.id)
    else:
        text = _(
            "{account}\n\nЗакрыть доступ человеку, который подтвердил этот счёт суммой оплаты? "
            "После этого подтвердить счёт больше никто не сможет, пока вы не разрешите."
        )
        yes = Disown(link=member.id, own=link.id)
    shown = text.format(
        account=account_title(link),
        person=escape(person_name(member.person)),
        role=role_words(member.role or Role.VIEW),
    )
    no = OnAccount(link=link.id, action=AccountAction.MEMBERS)
    return Screen(
        shown,
        rows([button(_("Да, закрыть доступ"), yes, "danger")], [button(_("Нет, оставить"), no)]),
    )


def members(link: Link, others: AccountMembers, zone: ZoneInfo) -> Screen:
    close = [member for member in others.members if member.sees][:MOST]
    invitations = others.invitations[:MOST_INVITATIONS]
    told = [_member(member, others.requests.get(member.user_id), zone) for member in close]
    told += [_invitation(invitation, zone) for invitation in invitations]
    nobody = _("Кроме вас, этот счёт никто не добавил.")
    return Screen(
        f"👥 {account_title(link)}\n\n" + ("\n".join(_numbered(told, others)) or nobody),
        rows(
            *_ends(link, others, close, invitations),
            [button(_("➕ Пригласить близких"), OnAccount(link=link.id, action=AccountAction.INVITE))],
            [_back(link)],
        ),
    )


def _numbered(told: Sequence[str], others: AccountMembers) -> Iterator[str]:
    yield from (f"{number}. {line}" for number, line in enumerate(told, start=1))
    if known := sum(member.trust is Trust.CONFIRMED for member in others.members):
        text = _("Добавили по номеру и адресу: {count}. Полный адрес и начисления им не видны.")
        yield text.format(count=known)
    yield from decides_later(others.since if told else None)


def _ends(
    link: Link, others: AccountMembers, close: Sequence[Link], invitations: Sequence[Invitation]
) -> Iterator[list[InlineKeyboardButton]]:
    """Buttons for the accesses that this owner may end, by their numbers in the list."""
    for number, member in enumerate(close, start=1):
        yield _end(link, number, member, others)
    for number, invitation in enumerate(invitations, start=len(close) + 1):
        if _decides(link, others, invitation.granted_by):
            yield _uninvite(link, number, invitation)


def _member(member: Link, request: RecoveryRequest | None, zone: ZoneInfo) -> str:
    if member.verified:
        return "\n".join(filter(None, [_("счёт подтверждён суммой оплаты"), _asked(request, zone)]))
    used = _("ещё не заходили")
    if member.used_at:
        used = _("последний раз {moment}").format(moment=moment(member.used_at, zone))
    return f"{escape(person_name(member.person))}: {role_words(member.role or Role.VIEW)}, {used}"


def _asked(request: RecoveryRequest | None, zone: ZoneInfo) -> str:
    if request is None:
        return ""
    if request.objected_at:
        return _("Вы просили отозвать доступ, в этом Telegram возразили {moment}.").format(
            moment=moment(request.objected_at, zone)
        )
    return _("Вы просили отозвать доступ {moment}, ждём ответа.").format(moment=moment(request.asked_at, zone))


def _invitation(invitation: Invitation, zone: ZoneInfo) -> str:
    text = _("✉️ Приглашение: {role}, действует до {moment}")
    return text.format(role=role_words(invitation.role), moment=moment(invitation.expires_at, zone))


def _end(link: Link, number: int, member: Link, others: AccountMembers) -> list[InlineKeyboardButton]:
    """A share can be taken back, a proof that came later undone, one that came earlier asked for."""
    if member.shared and _decides(link, others, member.granted_by):
        return [_close(number, person_name(member.person), member, link)]
    if link.came_before(member) and member.verified and others.since is None:
        return [_close(number, "", member, link)]
    if not member.came_before(link) or member.user_id in others.requests:
        return []
    data = OnRecovery(action=RecoveryAction.ASK, own=link.id, link=member.id)
    return [button(_("{number}. Это мой прежний Telegram: отозвать доступ").format(number=number), data, "danger")]


def _decides(link: Link, others: AccountMembers, granted_by: int | None) -> bool:
    return others.since is None or granted_by == link.user_id


def _close(number: int, person: str, member: Link, own: Link) -> InlineKeyboardButton:
    label = _("Закрыть доступ: {number}. {person}").format(number=number, person=person).strip()
    return button(label[:60], EndAccess(member=member.id, own=own.id), "danger")


def _uninvite(link: Link, number: int, invitation: Invitation) -> list[InlineKeyboardButton]:
    data = Uninvite(link=link.id, invitation=invitation.id)
    return [button(_("Отозвать приглашение: {number}").format(number=number), data, "danger")]


def journal(link: Link, entries: Iterable[JournalEntry], zone: ZoneInfo) -> Screen:
    lines = []
    for entry in entries:
        who = _("компания") if entry.action.by_company else _("другой человек")
        who = _("вы") if entry.user_id == link.user_id else who
        lines.append(f"{moment(entry.at, zone)} · {action_words(entry.action)} ({who})")
    return Screen(f"📒 {account_title(link)}\n\n" + "\n".join(lines), rows([_back(link)]))


def _back(link: Link) -> InlineKeyboardButton:
    return button(_("Назад"), OnAccount(link=link.id, action=AccountAction.CONTROL))
