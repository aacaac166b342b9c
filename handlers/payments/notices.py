"""Notices about payments, and the messages that hold their links."""

from __future__ import annotations

from handlers.keyboards import home_button, rows
from handlers.notices import Words
from handlers.payments import outcomes
from handlers.payments.order_screens import link_buttons, order_text, retry_button
from handlers.show import Screen
from handlers.wording import tail_title
from locales import _
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
    return Screen(outcomes.order_paid(facts), rows([home_button(fresh=True)]))


@words.text(OrderDeclined)
def declined(facts: OrderDeclined) -> Screen:
    return Screen(outcomes.order_declined(facts), rows([retry_button(facts.order)], [home_button(fresh=True)]))


@words.text(OrderExpired)
def expired(facts: OrderExpired) -> Screen:
    return Screen(outcomes.order_expired(facts), rows([retry_button(facts.order)], [home_button(fresh=True)]))


@words.text(OrderLink)
def link(facts: OrderLink) -> Screen:
    buttons = link_buttons(facts.order, facts.url)
    return Screen(outcomes.order_link(facts), rows(*buttons, [home_button(fresh=True)]))


@words.text(OrderRefunded)
def refunded(facts: OrderRefunded) -> Screen:
    return Screen(outcomes.order_refunded(facts), rows([home_button(fresh=True)]))


@words.text(OrderWasPaid)
def was_paid(facts: OrderWasPaid) -> Screen:
    return Screen(_left(facts, outcomes.just_paid()), rows([home_button(fresh=True)]))


@words.text(OrderWasDeclined)
def was_declined(facts: OrderWasDeclined) -> Screen:
    """The reason is told in a message of its own."""
    return Screen(_left(facts, _("Ссылка больше не действует.")), rows([home_button(fresh=True)]))


@words.text(OrderOvertaken)
def overtaken(facts: OrderOvertaken) -> Screen:
    warning = _("⚠️ Сумма к оплате с тех пор изменилась. Прежде чем платить, посмотрите, сколько осталось.")
    return Screen(_left(facts, warning), rows(*link_buttons(facts.order, None), [home_button(fresh=True)]))


def _left(facts: OrderNotice, state: str) -> str:
    """The text that stays in the message with the link."""
    return order_text(tail_title(facts.tail), facts.number, facts.kopecks, state)
