"""Paying: the sum, the way to pay, the link or the code, and what became of it."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.enums import ChatAction
from aiogram.filters import StateFilter
from aiogram.utils.deep_linking import create_start_link

from fsm.papers import MailDraft
from fsm.payments import Paying, PaymentDraft
from handlers.conversation import Conversation
from handlers.emails.typing import typed_address
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account, show_home
from handlers.papers.router import ask_address, send_paper
from handlers.payments import order_screens as orders
from handlers.payments import screens
from handlers.payments.callbacks import (
    AskReceipt,
    IncludePreliminary,
    OnOrder,
    OnPayment,
    OrderAction,
    Pay,
    PayByCode,
    PaymentAction,
    PaySum,
    ShowRequisites,
)
from handlers.payments.paper import file_name, paper
from handlers.wording import escape
from locales import _
from services.accounts.accounts import Accounts, link_of, owned
from services.accounts.models import Link
from services.cards import Cards
from services.customers.emails import Emails
from services.payments import sums
from services.payments.checkout import Begun, Checkout, Wanted
from services.payments.due import Due, Dues
from services.payments.errors import SumChanged, TooManyOrders
from services.payments.models import Order, OrderStatus
from services.payments.papers import PaymentPapers
from services.ports import Documents
from services.supplier.profile import SupplierProfile

router = Router(name="payments")
PAYMENT = "pay_"  # how the payload of a link begins that leads to a payment


@router.message(Asked("pay"))
async def open_payment(talk: Conversation) -> None:
    """`/pay 500` names a sum of the customer's own."""
    if talk.customer.current is None:
        await ask_first_account(talk)
        return
    named = talk.text.partition(" ")[2] if talk.text.startswith("/") else ""
    await offer(talk, talk.customer.current, sums.kopecks(named) if named.strip() else None)


@router.callback_query(Pressed(Pay))
async def offer_due(talk: Conversation, callback_data: Pay) -> None:
    await offer(talk, owned(talk.customer, callback_data.link), fresh=callback_data.fresh)


@router.callback_query(Pressed(PaySum))
async def offer_own(talk: Conversation, callback_data: PaySum) -> None:
    await offer(talk, owned(talk.customer, callback_data.link), callback_data.kopecks)


@router.callback_query(Pressed(IncludePreliminary))
async def include_preliminary(talk: Conversation, callback_data: IncludePreliminary) -> None:
    link_id = callback_data.link
    talk.customer = await talk.use(Accounts).include_preliminary(talk.customer, link_id, on=callback_data.on)
    await offer(talk, owned(talk.customer, link_id))


@router.callback_query(Pressed(OnPayment, PaymentAction.EXPLAIN))
async def explain(talk: Conversation, callback_data: OnPayment) -> None:
    dues = talk.use(Dues)
    due = await dues.of(dues.admit(owned(talk.customer, callback_data.link)))
    await talk.show(screens.explain(due), fresh=callback_data.fresh)


@router.callback_query(Pressed(OnPayment, PaymentAction.OTHER))
async def ask_sum(talk: Conversation, callback_data: OnPayment) -> None:
    dues = talk.use(Dues)
    link = dues.admit(owned(talk.customer, callback_data.link))
    await talk.save(PaymentDraft(link_id=link.id), Paying.sum)
    await talk.show(screens.ask_sum(link, dues.limit), fresh=callback_data.fresh)


@router.message(StateFilter(Paying.sum))
@router.edited_message(StateFilter(Paying.sum))
async def take_sum(talk: Conversation) -> None:
    draft = await talk.draft(PaymentDraft)
    await offer(talk, owned(talk.customer, draft.link_id), sums.kopecks(talk.text))


@router.callback_query(Pressed(AskReceipt))
async def ask_email(talk: Conversation, callback_data: AskReceipt) -> None:
    link, kopecks = owned(talk.customer, callback_data.link), callback_data.kopecks
    await talk.save(PaymentDraft(link_id=link.id, kopecks=kopecks or None), Paying.email)
    await talk.show(screens.ask_email(link, kopecks), fresh=callback_data.fresh)


@router.message(StateFilter(Paying.email))
@router.edited_message(StateFilter(Paying.email))
async def take_email(talk: Conversation) -> None:
    """The address serves this payment alone."""
    draft = await talk.draft(PaymentDraft)
    dues, email = talk.use(Dues), await typed_address(talk)
    due = await dues.of(dues.admit(owned(talk.customer, draft.link_id)))
    await _show_payment(talk, due, draft.kopecks, email=email)


async def offer(talk: Conversation, link: Link, own: int | None = None, *, fresh: bool = False) -> None:
    """The sum with its ways to pay, the link made already. `own`: kopecks of the customer's choice, None: the sum
    that is due."""
    dues = talk.use(Dues)
    await _show_payment(talk, await dues.of(dues.admit(link)), own, fresh=fresh)


async def _show_payment(
    talk: Conversation, due: Due, own: int | None, *, email: str | None = None, fresh: bool = False
) -> None:
    dues, methods = talk.use(Dues), talk.use(Dues).methods
    payment = screens.OfferedPayment(
        due=due,
        kopecks=min(due.to_pay, dues.limit) if own is None else dues.check(own),
        own=own is not None,
        methods=methods,
        limit=dues.limit,
        zone=talk.use(SupplierProfile).region_of(due.link.account).timezone,
        address=None if due.link.alone else await talk.use(Cards).address(due.link),
        email=(email or talk.customer.email) if methods.email else None,
    )
    begun, note = await _begin(talk, payment)
    await talk.expect(None)  # the next number is a reading again, and no other sum
    shown_in = await talk.show(screens.pay(replace(payment, order=begun.order, note=note)), fresh=fresh)
    await _hold(talk, begun, shown_in)


async def _begin(talk: Conversation, payment: screens.OfferedPayment) -> tuple[Begun, str]:
    """The order of a payment by link, or the reason why there is none."""
    methods, nothing = payment.methods, Begun(None, ())
    if not methods.link or (payment.payable and methods.email and not payment.email):
        return nothing, ""
    if not payment.payable:
        return (await talk.use(Checkout).leave(payment.link) if payment.due.bill else nothing), ""
    await talk.show_action(ChatAction.TYPING)
    wanted = Wanted(payment.kopecks, await create_start_link(talk.bot, PAYMENT), payment.email)
    try:
        return await talk.use(Checkout).begin(talk.customer, payment.due, wanted), ""
    except TooManyOrders as error:
        return nothing, _(error.text)


async def _hold(talk: Conversation, begun: Begun, shown_in: int) -> None:
    """A message holds the order's link from now on, and no earlier one a link to the account."""
    for one in (begun.order, *begun.dropped):
        if one and one.shown_in not in (None, shown_in):
            await talk.strip(one.shown_in)
    if begun.order or begun.dropped:
        await talk.use(Checkout).show_in(begun.order, shown_in, begun.dropped)


@router.callback_query(Pressed(PayByCode))
async def send_code(talk: Conversation, callback_data: PayByCode) -> None:
    link_id, kopecks = callback_data.link, callback_data.kopecks
    try:
        code = await talk.use(Checkout).code(talk.customer, link_id, kopecks, offered=callback_data.offered)
    except SumChanged:
        await talk.say(_(SumChanged.text))
        await offer(talk, owned(talk.customer, link_id))
        return
    await talk.show_action(ChatAction.UPLOAD_PHOTO)
    picture = await talk.use(Documents).code(screens.code_picture(code))
    await talk.send_photo(picture, "qr.png", screens.code(code))


@router.callback_query(Pressed(ShowRequisites))
async def show_requisites(talk: Conversation, callback_data: ShowRequisites) -> None:
    """Of a code that was given: its sum is the customer's own by now."""
    code = await talk.use(Checkout).code(talk.customer, callback_data.link, callback_data.kopecks, offered=False)
    await talk.show(screens.requisites(code), fresh=True)


@router.callback_query(Pressed(OnOrder, OrderAction.CHECK))
async def check(talk: Conversation, callback_data: OnOrder) -> None:
    order = await talk.use(Checkout).refresh(talk.customer, callback_data.key)
    if order.open:
        await talk.say(_("Оплата пока не поступила. Как только она пройдёт, я сразу сообщу."))
    else:
        await _show_order(talk, order)


@router.callback_query(Pressed(OnOrder, OrderAction.RETRY))
async def retry(talk: Conversation, callback_data: OnOrder) -> None:
    """By the same way at once. An order that is paid, or can still be paid by its link, is not begun again; nor one
    whose sum another has paid since."""
    checkout, dues = talk.use(Checkout), talk.use(Dues)
    order = await checkout.get(talk.customer, callback_data.key)
    if order.status is not OrderStatus.CANCELED:
        await _show_order(talk, order)
        return
    due = await dues.of(dues.admit(link_of(talk.customer, order.account)))
    repeatable = await checkout.repeatable(order, due)
    if due.bill and not repeatable:
        await talk.say(_(SumChanged.text))
    own = order.kopecks if repeatable and order.kopecks != min(due.to_pay, dues.limit) else None
    await _show_payment(talk, due, own, fresh=True)


@router.callback_query(Pressed(OnOrder, OrderAction.PDF))
async def send_pdf(talk: Conversation, callback_data: OnOrder) -> None:
    paid = await talk.use(PaymentPapers).get(talk.customer, callback_data.key)
    await send_paper(talk, paper(paid, talk.use(SupplierProfile)), file_name(paid))


@router.callback_query(Pressed(OnOrder, OrderAction.MAIL))
async def ask_paper_address(talk: Conversation, callback_data: OnOrder) -> None:
    paid = await talk.use(PaymentPapers).get(talk.customer, callback_data.key)
    if not talk.use(Emails).offered:
        await talk.say(_("Письма этот бот не отправляет. Сохраните PDF."))
        return
    question = _("На какой адрес отправить подтверждение оплаты № {number}? Пример: maria@mail.ru")
    draft = MailDraft(order=paid.order.key)
    await ask_address(talk, draft, question.format(number=escape(paid.order.number)), fresh=True)


async def follow_payment(talk: Conversation, name: str) -> None:
    """The way back from the provider's page, which names an order, or in from a receipt, which names an account.
    Coming back proves nothing: the provider is asked."""
    checkout = talk.use(Checkout)
    order = await checkout.find(talk.customer, name)
    if order is None:
        await offer(talk, owned(talk.customer, name))
        return
    order = await checkout.refresh(talk.customer, order.key)
    if order.status is OrderStatus.PAID:
        await show_home(talk)
    else:
        await _show_order(talk, order)


async def _show_order(talk: Conversation, order: Order) -> None:
    """In a message that stays an order's: its buttons lead on in new ones, and no earlier one has any."""
    zone = talk.use(SupplierProfile).region_of(order.account).timezone
    shown_in = await talk.show(orders.order(order, link_of(talk.customer, order.account), zone))
    await _hold(talk, Begun(order, ()), shown_in)
