"""Screens of receipts: years, months of a year, and what stands under a file."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton

from handlers.keyboards import button, home_button, rows
from handlers.payments.amounts import pay_button
from handlers.receipts.callbacks import GetReceipt, GetYear, Receipts, ReceiptYear
from handlers.show import Screen
from handlers.subscriptions.screens import delivery_button
from handlers.wording import account_title, month_name
from locales import _, day, money
from services.accounts.models import Link
from services.payments.due import Due
from services.receipts.models import ImportedReceipt, Paper
from services.supplier.models import Month

_IN_ROW = 3


def receipts_button(link: Link) -> InlineKeyboardButton:
    return button(_("🧾 Квитанции"), Receipts(link=link.id))


def years(link: Link, months: Sequence[Month]) -> Screen:
    """`months`: those with receipts, the newest first."""
    if not months:
        text = _("🧾 {account}\n\nКвитанций пока нет: начислений по счёту ещё не было.")
        return Screen(text.format(account=account_title(link)), rows([delivery_button(link)], [home_button()]))
    text = _("🧾 {account}\n\nКвитанций: {count}. Какую прислать?").format(
        account=account_title(link), count=len(months)
    )
    found = sorted({month.year for month in months}, reverse=True)
    last = _("🧾 Последняя: {month} {year}").format(month=month_name(months[0]), year=months[0].year)
    of_years = [button(str(year), ReceiptYear(link=link.id, year=year)) for year in found]
    return Screen(
        text,
        rows(
            [button(last, _get(link, months[0]), "primary")],
            *_lines(of_years),
            [delivery_button(link)],
            [home_button()],
        ),
    )


def year(link: Link, year: int, months: Sequence[Month]) -> Screen:
    """`months`: those of the year with receipts, the newest first."""
    text = _("🧾 {account}\n\n{year} год. За какой месяц прислать квитанцию?")
    of_months = [button(_name(month), _get(link, month)) for month in months]
    whole = button(_("📦 Весь год одним файлом"), GetYear(link=link.id, year=year))
    back = button(_("Назад"), Receipts(link=link.id))
    return Screen(
        text.format(account=account_title(link), year=year),
        rows(*_lines(of_months), [whole] if len(months) > 1 else [], [back, home_button()]),
    )


def _name(month: Month) -> str:
    return month_name(month).capitalize()


def _get(link: Link, month: Month) -> GetReceipt:
    return GetReceipt(link=link.id, month=month_number(month))


def month_number(month: Month) -> int:
    """202610: as buttons carry it."""
    return 100 * month.year + month.month


def _lines(buttons: Sequence[InlineKeyboardButton]) -> list[Sequence[InlineKeyboardButton]]:
    return [buttons[first : first + _IN_ROW] for first in range(0, len(buttons), _IN_ROW)]


def below(link: Link, receipt: Paper, due: Due | None) -> Screen:
    """Under a receipt. `due`: with the newest one, where the customer can pay."""
    month = f"{month_name(receipt.month)} {receipt.month.year}"
    text = _("🧾 {account}, квитанция за {month}").format(account=account_title(link), month=month)
    pay = [pay_button(link, due, "primary", fresh=True)] if due else []
    another = button(_("🧾 Другой месяц"), Receipts(link=link.id, fresh=True))
    return Screen(f"{text}\n{_sum(receipt)}".strip(), rows(pay, [another, home_button(fresh=True)]))


def _sum(receipt: Paper) -> str:
    """Nothing is known of the sums of one that the supplier has set itself."""
    if isinstance(receipt, ImportedReceipt):
        return ""
    if receipt.to_pay > 0:
        text = _("К оплате по квитанции <b>{sum}</b> до {day}")
        return text.format(sum=money(receipt.to_pay), day=day(receipt.pay_by))
    if receipt.to_pay < 0:
        return _("Переплата <b>{sum}</b>").format(sum=money(-receipt.to_pay))
    return _("Платить по ней не нужно")


def below_year(link: Link, year: int, count: int) -> Screen:
    text = _("📦 {account}, квитанции за {year} год: {count}").format(
        account=account_title(link), year=year, count=count
    )
    return Screen(text, rows([button(_("🧾 Другой год"), Receipts(link=link.id, fresh=True)), home_button(fresh=True)]))


def receipt_name(receipt: Paper) -> str:
    """Of a file; of the account it has the tail alone."""
    month = f"{month_name(receipt.month)} {receipt.month.year}"
    return _("Квитанция …{tail}, {month}.pdf").format(tail=receipt.account[-4:], month=month)


def packed_name(receipt: Paper) -> str:
    """Of a file in an archive: files stand there in the order of their names."""
    return _("Квитанция …{tail}, {month}.pdf").format(tail=receipt.account[-4:], month=receipt.month)


def archive_name(link: Link, year: int) -> str:
    return _("Квитанции …{tail}, {year} год.zip").format(tail=link.tail, year=year)
