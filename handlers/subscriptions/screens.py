"""Screens of subscriptions to receipts: what comes where, and the questions on the way to another answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from handlers.accounts.screens import more_button
from handlers.callbacks import Go, Place
from handlers.keyboards import button, home_button, rows
from handlers.receipts.callbacks import OpenReceipts
from handlers.show import Screen
from handlers.subscriptions.callbacks import (
    Because,
    DeliveryAction,
    EndLetters,
    EndWay,
    FixAddress,
    KeepAddress,
    OnDelivery,
    SwitchChat,
)
from handlers.wording import account_label, account_title, email_shown, masked, month_name
from locales import N_, _, day, moment
from services.accounts.errors import NotVerified
from services.accounts.models import Link
from services.customers.letter_links import Opened
from services.receipts.models import Reason
from services.receipts.subscriptions import LONGEST_REASON, Followed, ReceiptWays
from services.supplier.models import Month

_SUBSCRIBED = {
    Opened.CONFIRMED: N_("✅ Квитанция подключена: адрес {address} подтверждён."),
    Opened.ENDED: N_(
        "Эта ссылка больше не действует: после неё вы указали другой адрес, отменили подключение или отключили "
        "квитанцию."
    ),
    Opened.GONE: N_("Эта ссылка больше не действует: она работает 24 часа. Запросите новое письмо."),
    Opened.FOREIGN: N_(
        "Эта ссылка не ваша: письмо запросил другой человек, и открыть её может только он. Ничего не изменилось."
    ),
}
_UNSUBSCRIBED = {
    **_SUBSCRIBED,
    Opened.CONFIRMED: N_("✅ Квитанция на e-mail отключена."),
    Opened.ENDED: N_("Эта ссылка больше не действует: после неё вы изменили адрес или передумали отключать."),
}
_REASONS = {
    Reason.PAPER: N_("Удобнее бумажная"),
    Reason.MISSING: N_("Письма не приходят"),
    Reason.MAILBOX: N_("Нет доступа к этой почте"),
    Reason.CHAT: N_("Хватает квитанций в Telegram"),
    Reason.MOVED: N_("Счёт больше не мой"),
}


def delivery_button(link: Link) -> InlineKeyboardButton:
    return button(_("📬 Доставка квитанций"), OnDelivery(action=DeliveryAction.SHOW, link=link.id))


def chat_off_button(link: Link) -> InlineKeyboardButton:
    return button(_("🔕 Не присылать сюда квитанции"), SwitchChat(link=link.id, on=False))


def delivery(found: ReceiptWays, zone: ZoneInfo, *, offered: bool, note: str = "") -> Screen:
    """`offered`: letters can be sent; `note`: what has just been done, above."""
    parts = [
        note,
        "📬 " + _("<b>Доставка квитанций</b>") + f"\n{account_title(found.link)}",
        *_state(found, zone, offered),
    ]
    ways = (*_mail_rows(found, offered), *_paper_rows(found), *_chat_rows(found))
    return Screen("\n\n".join(filter(None, parts)), rows(*ways, _ways_out(found)))


def _state(found: ReceiptWays, zone: ZoneInfo, offered: bool) -> Iterator[str]:
    if found.mail:
        paper = _("Бумажная не приходит.") if found.mail.paperless else _("Бумажная приходит по-прежнему.")
        yield "📧 " + _("На e-mail: подключена, {address}").format(address=_shown(found.mail.address)) + f". {paper}"
    elif offered:
        yield "📧 " + _("На e-mail: не подключена")
    if found.paperless and not (found.mail and found.mail.paperless):
        yield "📄 " + _("Бумажная не приходит: вместо неё письма получает другой владелец счёта.")
    if found.waiting:
        text = _(
            "⏳ {address} ждёт подтверждения. Откройте ссылку из письма на устройстве, где у вас Telegram, "
            "до {moment}. Письма нет — проверьте папку «Спам»."
        )
        yield text.format(address=_shown(found.waiting.address), moment=moment(found.waiting.expires_at, zone))
    if found.ending:
        text = _("⏳ Отключение ждёт подтверждения: откройте ссылку из письма на {address} до {moment}.")
        yield text.format(address=_shown(found.ending.address), moment=moment(found.ending.expires_at, zone))
    if found.link.sees:
        yield "💬 " + (_("В Telegram: включена") if found.in_chat else _("В Telegram: выключена"))


def _mail_rows(found: ReceiptWays, offered: bool) -> Iterator[list[InlineKeyboardButton]]:
    link = found.link
    if found.waiting:
        yield [_to(_("🔁 Отправить письмо ещё раз"), link, DeliveryAction.AGAIN)]
        yield [
            _to(_("✏️ Другой адрес"), link, DeliveryAction.CHANGE),
            _to(_("Не подключать"), link, DeliveryAction.TAKE_BACK),
        ]
    elif found.ending:
        yield [_to(_("🔁 Отправить письмо ещё раз"), link, DeliveryAction.LEAVE_AGAIN)]
        yield [_to(_("Нет доступа к этой почте"), link, DeliveryAction.UNREACHED)]
        yield [_to(_("Не отключать"), link, DeliveryAction.TAKE_BACK)]
    elif found.mail:
        yield [
            *([_to(_("✏️ Изменить e-mail"), link, DeliveryAction.CHANGE)] if offered else []),
            _to(_("Отключить e-mail"), link, DeliveryAction.LEAVE),
        ]
        if found.needs_no_paper:
            yield [_to(_("📄 Отказаться от бумажной"), link, DeliveryAction.JOIN)]
    elif offered:
        join = OnDelivery(action=DeliveryAction.JOIN, link=link.id)
        yield [button(_("📧 Подключить квитанцию на e-mail"), join, "primary")]


def _paper_rows(found: ReceiptWays) -> Iterator[list[InlineKeyboardButton]]:
    if found.paperless and found.decides:
        yield [bring_paper_button(found.link.id)]


def bring_paper_button(link_id: str) -> InlineKeyboardButton:
    return button(_("📄 Вернуть бумажную"), OnDelivery(action=DeliveryAction.PAPER, link=link_id))


def _chat_rows(found: ReceiptWays) -> Iterator[list[InlineKeyboardButton]]:
    if found.link.sees:
        label = f"{'☑' if found.in_chat else '☐'} " + _("Присылать в Telegram")
        yield [button(label, SwitchChat(link=found.link.id, on=not found.in_chat))]


def _ways_out(found: ReceiptWays) -> list[InlineKeyboardButton]:
    receipts = [button(_("🧾 Квитанции"), OpenReceipts(link=found.link.id))] if found.link.sees else []
    another = [] if found.link.alone else [button(_("🔁 Другой счёт"), Go(to=Place.DELIVERY))]
    return [*receipts, *another, home_button()]


def _to(label: str, link: Link, action: DeliveryAction) -> InlineKeyboardButton:
    return button(label, OnDelivery(action=action, link=link.id))


def _back(link: Link) -> InlineKeyboardButton:
    return _to(_("Назад"), link, DeliveryAction.SHOW)


def _shown(address: str) -> str:
    return email_shown(masked(address))


def deliveries(found: Sequence[ReceiptWays]) -> Screen:
    """Of several accounts."""
    text = _("📬 <b>Доставка квитанций</b>\n\nВыберите счёт. 📧 квитанция приходит на e-mail, 💬 в Telegram.")
    of_accounts = (_to(f"{_marks(one)}{account_label(one.link)}", one.link, DeliveryAction.SHOW) for one in found)
    return Screen(text, rows(*([one] for one in of_accounts), [home_button()]))


def _marks(found: ReceiptWays) -> str:
    marks = ("📧" if found.mail else "") + ("💬" if found.in_chat else "")
    return f"{marks} " if marks else ""


def not_verified(link: Link) -> Screen:
    return Screen(_(NotVerified.text), rows([more_button(link)], [home_button()]))


# Beginning letters


def conditions(found: ReceiptWays) -> Screen:
    link = found.link
    text = _(
        "📧 <b>Электронная квитанция</b>\n{account}\n\nПриходит на почту, как только готова, и не теряется: все "
        "квитанции есть и здесь, в боте.\n\n<b>Условия</b>\n• Услуга бесплатная.\n• {paper}\n• Изменить адрес или "
        "отключить услугу можно здесь в любой день."
    )
    if found.decides:
        paper = _("Бумажная квитанция по этому счёту больше не приходит. Если услугу отключить, она вернётся.")
    elif found.decides_from:
        later = _("Бумажная квитанция пока приходит по-прежнему: отказаться от неё вы сможете с {day}.")
        paper = later.format(day=day(found.decides_from))
    else:
        paper = _("Бумажная квитанция приходит по-прежнему: отказаться от неё может только владелец счёта.")
    agree = button(_("✅ Я согласен"), OnDelivery(action=DeliveryAction.AGREE, link=link.id), "success")
    return Screen(text.format(account=account_title(link), paper=paper), rows([agree], [_back(link), home_button()]))


def ask_address(found: ReceiptWays, own: str | None, draft: str) -> Screen:
    """`own`: the customer's confirmed address."""
    parts = [f"📧 {account_title(found.link)}"]
    if found.mail:
        parts.append(_("Сейчас квитанция приходит на {address}.").format(address=_shown(found.mail.address)))
    offer = own is not None and (found.mail is None or found.mail.address != own)
    if offer:
        parts.append(_("Куда присылать квитанцию? Оставьте свой адрес или пришлите другой, например maria@mail.ru."))
    else:
        parts.append(_("Пришлите адрес, на который присылать квитанцию, например maria@mail.ru."))
    parts.append(_("На другой адрес отправлю письмо со ссылкой, она действует 24 часа."))
    label = _("📧 Оставить {address}").format(address=masked(own or ""))
    keep = button(label[:60], KeepAddress(draft=draft), "primary")
    return Screen("\n\n".join(parts), rows([keep] if offer else [], [_back(found.link), home_button()]))


def doubt_address(typed: str, meant: str, draft: str) -> Screen:
    text = _("Вы написали {typed}. Может быть, {meant}?")
    return Screen(
        text.format(typed=email_shown(typed), meant=email_shown(meant)),
        rows(
            [button(_("Да, исправить"), FixAddress(draft=draft, fix=True), "primary")],
            [button(_("Нет, всё верно"), FixAddress(draft=draft, fix=False))],
        ),
    )


def subscribed(address: str) -> str:
    """A note above the state."""
    return _("✅ Квитанция будет приходить на {address}.").format(address=_shown(address))


def paper_is_back() -> str:
    """A note above the state."""
    return _("📄 Бумажная квитанция снова будет приходить, письма на e-mail остаются.")


# Ending them


def ask_reason(found: ReceiptWays, draft: str) -> Screen:
    text = _(
        "📧 {account}\n\nПочему вы хотите отключить квитанцию на e-mail? Выберите или напишите своими словами, до "
        "{limit} знаков. Ответ увидит компания, без вашего имени и счёта."
    )
    shown = text.format(account=account_title(found.link), limit=LONGEST_REASON)
    reasons = ([button(_(words), Because(reason=reason, draft=draft))] for reason, words in _REASONS.items())
    return Screen(shown, rows(*reasons, [_to(_("Не отключать"), found.link, DeliveryAction.SHOW)]))


def confirm_end(found: ReceiptWays, address: str, draft: str, *, offered: bool) -> Screen:
    """`address`: to which receipts come now."""
    text = _(
        "📧 {account}\n\nЕсли отключить, новые квитанции на {address} больше не придут. {paper}\n\nУправлять всеми "
        "своими счетами, платить и скачивать квитанции здесь можно будет по-прежнему."
    )
    letter = _("Чтобы отключить, откройте ссылку, которую мы пришлём на эту почту.")
    shown = text.format(account=account_title(found.link), address=_shown(address), paper=_paper(found.paper_from))
    by_letter = button(_("✉️ Прислать письмо для отключения"), EndLetters(way=EndWay.LETTER, draft=draft), "danger")
    return Screen(
        f"{shown}\n\n{letter}" if offered else shown,
        rows(
            [by_letter] if offered else [],
            [button(_("Нет доступа к этой почте"), EndLetters(way=EndWay.UNREACHED, draft=draft))],
            [_to(_("✏️ Изменить e-mail"), found.link, DeliveryAction.CHANGE)] if offered else [],
            [_to(_("Не отключать"), found.link, DeliveryAction.SHOW)],
        ),
    )


def confirm_end_now(found: ReceiptWays, address: str, draft: str) -> Screen:
    """Without a letter's link."""
    text = _(
        "📧 {account}\n\nОтключу квитанцию на {address} без письма со ссылкой. На эту почту придёт уведомление. {paper}"
    )
    shown = text.format(account=account_title(found.link), address=_shown(address), paper=_paper(found.paper_from))
    return Screen(
        shown,
        rows(
            [button(_("Отключить"), EndLetters(way=EndWay.NOW, draft=draft), "danger")],
            [_to(_("Не отключать"), found.link, DeliveryAction.SHOW)],
        ),
    )


def ended(paper_from: Month | None) -> str:
    """A note above the state."""
    return " ".join(filter(None, [_(_UNSUBSCRIBED[Opened.CONFIRMED]), _paper(paper_from)]))


def _paper(paper_from: Month | None) -> str:
    if paper_from is None:
        return ""
    month = f"{month_name(paper_from)} {paper_from.year}"
    return _("Бумажная придёт, начиная с квитанции за {month}.").format(month=month)


# After a letter's link


def followed(found: Followed) -> str:
    """A note above the state."""
    return _(_SUBSCRIBED[found.opened]).format(address=_shown(found.address))


def followed_to_end(found: Followed) -> str:
    if found.opened is Opened.CONFIRMED:
        return ended(found.paper_from)
    return _(_UNSUBSCRIBED[found.opened])


def link_refused(note: str) -> Screen:
    """A link of which nothing else is the customer's to know."""
    return Screen(note, rows([button(_("📬 Доставка квитанций"), Go(to=Place.DELIVERY))], [home_button()]))


def stopped_for(link: Link) -> Screen:
    text = _(
        "🚫 {account}\n\nКвитанции этому человеку больше не приходят. Чтобы он не мог и платить или передавать "
        "показания, запретите управление другим."
    )
    return Screen(text.format(account=account_title(link)), rows([delivery_button(link)], [home_button()]))
