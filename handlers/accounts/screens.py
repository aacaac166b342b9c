"""Screens about accounts: which number, whose address, a customer's list."""

from __future__ import annotations

from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, ConfirmAddress, OnAccount
from handlers.callbacks import Go, Place
from handlers.keyboards import button, copy_button, help_button, home_button, rows
from handlers.show import Screen
from handlers.wording import account_label, account_title, escape
from locales import _
from services.accounts.address import hide_flat, without_flat
from services.accounts.flats import AddressQuestion, Dwelling
from services.accounts.models import Link
from services.customers.models import Customer
from services.supplier.models import Account


def unlink_button(link: Link, label: str) -> InlineKeyboardButton:
    return button(label, OnAccount(link=link.id, action=AccountAction.UNLINK), "danger")


def accounts(customer: Customer, limit: int) -> Screen:
    text = _("Ваши счета. Нажмите на счёт, чтобы перейти к нему, назвать, поставить первым или отвязать.")
    add = [button(_("➕ Добавить счёт"), Go(to=Place.ADD))] if len(customer.links) < limit else []
    return Screen(text, rows(*([_account_button(customer, link)] for link in customer.links), add, [home_button()]))


def _account_button(customer: Customer, link: Link) -> InlineKeyboardButton:
    mark = "✓ " if link == customer.current else ""
    return button(mark + account_label(link), OnAccount(link=link.id, action=AccountAction.OPEN))


def more_button(link: Link) -> InlineKeyboardButton:
    """The button to the facts of a proved account, or to its proof."""
    if link.sees:
        return button(_("ℹ️ О счёте"), OnAccount(link=link.id, action=AccountAction.INFO))
    return button(_("🔑 Подтвердить счёт"), OnAccount(link=link.id, action=AccountAction.PROVE))


def account(link: Link, address: str | None, *, first: bool) -> Screen:
    """`first`: of the customer's accounts."""
    shown = address if link.sees or not address else without_flat(address)
    text = account_title(link) + (f"\n{escape(shown)}" if shown else "")
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


def confirm_unlink(link: Link) -> Screen:
    text = _("{account}\n\nОтвязать этот счёт? Показания, которые вы уже передали, останутся у компании.")
    return Screen(
        text.format(account=account_title(link)),
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


def ask_account(*, can_leave: bool) -> Screen:
    text = _("Пришлите номер лицевого счёта: 12 цифр, он вверху квитанции.")
    return Screen(text, rows([home_button()] if can_leave else [help_button()]))


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
