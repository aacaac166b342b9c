"""The past of an account as tables, and the names of their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from handlers.history.callbacks import FileKind
from handlers.history.words import way
from handlers.wording import month_name, zone_name
from locales import _
from services.accounts.models import Link
from services.history.consumption import used
from services.history.history import WholePeriod
from services.history.periods import Period
from services.ports import Cell, Table
from services.supplier.models import AccountMonth, PastReading, Payment, Totals


def tables(past: WholePeriod) -> dict[FileKind, Table]:
    return {
        FileKind.CHARGES: _charges(past.months, past.totals),
        FileKind.READINGS: _readings(past.readings),
        FileKind.PAYMENTS: _payments(past.payments, past.totals),
    }


def name(link: Link, period: Period, kind: FileKind) -> str:
    """`История …3456, 2026-06–2026-11.xlsx`"""
    what = {
        FileKind.XLSX: _("История …{tail}, {period}.xlsx"),
        FileKind.CHARGES: _("Начисления …{tail}, {period}.csv"),
        FileKind.READINGS: _("Показания …{tail}, {period}.csv"),
        FileKind.PAYMENTS: _("Платежи …{tail}, {period}.csv"),
    }[kind]
    return what.format(tail=link.tail, period=f"{period.first}–{period.last}")


def _charges(months: Sequence[AccountMonth], totals: Totals) -> Table:
    columns = (
        _("Год"),
        _("Месяц"),
        _("Входящее сальдо, ₽"),
        _("Начислено, ₽"),
        _("Перерасчёт, ₽"),
        _("Пени, ₽"),
        _("Дата платежа"),
        _("Сумма платежа, ₽"),
        _("Исходящее сальдо, ₽"),
        _("Источник оплаты"),
    )
    sums = map(_roubles, (totals.charged, totals.recalculated, totals.penalty))
    total = (_("Итого"), None, None, *sums, None, _roubles(totals.paid), None, None)
    return Table(_("Начисления и оплаты"), columns, tuple(row for month in months for row in _month(month)), total)


def _month(month: AccountMonth) -> Iterator[tuple[Cell, ...]]:
    """A row for each payment; the charge stands in the first one."""
    charge = month.charge
    sums: tuple[Cell, ...] = (None,) * 4
    closing: Cell = None
    if charge:
        sums = tuple(map(_roubles, (charge.opening, charge.charged, charge.recalculated, charge.penalty)))
        closing = _roubles(charge.closing)
    for place, payment in enumerate(month.payments or (None,)):
        paid = (payment.day, _roubles(payment.amount)) if payment else (None, None)
        own = sums if place == 0 else (None,) * 4
        source = way(payment.source) if payment else None
        yield (month.month.year, month_name(month.month), *own, *paid, closing if place == 0 else None, source)


def _readings(readings: Sequence[PastReading]) -> Table:
    columns = (
        _("Счётчик"),
        _("Зона"),
        _("Дата"),
        _("Тип ввода"),
        _("Показание"),
        _("Расход, кВт·ч"),
        _("Учтено в расчёте"),
    )
    return Table(_("Показания"), columns, tuple(map(_reading, readings)))


def _reading(reading: PastReading) -> tuple[Cell, ...]:
    register = (reading.meter.number, zone_name(reading.zone))
    counted = "✓" if reading.counted else ""
    return (*register, reading.day, way(reading.source), reading.value, used(reading), counted)


def _payments(payments: Sequence[Payment], totals: Totals) -> Table:
    rows = tuple((payment.day, _roubles(payment.amount), way(payment.source)) for payment in payments)
    columns = (_("Дата платежа"), _("Сумма платежа, ₽"), _("Источник платежа"))
    return Table(_("Платежи"), columns, rows, (_("Итого"), _roubles(totals.paid), None))


def _roubles(kopecks: int) -> Decimal:
    return Decimal(kopecks).scaleb(-2)
