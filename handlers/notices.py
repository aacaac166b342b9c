"""Words for what the bot says unasked, by the notice's kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.keyboards import button, home_button, rows
from handlers.payments.order_screens import (
    link_buttons,
    not_paid_words,
    order_text,
    paid_words,
    reason_words,
    retry_button,
)
from handlers.proofs.callbacks import Disown
from handlers.recovery.callbacks import OnRecovery, RecoveryAction
from handlers.sharing.screens import role_words
from handlers.show import Screen
from handlers.submissions.callbacks import OnSubmission, SubmissionAction
from handlers.wording import email_shown, escape, masked, person_name, tail_title, zone_value
from locales import _, day, money
from services.accounts.models import Role
from services.notices.models import Notice
from services.supplier.models import Zone

TIDYING: Final = frozenset(
    {"order_was_paid", "order_was_declined", "order_overtaken"}
)  # nothing instead, where the message is gone


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


def _replaced(facts: Mapping[str, str]) -> Screen:
    """Facts `was` and `now` are for customers who may see values, `submission` for customers who may correct them."""
    text = _(
        "📟 Ваши показания № <b>{number}</b> по счёту …{tail} заменены: другой человек, у которого есть этот счёт, "
        "передал новые."
    )
    parts = [text.format(number=escape(facts["number"]), tail=facts["tail"])]
    if "was" in facts:
        change = _("Было: {was}\nСтало: {now}").format(was=_values(facts["was"]), now=_values(facts["now"]))
        parts.append(change)
    if "submission" not in facts:
        return Screen("\n\n".join(parts), rows([home_button(fresh=True)]))
    parts.append(_("Если новые неверны, исправьте их."))
    own = OnSubmission(key=facts["submission"], action=SubmissionAction.CORRECT, fresh=True)
    return Screen("\n\n".join(parts), rows([button(_("Исправить"), own)], [home_button(fresh=True)]))


def _values(said: str) -> str:
    words = said.split()
    return " · ".join(zone_value(Zone(zone), int(value)) for zone, value in zip(words[::2], words[1::2], strict=True))


def _trouble(facts: Mapping[str, str]) -> Screen:
    text = _("Это наша ошибка, мы о ней уже знаем. Ваше сообщение сохранено. Попробуйте ещё раз немного позже.")
    return Screen(text, rows([home_button(fresh=True)]))


def _undelivered(facts: Mapping[str, str]) -> Screen:
    text = _("✉️ Письмо на {address} не доставлено. Проверьте адрес.")
    return Screen(text.format(address=email_shown(masked(facts["address"]))), rows([home_button(fresh=True)]))


def _email_changed(_facts: Mapping[str, str]) -> Screen:
    text = _("📧 Адрес почты в ваших настройках заменён. Если это сделали не вы, проверьте настройки и позвоните нам.")
    return Screen(text, rows([home_button(fresh=True)]))


def _verified(facts: Mapping[str, str]) -> Screen:
    text = _(
        "🔑 Счёт …{tail} подтвердил ещё один человек: он назвал сумму вашей оплаты. Теперь ему видны адрес, "
        "начисления и показания.\n\nЕсли вы его не знаете, нажмите «Это не я»: доступ закроется, и подтвердить "
        "счёт больше никто не сможет."
    )
    return Screen(text.format(tail=facts["tail"]), rows([_not_me(facts)], [home_button(fresh=True)]))


def _verified_beside(facts: Mapping[str, str]) -> Screen:
    text = _(
        "🔑 Счёт …{tail} подтвердил ещё один человек: он назвал сумму оплаты. Теперь ему видны адрес, начисления и "
        "показания.\n\nЕсли вы его не знаете, позвоните нам."
    )
    return Screen(text.format(tail=facts["tail"]), rows([home_button(fresh=True)]))


def _not_me(facts: Mapping[str, str]) -> InlineKeyboardButton:
    return button(_("🚫 Это не я, закрыть доступ"), Disown(link=facts["link"], own=facts["own"]), "danger")


def _recovery_asked(facts: Mapping[str, str]) -> Screen:
    text = _(
        "♻️ Человек, который подтвердил счёт …{tail} суммой оплаты, говорит, что этот Telegram — его прежний, и "
        "просит закрыть отсюда доступ к счёту.\n\nЕсли это не так, нажмите «Оставить доступ». Если вы не ответите, "
        "через 7 дней или позже доступ закроется и у вас, и у тех, кого вы пригласили."
    )
    keep = OnRecovery(action=RecoveryAction.REFUSE, own=facts["own"], link=facts["link"])
    buttons = ([button(_("✅ Оставить доступ"), keep, "success")], [_not_me(facts)], [home_button(fresh=True)])
    return Screen(text.format(tail=facts["tail"]), rows(*buttons))


def _recovery_refused(facts: Mapping[str, str]) -> Screen:
    text = _(
        "Доступ к счёту …{tail} остаётся и у другого Telegram: там ответили, что он нужен. Если это ваш прежний "
        "Telegram, позвоните нам или приходите в офис."
    )
    return Screen(text.format(tail=facts["tail"]), rows([home_button(fresh=True)]))


def _recovered(facts: Mapping[str, str]) -> Screen:
    text = _("♻️ Доступ прежнего Telegram к счёту …{tail} закрыт: никто не возразил.")
    return Screen(text.format(tail=facts["tail"]), rows([home_button(fresh=True)]))


def _withdrawn(facts: Mapping[str, str]) -> Screen:
    text = _(
        "Доступ к счёту …{tail} отсюда закрыт: об этом просили с нового Telegram, и никто не возразил. "
        "Если счёт ваш и вы об этом не просили, позвоните нам."
    )
    return Screen(text.format(tail=facts["tail"]), rows([home_button(fresh=True)]))


def _joined(facts: Mapping[str, str]) -> Screen:
    text = _(
        "👥 Приглашение к счёту …{tail} принято: {person} теперь может {role}. Доступ можно закрыть в любой момент."
    )
    who, role = escape(person_name(facts["person"])), role_words(Role(facts["role"]))
    members = OnAccount(link=facts["own"], action=AccountAction.MEMBERS)
    buttons = ([button(_("👥 Кто имеет доступ"), members)], [home_button(fresh=True)])
    return Screen(text.format(person=who, role=role, tail=facts["tail"]), rows(*buttons))


def _disowned(facts: Mapping[str, str]) -> Screen:
    text = _("Владелец счёта …{tail} закрыл вам доступ к нему. Если счёт ваш, позвоните нам.")
    return Screen(text.format(tail=facts["tail"]), rows([home_button(fresh=True)]))


def _holder_changed(facts: Mapping[str, str]) -> Screen:
    text = _(
        "🔑 По данным компании, у счёта …{tail} сменился владелец. Поэтому прежние подтверждения больше не "
        "действуют.\n\nЕсли счёт ваш, подтвердите его заново: оплатите здесь от 1 ₽ и послезавтра назовите эту сумму. "
        "Прежние оплаты не подойдут."
    )
    return _proofs_ended(text, facts)


def _reset(facts: Mapping[str, str]) -> Screen:
    text = _(
        "🔑 Компания отменила все подтверждения счёта …{tail}.\n\nЕсли счёт ваш, подтвердите его заново: "
        "оплатите здесь от 1 ₽ и послезавтра назовите эту сумму. Прежние оплаты не подойдут."
    )
    return _proofs_ended(text, facts)


def _proofs_ended(text: str, facts: Mapping[str, str]) -> Screen:
    prove = button(_("🔑 Подтвердить счёт"), OnAccount(link=facts["own"], action=AccountAction.PROVE))
    return Screen(text.format(tail=facts["tail"]), rows([prove], [home_button(fresh=True)]))


def _share_ended(facts: Mapping[str, str]) -> Screen:
    text = _("Доступ к счёту …{tail}, который вам открыли, закончился: подтверждения этого счёта отменены.")
    return Screen(text.format(tail=facts["tail"]), rows([home_button(fresh=True)]))


def _unlinked(facts: Mapping[str, str]) -> Screen:
    text = _("Компания закрыла вам доступ к счёту …{tail}. Если счёт ваш, позвоните нам.")
    return Screen(text.format(tail=facts["tail"]), rows([home_button(fresh=True)]))


def _other_unlinked(facts: Mapping[str, str]) -> Screen:
    text = _("🔑 Компания закрыла доступ одного человека к счёту …{tail}. Ваш доступ остаётся.")
    return _about_members(text, facts)


def _unlocked(facts: Mapping[str, str]) -> Screen:
    text = _("🔑 Компания сняла запрет подтверждать счёт …{tail}: другие люди снова могут это сделать.")
    return _about_members(text, facts)


def _about_members(text: str, facts: Mapping[str, str]) -> Screen:
    members = OnAccount(link=facts["own"], action=AccountAction.MEMBERS)
    buttons = ([button(_("👥 Кто имеет доступ"), members)], [home_button(fresh=True)])
    return Screen(text.format(tail=facts["tail"]), rows(*buttons))


def _order_paid(facts: Mapping[str, str]) -> Screen:
    text = _("✅ Оплата <b>{sum}</b> получена, зачислим за 1–3 дня.\n№ {number}, счёт …{tail}")
    if facts.get("day"):  # those queued by an earlier version have none
        text = _("✅ Оплата <b>{sum}</b> от {day} получена, зачислим за 1–3 дня.\n№ {number}, счёт …{tail}")
    return Screen(_about_order(text, facts), rows([home_button(fresh=True)]))


def _order_declined(facts: Mapping[str, str]) -> Screen:
    text = _("❌ Оплата <b>{sum}</b> не прошла: {reason}. Деньги не списаны.\n№ {number}, счёт …{tail}")
    return Screen(_about_order(text, facts), rows([retry_button(facts["order"])], [home_button(fresh=True)]))


def _order_expired(facts: Mapping[str, str]) -> Screen:
    text = _("⌛ Ссылка на оплату <b>{sum}</b> больше не действует, деньги не списаны.\n№ {number}, счёт …{tail}")
    return Screen(_about_order(text, facts), rows([retry_button(facts["order"])], [home_button(fresh=True)]))


def _order_link(facts: Mapping[str, str]) -> Screen:
    text = _("💳 Ссылка на оплату <b>{sum}</b> готова.\n№ {number}, счёт …{tail}")
    buttons = link_buttons(facts["order"], facts["url"])
    return Screen(_about_order(text, facts), rows(*buttons, [home_button(fresh=True)]))


def _order_refunded(facts: Mapping[str, str]) -> Screen:
    text = _("↩️ Возвращено <b>{sum}</b> по оплате № {number}, счёт …{tail}. Деньги придут туда, откуда вы платили.")
    return Screen(_about_order(text, facts), rows([home_button(fresh=True)]))


def _order_was_paid(facts: Mapping[str, str]) -> Screen:
    return _left(facts, paid_words())


def _order_was_declined(facts: Mapping[str, str]) -> Screen:
    return _left(facts, not_paid_words(facts["reason"]))


def _order_overtaken(facts: Mapping[str, str]) -> Screen:
    words = _("⚠️ Сумма к оплате с тех пор изменилась. Прежде чем платить, посмотрите, сколько осталось.")
    text = order_text(tail_title(facts["tail"]), facts["number"], int(facts["kopecks"]), words)
    return Screen(text, rows(*link_buttons(facts["order"], None), [home_button(fresh=True)]))


def _left(facts: Mapping[str, str], words: str) -> Screen:
    """What stays of the message that held the link."""
    text = order_text(tail_title(facts["tail"]), facts["number"], int(facts["kopecks"]), words)
    return Screen(text, rows([home_button(fresh=True)]))


def _about_order(text: str, facts: Mapping[str, str]) -> str:
    known = {"number": escape(facts["number"]), "tail": facts["tail"], "reason": reason_words(facts["reason"])}
    if facts.get("day"):
        known["day"] = day(date.fromisoformat(facts["day"]))
    return text.format(sum=money(int(facts["kopecks"])), **known)


def _alert(facts: Mapping[str, str]) -> Screen:
    return Screen(_("⚠️ Боту нужна помощь: {what}").format(what=escape(facts["what"])))


_WORDS: dict[str, Callable[[Mapping[str, str]], Screen]] = {
    "accepted": _accepted,
    "refused": _refused,
    "replaced": _replaced,
    "trouble": _trouble,
    "undelivered": _undelivered,
    "email_changed": _email_changed,
    "verified": _verified,
    "verified_beside": _verified_beside,
    "disowned": _disowned,
    "joined": _joined,
    "holder_changed": _holder_changed,
    "reset_by_company": _reset,
    "share_ended": _share_ended,
    "unlinked_by_company": _unlinked,
    "other_unlinked": _other_unlinked,
    "unlocked_by_company": _unlocked,
    "order_paid": _order_paid,
    "order_declined": _order_declined,
    "order_expired": _order_expired,
    "order_link": _order_link,
    "order_refunded": _order_refunded,
    "order_overtaken": _order_overtaken,
    "order_was_paid": _order_was_paid,
    "order_was_declined": _order_was_declined,
    "recovery_asked": _recovery_asked,
    "recovery_refused": _recovery_refused,
    "recovered": _recovered,
    "withdrawn": _withdrawn,
    "alert": _alert,
}
