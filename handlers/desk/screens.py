"""Screens of the desk: titles and cards of topics, marks, answers to commands. Staff read Russian."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardMarkup

from handlers.appeals.callbacks import AppealAction, OnAppeal
from handlers.desk.callbacks import DeskAction, OnDesk
from handlers.keyboards import button, rows
from handlers.sharing.screens import action_words
from handlers.show import Screen
from handlers.wording import escape, plain, zone_value
from locales import N_, _, moment, money
from services.accounts.access import AccountAccess
from services.accounts.models import Trust
from services.appeals.desk import CardFacts, Stats
from services.appeals.models import Appeal, AppealMessage, AppealState, Deed, DeliveryState
from services.appeals.settings import Subject
from services.appeals.topics import Template, Topic
from services.supplier.models import Bill, Meter

LONGEST_TITLE: Final = 128
_BEGINNING: Final = 100  # characters of a template in the list
_MOST_TEMPLATES: Final = 25  # with their names they fit a message
_TRUST = {
    Trust.VERIFIED: N_("подтверждён платежом"),
    Trust.SHARED: N_("доступ дал владелец"),
    Trust.CONFIRMED: N_("знает адрес"),
}
_LANGUAGES = {"ru": N_("русский"), "en": N_("английский")}


def title(appeal: Appeal, subject: Subject) -> str:
    """Of the topic. Nothing personal but the last digits of the account: it stands in push notifications."""
    parts = [appeal.title_number, subject.name]
    if appeal.about.account:
        parts.append(f"…{appeal.about.account[-4:]}")
    return " · ".join(parts)[:LONGEST_TITLE]


def number_in(name: str) -> str:
    """The number of an appeal in a topic's title; empty where it has none."""
    return name.removeprefix("№ ").partition(" · ")[0] if name.startswith("№ ") else ""


def card_head(appeal: Appeal, subject: Subject, zone: ZoneInfo, *, remade: bool) -> Screen:
    """The certain facts, in the same words at each try."""
    lines = [f"<b>{escape(appeal.title_number)}</b> · {escape(subject.name)}"]
    if remade:
        lines.append("<i>" + _("Прежняя тема удалена, обращение продолжается здесь.") + "</i>")
    lines += _contact(appeal)
    lines.append(_("Ответить до {until}").format(until=moment(appeal.due_at, zone)))
    return Screen("\n".join(lines), _buttons(appeal))


def card(appeal: Appeal, subject: Subject, zone: ZoneInfo, topic: Topic, facts: CardFacts) -> Screen:
    head = card_head(appeal, subject, zone, remade=topic.remade)
    more = [*_account(appeal, facts, zone), *_state(appeal, topic, facts, zone)]
    return Screen("\n".join([head.text, *more]), _buttons(appeal, topic.owner))


def _buttons(appeal: Appeal, owner: int | None = None) -> InlineKeyboardMarkup:
    """Members write nothing in a closed topic, so it is opened by a button."""
    if appeal.state is AppealState.CLOSED:
        line = [button(_("↩️ Открыть снова"), OnDesk(action=DeskAction.REOPEN, appeal=appeal.key))]
    elif owner is not None:
        back = OnDesk(action=DeskAction.RELEASE, appeal=appeal.key, link=str(owner))
        line = [button(_("↩️ Вернуть в очередь"), back)]
    else:
        line = [button(_("✋ Взять"), OnDesk(action=DeskAction.TAKE, appeal=appeal.key), "primary")]
    access = [button(_("🔑 Доступ"), OnDesk(action=DeskAction.ACCESS, appeal=appeal.key))]
    return rows([*line, *(access if appeal.about.account else [])])


def _contact(appeal: Appeal) -> Iterator[str]:
    contact = appeal.contact
    language = _(_LANGUAGES.get(appeal.language, N_("русский")))
    yield _("Клиент: {name}, язык {language}").format(name=escape(contact.name) or "—", language=language)
    if contact.email or contact.phone:
        yield " · ".join(f"<code>{escape(one)}</code>" for one in (contact.email, contact.phone) if one)
    if contact.by_mail_only:
        yield _("Просит отвечать только по e-mail.")


def _account(appeal: Appeal, facts: CardFacts, zone: ZoneInfo) -> Iterator[str]:
    about = appeal.about
    if not about.account:
        yield _("Не клиент: {place}").format(place=escape(", ".join(filter(None, (about.locality, about.address)))))
        return
    trust = _(_TRUST[facts.link.trust]) if facts.link else _("счёт больше не привязан")
    yield _("Счёт {account}: {trust}").format(account=f"<code>{escape(about.account)}</code>", trust=trust)
    if facts.account:
        yield escape(facts.account.address)
    if not facts.known:
        yield _("Данные поставщика сейчас недоступны: /who покажет их позже.")
    if facts.bill:
        yield _balance(facts.bill)
    yield from map(_last, facts.meters)
    for entry in facts.actions:
        yield f"· {entry.at.astimezone(zone):%d.%m.%Y} {action_words(entry.action)}"


def _balance(bill: Bill) -> str:
    if bill.owed > 0:
        return _("Долг {sum}").format(sum=money(bill.owed))
    return _("Аванс {sum}").format(sum=money(-bill.owed)) if bill.owed else _("Долга нет")


def _last(meter: Meter) -> str:
    newest = [(zone, readings[0]) for zone in meter.zones if (readings := meter.of_zone(zone))]
    said = ", ".join(zone_value(zone, reading.value) for zone, reading in newest)
    return _("Счётчик {meter}: {said}").format(meter=escape(meter.number), said=said or "—")


def _state(appeal: Appeal, topic: Topic, facts: CardFacts, zone: ZoneInfo) -> Iterator[str]:
    if facts.blocked:
        yield _("⚠ Клиент остановил бота: ответы дойдут, когда он вернётся.")
    if topic.owner_name:
        yield _("Отвечает: {name}").format(name=escape(topic.owner_name))
    if appeal.state is AppealState.CLOSED and appeal.closed_at:
        yield _("Закрыто {when}").format(when=moment(appeal.closed_at, zone))
    elif appeal.waits:
        yield _("Ждут ответа: {count}").format(count=facts.waiting)
    if appeal.rating:
        yield _("Оценка: {rating} из 5").format(rating=appeal.rating) + (
            f" «{escape(appeal.rating_words)}»" if appeal.rating_words else ""
        )


def under_answer(appeal: Appeal) -> InlineKeyboardMarkup:
    """Buttons under an answer, in the customer's chat."""
    reply = button(_("✍️ Ответить"), OnAppeal(action=AppealAction.REPLY, appeal=appeal.key))
    opened = button(
        appeal.title_number,
        OnAppeal(action=AppealAction.OPEN, appeal=appeal.key),
    )
    return rows([reply, opened])


def mark(message: AppealMessage) -> str:
    """The truth about an answer, under it."""
    if message.withdrawn_at:
        return _("Ответ отозван.")
    match message.delivery:
        case DeliveryState.DELIVERED:
            return _("✓ Доставлено.")
        case DeliveryState.BLOCKED:
            return _("⚠ Клиент остановил бота. Доставим, когда вернётся.")
        case DeliveryState.REFUSED if message.reason:
            return _("✖ Не доставлено: {reason}.").format(reason=escape(message.reason))
        case DeliveryState.REFUSED:
            return _("❔ Неизвестно, дошёл ли ответ: Telegram не подтвердил доставку. Бот больше не пробует.")
        case _:
            return _("⏳ Ждёт отправки.")


def deed(appeal: Appeal, done: Deed) -> str:
    match done:
        case Deed.CLOSED:
            return _("Клиент закрыл обращение.")
        case Deed.REOPENED:
            return _("Клиент открыл обращение снова.")
        case Deed.RATED:
            return _("Оценка клиента: {stars} из 5.").format(stars=appeal.rating)
        case Deed.EXPLAINED:
            return _("К оценке клиент написал: {words}").format(words=escape(appeal.rating_words))


def reminder(appeal: Appeal, topic: Topic, zone: ZoneInfo) -> str:
    owner = f"{escape(topic.owner_name)}, " if topic.owner_name else ""
    text = _("⏰ {owner}ответа ещё нет, а срок — {until}.")
    return text.format(owner=owner, until=moment(appeal.due_at, zone))


def linked(appeal: Appeal, topic: Topic) -> str:
    """Its number, which leads to its topic."""
    name = escape(appeal.title_number)
    if topic.thread and topic.chat:
        return f'<a href="https://t.me/c/{str(topic.chat).removeprefix("-100")}/{topic.thread}">{name}</a>'
    return name


def found(pairs: Sequence[tuple[Appeal, Topic]]) -> str:
    lines = []
    for appeal, topic in pairs:
        name = linked(appeal, topic)
        state = _("закрыто") if appeal.state is AppealState.CLOSED else _("открыто")
        tail = f"…{appeal.about.account[-4:]}" if appeal.about.account else "—"
        lines.append(f"{name} · {tail} · {escape(appeal.contact.name) or '—'} · {state}")
    return "\n".join(lines) or _("Ничего не нашлось.")


def stats(facts: Stats) -> str:
    lines = [
        _("За 30 дней обращений: {count}, с ответом {answered}.").format(count=facts.count, answered=facts.answered)
    ]
    if facts.half is not None and facts.most is not None:
        text = _("До первого ответа: половина за {half}, 90 % за {most}.")
        lines.append(text.format(half=_span(facts.half), most=_span(facts.most)))
        lines.append(_("В срок: {percent} %.").format(percent=round(100 * facts.in_time / facts.answered)))
    lines.append(_("Открыто снова: {count}.").format(count=facts.reopened))
    if facts.rated:
        lines.append(
            _("Оценка {rating} (оценок: {count}).").format(
                rating=f"{facts.rating // 10}.{facts.rating % 10}", count=facts.rated
            )
        )
    return "\n".join(lines)


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return _("{count} мин").format(count=minutes)
    return _("{hours} ч {minutes} мин").format(hours=minutes // 60, minutes=minutes % 60)


def templates(known: Sequence[Template]) -> str:
    """Each with its first words; those that do not fit one message by their number."""
    lines = [f"<b>{escape(one.name)}</b>: {_beginning(one.text)}" for one in known]
    if len(lines) > _MOST_TEMPLATES:
        rest = _("и ещё {count}").format(count=len(lines) - _MOST_TEMPLATES)
        lines = [*lines[:_MOST_TEMPLATES], rest]
    return "\n".join(lines) or _("Шаблонов нет. Новый: <code>/template имя текст</code>")


def _beginning(html: str) -> str:
    words = plain(html)
    return escape(words if len(words) <= _BEGINNING else words[: _BEGINNING - 1] + "…")


def filled(template: Template, appeal: Appeal) -> str:
    """The text of a template with the fields of an appeal."""
    account = f"…{appeal.about.account[-4:]}" if appeal.about.account else ""
    fields = {_("имя"): escape(appeal.contact.name), _("номер"): escape(appeal.title_number), _("счёт"): account}
    text = template.text
    for field, value in fields.items():
        text = text.replace(f"{{{field}}}", value)
    return text


def access(appeal: Appeal, found: AccountAccess) -> Screen:
    """Links stand by their ids: no names are needed to mend an access."""
    lines = [_("Доступ к счёту …{tail}").format(tail=appeal.about.account[-4:])]
    lines.append(_("Заперт: новые подтверждения не принимаются.") if found.control.locked else _("Не заперт."))
    lines += [f"· <code>{link.id}</code> — {_(_TRUST[link.trust])}" for link in found.links]
    unlock = (
        [button(_("🔓 Отпереть"), OnDesk(action=DeskAction.UNLOCK, appeal=appeal.key))] if found.control.locked else []
    )
    ends = [
        [
            button(
                _("Отвязать {link}").format(link=link.id),
                OnDesk(action=DeskAction.UNLINK, appeal=appeal.key, link=link.id),
                "danger",
            )
        ]
        for link in found.links
    ]
    back = [button(_("← К карточке"), OnDesk(action=DeskAction.CARD, appeal=appeal.key))]
    return Screen("\n".join(lines), rows(unlock, *ends, back))


def confirm_unlink(appeal: Appeal, link: str) -> Screen:
    text = _("Отвязать {link}? Доступ закончится и у тех, кому его дал этот человек. Вернуть это нельзя.")
    sure = button(_("Да, отвязать"), OnDesk(action=DeskAction.SURE, appeal=appeal.key, link=link), "danger")
    back = button(_("← Не отвязывать"), OnDesk(action=DeskAction.ACCESS, appeal=appeal.key))
    return Screen(text.format(link=f"<code>{escape(link)}</code>"), rows([sure], [back]))
