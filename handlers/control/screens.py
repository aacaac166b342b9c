from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.control.callbacks import SetControl
from handlers.keyboards import button, copy_button, home_button, rows
from handlers.payments.callbacks import Pay
from handlers.show import Screen
from handlers.subscriptions.screens import delivery_button
from handlers.wording import account_title, escape, month_name
from locales import _, day, money, number
from services.accounts.errors import DecidesLater
from services.accounts.models import Control, Link, Switch
from services.cards import Information
from services.supplier.models import Details, Meter, Statement


def details(link: Link, info: Information) -> Screen:
    known = info.details
    parts = [
        f"ℹ️ {account_title(link)}\n{escape(known.account.address)}",
        "\n".join(_facts(known)),
        "\n".join(_meter(meter) for meter in known.meters),
        _statement(known.statement, info.outstanding) if known.statement else "",
    ]
    return Screen(
        "\n\n".join(part for part in parts if part),
        rows(
            [button(_("💳 Оплатить"), Pay(link=link.id), "primary" if _due(info) else None)] if info.payable else [],
            [copy_button(_("📋 Скопировать номер счёта"), link.account)],
            [delivery_button(link)],
            [button(_("🔐 Управление счётом"), OnAccount(link=link.id, action=AccountAction.CONTROL))]
            if link.verified
            else [],
            [home_button()],
        ),
    )


def _due(info: Information) -> bool:
    statement = info.details.statement
    return statement is not None and statement.to_pay > info.outstanding


def _facts(known: Details) -> list[str]:
    facts = [
        (_("Телефон"), escape(known.phone)),
        (_("Проживают"), known.residents and str(known.residents)),
        (_("Площадь"), known.area and _("{area} м²").format(area=number(known.area))),
        (_("Коэффициент сезонности"), known.season_ratio and number(known.season_ratio)),
        (_("Социальная норма"), known.social_norm and _("{norm} кВт·ч").format(norm=number(known.social_norm))),
    ]
    return [f"{name}: {value}" for name, value in facts if value]


def _meter(meter: Meter) -> str:
    title = _("Счётчик <b>{number}</b>").format(number=escape(meter.number))
    place = f", {escape(meter.place)}" if meter.place else ""
    due = ", " + _("поверка до {day}").format(day=day(meter.verification_due)) if meter.verification_due else ""
    return title + place + due


def _statement(statement: Statement, outstanding: int) -> str:
    month = month_name(statement.month)
    lines = [
        (_("Было на начало месяца ({month})").format(month=month), statement.opening),
        (_("Начислено за {month}").format(month=month), statement.charged),
        (_("Перерасчёт"), statement.recalculated),
        (_("Пени"), statement.penalty),
        (_("Общедомовые нужды"), statement.common_needs or 0),
        (_("Оплачено"), statement.paid),
        (_("Оплачено через бота, ещё не зачислено"), outstanding),
    ]
    to_pay = statement.to_pay - outstanding
    shown = "\n".join(f"{name}: {money(value)}" for name, value in lines if value)
    total = _("Переплата <b>{sum}</b>") if to_pay < 0 else _("К оплате по счёту <b>{sum}</b>")
    return "\n".join(filter(None, [shown, total.format(sum=money(abs(to_pay)))]))


def control(link: Link, since: date | None = None) -> Screen:
    """`since`: the day from which this owner decides about others, where that is still to come."""
    now = link.control
    closed = _("Управление другим запрещено") if now.closed else _("Запретить управление другим")
    locked = _("Новые подтверждения запрещены") if now.locked else _("Никому больше не подтверждать")
    submits = _switch(_("Показания без подтверждения"), Switch.SUBMIT, link, on=now.anyone_submits)
    switches = (
        *(() if now.closed else (submits,)),
        _switch(closed, Switch.CLOSED, link, on=now.closed),
        _switch(locked, Switch.LOCKED, link, on=now.locked),
    )
    return Screen(
        "\n\n".join([f"🔐 {account_title(link)}", *_allowed(now), *decides_later(since)]),
        rows(
            *([one] for one in switches if since is None),
            [button(_("➕ Пригласить близких"), OnAccount(link=link.id, action=AccountAction.INVITE))],
            [
                button(_("👥 Кто имеет доступ"), OnAccount(link=link.id, action=AccountAction.MEMBERS)),
                button(_("📒 Журнал"), OnAccount(link=link.id, action=AccountAction.JOURNAL)),
            ],
            [button(_("Назад"), OnAccount(link=link.id, action=AccountAction.INFO))],
        ),
    )


def decides_later(since: date | None) -> Iterator[str]:
    """Why there are no buttons for it yet."""
    if since is not None:
        yield "⏳ " + _(DecidesLater.text).format(since=day(since))


def _allowed(now: Control) -> Iterator[str]:
    """The present rights, in words."""
    if now.closed:
        yield _("Смотреть счёт, передавать показания и платить могут только те, кто подтвердил его суммой оплаты.")
    else:
        yield (
            _("Кто знает номер счёта и адрес, может передать показания и оплатить.")
            if now.anyone_submits
            else _(
                "Кто знает номер счёта и адрес, может оплатить. Показания передают только те, кто подтвердил счёт "
                "суммой оплаты, и те, кому вы это разрешили."
            )
        )
        yield _(
            "Историю, начисления и полный адрес видят только те, кто подтвердил счёт суммой оплаты, и те, кого вы "
            "пригласили."
        )
    if now.locked:
        yield _("Подтвердить счёт больше никто не может.")


def _switch(label: str, switch: Switch, link: Link, *, on: bool) -> InlineKeyboardButton:
    return button(f"{'☑' if on else '☐'} {label}", SetControl(switch=switch, link=link.id, on=not on))
