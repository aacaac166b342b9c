"""Paying: the sum, the way to pay, the link or the code, and what became of it."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatAction
from aiogram.filters import StateFilter
from aiogram.utils.deep_linking import create_start_link

from fsm.payments import Paying, PaymentDraft
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account, show_home
from handlers.payments import order_screens as orders
from handlers.payments import screens
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
from handlers.typed import email_of
from locales import _
from services.accounts.accounts import link_of, owned
from services.accounts.models import Link
from services.cards import Cards
from services.errors import DraftLost
from services.payments import sums
from services.payments.checkout import Checkout, Confirmation
from services.payments.due import Due, Dues
from services.payments.errors import SumChanged
from services.payments.models import Order, OrderStatus
from services.ports import Documents
from services.supplier.profile import SupplierProfile

router = Router(name="payments")
PAYMENT = "pay_"  # how the payload of a link begins that leads to a payment


@router.message(Asked("pay"))
async def open_payment(talk: Conversation) -> None:
    if talk.customer.current is None:
        await ask_first_account(talk)
    else:
        await _choose(talk, talk.customer.current)


@router.callback_query(Pressed(Pay))
async def choose(talk: Conversation, callback_data: Pay) -> None:
    link = owned(talk.customer, callback_data.link)
    await _choose(talk, link, preliminary=callback_data.preliminary, fresh=callback_data.fresh)


async def _choose(talk: Conversation, link: Link, *, preliminary: bool = True, fresh: bool = False) -> None:
    await _offer(talk, await talk.use(Dues).of(link), preliminary=preliminary, fresh=fresh)


async def _offer(talk: Conversation, due: Due, *, preliminary: bool = True, fresh: bool = False) -> None:
    await talk.expect(None)
    limit = talk.use(Dues).limit
    await talk.show(screens.choose(due, preliminary=preliminary, limit=limit), fresh=fresh)


async def _offer_anew(talk: Conversation, due: Due, *, preliminary: bool = True, fresh: bool = False) -> None:
    """Instead of a sum that an older button names."""
    if due.bill and talk.pressed:
        await talk.say(_(SumChanged.text))
    await _offer(talk, due, preliminary=preliminary, fresh=fresh)


@router.callback_query(Pressed(OnPayment, PaymentAction.EXPLAIN))
async def explain(talk: Conversation, callback_data: OnPayment) -> None:
    due = await talk.use(Dues).of(owned(talk.customer, callback_data.link))
    await talk.show(screens.explain(due, preliminary=callback_data.preliminary))


@router.callback_query(Pressed(OnPayment, PaymentAction.OTHER))
async def ask_sum(talk: Conversation, callback_data: OnPayment) -> None:
    dues, preliminary = talk.use(Dues), callback_data.preliminary
    link = dues.admit(owned(talk.customer, callback_data.link))
    await talk.save(PaymentDraft(link_id=link.id, preliminary=preliminary), Paying.sum)
    await talk.show(screens.ask_sum(link, dues.limit, preliminary=preliminary))


@router.message(StateFilter(Paying.sum))
@router.edited_message(StateFilter(Paying.sum))
async def take_sum(talk: Conversation) -> None:
    asked = await talk.draft(PaymentDraft)
    kopecks, due = sums.kopecks(talk.text), await talk.use(Dues).of(owned(talk.customer, asked.link_id))
    await _ask_method(talk, due, PaymentDraft(link_id=asked.link_id, kopecks=kopecks, preliminary=asked.preliminary))


@router.callback_query(Pressed(PaySum))
async def ask_method(talk: Conversation, callback_data: PaySum) -> None:
    """The sum on a button may have been paid since."""
    dues, fresh, preliminary = talk.use(Dues), callback_data.fresh, callback_data.preliminary
    due = await dues.of(owned(talk.customer, callback_data.link))
    if callback_data.kopecks in dues.sums(due):
        draft = PaymentDraft(link_id=due.link.id, kopecks=callback_data.kopecks, preliminary=preliminary)
        await _ask_method(talk, due, draft, fresh=fresh)
    else:
        await _offer_anew(talk, due, fresh=fresh, preliminary=preliminary)


@router.callback_query(Pressed(PayDrafted))
async def ask_method_again(talk: Conversation, callback_data: PayDrafted) -> None:
    await _ask_drafted(talk, await talk.draft(PaymentDraft, callback_data.draft))


async def _ask_drafted(talk: Conversation, draft: PaymentDraft, email: str | None = None) -> None:
    dues, preliminary = talk.use(Dues), draft.preliminary
    due = await dues.of(owned(talk.customer, draft.link_id))
    if draft.offered and draft.kopecks not in dues.sums(due):
        await _offer_anew(talk, due, preliminary=preliminary)
    else:
        anew = PaymentDraft(link_id=due.link.id, kopecks=draft.kopecks, preliminary=preliminary, email=email)
        await _ask_method(talk, due, anew)


async def _ask_method(talk: Conversation, due: Due, draft: PaymentDraft, *, fresh: bool = False) -> None:
    """Limits may have changed since the sum was named."""
    dues, kopecks = talk.use(Dues), draft.kopecks or 0
    dues.check(kopecks)
    if dues.methods.email:
        draft.email = draft.email or talk.customer.email
    draft.offered = kopecks in dues.sums(due)
    await talk.save(draft, Paying.sum)  # a number typed now is another sum
    summary = screens.Summary(
        link=due.link,
        address=await talk.use(Cards).address(due.link),
        kopecks=kopecks,
        email=draft.email,
        recent=due.recent,
        draft=draft.id,
        confirmation=draft.confirmation,
        offered=draft.offered,
        preliminary=draft.preliminary,
    )
    await talk.show(screens.method(summary, dues.methods), fresh=fresh)


@router.callback_query(Pressed(AskReceipt))
async def ask_email(talk: Conversation, callback_data: AskReceipt) -> None:
    draft = await talk.draft(PaymentDraft, callback_data.draft)
    await talk.expect(Paying.email)
    await talk.show(screens.ask_email(draft.id))


@router.message(StateFilter(Paying.email))
@router.edited_message(StateFilter(Paying.email))
async def take_email(talk: Conversation) -> None:
    draft = await talk.draft(PaymentDraft)
    await _ask_drafted(talk, draft, email_of(talk.message))


@router.callback_query(Pressed(PayByCode))
async def send_code(talk: Conversation, callback_data: PayByCode) -> None:
    link_id, kopecks = callback_data.link, callback_data.kopecks
    try:
        code = await talk.use(Checkout).code(talk.customer, link_id, kopecks, offered=callback_data.offered)
    except SumChanged:
        await _offer_anew(talk, await talk.use(Dues).of(owned(talk.customer, link_id)))
        return
    await talk.show_action(ChatAction.UPLOAD_PHOTO)
    await talk.send_photo(await talk.use(Documents).qr(code.payload), "qr.png", screens.code(code))


@router.callback_query(Pressed(PlaceOrder))
async def place_order(talk: Conversation, callback_data: PlaceOrder) -> None:
    """One press, one payment: pressed again, or run again after a kill, it leads to the same one."""
    key = callback_data.confirmation
    draft = await talk.find_draft(PaymentDraft)
    if draft is None or draft.confirmation != key or draft.kopecks is None:
        order = await talk.use(Checkout).find(talk.customer, key)
        if order is None:
            raise DraftLost
        await _show_order(talk, order)
        return
    try:
        order = await _confirm(talk, draft, draft.kopecks)
    except SumChanged:
        due = await talk.use(Dues).of(owned(talk.customer, draft.link_id))
        await _offer_anew(talk, due, preliminary=draft.preliminary)
        return
    await talk.drop(PaymentDraft)
    await _show_order(talk, order)


async def _confirm(talk: Conversation, draft: PaymentDraft, kopecks: int) -> Order:
    await talk.show_action(ChatAction.TYPING)
    key = draft.confirmation
    back = await create_start_link(talk.bot, PAYMENT + key)
    confirmed = Confirmation(key, draft.link_id, kopecks, back, draft.email, offered=draft.offered)
    return await talk.use(Checkout).confirm(talk.customer, confirmed)


@router.callback_query(Pressed(OnOrder, OrderAction.VIEW))
@router.callback_query(Pressed(OnOrder, OrderAction.CHECK))
@router.callback_query(Pressed(OnOrder, OrderAction.DROP))
async def act_on_order(talk: Conversation, callback_data: OnOrder) -> None:
    checkout, action = talk.use(Checkout), callback_data.action
    does = {OrderAction.VIEW: checkout.get, OrderAction.CHECK: checkout.refresh, OrderAction.DROP: checkout.drop}
    order = await does[action](talk.customer, callback_data.key)
    if action is OrderAction.CHECK and order.open:
        await talk.say(_("Оплата пока не поступила. Как только она пройдёт, я сразу сообщу."))
    await _show_order(talk, order)


@router.callback_query(Pressed(OnOrder, OrderAction.RETRY))
async def retry(talk: Conversation, callback_data: OnOrder) -> None:
    """An order that is paid, or can still be paid by its link, is not begun again; nor one whose sum another
    has paid since."""
    checkout = talk.use(Checkout)
    order = await checkout.get(talk.customer, callback_data.key)
    if order.status is not OrderStatus.CANCELED:
        await _show_order(talk, order)
        return
    due = await talk.use(Dues).of(link_of(talk.customer, order.account))
    if await checkout.repeatable(order, due):
        await _ask_method(talk, due, PaymentDraft(link_id=due.link.id, kopecks=order.kopecks), fresh=True)
    else:
        await _offer_anew(talk, due, fresh=True)


async def follow_payment(talk: Conversation, name: str) -> None:
    """The way back from the provider's page, which names an order, or in from a receipt, which names an account.
    Coming back proves nothing: the provider is asked."""
    checkout = talk.use(Checkout)
    order = await checkout.find(talk.customer, name)
    if order is None:
        await _choose(talk, owned(talk.customer, name))
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
    if order.shown_in not in (None, shown_in):
        await talk.strip(order.shown_in)
    await talk.use(Checkout).show_in(order, shown_in)
