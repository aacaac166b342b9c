"""Notices about payments, and the messages that hold their links."""

from __future__ import annotations

from handlers.appeals.callbacks import Concern
from handlers.appeals.doors import ask_button
from handlers.keyboards import home_button, rows
from handlers.letters import paper_letter
from handlers.notices import LetterText, Making, Words
from handlers.payments import outcomes
from handlers.payments.order_screens import link_buttons, order_text, paper_buttons, retry_button
from handlers.payments.paper import file_name, paper, subject
from handlers.show import Screen
from handlers.wording import tail_title
from locales import _
from services.errors import NotAllowed
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
    PaymentLetter,
)
from services.payments.papers import PaymentPapers
from services.ports import Documents
from services.supplier.profile import SupplierProfile

words = Words()


@words.text(OrderPaid)
def paid(facts: OrderPaid) -> Screen:
    return Screen(outcomes.order_paid(facts), rows(paper_buttons(facts.order), [home_button(fresh=True)]))


@words.made(OrderDeclined)
async def declined(facts: OrderDeclined, making: Making) -> Screen:
    ask = ask_button(Concern.ORDER, what=facts.order, offered=making.use(SupplierProfile).takes_appeals)
    return Screen(outcomes.order_declined(facts), rows([retry_button(facts.order)], ask, [home_button(fresh=True)]))


@words.text(OrderExpired)
def expired(facts: OrderExpired) -> Screen:
    return Screen(outcomes.order_expired(facts), rows([retry_button(facts.order)], [home_button(fresh=True)]))


@words.text(OrderLink)
def link(facts: OrderLink) -> Screen:
    buttons = link_buttons(facts.order, facts.url)
    return Screen(outcomes.order_link(facts), rows(*buttons, [home_button(fresh=True)]))


@words.text(OrderRefunded)
def refunded(facts: OrderRefunded) -> Screen:
    return Screen(outcomes.order_refunded(facts), rows(paper_buttons(facts.order), [home_button(fresh=True)]))


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


@words.made(PaymentLetter)
async def payment_letter(facts: PaymentLetter, making: Making) -> LetterText | None:
    try:
        paid_order = await making.use(PaymentPapers).kept(making.user_id, facts.order)
    except NotAllowed:  # the account is no longer theirs
        return None
    if paid_order is None:
        return None
    profile = making.use(SupplierProfile)
    sheet = paper(paid_order, profile)
    pdf = await making.use(Documents).sheet(sheet)
    about = _("Это подтверждение оплаты, которую вы сделали через бота. Оно же — в приложенном файле.")
    return paper_letter(profile, subject(paid_order), about, sheet, (file_name(paid_order), pdf))


def _left(facts: OrderNotice, state: str) -> str:
    """The text that stays in the message with the link."""
    return order_text(tail_title(facts.tail), facts.number, facts.kopecks, state)
