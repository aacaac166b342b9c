from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiogram.types import InlineKeyboardButton

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.keyboards import Style, button, copy_button, home_button, rows
from handlers.payments.callbacks import (
    AskReceipt,
    OnOrder,
    OnPayment,
    OrderAction,
    Pay,
    PayByCode,
    PayDrafted,
    PaymentAction,
    PaySum,
    PlaceOrder,
)
from handlers.show import Screen
from handlers.wording import account_title, email_shown, escape, masked, month_name
from locales import _, day, money, number
from services.accounts.address import without_flat
from services.accounts.models import Link
from services.payments import sums
from services.payments.checkout import PaymentCode
from services.payments.due import SMALLEST, Due, OwnPayment, PaymentMethods, RecentPayments
from services.supplier.models import Basis, Bill, MeterCharge, Month


def choose(due: Due, *, preliminary: bool, limit: int) -> Screen:
    """`limit`: the most that can be paid at once, kopecks."""
    total, base = due.total(preliminary=preliminary), due.total(preliminary=False)
    base_words = _("Только долг: {sum}") if due.link.sees else _("Только по счёту: {sum}")
    only_base = (
        [_sum_button(base_words, due.link, base, preliminary=preliminary)]
        if SMALLEST <= base < min(total, limit)
        else []
    )
    nothing_due = due.bill is not None and due.total(preliminary=True) < SMALLEST
    begun = _begun(due.recent, None if nothing_due else "primary")
    pays: Style | None = None if begun else "primary"
    return Screen(
        "\n\n".join([f"💳 {account_title(due.link)}", *_choice(due, total, limit, preliminary=preliminary)]),
        rows(
            begun,
            [_switch(due.link, due.bill, on=preliminary)] if due.bill and due.bill.preliminary else [],
            [_sum_button(_("Оплатить {sum}"), due.link, min(total, limit), pays, preliminary=preliminary)]
            if total >= SMALLEST
            else [],
            only_base,
            [_on(PaymentAction.OTHER, _("Другая сумма"), due.link, preliminary=preliminary)],
            [_on(PaymentAction.EXPLAIN, _("Из чего сложилась сумма"), due.link, preliminary=preliminary)]
            if due.bill
            else [],
            [home_button()],
        ),
    )


def _choice(due: Due, total: int, limit: int, *, preliminary: bool) -> Iterable[str]:
    if due.bill is None:
        yield _("Система расчётов сейчас не отвечает, сумму к оплате узнать не могу. Оплатить можно любую сумму.")
    elif total:
        lines = [_("К оплате <b>{sum}</b>").format(sum=money(total))]
        if preliminary and due.bill.preliminary:
            lines.append(_made_up(due, due.bill.month, due.bill.preliminary))
        yield "\n".join(lines)
    else:
        advance = money(due.advance)
        yield (
            _("Переплата <b>{sum}</b>, платить сейчас не нужно").format(sum=advance) if due.advance else _("Долга нет")
        )
    if total > limit:
        yield _("За один раз можно оплатить не больше {limit}.").format(limit=money(limit))
    yield from _recent(due.recent, due.link)


def _made_up(due: Due, month: Month, charge: int) -> str:
    """Of the sum that the home card shows, and the charge of the current month."""
    base, advance = due.total(preliminary=False), due.advance
    debt = _("Долг {sum}") if due.link.sees else _("По счёту {sum}")
    text = _("предварительно за {month} {sum}").format(month=month_name(month), sum=money(charge))
    if base:
        return f"{debt.format(sum=money(base))} + {text}"
    text = text[0].upper() + text[1:]
    return text + " − " + _("переплата {sum}").format(sum=money(advance)) if advance else text


def _recent(found: RecentPayments, link: Link) -> Iterable[str]:
    """Of what others have paid only those know who see everything about the account."""
    if found.own:
        yield "\n".join(map(_paid_already, found.own))
    if found.outstanding > sum(paid.kopecks for paid in found.own) and link.sees:
        text = _("Оплачено через бота и ещё не зачислено: {sum}, уже вычтено")
        yield text.format(sum=money(found.outstanding))
    if found.waiting:
        yield _("Вы уже начали платить {sum}, ссылка ещё действует.").format(sum=money(found.waiting.kopecks))


def _paid_already(paid: OwnPayment) -> str:
    text = _("{day} вы уже оплатили {sum}. Деньги ещё зачисляются, но уже вычтены.")
    return text.format(day=day(paid.day), sum=money(paid.kopecks))


def _begun(found: RecentPayments, style: Style | None = None) -> list[InlineKeyboardButton]:
    if not found.waiting:
        return []
    return [button(_("🔗 Открыть начатую оплату"), OnOrder(action=OrderAction.VIEW, key=found.waiting.key), style)]


def _switch(link: Link, bill: Bill, *, on: bool) -> InlineKeyboardButton:
    label = _("Предварительный расчёт за {month}").format(month=month_name(bill.month))
    return button(f"{'☑' if on else '☐'} {label}", Pay(link=link.id, preliminary=not on))


def _sum_button(
    label: str, link: Link, kopecks: int, style: Style | None = None, *, preliminary: bool
) -> InlineKeyboardButton:
    target = PaySum(link=link.id, kopecks=kopecks, preliminary=preliminary)
    return button(label.format(sum=money(kopecks)), target, style)


def _on(action: PaymentAction, label: str, link: Link, *, preliminary: bool) -> InlineKeyboardButton:
    return button(label, OnPayment(action=action, link=link.id, preliminary=preliminary))


def explain(due: Due, *, preliminary: bool) -> Screen:
    """Debts and penalties are for those who have proved that the account is theirs."""
    back = button(_("Назад"), Pay(link=due.link.id, preliminary=preliminary))
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


def ask_sum(link: Link, limit: int, *, preliminary: bool) -> Screen:
    text = _("💳 {account}\n\nСколько заплатить? Пришлите сумму от {least} до {limit}, например 1234,56.")
    back = button(_("Назад"), Pay(link=link.id, preliminary=preliminary))
    return Screen(text.format(account=account_title(link), least=money(SMALLEST), limit=money(limit)), rows([back]))


@dataclass(frozen=True, slots=True)
class Summary:
    """A payment before it is begun. `address` is None when it cannot be asked; `draft`, `confirmation`, `offered` and
    `preliminary` are those of the form."""

    link: Link
    address: str | None
    kopecks: int
    email: str | None
    recent: RecentPayments
    draft: str
    confirmation: str
    offered: bool
    preliminary: bool


def method(summary: Summary, methods: PaymentMethods) -> Screen:
    link = summary.link
    code = PayByCode(link=link.id, kopecks=summary.kopecks, offered=summary.offered)
    shown = summary.address if link.sees or not summary.address else without_flat(summary.address)
    parts = [f"💳 {account_title(link)}" + (f"\n{escape(shown)}" if shown else "")]
    parts.append(_("Сумма <b>{sum}</b>").format(sum=money(summary.kopecks)))
    parts += _recent(summary.recent, link)
    if summary.email:
        parts.append(_("Чек придёт на {email}").format(email=email_shown(masked(summary.email))))
    parts.append(_("Как заплатить?") if methods.any else _("Оплата через бота пока не подключена."))
    return Screen(
        "\n\n".join(parts),
        rows(
            [_by_link(summary, methods)] if methods.link else [],
            [button(_("✉️ Чек на другую почту"), AskReceipt(draft=summary.draft))] if summary.email else [],
            [button(_("▦ QR-код для приложения банка"), code)] if methods.code else [],
            _begun(summary.recent),
            [_on(PaymentAction.OTHER, _("Другая сумма"), link, preliminary=summary.preliminary)],
            [button(_("Назад"), Pay(link=link.id, preliminary=summary.preliminary))],
        ),
    )


def _by_link(summary: Summary, methods: PaymentMethods) -> InlineKeyboardButton:
    asked = methods.email and not summary.email
    target = AskReceipt(draft=summary.draft) if asked else PlaceOrder(confirmation=summary.confirmation)
    return button(_("💳 Картой или через СБП"), target, "primary")


def ask_email(draft: str) -> Screen:
    text = _("На какую почту прислать чек? Напишите адрес, например maria@mail.ru.")
    return Screen(text, rows([button(_("Назад"), PayDrafted(draft=draft))]))


def code(found: PaymentCode) -> Screen:
    """Under the picture of a payment code; what it holds can be copied, too."""
    text = _(
        "▦ {account}, <b>{sum}</b>\n\nСохраните картинку, откройте приложение своего банка, выберите оплату по QR-коду "
        "и укажите картинку из галереи. С другого телефона код можно просто отсканировать.\n\n"
        "Оплату зачислим за 1–3 дня. До этого я буду показывать прежнюю сумму — второй раз платить не нужно.\n\n"
        "Если кода банк не понимает, реквизиты можно скопировать кнопками."
    )
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
    shown = text.format(sum=money(found.kopecks), account=account_title(found.link))
    return Screen(shown, rows(buttons[:2], buttons[2:4], *([one] for one in buttons[4:]), [home_button(fresh=True)]))
