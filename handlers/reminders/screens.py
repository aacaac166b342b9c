"""Reminders, and the settings of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from fsm.reminders import AnswerDraft
from handlers.callbacks import Go, Place
from handlers.keyboards import button, help_button, home_button, rows
from handlers.payments.amounts import beside, pay_button
from handlers.readings.screens import example
from handlers.reminders.callbacks import (
    OnReminder,
    OpenAway,
    PickAccount,
    ReminderAction,
    SetAway,
    SetReminderHour,
    SwitchReminded,
)
from handlers.show import Screen
from handlers.wording import account_label, account_title, escape, meter_title, month_name, zone_name
from locales import _, day, money, number, plural
from services.accounts.models import Link
from services.customers.models import Customer, NotificationKind
from services.payments.due import Due
from services.readings.views import AccountReadings, MeterView
from services.reminders.models import OFFERED_HOURS
from services.reminders.reminding import EndingMeter, MissingReadings
from services.supplier.models import Month, Zone

_HOURS_IN_ROW = 5
_MOST_METERS = 10


# Reminders


def readings_due(missing: MissingReadings, today: date) -> Screen:
    accounts = missing.accounts
    window = accounts[0].window
    if window.closes == today:
        head = _("📟 Сегодня последний день, чтобы передать показания за {month}.")
    else:
        head = _("📟 Пора передать показания за {month}, принимаем до {day}.")
    parts = [head.format(month=month_name(window.period), day=day(window.closes))]
    parts += ["\n".join(_account_lines(account)) for account in accounts]
    return Screen("\n\n".join([*parts, _how(accounts)]), _reminder_buttons(missing))


def _account_lines(account: AccountReadings) -> Iterator[str]:
    yield account_title(account.link)
    missing = [view for view in account.meters if not view.passed]
    if len(missing) == 1:
        yield _previous(missing[0])
    else:
        yield plural("нужны показания {n} счётчика", "нужны показания {n} счётчиков", len(missing)).format(
            n=len(missing)
        )


def _previous(view: MeterView) -> str:
    known = [(zone, view.previous[zone].value) for zone in view.meter.zones if zone in view.previous]
    if not known:
        return _("прошлых показаний нет")
    return _("было {values}").format(values=", ".join(_value(zone, value) for zone, value in known))


def _value(zone: Zone, value: int) -> str:
    return number(value) if zone is Zone.SINGLE else f"{zone_name(zone).lower()} {number(value)}"


def _how(accounts: Sequence[AccountReadings]) -> str:
    if len(accounts) > 1:
        return _("Просто пришлите числа, я спрошу, по какому они счёту.")
    views = [view for view in accounts[0].meters if not view.passed]
    if len(views) > 1:
        return _("Просто пришлите числа, я спрошу, по какому они счётчику.")
    numbers = " ".join(str(example(views[0].previous.get(zone))) for zone in views[0].meter.zones)
    return _("Просто пришлите числа, например <code>{example}</code>.").format(example=numbers)


def _reminder_buttons(missing: MissingReadings) -> InlineKeyboardMarkup:
    accounts = missing.accounts
    alone = len(accounts) == 1
    link = accounts[0].link
    later = [
        button(_("Вечером"), OnReminder(action=ReminderAction.EVENING, link=link.id)) if missing.evening else None,
        button(_("Завтра"), OnReminder(action=ReminderAction.TOMORROW, link=link.id)) if missing.tomorrow else None,
    ]
    same = alone and any(view.unchanged and not view.passed for view in accounts[0].meters)
    markup = rows(
        *([_take(account.link, alone=alone)] for account in accounts),
        [one for one in later if one],
        [button(_("Без изменений"), OnReminder(action=ReminderAction.SAME, link=link.id))] if same else [],
        [button(_("⚙️ Напоминания"), Go(to=Place.REMINDERS, fresh=True))],
    )
    return markup.model_copy(update={"force_reply": True})


def _take(link: Link, *, alone: bool) -> InlineKeyboardButton:
    label = _("Передать") if alone else _("Передать · {account}").format(account=account_label(link))
    return button(label, OnReminder(action=ReminderAction.TAKE, link=link.id), "primary" if alone else None)


def pick_account(links: Sequence[Link], answer: AnswerDraft) -> Screen:
    text = _("Вы прислали «{typed}». По какому счёту?").format(typed=escape(answer.typed[:40]))
    choices = ([button(account_label(link), PickAccount(draft=answer.id, link=link.id))] for link in links)
    return Screen(text, rows(*choices, [home_button()]))


def payment_due(owed: Sequence[Due], month: Month, last: date, *, today: bool) -> Screen:
    head = _("💳 Сегодня последний день оплаты по счёту за {month}.")
    if not today:
        head = _("💳 Счёт за {month} нужно оплатить до {day}.")
    lines = [*map(_owed, owed), *beside(owed[0], owed[0].by_bill)]
    text = "\n".join([head.format(month=month_name(month), day=day(last)), *lines])
    return Screen(text, rows(*([pay_button(due.link, due, "primary", fresh=True)] for due in owed[:1]), *_others(owed)))


def _owed(due: Due) -> str:
    return _("{account}: по счёту {sum}").format(account=account_title(due.link), sum=money(due.by_bill))


def _others(owed: Sequence[Due]) -> list[list[InlineKeyboardButton]]:
    return [[button(_("🔁 Мои счета"), Go(to=Place.ACCOUNTS, fresh=True))]] if len(owed) > 1 else []


def verification_due(ending: Sequence[EndingMeter], due: date) -> Screen:
    head = _("🔧 {day} кончается срок поверки:").format(day=day(due))
    lines = [f"{account_title(one.link)}, {meter_title(one.meter)}" for one in ending[:_MOST_METERS]]
    rest = _(
        "Поверьте или замените счётчик заранее: после этого дня начислить могут по среднему расходу. "
        "Позвоните нам, подскажем, что делать."
    )
    return Screen("\n".join([head, *lines]) + "\n\n" + rest, rows([help_button()], [home_button(fresh=True)]))


# Words over a press


def will_remind(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return _("Напомню {day} в {time}.").format(day=day(local.date()), time=f"{local:%H:%M}")


def unchanged_warning() -> str:
    return _(
        "Передам прошлые показания, расход будет 0 кВт·ч. Делайте так, только если электричеством не пользовались: "
        "иначе весь расход попадёт в следующий месяц."
    )


# Settings


def settings(customer: Customer, at: time, today: date) -> Screen:
    parts = [
        _(
            "⏰ <b>Напоминания о показаниях</b>\n\nПишу в дни приёма, если показаний ещё нет. "
            "Выберите час по местному времени; сейчас {time}."
        ).format(time=f"{at:%H:%M}")
    ]
    if NotificationKind.REMINDER in customer.muted:
        parts.append(_("Сейчас они выключены в уведомлениях."))
    hours = [_hour(hour, chosen=hour == at.hour) for hour in OFFERED_HOURS]
    lines = [hours[first : first + _HOURS_IN_ROW] for first in range(0, len(hours), _HOURS_IN_ROW)]
    accounts = ([_reminded(link), _away(link, today)] for link in customer.links)
    return Screen(
        "\n\n".join(parts),
        rows(*lines, *accounts, [button(_("Назад"), Go(to=Place.NOTIFICATIONS))]),
    )


def _hour(hour: int, *, chosen: bool) -> InlineKeyboardButton:
    return button(f"{'✓ ' if chosen else ''}{hour}:00", SetReminderHour(hour=hour))


def _reminded(link: Link) -> InlineKeyboardButton:
    label = f"{'☑' if link.reminded else '☐'} {account_label(link)}"
    return button(label, SwitchReminded(link=link.id, on=not link.reminded))


def _away(link: Link, today: date) -> InlineKeyboardButton:
    label = _("🏖 до {day}").format(day=day(link.away_until)) if link.away_until and link.is_away(today) else ""
    return button(label or _("🏖 Никто не живёт"), OpenAway(link=link.id))


def away(link: Link, days: Sequence[date], today: date) -> Screen:
    text = _(
        "🏖 {account}\n\nДо какого дня там никто не живёт? До него не буду напоминать о показаниях. "
        "Передать их можно и тогда: кнопкой «Показания не изменились»."
    )
    if link.is_away(today) and link.away_until:
        text += "\n\n" + _("Сейчас отмечено: до {day}.").format(day=day(link.away_until))
    return Screen(
        text.format(account=account_title(link)),
        rows(
            *(
                [button(_("🏖 до {day}").format(day=day(until)), SetAway(link=link.id, until=until.isoformat()))]
                for until in days
            ),
            [button(_("Там живут"), SetAway(link=link.id))] if link.away_until else [],
            [button(_("Назад"), Go(to=Place.REMINDERS))],
        ),
    )
