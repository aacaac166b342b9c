"""The amount due in words: the same on every screen that names it, with how it came about."""

from __future__ import annotations

from collections.abc import Iterable

from aiogram.types import InlineKeyboardButton

from handlers.keyboards import Style, button
from handlers.payments.callbacks import Pay
from handlers.wording import month_name
from locales import _, day, money
from services.accounts.models import Link
from services.payments.due import SMALLEST, Due, OwnPayment
from services.supplier.models import Basis, Bill


def amount(due: Due) -> str:
    """Nothing where the supplier cannot be asked."""
    if due.bill is None:
        return ""
    if due.to_pay:
        total = _("К оплате <b>{sum}</b>").format(sum=money(due.to_pay))
        return f"{total}\n{_made_up(due, due.bill)}" if due.charge else total + _pay_day(due)
    if due.advance:
        return _("Переплата <b>{sum}</b>, платить сейчас не нужно").format(sum=money(due.advance))
    return _("Долга нет")


def _made_up(due: Due, bill: Bill) -> str:
    """Of the bill, or an advance, and the preliminary charge."""
    charge = _("предварительно за {month} {sum}").format(month=month_name(bill.month), sum=money(due.charge))
    if bill.basis is Basis.AVERAGE:
        charge += " " + _("по среднему расходу")
    if due.by_bill:
        return _("По счёту {sum}").format(sum=money(due.by_bill)) + _pay_day(due) + " + " + charge
    charge = charge[0].upper() + charge[1:]
    if due.advance:
        return charge + " − " + _("переплата {sum}").format(sum=money(due.advance))
    return _("По счёту долга нет.") + " " + charge


def _pay_day(due: Due) -> str:
    last = due.pay_by
    if last is None:
        return ""
    words = _("срок был {day}") if due.today > last else _("до {day}")
    return " — " + words.format(day=day(last)) if not due.charge else " (" + words.format(day=day(last)) + ")"


def beside(due: Due | None, shown: int) -> Iterable[str]:
    """How the sum on a button came about, where the words beside it show another one, of `shown` kopecks."""
    if due is None or due.bill is None or due.to_pay in (0, shown):
        return
    yield _("Сейчас к оплате <b>{sum}</b>").format(sum=money(due.to_pay))
    if due.charge:
        yield _made_up(due, due.bill)
    yield from recent(due)


def pay_button(link: Link, due: Due | None, style: Style | None, *, fresh: bool = False) -> InlineKeyboardButton:
    """It shows the sum to which it leads, in the colour of `style` where that is due."""
    target = Pay(link=link.id, fresh=fresh)
    if due is None or due.to_pay < SMALLEST:
        return button(_("💳 Оплатить"), target)
    return button(_("💳 Оплатить {sum}").format(sum=money(due.to_pay)), target, style)


def recent(due: Due) -> Iterable[str]:
    """Payments that are taken off already. Of what others have paid only those know who see everything about the
    account."""
    found = due.recent
    if found.own:
        yield "\n".join(map(_paid_already, found.own))
    if found.outstanding > sum(paid.kopecks for paid in found.own) and due.link.sees:
        text = _("Оплачено через бота и ещё не зачислено: {sum}, уже вычтено")
        yield text.format(sum=money(found.outstanding))


def _paid_already(paid: OwnPayment) -> str:
    text = _("{day} вы уже оплатили {sum}. Деньги ещё зачисляются, но уже вычтены.")
    return text.format(day=day(paid.day), sum=money(paid.kopecks))
