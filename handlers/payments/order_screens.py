"""A payment that was begun: what has become of it, in words and buttons."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from handlers.keyboards import Row, button, home_button, rows, url_button
from handlers.payments import outcomes
from handlers.payments.callbacks import OnOrder, OrderAction
from handlers.show import Screen
from handlers.wording import account_title, escape
from locales import _, clock, money
from services.accounts.models import Link
from services.payments.models import Order, OrderStatus
from services.payments.states import PAGE_LIFE


def order(found: Order, link: Link, zone: ZoneInfo) -> Screen:
    words, buttons = _state(found, zone)
    text = order_text(account_title(link), found.number, found.kopecks, words)
    return Screen(text, rows(*buttons, [home_button(fresh=True)]))


def order_text(account: str, number: str, kopecks: int, words: str) -> str:
    head = _("{account}\n№ {number}, <b>{sum}</b>").format(account=account, number=escape(number), sum=money(kopecks))
    return f"💳 {head}\n\n{words}"


def _state(found: Order, zone: ZoneInfo) -> tuple[str, Iterable[Row]]:
    if found.status is OrderStatus.PAID:
        return outcomes.paid(found), [paper_buttons(found.key)]
    if found.status is OrderStatus.CANCELED:
        return outcomes.not_paid(found.reason), [[retry_button(found.key)]]
    return waiting(found, zone), link_buttons(found.key, found.url)


def waiting(found: Order, zone: ZoneInfo) -> str:
    if not found.url:
        return _("⏳ Платёжная система отвечает медленно. Пришлю ссылку сюда, как только получу.")
    until = clock(found.created_at + PAGE_LIFE, zone)
    return _("Ссылка действует до {time}. О результате сообщу сам.").format(time=until)


def link_buttons(key: str, url: str | None) -> Iterable[Row]:
    """Under a link, or under the promise of one."""
    if url:
        yield [url_button(_("💳 Перейти к оплате"), url, "primary")]
    yield [check_button(key)]


def check_button(key: str) -> InlineKeyboardButton:
    return button(_("🔄 Проверить"), OnOrder(action=OrderAction.CHECK, key=key))


def paper_buttons(key: str) -> Row:
    """Under a payment that has succeeded."""
    yield button(_("Сохранить PDF"), OnOrder(action=OrderAction.PDF, key=key))
    yield button(_("На e-mail"), OnOrder(action=OrderAction.MAIL, key=key))


def retry_button(key: str) -> InlineKeyboardButton:
    return button(_("🔁 Повторить"), OnOrder(action=OrderAction.RETRY, key=key), "primary")
