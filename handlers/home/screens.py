"""The home card."""

from __future__ import annotations

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.accounts.screens import more_button, unlink_button
from handlers.appeals.doors import appeals_button
from handlers.callbacks import Go, Place
from handlers.history.screens import history_button
from handlers.keyboards import Style, button, help_button, rows
from handlers.payments.amounts import amount, pay_button, recent
from handlers.receipts.screens import receipts_button
from handlers.show import Screen
from handlers.wording import account_title, empty_home, escape, month_name
from locales import _, day, plural
from services.accounts.address import as_seen
from services.cards import HomeCard
from services.customers.models import Customer
from services.readings.views import AccountReadings
from services.supplier.periods import Window, WindowState


def home(card: HomeCard, customer: Customer, *, resumable: bool, appeals: bool = False, unread: bool = False) -> Screen:
    """`appeals`: they are offered, and their screen leads to the help; `unread`: with an answer that is new."""
    parts = [f"🏠 {account_title(card.link)}"]
    if card.account:
        parts[0] += f"\n{escape(as_seen(card.link, card.account.address))}"
    parts += [part for part in (_sum(card), _readings(card), empty_home(card.link, card.today)) if part]
    if card.unavailable:
        parts.append(_("Система расчётов сейчас не отвечает, показываю не всё. Попробуйте через несколько минут."))
    return Screen(
        "\n\n".join(parts),
        _home_buttons(card, customer, resumable, appeals_button(unread=unread) if appeals else help_button()),
    )


def _sum(card: HomeCard) -> str:
    return "\n\n".join(filter(None, [amount(card.due), *recent(card.due)])) if card.due else ""


def _readings(card: HomeCard) -> str:
    taken = card.readings
    if card.unavailable:
        return ""
    if card.gone:
        return _(
            "⚠️ Этого счёта больше нет в базе компании. Если это ошибка, позвоните нам. "
            "Если счёт не нужен, отвяжите его."
        )
    if card.closed:
        return _(
            "🔒 <b>Счёт закрыт</b>, показания по нему больше не принимаются. Долг, если он есть, можно оплатить, "
            "переданные показания остаются в истории. Если счёт не нужен, отвяжите его."
        )
    if card.link.barred:
        return _("🔒 Владелец счёта закрыл его для других. Если счёт ваш, подтвердите его.")
    if not card.link.submits:
        return _("Показания за этот счёт передаёт только его владелец.")
    if taken is None:
        return _("Счётчика на этом счёте нет, показания не нужны.")
    month = month_name(taken.window.period)
    if taken.passed:
        return _passed(card, month)
    return _missing(taken, month) + ", " + _window(taken.window)


def _missing(taken: AccountReadings, month: str) -> str:
    done, count = sum(view.passed for view in taken.meters), len(taken.meters)
    if not done:
        return _("Показания за {month} <b>не переданы</b>").format(month=month)
    text = plural(
        "Показания за {month} <b>переданы по {n} счётчику из {count}</b>",
        "Показания за {month} <b>переданы по {n} счётчикам из {count}</b>",
        done,
    )
    return text.format(month=month, n=done, count=count)


def _passed(card: HomeCard, month: str) -> str:
    days = [view.submission.day for view in card.readings.meters if view.submission] if card.readings else []
    when = f" {day(max(days))}" if days else ""
    if card.readings and card.readings.counted:
        return _("Показания за {month} <b>учтены в расчёте</b>").format(month=month)
    return _("Показания за {month} <b>переданы</b>{when}, ждут расчёта").format(month=month, when=when)


def _window(window: Window) -> str:
    if window.state is WindowState.OPEN:
        left = window.days_left
        return plural("остался {n} день", "осталось {n} дня", left).format(n=left)
    return _("ждём их {first}–{last}").format(first=f"{window.opens:%d.%m}", last=f"{window.closes:%d.%m}")


def _home_buttons(
    card: HomeCard, customer: Customer, resumable: bool, door: InlineKeyboardButton
) -> InlineKeyboardMarkup:
    """`door`: to the appeals, or to the help."""
    count = len(customer.links)
    accounts = _("🔁 Мои счета ({count})").format(count=count) if count > 1 else _("🔁 Мои счета")
    can_submit = card.unavailable or (card.readings is not None and not card.readings.final)
    wanted = can_submit and not (card.readings is not None and card.readings.passed)
    resumed = can_submit and resumable
    pay_first = card.payable and card.due is not None and card.due.to_pay > 0 and not (wanted or resumed)
    taking = _taking_button("primary" if wanted or resumed else None, resumable=resumable)
    pay = pay_button(card.link, card.due, "primary" if pay_first else None)
    offered = ([taking] if can_submit else [], [pay] if card.payable else [])
    return rows(
        *(reversed(offered) if pay_first else offered),
        [receipts_button(card.link), history_button(card.link)],
        [unlink_button(card.link, _("Отвязать счёт"))] if card.closed or card.gone else [],
        [more_button(card.link), button(accounts, Go(to=Place.ACCOUNTS))],
        [door, button(_("⚙️ Настройки"), Go(to=Place.SETTINGS))],
    )


def _taking_button(style: Style | None, *, resumable: bool) -> InlineKeyboardButton:
    if resumable:
        return button(_("▶️ Продолжить передачу показаний"), Go(to=Place.RESUME), style)
    return button(_("📟 Передать показания"), Go(to=Place.READINGS), style)
