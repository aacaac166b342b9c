"""Screens of receipts: years, months of a year, and what stands under a file."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton

from handlers.appeals.callbacks import Concern
from handlers.appeals.doors import ask_button
from handlers.keyboards import button, home_button, rows
from handlers.payments.amounts import beside, pay_button
from handlers.receipts.callbacks import GetReceipt, GetYear, OpenReceipts, ReadingsOfAccount, ReceiptYear
from handlers.show import Screen
from handlers.subscriptions.callbacks import DeliveryAction, OnDelivery
from handlers.subscriptions.screens import delivery_button
from handlers.wording import account_title, email_shown, month_name, tail_title
from locales import _, day, money
from services.accounts.models import Link
from services.payments.due import SMALLEST, Due
from services.receipts.models import ImportedReceipt, Paper, Receipt
from services.supplier.models import Month

_IN_ROW = 3


def receipts_button(link: Link) -> InlineKeyboardButton:
    return button(_("🧾 Квитанции"), OpenReceipts(link=link.id))


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
    of_months = [_of_month(link, month) for month in months]
    whole = button(_("📦 Весь год одним файлом"), GetYear(link=link.id, year=year))
    back = button(_("Назад"), OpenReceipts(link=link.id))
    return Screen(
        text.format(account=account_title(link), year=year),
        rows(*_lines(of_months), [whole] if len(months) > 1 else [], [back, home_button()]),
    )


def month_buttons(link: Link, months: Sequence[Month]) -> list[Sequence[InlineKeyboardButton]]:
    """Rows of buttons that bring the receipts of months, on a screen about something else."""
    return _lines([_of_month(link, month) for month in months])


def _of_month(link: Link, month: Month) -> InlineKeyboardButton:
    return button(_name(month), _get(link, month))


def _name(month: Month) -> str:
    return month_name(month).capitalize()


def _get(link: Link, month: Month) -> GetReceipt:
    return GetReceipt(link=link.id, month=month_number(month))


def month_number(month: Month) -> int:
    """202610: as buttons carry it."""
    return 100 * month.year + month.month


def _lines(buttons: Sequence[InlineKeyboardButton]) -> list[Sequence[InlineKeyboardButton]]:
    return [buttons[first : first + _IN_ROW] for first in range(0, len(buttons), _IN_ROW)]


def below(link: Link, receipt: Paper, due: Due | None, *, appeals: bool = False) -> Screen:
    """Under a receipt. `due`: with the newest one, where the customer can pay; `appeals`: they are offered."""
    text = _("🧾 {account}, квитанция за {month}").format(account=account_title(link), month=month_title(receipt.month))
    pay = [pay_button(link, due, "primary", fresh=True)] if due else []
    shown = receipt.to_pay if isinstance(receipt, Receipt) else 0
    said = [text, _sum(receipt), *beside(due, shown)]
    another = button(_("🧾 Другой месяц"), OpenReceipts(link=link.id, fresh=True))
    what = f"{receipt.month.year}-{receipt.month.month}"
    ask = ask_button(Concern.RECEIPT, link.id, what, offered=appeals)
    return Screen("\n".join(filter(None, said)), rows(pay, ask, [another, home_button(fresh=True)]))


def ready(link: Link, receipt: Receipt, was: int | None, due: Due | None) -> Screen:
    """Under a receipt that comes by itself. `was`: kopecks to pay by the one that it corrects; `due`: where its
    subscriber can pay."""
    text = (
        _("🧾 {account}, квитанция за {month}") if was is None else _("🧾 {account}, исправленная квитанция за {month}")
    )
    lines = [text.format(account=account_title(link), month=month_title(receipt.month)), _sum(receipt)]
    if was is not None:
        lines.append(change(was, receipt))
    pay = []
    if due and _is_due(due, receipt):
        lines += beside(due, receipt.to_pay)
        pay = [pay_button(link, due, "primary", fresh=True)]
    readings = [button(_("📟 Передать показания"), ReadingsOfAccount(link=link.id))] if link.submits else []
    return Screen("\n".join(lines), rows(pay, readings, [home_button(fresh=True)]))


def _is_due(due: Due, receipt: Receipt) -> bool:
    """The sum that is due now is by this receipt, as far as it is by any."""
    return due.to_pay >= SMALLEST and due.bill is not None and due.bill.closed == receipt.month


def change(was: int, receipt: Receipt) -> str:
    """A corrected receipt beside the one before."""
    if was == receipt.to_pay:
        return _("Сумма к оплате та же")
    return _("Было {was}, стало {now}").format(was=_signed(was), now=_signed(receipt.to_pay))


def _signed(kopecks: int) -> str:
    return money(kopecks) if kopecks >= 0 else _("переплата {sum}").format(sum=money(-kopecks))


def missed(own: str, tail: str, period: Month, address: str) -> Screen:
    """About a receipt that may not have arrived. `address`: of its letter, as it may be seen."""
    if address:
        text = _("🧾 {account}: письмо с квитанцией за {month} на {address}, возможно, не дошло.")
    else:
        text = _("🧾 {account}: квитанция за {month}, возможно, не дошла.")
    said = text.format(account=tail_title(tail), month=month_title(period), address=email_shown(address))
    again = button(_("🧾 Прислать сюда"), GetReceipt(link=own, month=month_number(period)), "primary")
    elsewhere = button(_("✏️ Изменить e-mail"), OnDelivery(action=DeliveryAction.CHANGE, link=own))
    return Screen(said, rows([again], [elsewhere] if address else [], [home_button(fresh=True)]))


def month_title(month: Month) -> str:
    return f"{month_name(month)} {month.year}"


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
    return Screen(
        text, rows([button(_("🧾 Другой год"), OpenReceipts(link=link.id, fresh=True)), home_button(fresh=True)])
    )


def receipt_name(receipt: Paper) -> str:
    """Of a file; of the account it has the tail alone."""
    return _("Квитанция …{tail}, {month}.pdf").format(tail=receipt.account[-4:], month=month_title(receipt.month))


def packed_name(receipt: Paper) -> str:
    """Of a file in an archive: files stand there in the order of their names."""
    return _("Квитанция …{tail}, {month}.pdf").format(tail=receipt.account[-4:], month=receipt.month)


def archive_name(link: Link, year: int) -> str:
    return _("Квитанции …{tail}, {year} год.zip").format(tail=link.tail, year=year)
