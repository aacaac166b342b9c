from __future__ import annotations

from collections.abc import Iterator

from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.callbacks import Go, Place
from handlers.keyboards import button, home_button, rows
from handlers.settings.callbacks import SetQuiet, SwitchNotifications
from handlers.show import Screen
from handlers.start.screens import language_buttons
from handlers.wording import email_shown, masked
from locales import N_, _
from services.customers.models import OFFERED_QUIET, Customer, EmailRequest, NotificationKind, Quiet

_NOTIFICATIONS = {
    NotificationKind.REMINDER: N_("Пора передать показания"),
    NotificationKind.PAY_BY: N_("Срок оплаты"),
    NotificationKind.METER_VERIFICATION: N_("Поверка счётчика"),
}


def settings(customer: Customer, pending: EmailRequest | None, *, letters: bool) -> Screen:
    """`pending` waits to be confirmed; `letters`: they can be sent. Who has not agreed to anything has only what
    concerns their data."""
    parts = [_("⚙️ <b>Настройки</b>")]
    if customer.agreed:
        parts.append("\n".join(_now(customer, pending, letters)))
    return Screen("\n\n".join(parts), rows(*_rows(customer, letters)))


def _now(customer: Customer, pending: EmailRequest | None, letters: bool) -> Iterator[str]:
    if letters and (customer.email or not pending):
        address = email_shown(masked(customer.email)) if customer.email else _("не указана")
        yield _("Почта: {address}").format(address=address)
    if letters and pending:
        yield _("Почта: {address}, ждёт подтверждения").format(address=email_shown(masked(pending.address)))
    yield _("Тихие часы: {hours}").format(hours=_hours(customer.quiet))


def _rows(customer: Customer, letters: bool) -> Iterator[list[InlineKeyboardButton]]:
    if customer.agreed:
        mail = [button(_("📧 Почта"), Go(to=Place.EMAIL))] if letters else []
        yield [*mail, button(_("🔔 Уведомления"), Go(to=Place.NOTIFICATIONS))]
    if customer.agreed and customer.current and customer.current.verified:
        control = OnAccount(link=customer.current.id, action=AccountAction.CONTROL)
        yield [button(_("🔐 Управление счётом"), control)]
    if customer.agreed and customer.links:
        yield [button(_("📬 Доставка квитанций"), Go(to=Place.DELIVERY))]
    yield [button(_("🗂 Мои данные"), Go(to=Place.MY_DATA))]
    yield language_buttons(customer.language)
    yield [home_button()]


def notifications(customer: Customer) -> Screen:
    text = _(
        "🔔 <b>Уведомления</b>\n\nОтметьте, о чём вам писать. О ваших показаниях, оплатах "
        "и о доступе к вашим счетам сообщаю всегда."
    )
    quiet = _("🌙 Тихие часы: {hours}").format(hours=_hours(customer.quiet))
    return Screen(
        text,
        rows(
            *([_switch(kind, on=kind not in customer.muted)] for kind in NotificationKind),
            [button(_("📬 Доставка квитанций"), Go(to=Place.DELIVERY))] if customer.links else [],
            [button(quiet, Go(to=Place.QUIET))],
            [button(_("⏰ Напоминания о показаниях"), Go(to=Place.REMINDERS))] if customer.links else [],
            [button(_("Назад"), Go(to=Place.SETTINGS))],
        ),
    )


def _switch(kind: NotificationKind, *, on: bool) -> InlineKeyboardButton:
    return button(f"{'☑' if on else '☐'} {_(_NOTIFICATIONS[kind])}", SwitchNotifications(kind=kind, on=not on))


def quiet_hours(customer: Customer) -> Screen:
    text = _(
        "🌙 <b>Тихие часы</b>\n\nВ эти часы по местному времени не пишу. Что накопится, пришлю, когда они кончатся; "
        "срочное — сразу.\n\nВыберите или пришлите свои, например «с 23 до 7»."
    )
    return Screen(
        text,
        rows(
            *([_choice(quiet, chosen=quiet == customer.quiet)] for quiet in OFFERED_QUIET),
            [button(_("Назад"), Go(to=Place.NOTIFICATIONS))],
        ),
    )


def _choice(quiet: Quiet, *, chosen: bool) -> InlineKeyboardButton:
    label = _hours(quiet) if quiet.hours else _("Писать в любое время")
    return button(f"{'✓ ' if chosen else ''}{label}", SetQuiet(quiet=str(quiet)))


def _hours(quiet: Quiet) -> str:
    if quiet.hours is None:
        return _("нет")
    first, end = quiet.hours
    return _("с {first}:00 до {end}:00").format(first=first, end=end)
