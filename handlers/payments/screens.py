"""Screens of paying: the sum with the ways to pay it, how the sum came about, a sum of one's own, the payment code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.keyboards import Row, button, copy_button, home_button, rows, url_button
from handlers.payments import outcomes
from handlers.payments.amounts import amount, recent
from handlers.payments.callbacks import (
    AskReceipt,
    IncludePreliminary,
    OnPayment,
    Pay,
    PayByCode,
    PaymentAction,
    PaySum,
    ShowRequisites,
)
from handlers.payments.order_screens import check_button, retry_button, waiting
from handlers.show import Screen
from handlers.wording import account_title, email_shown, escape, masked, month_name
from locales import _, money, number
from services.accounts.address import as_seen
from services.accounts.models import Link
from services.payments import sums
from services.payments.checkout import PaymentCode
from services.payments.due import SMALLEST, Due, PaymentMethods
from services.payments.models import Order
from services.ports import CodePicture
from services.supplier.models import Basis, Bill, MeterCharge


@dataclass(frozen=True, slots=True)
class OfferedPayment:
    """A payment that can be made. `kopecks`: the sum; `own`: it is the customer's own; `limit`: the most that can be
    paid at once. `address`: shown where the customer may take the account for another; `email`: for the receipt;
    `order`: made for this sum, None where there is none; `note`: why."""

    due: Due
    kopecks: int
    own: bool
    methods: PaymentMethods
    limit: int
    zone: ZoneInfo
    address: str | None = None
    email: str | None = None
    order: Order | None = None
    note: str = ""

    @property
    def link(self) -> Link:
        return self.due.link

    @property
    def payable(self) -> bool:
        return self.kopecks >= SMALLEST


def pay(payment: OfferedPayment) -> Screen:
    """A message with a link stays an order's: its buttons lead on in new ones."""
    keep = payment.order is not None
    switched = payment.due.bill is not None and bool(payment.due.bill.preliminary) and not payment.own
    return Screen(
        "\n\n".join(filter(None, _words(payment))),
        rows(
            *_ways(payment),
            [_switch(payment.due, payment.due.bill)] if switched and payment.due.bill else [],
            [_on(PaymentAction.OTHER, _("Другая сумма"), payment.link, fresh=keep), *_about_sum(payment)],
            *_receipt_button(payment),
            [*_check(payment.order), home_button(fresh=keep)],
        ),
    )


def _words(payment: OfferedPayment) -> Iterable[str]:
    link, due = payment.link, payment.due
    yield f"💳 {account_title(link)}" + (f"\n{escape(as_seen(link, payment.address))}" if payment.address else "")
    if payment.own:
        yield _("Сумма <b>{sum}</b>").format(sum=money(payment.kopecks))
    elif due.bill is None:
        yield _("Система расчётов сейчас не отвечает, сумму к оплате узнать не могу. Оплатить можно любую сумму.")
    else:
        yield amount(due)
    if due.to_pay > payment.limit and not payment.own:
        yield _("За один раз можно оплатить не больше {limit}.").format(limit=money(payment.limit))
    yield from recent(due)
    if not payment.payable:
        if payment.kopecks:
            yield _("Меньше 1 рубля оплатить нельзя.")
        return
    if payment.email and payment.methods.link:
        yield _("Чек придёт на {email}").format(email=email_shown(masked(payment.email)))
    if not payment.methods.any:
        yield _("Оплата через бота пока не подключена.")
    yield payment.note or _of_order(payment)


def _of_order(payment: OfferedPayment) -> str:
    if payment.order is None:
        return ""
    return waiting(payment.order, payment.zone) if payment.order.open else outcomes.not_paid(payment.order.reason)


def _ways(payment: OfferedPayment) -> Iterable[Row]:
    if not payment.payable:
        return
    link, order = payment.link, payment.order
    if order is not None and order.open and order.url:
        yield [url_button(_("💳 Картой или СБП · {sum}").format(sum=money(payment.kopecks)), order.url, "primary")]
    elif order is not None and not order.open:
        yield [retry_button(order.key)]
    elif payment.methods.link and payment.methods.email and not payment.email:
        yield [button(_("💳 Картой или СБП · {sum}").format(sum=money(payment.kopecks)), _asked(payment), "primary")]
    if payment.methods.code:
        target = PayByCode(link=link.id, kopecks=payment.kopecks, offered=not payment.own)
        yield [button(_("▦ QR-код для приложения банка"), target)]


def _asked(payment: OfferedPayment) -> AskReceipt:
    own = payment.kopecks if payment.own else 0
    return AskReceipt(link=payment.link.id, kopecks=own, fresh=payment.order is not None)


def _switch(due: Due, bill: Bill) -> InlineKeyboardButton:
    on = due.link.preliminary
    label = _("Предварительно за {month}: {sum}").format(month=month_name(bill.month), sum=money(bill.preliminary or 0))
    return button(f"{'☑' if on else '☐'} {label}", IncludePreliminary(link=due.link.id, on=not on))


def _about_sum(payment: OfferedPayment) -> list[InlineKeyboardButton]:
    keep = payment.order is not None
    if payment.own:
        return [button(_("Назад"), Pay(link=payment.link.id, fresh=keep))]
    if payment.due.bill is None:
        return []
    return [_on(PaymentAction.EXPLAIN, _("Из чего сумма"), payment.link, fresh=keep)]


def _receipt_button(payment: OfferedPayment) -> Iterable[Row]:
    if payment.email and payment.methods.link and payment.payable:
        yield [button(_("✉️ Чек на другую почту"), _asked(payment))]


def _check(order: Order | None) -> list[InlineKeyboardButton]:
    return [check_button(order.key)] if order is not None and order.open else []


def _on(action: PaymentAction, label: str, link: Link, *, fresh: bool) -> InlineKeyboardButton:
    return button(label, OnPayment(action=action, link=link.id, fresh=fresh))


def explain(due: Due) -> Screen:
    """Debts and penalties are for those who have proved that the account is theirs."""
    back = button(_("Назад"), Pay(link=due.link.id))
    parts = [f"🧮 {account_title(due.link)}"]
    if due.bill is not None:
        lines = _owed(due, due.bill) if due.link.sees else _sum_only(due)
        parts.append("\n".join(f"{name}: {money(value)}" for name, value in lines if value))
        parts.append(_charge(due.bill, meters=due.link.sees))
        parts.append(_totals(due))
    if due.link.sees:
        return Screen("\n\n".join(filter(None, parts)), rows([back]))
    parts.append(_("Долг, пени и переплату по отдельности увидит тот, кто подтвердил счёт."))
    prove = button(_("🔑 Подтвердить счёт"), OnAccount(link=due.link.id, action=AccountAction.PROVE))
    return Screen("\n\n".join(filter(None, parts)), rows([prove], [back]))


def _owed(due: Due, bill: Bill) -> list[tuple[str, int]]:
    return [
        (_("Долг за прошлые месяцы"), bill.debt),
        (_("Пени"), bill.penalty),
        (_("Переплата"), bill.advance),
        (_("Оплачено через бота, ещё не зачислено"), due.recent.outstanding),
    ]


def _sum_only(due: Due) -> list[tuple[str, int]]:
    return [(_("По счёту"), due.total(preliminary=False)), (_("Переплата"), due.advance)]


def _charge(bill: Bill, *, meters: bool) -> str:
    month = month_name(bill.month)
    if bill.preliminary is None:
        return _("Предварительной суммы за {month} нет.").format(month=month)
    head = _("Предварительно за {month}: {sum}").format(month=month, sum=money(bill.preliminary))
    return "\n".join([head, *map(_meter_charge, bill.meters)]) if meters else head


def _meter_charge(charge: MeterCharge) -> str:
    title = _("Счётчик <b>{number}</b>").format(number=escape(charge.meter))
    kwh = number(charge.kwh)
    if charge.basis is Basis.READINGS:
        return title + ", " + _("по переданным показаниям: {kwh} кВт·ч").format(kwh=kwh)
    return title + ", " + _("показаний за этот месяц нет, среднее за месяц: {kwh} кВт·ч").format(kwh=kwh)


def _totals(due: Due) -> str:
    bare = _("К оплате без предварительного расчёта: <b>{sum}</b>").format(sum=money(due.total(preliminary=False)))
    if due.bill is None or not due.bill.preliminary:
        return bare
    return f"{bare}\n" + _("С предварительным: <b>{sum}</b>").format(sum=money(due.total(preliminary=True)))


def ask_sum(link: Link, limit: int) -> Screen:
    text = _("💳 {account}\n\nСколько заплатить? Пришлите сумму от {least} до {limit}, например 1234,56.")
    back = button(_("Назад"), Pay(link=link.id))
    return Screen(text.format(account=account_title(link), least=money(SMALLEST), limit=money(limit)), rows([back]))


def ask_email(link: Link, kopecks: int) -> Screen:
    """`kopecks`: a sum of the customer's own, or 0."""
    text = _("На какую почту прислать чек? Напишите адрес, например maria@mail.ru.")
    back = PaySum(link=link.id, kopecks=kopecks) if kopecks else Pay(link=link.id)
    return Screen(text, rows([button(_("Назад"), back)]))


def code(found: PaymentCode) -> Screen:
    """Under the picture of a payment code."""
    text = _(
        "▦ {account}, <b>{sum}</b>\n\nСохраните картинку и откройте её в приложении банка: «Оплата по QR-коду».\n\n"
        "Зачислим за 1–3 дня, второй раз платить не нужно."
    )
    shown = text.format(sum=money(found.kopecks), account=account_title(found.link))
    target = ShowRequisites(link=found.link.id, kopecks=found.kopecks)
    return Screen(shown, rows([button(_("📋 Реквизиты"), target), home_button(fresh=True)]))


def code_picture(found: PaymentCode) -> CodePicture:
    account = _("Лицевой счёт {number}").format(number=found.link.account)
    return CodePicture(found.payload, found.requisites.name, money(found.kopecks), account)


def requisites(found: PaymentCode) -> Screen:
    """Bank details, for banks that do not understand the code."""
    to = found.requisites
    copies = [
        (_("Лицевой счёт"), found.link.account),
        (_("Сумма"), sums.plain(found.kopecks)),
        (_("ИНН"), to.payee_inn),
        (_("БИК"), to.bic),
        (_("Счёт получателя"), to.personal_acc),
        (_("Назначение"), found.purpose),
    ]
    buttons = [copy_button(f"📋 {name}", value) for name, value in copies]
    text = _("📋 {account}, <b>{sum}</b>\n\nЕсли код банк не понимает, скопируйте реквизиты кнопками.")
    shown = text.format(sum=money(found.kopecks), account=account_title(found.link))
    return Screen(shown, rows(buttons[:2], buttons[2:4], *([one] for one in buttons[4:]), [home_button(fresh=True)]))
