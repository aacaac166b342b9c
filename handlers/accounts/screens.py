"""Screens about accounts: which number, whose address, a customer's list."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, ConfirmAddress, OnAccount
from handlers.callbacks import Go, Place
from handlers.keyboards import button, copy_button, help_button, home_button, rows
from handlers.payments.amounts import pay_button
from handlers.payments.callbacks import Pay
from handlers.show import Screen
from handlers.wording import account_label, account_title, escape
from locales import _, money
from services.accounts.accounts import LABEL_LENGTH
from services.accounts.address import as_seen, hide_flat, street
from services.accounts.flats import AddressQuestion, Dwelling
from services.accounts.models import Link
from services.cards import HomeCard
from services.payments.due import SMALLEST
from services.receipts.models import Subscription
from services.supplier.models import Account


def unlink_button(link: Link, label: str) -> InlineKeyboardButton:
    return button(label, OnAccount(link=link.id, action=AccountAction.UNLINK), "danger")


def accounts(cards: Sequence[HomeCard], limit: int, *, invited: bool) -> Screen:
    """One tap leads to an account; a sum of all that lacks one would be wrong. `invited`: to one more."""
    parts, total = [_("🔁 <b>Ваши счета</b>")], sum(card.to_pay for card in cards)
    if any(card.unavailable for card in cards):
        parts.append(_("Система расчётов сейчас не отвечает, показываю не всё. Попробуйте через несколько минут."))
    elif total:
        parts[0] += " · " + _("всего к оплате <b>{sum}</b>").format(sum=money(total))
    if any(card.readings for card in cards):
        parts.append(_("✓ показания переданы, 📟 ещё нет"))
    add = [button(_("➕ Добавить счёт"), Go(to=Place.ADD))] if len(cards) < limit else []
    return Screen(
        "\n\n".join(parts),
        rows(
            *([_card_button(card)] for card in cards),
            _invitation(invited),
            _pay_row([card for card in cards if card.payable and card.to_pay >= SMALLEST]),
            [*add, button(_("✏️ Изменить"), Go(to=Place.EDIT))],
            [home_button()],
        ),
    )


def _invitation(invited: bool) -> list[InlineKeyboardButton]:
    return [button(_("👥 Ответить на приглашение"), Go(to=Place.INVITATION))] if invited else []


def _card_button(card: HomeCard) -> InlineKeyboardButton:
    link, address = card.link, card.account.address if card.account else ""
    name = link.label or street(as_seen(link, address))[:LABEL_LENGTH]
    label = " · ".join(filter(None, [name, f"…{link.tail}", money(card.to_pay) if card.to_pay else _state(card)]))
    return button(_mark(card) + label, OnAccount(link=link.id, action=AccountAction.CHOOSE))


def _mark(card: HomeCard) -> str:
    if card.readings is None:
        return ""
    return "✓ " if card.readings.passed else "📟 "


def _state(card: HomeCard) -> str:
    """In the place of a sum, where nothing is to pay."""
    if card.unavailable:
        return ""
    if card.gone:
        return _("нет в базе")
    if card.closed:
        return _("счёт закрыт")
    if card.link.barred:
        return _("закрыт владельцем")
    if card.readings is None:
        return _("платить нечего")
    return _("показания переданы") if card.readings.passed else _("показания не переданы")


def _pay_row(owing: Sequence[HomeCard]) -> list[InlineKeyboardButton]:
    """The first account with something to pay; when that is paid, the next one is the first."""
    if len(owing) > 1:
        return [button(_("💳 Оплатить по очереди"), Pay(link=owing[0].link.id), "primary")]
    return [pay_button(card.link, card.due, "primary") for card in owing]


def editing(links: Sequence[Link]) -> Screen:
    text = _("Нажмите на счёт, чтобы назвать его, поставить первым или отвязать.")
    return Screen(text, rows(*([_edit_button(link)] for link in links), [button(_("Назад"), Go(to=Place.ACCOUNTS))]))


def _edit_button(link: Link) -> InlineKeyboardButton:
    return button(account_label(link), OnAccount(link=link.id, action=AccountAction.OPEN))


def more_button(link: Link) -> InlineKeyboardButton:
    """The button to the facts of a proved account, or to its proof."""
    if link.sees:
        return button(_("ℹ️ О счёте"), OnAccount(link=link.id, action=AccountAction.INFO))
    return prove_button(link.id)


def prove_button(link_id: str) -> InlineKeyboardButton:
    return button(_("🔑 Подтвердить счёт"), OnAccount(link=link_id, action=AccountAction.PROVE))


def account(link: Link, address: str | None, *, first: bool) -> Screen:
    """`first`: of the customer's accounts."""
    text = account_title(link) + (f"\n{escape(as_seen(link, address))}" if address else "")
    return Screen(
        text,
        rows(
            [button(_("Перейти к счёту"), OnAccount(link=link.id, action=AccountAction.CHOOSE), "primary")],
            [more_button(link)],
            [copy_button(_("📋 Скопировать номер счёта"), link.account)],
            [
                button(_("✏️ Назвать"), OnAccount(link=link.id, action=AccountAction.RENAME)),
                unlink_button(link, _("Отвязать")),
            ],
            [] if first else [button(_("⬆️ Сделать первым"), OnAccount(link=link.id, action=AccountAction.FIRST))],
            [button(_("Назад"), Go(to=Place.ACCOUNTS))],
        ),
    )


def confirm_unlink(link: Link, receipts: Subscription | None) -> Screen:
    """`receipts`: by e-mail."""
    text = _("{account}\n\nОтвязать этот счёт? Показания, которые вы уже передали, останутся у компании.")
    parts = [text.format(account=account_title(link))]
    if receipts:
        parts.append(_("Электронная квитанция по нему отключится."))
    if receipts and receipts.paperless:
        parts.append(_("Бумажная снова будет приходить."))
    return Screen(
        " ".join(parts),
        rows(
            [button(_("Да, отвязать"), OnAccount(link=link.id, action=AccountAction.UNLINK_YES), "danger")],
            [button(_("Нет, оставить"), OnAccount(link=link.id, action=AccountAction.OPEN))],
        ),
    )


def ask_label(link: Link) -> Screen:
    text = _(
        "{account}\n\nКак назвать этот счёт? Например «Мама» или «Дача», до 30 знаков. "
        "Чтобы убрать название, пришлите «-»."
    )
    cancel = button(_("Назад"), OnAccount(link=link.id, action=AccountAction.OPEN))
    return Screen(text.format(account=account_title(link)), rows([cancel]))


def offer_label(link: Link) -> Screen:
    text = _("✅ {account} добавлен.\n\nКак назвать этот счёт? Например «Мама» или «Дача», до {limit} знаков.")
    shown = text.format(account=account_title(link), limit=LABEL_LENGTH)
    return Screen(shown, rows([button(_("Пропустить"), Go(to=Place.HOME))]))


def ask_account(*, can_leave: bool, invited: bool = False) -> Screen:
    text = _("Пришлите номер лицевого счёта: 12 цифр, он вверху квитанции.")
    return Screen(text, rows(_invitation(invited), [home_button()] if can_leave else [help_button()]))


def confirm_address(account: Account, question: AddressQuestion | None, draft: str) -> Screen:
    another = button(_("Нет, другой номер"), ConfirmAddress(draft=draft, yes=False))
    found = {"tail": account.tail, "address": escape(hide_flat(account.address))}
    if question is None:
        text = _("Нашёл счёт <b>…{tail}</b>. Это ваш адрес?\n<b>{address}</b>").format(**found)
        yes = button(_("Да, это верный адрес"), ConfirmAddress(draft=draft, yes=True), "primary")
        return Screen(text, rows([yes], [another]))
    text = _("Нашёл счёт <b>…{tail}</b>:\n<b>{address}</b>\n\nЕсли это ваш адрес, напишите номер {place}.").format(
        **found, place=_names(question)
    )
    return Screen(text, rows([another]))


def _names(question: AddressQuestion) -> str:
    names = {
        Dwelling.FLAT: _("квартиры"),
        Dwelling.ROOM: _("комнаты"),
        Dwelling.PREMISES: _("помещения"),
        Dwelling.OFFICE: _("офиса"),
        Dwelling.HOUSE: _("дома"),
        Dwelling.ESTATE: _("владения"),
        Dwelling.PLOT: _("участка"),
        Dwelling.GARAGE: _("гаража"),
    }
    named = [names[one] for one in question.dwellings]
    return _(" и ").join(named) if named else _("дома и квартиры, если она есть")
