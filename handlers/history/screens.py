"""Screens about the past of an account: the hub, its pages, the question for a period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiogram.types import InlineKeyboardButton

from handlers.accounts.screens import more_button
from handlers.appeals.callbacks import Concern
from handlers.appeals.doors import ask_button
from handlers.history.callbacks import (
    Download,
    Edge,
    FileKind,
    OnHistory,
    OpenHistory,
    PickMonth,
    ShowChart,
    TurnPage,
    View,
    days_of,
    number_of,
)
from handlers.history.words import month_title, period_title, way_shown
from handlers.keyboards import Row, button, disabled_button, home_button, rows
from handlers.receipts.screens import month_buttons
from handlers.show import Screen
from handlers.submissions.callbacks import History, OnSubmission, SubmissionAction
from handlers.submissions.screens import numbered
from handlers.wording import account_title, escape, month_name, zone_value
from locales import _, day, money, number, plural
from services.accounts.models import Link
from services.history.consumption import YEAR, Consumption, used
from services.history.history import ChargesPage, MeterRead, PaymentsPage, ReadingsPage
from services.history.pages import Page, PageMark
from services.history.periods import EARLIEST, Period, last_day
from services.supplier.models import AccountMonth, Month, PastReading, Payment, Totals

# Entries that a screen has room for: payments of a month beside its charge, payments of a day, meters of a day.
_IN_MONTH, _IN_DAY, _METERS = 4, 24, 12


@dataclass(frozen=True, slots=True)
class Look:
    """A view of an account's past in a period; `present`: the month of today; `appeals`: they are offered."""

    link: Link
    view: View
    period: Period
    present: Month
    appeals: bool = False

    def heading(self, title: str) -> str:
        return f"📊 {account_title(self.link)}\n{title}: {period_title(self.period)}"

    def at(self, period: Period) -> Look:
        return replace(self, period=period)

    def to(self, view: View) -> Look:
        return replace(self, view=view)

    @property
    def data(self) -> OnHistory:
        return OnHistory(view=self.view, link=self.link.id, **self._months)

    def turned(self, place: PageMark) -> TurnPage:
        at = days_of(place.day)
        return TurnPage(view=self.view, link=self.link.id, at=at, newer=place.newer, **self._months)

    def picking(self, edge: Edge, year: int) -> PickMonth:
        return PickMonth(view=self.view, link=self.link.id, edge=edge, year=year, **self._months)

    def file(self, kind: FileKind) -> Download:
        return Download(kind=kind, link=self.link.id, **self._months)

    @property
    def _months(self) -> dict[str, int]:
        return {"first": number_of(self.period.first), "last": number_of(self.period.last)}


def hub(look: Look) -> Screen:
    link = look.link
    submitted = button(_("🗓 Мои показания"), History(link=link.id, offset=0))
    if not link.sees:
        text = _(
            "📊 {account}\n\nНачисления, платежи и все показания видны, когда счёт подтверждён суммой оплаты. "
            "Показания, которые вы передали сами, видны сразу."
        )
        return Screen(text.format(account=account_title(link)), rows([more_button(link)], [submitted], [home_button()]))
    return Screen(
        look.heading(_("История")),
        rows(
            [button(_("📑 Начисления и оплаты"), look.to(View.CHARGES).data)],
            [
                button(_("📟 Показания"), look.to(View.READINGS).data),
                button(_("💳 Платежи"), look.to(View.PAYMENTS).data),
            ],
            [button(_("📈 График расхода"), ShowChart(link=link.id))],
            [button(_("📥 Скачать"), look.to(View.FILES).data), _period_button(look)],
            [submitted, home_button()],
        ),
    )


def history_button(link: Link) -> InlineKeyboardButton:
    return button(_("📊 История"), OpenHistory(link=link.id))


def _period_button(look: Look) -> InlineKeyboardButton:
    return button(_("📅 Период"), look.picking(Edge.FIRST, look.period.first.year))


def _hub_button(look: Look) -> InlineKeyboardButton:
    return button(_("← История"), look.to(View.HUB).data)


def _page(look: Look, parts: Iterable[str], page: Page[Any], *own: Row) -> Screen:
    return Screen(
        "\n\n".join(part for part in parts if part),
        rows(
            *own,
            [*_newer(look, page), *_older(look, page)],
            [_period_button(look), button(_("📥 Скачать"), look.to(View.FILES).data)],
            [_hub_button(look), home_button()],
        ),
    )


def _newer(look: Look, page: Page[Any]) -> Row:
    """The next page, or the nearest one of the next period, which is as long as this one."""
    last = look.period.last
    if page.newer:
        yield button(_("← Новее"), look.turned(page.newer))
    elif last < look.present:
        following = Period(last.plus(1), min(last.plus(look.period.months), look.present))
        yield button(_("← Новее"), look.at(following).turned(PageMark(last_day(last), newer=True)))


def _older(look: Look, page: Page[Any]) -> Row:
    if page.older:
        yield button(_("Раньше →"), look.turned(page.older))
    elif look.period.first > EARLIEST:
        first = max(look.period.first.plus(-look.period.months), EARLIEST)
        yield button(_("Раньше →"), look.at(Period(first, look.period.first.plus(-1))).data)


def _some(lines: Sequence[str], most: int) -> Sequence[str]:
    """As many as a screen has room for, and how many more there are."""
    left = len(lines) - most
    return lines if left <= 0 else [*lines[:most], _("…и ещё {n}: все они в таблице").format(n=left)]


# Charges


def charges(look: Look, found: ChargesPage) -> Screen:
    entries = [_month(month) for month in found.page.entries]
    rest = _charge_totals(found.totals) if entries else _("За этот период начислений и оплат нет.")
    charged = [one.month for one in found.page.entries if one.charge]
    receipts = _("🧾 Квитанции — кнопками ниже.") if charged else ""
    parts = [look.heading(_("Начисления и оплаты")), *entries, rest, receipts]
    what = f"{number_of(look.period.first)}-{number_of(look.period.last)}"
    ask = ask_button(Concern.CHARGES, look.link.id, what, offered=look.appeals and bool(entries))
    return _page(look, parts, found.page, *month_buttons(look.link, charged), ask)


def _month(month: AccountMonth) -> str:
    lines = [f"<b>{_capital(month_title(month.month))}</b>"]
    if charge := month.charge:
        lines.append(_("На начало: {balance}").format(balance=_balance(charge.opening)))
        lines.append(_("Начислено {sum}").format(sum=money(charge.charged)))
        lines += _corrections(charge.recalculated, charge.penalty)
    lines += _some([_payment(payment) for payment in month.payments], _IN_MONTH)
    if charge:
        lines.append(_("На конец: {balance}").format(balance=f"<b>{_balance(charge.closing)}</b>"))
    return "\n".join(lines)


def _corrections(recalculated: int, penalty: int) -> Iterable[str]:
    if recalculated:
        yield _("Перерасчёт {sum}").format(sum=money(recalculated))
    if penalty:
        yield _("Пени {sum}").format(sum=money(penalty))


def _balance(kopecks: int) -> str:
    if kopecks > 0:
        return _("долг {sum}").format(sum=money(kopecks))
    return _("переплата {sum}").format(sum=money(-kopecks)) if kopecks else _("долга нет")


def _payment(payment: Payment) -> str:
    text = _("Оплачено {day}: {sum}").format(day=f"{payment.day:%d.%m}", sum=money(payment.amount))
    return f"{text}, {way_shown(payment.source)}" if payment.source else text


def _charge_totals(totals: Totals) -> str:
    lines = [
        _("<b>Всего за период</b>"),
        _("Начислено {sum}").format(sum=money(totals.charged)),
        *_corrections(totals.recalculated, totals.penalty),
        _("Оплачено {sum}").format(sum=money(totals.paid)),
    ]
    return "\n".join(lines)


# Payments


def payments(look: Look, found: PaymentsPage) -> Screen:
    lines = [_paid(payment) for payment in found.page.entries]
    waiting = _("Оплачено через бота, ещё не зачислено: {sum}").format(sum=money(found.outstanding))
    count = found.totals.payments
    total = plural("Всего {n} оплата: <b>{sum}</b>", "Всего {n} оплат: <b>{sum}</b>", count)
    parts = [
        look.heading(_("Платежи")),
        waiting if found.outstanding and found.page.newer is None else "",
        "\n".join(_some(lines, _IN_DAY)),
        total.format(n=count, sum=money(found.totals.paid)) if lines else _("За этот период оплат нет."),
    ]
    return _page(look, parts, found.page)


def _paid(payment: Payment) -> str:
    text = f"{day(payment.day)} · <b>{money(payment.amount)}</b>"
    return f"{text} · {way_shown(payment.source)}" if payment.source else text


# Readings


def readings(look: Look, found: ReadingsPage) -> Screen:
    page = found.page
    several = len({entry.meter.number for entry in page.entries}) > 1
    entries = _some([_read(entry, several=several) for entry in page.entries], _METERS)
    sign = _("✅ — учтено в расчёте") if any(one.counted for one in page.entries) else ""
    parts = [look.heading(_("Показания")), *(entries or [_("За этот период показаний нет.")]), sign]
    own = [
        [button(numbered(one.number), OnSubmission(key=one.key, action=SubmissionAction.VIEW))]
        for one in found.own[:_METERS]
    ]
    return _page(look, parts, page, *own)


def _read(entry: MeterRead, *, several: bool) -> str:
    """`several`: the page has more than one meter."""
    mark = " ✅" if entry.counted else ""
    named = _("счётчик {meter}").format(meter=escape(entry.meter.number))
    meter = f" · {named}" if several else ""
    lines = [f"<b>{day(entry.day)}</b>{meter}{mark}", *(_value(one) for one in entry.values)]
    return "\n".join([*lines, f"<i>{way_shown(entry.source)}</i>"] if entry.source else lines)


def _value(reading: PastReading) -> str:
    shown, kwh = zone_value(reading.zone, reading.value), used(reading)
    return shown if kwh is None else shown + " · " + _("расход {kwh} кВт·ч").format(kwh=number(kwh))


# The period


def period(look: Look, edge: Edge, year: int) -> Screen:
    """Twelve months of a year: first to pick the month from which the history is wanted, then the last one."""
    title = _("С какого месяца показать?") if edge is Edge.FIRST else _("По какой месяц показать?")
    text = _(
        "📅 {account}\n<b>{question}</b>\nСейчас: {period}\n\n"
        "Можно и написать: «2024», «март 2025» или «с марта 2024 по май 2025»."
    )
    months = [_month_button(look, edge, Month(year, one)) for one in range(1, YEAR + 1)]
    lately = (Period.usual(look.present), Period(look.present.plus(1 - YEAR), look.present))
    whole = Period(EARLIEST, look.present)
    names = (_("Полгода"), _("Год"), _("Всё время"))
    return Screen(
        text.format(account=account_title(look.link), question=title, period=period_title(look.period)),
        rows(
            _years(look, edge, year),
            *(months[start : start + 4] for start in range(0, YEAR, 4)),
            [button(name, look.at(one).data) for name, one in zip(names, (*lately, whole), strict=True)],
            [button(_("Назад"), look.data)],
        ),
    )


def _years(look: Look, edge: Edge, year: int) -> Row:
    whole = Period.of(Month(year, 1), Month(year, YEAR), look.present)
    return [
        _year_button(look, edge, "← {year}", year - 1),
        button(str(year), look.at(whole).data),
        _year_button(look, edge, "{year} →", year + 1),
    ]


def _year_button(look: Look, edge: Edge, label: str, year: int) -> InlineKeyboardButton:
    if not EARLIEST.year <= year <= look.present.year:
        return disabled_button("·")
    return button(label.format(year=year), look.picking(edge, year))


def _month_button(look: Look, edge: Edge, month: Month) -> InlineKeyboardButton:
    name, chosen = _capital(month_name(month))[:3], look.period
    if not EARLIEST <= month <= look.present:
        return disabled_button(name)
    if edge is Edge.LAST:
        mark = "✓ " if month == chosen.last else ""
        return button(mark + name, look.at(Period.of(chosen.first, month, look.present)).data)
    mark = "✓ " if month == chosen.first else ""
    begun = Period(month, max(month, chosen.last))
    return button(mark + name, look.at(begun).picking(Edge.LAST, begun.last.year))


# Files and the chart


def files(look: Look) -> Screen:
    head = look.heading(_("Скачать"))
    text = _(
        "В файле Excel все три таблицы: начисления и оплаты, показания, платежи. CSV подойдёт для других программ: "
        "в нём одна таблица."
    )
    return Screen(
        f"{head}\n\n{text}",
        rows(
            [button(_("📥 Файл Excel"), look.file(FileKind.XLSX), "primary")],
            [button(_("CSV: начисления и оплаты"), look.file(FileKind.CHARGES))],
            [
                button(_("CSV: показания"), look.file(FileKind.READINGS)),
                button(_("CSV: платежи"), look.file(FileKind.PAYMENTS)),
            ],
            [_period_button(look)],
            [_hub_button(look), home_button()],
        ),
    )


def chart(link: Link, consumption: Consumption) -> Screen:
    """The chart's caption: the same in words."""
    text = f"📈 {account_title(link)}\n{in_words(consumption)}"
    return Screen(text, rows([history_button(link), home_button(fresh=True)]))


def in_words(consumption: Consumption) -> str:
    """`За 12 месяцев 2 310 кВт·ч, на 4 % меньше, чем год назад; больше всего — январь 2026, 260.`"""
    months = plural("За {n} месяц {kwh} кВт·ч", "За {n} месяцев {kwh} кВт·ч", consumption.known)
    month, most = consumption.greatest
    text = months.format(n=consumption.known, kwh=number(consumption.total)) + compared(consumption)
    return text + "; " + _("больше всего — {month}, {kwh}.").format(month=month_title(month), kwh=number(most))


def compared(consumption: Consumption) -> str:
    """Beside a year before, where that is known; begins with a comma."""
    found = consumption.compared
    if found is None or found.percent is None:
        return ""
    if found.months < YEAR:
        less = _(", за те же месяцы на {percent} % меньше, чем год назад")
        more = _(", за те же месяцы на {percent} % больше, чем год назад")
        same = _(", за те же месяцы столько же, сколько год назад")
    else:
        less = _(", на {percent} % меньше, чем год назад")
        more = _(", на {percent} % больше, чем год назад")
        same = _(", столько же, сколько год назад")
    text = less if found.percent < 0 else more if found.percent else same
    return text.format(percent=abs(found.percent))


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
