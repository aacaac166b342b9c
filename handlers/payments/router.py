"""Paying: the sum, the way to pay, the link or the code, and what became of it."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.enums import ChatAction
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message
from aiogram.utils.deep_linking import create_start_link

from fsm.payments import Paying, PaymentDraft
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
from handlers.show import Event, chat_of, say, show, strip
from handlers.typed import email_of, text_of
from locales import _
from services.accounts.accounts import link_of, owned
from services.accounts.models import Link
from services.cards import Cards
from services.customers.models import Customer
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
async def open_payment(message: Message, customer: Customer, dues: Dues, state: FSMContext) -> None:
    if customer.current is None:
        await ask_first_account(message, state)
    else:
        await _choose(message, customer.current, dues, state)


@router.callback_query(Pressed(Pay))
async def choose(
    callback: CallbackQuery, callback_data: Pay, customer: Customer, dues: Dues, state: FSMContext
) -> None:
    link = owned(customer, callback_data.link)
    await _choose(callback, link, dues, state, preliminary=callback_data.preliminary, fresh=callback_data.fresh)


async def _choose(
    event: Event,
    link: Link,
    dues: Dues,
    state: FSMContext,
    *,
    preliminary: bool = True,
    fresh: bool = False,
) -> None:
    due = await dues.of(link)
    await _offer(event, due, dues, state, preliminary=preliminary, fresh=fresh)


async def _offer(event: Event, due: Due, dues: Dues, state: FSMContext, *, preliminary: bool, fresh: bool) -> None:
    await state.set_state(None)
    await show(event, screens.choose(due, preliminary=preliminary, limit=dues.limit), fresh=fresh)


async def _offer_anew(
    event: Event,
    due: Due,
    dues: Dues,
    state: FSMContext,
    *,
    preliminary: bool = True,
    fresh: bool = False,
) -> None:
    """Instead of a sum that an older button names."""
    if due.bill and isinstance(event, CallbackQuery):
        await say(event, _(SumChanged.text))
    await _offer(event, due, dues, state, preliminary=preliminary, fresh=fresh)


@router.callback_query(Pressed(OnPayment, PaymentAction.EXPLAIN))
async def explain(callback: CallbackQuery, callback_data: OnPayment, customer: Customer, dues: Dues) -> None:
    due = await dues.of(owned(customer, callback_data.link))
    await show(callback, screens.explain(due, preliminary=callback_data.preliminary))


@router.callback_query(Pressed(OnPayment, PaymentAction.OTHER))
async def ask_sum(
    callback: CallbackQuery, callback_data: OnPayment, customer: Customer, dues: Dues, state: FSMContext
) -> None:
    link = dues.admit(owned(customer, callback_data.link))
    await PaymentDraft(link_id=link.id, preliminary=callback_data.preliminary).save(state)
    await state.set_state(Paying.sum)
    await show(callback, screens.ask_sum(link, dues.limit, preliminary=callback_data.preliminary))


@router.message(StateFilter(Paying.sum))
@router.edited_message(StateFilter(Paying.sum))
async def take_sum(message: Message, customer: Customer, dues: Dues, cards: Cards, state: FSMContext) -> None:
    draft = await PaymentDraft.load(state)
    kopecks, due = sums.kopecks(text_of(message)), await dues.of(owned(customer, draft.link_id))
    await _ask_method(message, customer, due, kopecks, dues, cards, state, preliminary=draft.preliminary)


@router.callback_query(Pressed(PaySum))
async def ask_method(
    callback: CallbackQuery,
    callback_data: PaySum,
    customer: Customer,
    dues: Dues,
    cards: Cards,
    state: FSMContext,
) -> None:
    """What a button offers may have been paid since."""
    due, kopecks = await dues.of(owned(customer, callback_data.link)), callback_data.kopecks
    fresh, preliminary = callback_data.fresh, callback_data.preliminary
    if kopecks in dues.sums(due):
        await _ask_method(callback, customer, due, kopecks, dues, cards, state, fresh=fresh, preliminary=preliminary)
    else:
        await _offer_anew(callback, due, dues, state, fresh=fresh, preliminary=preliminary)


@router.callback_query(Pressed(PayDrafted))
async def ask_method_again(
    callback: CallbackQuery,
    callback_data: PayDrafted,
    customer: Customer,
    dues: Dues,
    cards: Cards,
    state: FSMContext,
) -> None:
    draft = await PaymentDraft.load(state, callback_data.draft)
    await _ask_drafted(callback, customer, draft, dues, cards, state)


async def _ask_drafted(
    event: Event,
    customer: Customer,
    draft: PaymentDraft,
    dues: Dues,
    cards: Cards,
    state: FSMContext,
    email: str | None = None,
) -> None:
    due = await dues.of(owned(customer, draft.link_id))
    kopecks, preliminary = draft.kopecks or 0, draft.preliminary
    if draft.offered and kopecks not in dues.sums(due):
        await _offer_anew(event, due, dues, state, preliminary=preliminary)
    else:
        await _ask_method(event, customer, due, kopecks, dues, cards, state, preliminary=preliminary, email=email)


async def _ask_method(
    event: Event,
    customer: Customer,
    due: Due,
    kopecks: int,
    dues: Dues,
    cards: Cards,
    state: FSMContext,
    *,
    fresh: bool = False,
    preliminary: bool = True,
    email: str | None = None,
) -> None:
    """Limits may have changed since the sum was named."""
    dues.check(kopecks)
    if dues.methods.email:
        email = email or customer.email
    link, offered = due.link, kopecks in dues.sums(due)
    draft = PaymentDraft(link_id=link.id, kopecks=kopecks, offered=offered, preliminary=preliminary, email=email)
    await draft.save(state)
    await state.set_state(Paying.sum)  # a number typed now is another sum
    summary = screens.Summary(
        link=link,
        address=await cards.address(link),
        kopecks=kopecks,
        email=email,
        recent=due.recent,
        draft=draft.id,
        confirmation=draft.confirmation,
        offered=offered,
        preliminary=preliminary,
    )
    await show(event, screens.method(summary, dues.methods), fresh=fresh)


@router.callback_query(Pressed(AskReceipt))
async def ask_email(callback: CallbackQuery, callback_data: AskReceipt, state: FSMContext) -> None:
    draft = await PaymentDraft.load(state, callback_data.draft)
    await state.set_state(Paying.email)
    await show(callback, screens.ask_email(draft.id))


@router.message(StateFilter(Paying.email))
@router.edited_message(StateFilter(Paying.email))
async def take_email(message: Message, customer: Customer, dues: Dues, cards: Cards, state: FSMContext) -> None:
    draft = await PaymentDraft.load(state)
    await _ask_drafted(message, customer, draft, dues, cards, state, email_of(message))


@router.callback_query(Pressed(PayByCode))
async def send_code(
    callback: CallbackQuery,
    bot: Bot,
    callback_data: PayByCode,
    customer: Customer,
    checkout: Checkout,
    dues: Dues,
    documents: Documents,
    state: FSMContext,
) -> None:
    try:
        code = await checkout.code(customer, callback_data.link, callback_data.kopecks, offered=callback_data.offered)
    except SumChanged:
        await _offer_anew(callback, await dues.of(owned(customer, callback_data.link)), dues, state)
        return
    await bot.send_chat_action(chat_of(callback), ChatAction.UPLOAD_PHOTO)
    picture = BufferedInputFile(await documents.qr(code.payload), "qr.png")
    below = screens.code(code)
    await bot.send_photo(chat_of(callback), picture, caption=below.text, reply_markup=below.markup)


@router.callback_query(Pressed(PlaceOrder))
async def place_order(
    callback: CallbackQuery,
    bot: Bot,
    callback_data: PlaceOrder,
    customer: Customer,
    checkout: Checkout,
    dues: Dues,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    """One press, one payment: pressed again, or run again after a kill, it leads to the same one."""
    key = callback_data.confirmation
    draft = await PaymentDraft.find(state)
    if draft and draft.confirmation == key and draft.kopecks is not None:
        await bot.send_chat_action(chat_of(callback), ChatAction.TYPING)
        back = await create_start_link(bot, PAYMENT + key)
        try:
            confirmed = Confirmation(key, draft.link_id, draft.kopecks, back, draft.email, offered=draft.offered)
            order = await checkout.confirm(customer, confirmed)
        except SumChanged:
            due = await dues.of(owned(customer, draft.link_id))
            await _offer_anew(callback, due, dues, state, preliminary=draft.preliminary)
            return
        await PaymentDraft.drop(state)
    elif (found := await checkout.find(customer, key)) is not None:
        order = found
    else:
        raise DraftLost
    await _show_order(callback, order, customer, checkout, profile)


@router.callback_query(Pressed(OnOrder, OrderAction.VIEW))
@router.callback_query(Pressed(OnOrder, OrderAction.CHECK))
@router.callback_query(Pressed(OnOrder, OrderAction.DROP))
async def act_on_order(
    callback: CallbackQuery,
    callback_data: OnOrder,
    customer: Customer,
    checkout: Checkout,
    profile: SupplierProfile,
) -> None:
    action = callback_data.action
    does = {OrderAction.VIEW: checkout.get, OrderAction.CHECK: checkout.refresh, OrderAction.DROP: checkout.drop}
    order = await does[action](customer, callback_data.key)
    if action is OrderAction.CHECK and order.open:
        await say(callback, _("Оплата пока не поступила. Как только она пройдёт, я сразу сообщу."))
    await _show_order(callback, order, customer, checkout, profile)


@router.callback_query(Pressed(OnOrder, OrderAction.RETRY))
async def retry(
    callback: CallbackQuery,
    callback_data: OnOrder,
    customer: Customer,
    checkout: Checkout,
    dues: Dues,
    cards: Cards,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    """What is paid already, or can still be paid by its link, is not begun again; nor what another has paid since."""
    order = await checkout.get(customer, callback_data.key)
    if order.status is not OrderStatus.CANCELED:
        await _show_order(callback, order, customer, checkout, profile)
        return
    due = await dues.of(link_of(customer, order.account))
    if not await checkout.repeatable(order, due):
        await _offer_anew(callback, due, dues, state, fresh=True)
        return
    await _ask_method(callback, customer, due, order.kopecks, dues, cards, state, fresh=True)


async def follow_payment(
    event: Event,
    name: str,
    customer: Customer,
    checkout: Checkout,
    dues: Dues,
    cards: Cards,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    """The way back from the provider's page, which names an order, or in from a receipt, which names an account.
    Coming back proves nothing: the provider is asked."""
    order = await checkout.find(customer, name)
    if order is None:
        await _choose(event, owned(customer, name), dues, state)
        return
    order = await checkout.refresh(customer, order.key)
    if order.status is OrderStatus.PAID:
        await show_home(event, customer, cards, state)
    else:
        await _show_order(event, order, customer, checkout, profile)


async def _show_order(
    event: Event, order: Order, customer: Customer, checkout: Checkout, profile: SupplierProfile
) -> None:
    """In a message that stays an order's: its buttons lead on in new ones, and no earlier one has any."""
    zone = profile.region_of(order.account).timezone
    shown_in = await show(event, orders.order(order, link_of(customer, order.account), zone))
    if order.shown_in not in (None, shown_in):
        await strip(event, order.shown_in)
    await checkout.show_in(order, shown_in)
