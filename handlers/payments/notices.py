"""Notices about payments, and the messages that hold their links."""

from __future__ import annotations

from handlers.keyboards import home_button, rows
from handlers.notices import Words
from handlers.payments.order_screens import (
    link_buttons,
    not_paid_words,
    order_text,
    paid_words,
    reason_words,
    retry_button,
)
from handlers.show import Screen
from handlers.wording import escape, tail_title
from locales import _, day, money
from services.notices.catalog import (
    OrderDeclined,
    OrderExpired,
    OrderLink,
    OrderNotice,
    OrderOvertaken,
    OrderPaid,
    OrderRefunded,
    OrderWasDeclined,
    OrderWasPaid,
)

words = Words()


@words.text(OrderPaid)
def paid(facts: OrderPaid) -> Screen:
    text = _("✅ Оплата <b>{sum}</b> получена, зачислим за 1–3 дня.\n№ {number}, счёт …{tail}")
    if facts.day:
        text = _("✅ Оплата <b>{sum}</b> от {day} получена, зачислим за 1–3 дня.\n№ {number}, счёт …{tail}")
    return Screen(_about(text, facts), rows([home_button(fresh=True)]))


@words.text(OrderDeclined)
def declined(facts: OrderDeclined) -> Screen:
    text = _("❌ Оплата <b>{sum}</b> не прошла: {reason}. Деньги не списаны.\n№ {number}, счёт …{tail}")
    return Screen(_about(text, facts), rows([retry_button(facts.order)], [home_button(fresh=True)]))


@words.text(OrderExpired)
def expired(facts: OrderExpired) -> Screen:
    text = _("⌛ Ссылка на оплату <b>{sum}</b> больше не действует, деньги не списаны.\n№ {number}, счёт …{tail}")
    return Screen(_about(text, facts), rows([retry_button(facts.order)], [home_button(fresh=True)]))


@words.text(OrderLink)
def link(facts: OrderLink) -> Screen:
    text = _("💳 Ссылка на оплату <b>{sum}</b> готова.\n№ {number}, счёт …{tail}")
    buttons = link_buttons(facts.order, facts.url)
    return Screen(_about(text, facts), rows(*buttons, [home_button(fresh=True)]))


@words.text(OrderRefunded)
def refunded(facts: OrderRefunded) -> Screen:
    text = _("↩️ Возвращено <b>{sum}</b> по оплате № {number}, счёт …{tail}. Деньги придут туда, откуда вы платили.")
    return Screen(_about(text, facts), rows([home_button(fresh=True)]))


@words.text(OrderWasPaid)
def was_paid(facts: OrderWasPaid) -> Screen:
    return Screen(_left(facts, paid_words()), rows([home_button(fresh=True)]))


@words.text(OrderWasDeclined)
def was_declined(facts: OrderWasDeclined) -> Screen:
    return Screen(_left(facts, not_paid_words(facts.reason)), rows([home_button(fresh=True)]))


@words.text(OrderOvertaken)
def overtaken(facts: OrderOvertaken) -> Screen:
    warning = _("⚠️ Сумма к оплате с тех пор изменилась. Прежде чем платить, посмотрите, сколько осталось.")
    return Screen(_left(facts, warning), rows(*link_buttons(facts.order, None), [home_button(fresh=True)]))


def _left(facts: OrderNotice, state: str) -> str:
    """The text that stays in the message with the link."""
    return order_text(tail_title(facts.tail), facts.number, facts.kopecks, state)


def _about(text: str, facts: OrderNotice) -> str:
    return text.format(
        sum=money(facts.kopecks),
        number=escape(facts.number),
        tail=facts.tail,
        reason=reason_words(facts.reason),
        day=day(facts.day) if facts.day else "",
    )
