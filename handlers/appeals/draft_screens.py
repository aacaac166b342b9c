"""Questions on the way to an appeal, and its preview."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiogram.types import InlineKeyboardButton

from fsm.appeals import AppealDraft
from handlers.appeals.callbacks import ContactWay, OnContact, OnDraft, Part, PickPlace, PickSubject, UseName
from handlers.appeals.typed import phone_shown
from handlers.appeals.words import attached, subject_name
from handlers.keyboards import Row, Style, button, rows
from handlers.show import Screen
from handlers.wording import account_label, email_shown, escape, masked, plain, shortened
from locales import _, current
from services.accounts.models import Link
from services.appeals.files import LARGEST, MOST
from services.appeals.settings import AppealSettings, Subject

_IN_PREVIEW = 1200  # characters
_IN_LABEL = 40


def _part(label: str, part: Part, draft: AppealDraft, style: Style | None = None) -> InlineKeyboardButton:
    return button(label, OnDraft(part=part, draft=draft.id), style)


def _way_out(draft: AppealDraft) -> Row:
    """Back to the preview, or to the question before, and out of the appeal."""
    yield _part(_("Назад"), Part.BACK, draft)
    yield _part(_("Отмена"), Part.CANCEL, draft)


def _question(draft: AppealDraft, *lines: str) -> str:
    return "\n\n".join([_("✉️ <b>Обращение в компанию</b>"), *filter(None, lines)])


def ask_subject(draft: AppealDraft, subjects: Sequence[Subject]) -> Screen:
    kept = _("Ваш вопрос я записал.") if draft.messages else ""
    offered = ([button(one.named(current()), PickSubject(draft=draft.id, key=one.key))] for one in subjects)
    return Screen(_question(draft, kept, _("О чём ваш вопрос?")), rows(*offered, _way_out(draft)))


def ask_place(draft: AppealDraft, links: Sequence[Link]) -> Screen:
    """Buttons of the customer's accounts, for an appeal about one of them."""
    offered = ([button(account_label(link), PickPlace(draft=draft.id, link=link.id))] for link in links)
    other = [button(_("Другой адрес"), PickPlace(draft=draft.id))]
    return Screen(_question(draft, _("О каком счёте вопрос?")), rows(*offered, other, _way_out(draft)))


def ask_locality(draft: AppealDraft) -> Screen:
    text = _("Напишите населённый пункт, о котором вопрос, например «г. Воронеж».")
    return Screen(_question(draft, text), rows(_way_out(draft)))


def ask_address(draft: AppealDraft) -> Screen:
    text = _("Теперь адрес: улица, дом, квартира. Если их нет, опишите место словами.")
    return Screen(_question(draft, text), rows(_way_out(draft)))


def ask_name(draft: AppealDraft, last: str, first_name: str) -> Screen:
    """`last`: the name of the last appeal; `first_name`: in Telegram."""
    names = {last: True} if last else {}
    names |= {first_name: False} if first_name and first_name != last else {}
    offered = ([button(_short(name), UseName(draft=draft.id, last=one))] for name, one in names.items())
    return Screen(_question(draft, _("Как к вам обращаться? Напишите или выберите.")), rows(*offered, _way_out(draft)))


def _short(name: str) -> str:
    return name if len(name) <= _IN_LABEL else f"{name[: _IN_LABEL - 1]}…"


def ask_contact(draft: AppealDraft, own: str | None) -> Screen:
    """`own`: the customer's confirmed address."""
    contact = draft.contact
    known = [_("Почта: {address}").format(address=_address(contact.email, own))] if contact.email else []
    known += [_("Телефон: {phone}").format(phone=phone_shown(contact.phone))] if contact.phone else []
    text = _(
        "Ответ придёт сюда, в этот чат. Если хотите получить его и на почту или чтобы вам позвонили, пришлите "
        "адрес или телефон."
    )
    if known:
        text = _("Можно прислать и другой адрес или телефон.")
    return Screen(_question(draft, "\n".join(known), text), rows(*_contact_ways(draft, own), _way_out(draft)))


def _contact_ways(draft: AppealDraft, own: str | None) -> Iterable[Row]:
    contact = draft.contact
    if own and contact.email != own:
        label = _("✉️ Отвечать и на {address}").format(address=masked(own))
        yield [_way(label[:60], ContactWay.OWN, draft)]
    if contact.email:
        yield [_way(_("Отвечать только по e-mail"), ContactWay.MAIL_ONLY, draft)]
    if contact.email or contact.phone:
        yield [_way(_("Дальше"), ContactWay.DONE, draft, "primary"), _way(_("Убрать"), ContactWay.DROP, draft)]
    else:
        yield [_way(_("Достаточно ответа здесь"), ContactWay.DONE, draft, "primary")]


def _way(label: str, way: ContactWay, draft: AppealDraft, style: Style | None = None) -> InlineKeyboardButton:
    return button(label, OnContact(way=way, draft=draft.id), style)


def doubt_email(draft: AppealDraft, probable: str) -> Screen:
    text = _("Вы написали {address}. Может быть, {probable}?").format(
        address=email_shown(draft.doubted), probable=email_shown(probable)
    )
    fix = _("Да, {address}").format(address=probable)[:60]
    keep = _("Нет, верно {address}").format(address=draft.doubted)[:60]
    return Screen(
        _question(draft, text),
        rows([_way(fix, ContactWay.FIX, draft, "primary")], [_way(keep, ContactWay.KEEP, draft)], _way_out(draft)),
    )


def ask_text(draft: AppealDraft) -> Screen:
    begun = ""
    if draft.opening:
        begun = _("Начало уже есть: «{words}».").format(words=shortened(draft.opening.text, 300))
    advice = _(
        "Напишите ваш вопрос, коротко и понятно: чем он чётче, тем быстрее ответ. Не пишите о том, что к вопросу не "
        "относится, и не указывайте данные людей, которые на это не согласны."
    )
    files = _("Можно прислать и файлы: до {most}, каждый до {largest} МБ.").format(most=MOST, largest=LARGEST)
    return Screen(_question(draft, begun, advice, files), rows(_way_out(draft)))


def ask_files(draft: AppealDraft) -> Screen:
    text = _("Пришлите фото, документ, голосовое сообщение или видео: до {most} файлов, каждый до {largest} МБ.")
    listed = attached(draft.files)
    return Screen(
        _question(draft, text.format(most=MOST, largest=LARGEST), listed),
        rows([_part(_("🗑 Убрать файлы"), Part.NO_FILES, draft)] if draft.files else [], _way_out(draft)),
    )


def preview(draft: AppealDraft, settings: AppealSettings, link: Link | None, own: str | None) -> Screen:
    """`link`: of the account that it is about; `own`: the customer's confirmed address."""
    facts = [
        _("Тема: <b>{subject}</b>").format(subject=subject_name(settings, draft.subject)),
        _place(draft, link),
        _("Имя: {name}").format(name=escape(draft.contact.name)),
        _answer(draft, own),
    ]
    opening = [f"«{shortened(draft.opening.text, 300)}»"] if draft.opening else []
    text = [f"«{shortened(draft.text, _IN_PREVIEW)}»"] if plain(draft.text).strip() else []
    parts = [_("✉️ <b>Проверьте обращение</b>"), "\n".join(facts), *opening, *text, attached(draft.files)]
    more = _("Чтобы добавить к нему слова, фото или файл, просто пришлите их.")
    return Screen(
        "\n\n".join([*filter(None, parts), more]),
        rows(
            [_part(_("✅ Отправить"), Part.SEND, draft, "primary")],
            [_part(_("Тема"), Part.SUBJECT, draft), _part(_("Счёт или адрес"), Part.PLACE, draft)],
            [_part(_("Имя"), Part.NAME, draft), _part(_("Контакты"), Part.CONTACT, draft)],
            [_part(_("Текст"), Part.TEXT, draft), _part(_("Файлы"), Part.FILES, draft)],
            [_part(_("Отмена"), Part.CANCEL, draft)],
        ),
    )


def _place(draft: AppealDraft, link: Link | None) -> str:
    if link:
        return _("Счёт: {account}").format(account=escape(account_label(link)))
    return _("Адрес: {address}").format(address=escape(f"{draft.about.locality}, {draft.about.address}"))


def _answer(draft: AppealDraft, own: str | None) -> str:
    contact = draft.contact
    ways = [_("в этот чат")]
    if contact.email:
        ways.append(_("на {address}").format(address=_address(contact.email, own)))
    lines = [_("Ответ: {ways}").format(ways=", ".join(ways))]
    if contact.phone:
        lines.append(_("Телефон: {phone}").format(phone=phone_shown(contact.phone)))
    if contact.by_mail_only:
        lines.append(_("Звонить не нужно, отвечать только по e-mail"))
    return "\n".join(lines)


def _address(email: str, own: str | None) -> str:
    """One that was typed just now in full: it is to be checked."""
    return email_shown(masked(email) if email == own else email)
