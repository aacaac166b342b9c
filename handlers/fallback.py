"""The last router: nothing that a person sends stays without an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.accounts.router import look_up
from handlers.home.router import show_home
from handlers.keyboards import help_button, home_button, rows
from handlers.readings.router import take_typed
from handlers.show import Screen, say, show
from handlers.typed import text_of, unread
from handlers.wording import escape
from locales import _
from services.accounts.accounts import Accounts, is_linked
from services.accounts.links import Links
from services.cards import Cards
from services.customers.models import Customer
from services.errors import DraftLost
from services.readings.errors import TooManyNumbers
from services.readings.numbers import looks_like_account, looks_like_readings, split_account
from services.readings.readings import Readings
from services.supplier.profile import SupplierProfile

router = Router(name="fallback")
LookUp = Callable[[], Awaitable[None]]


@router.message()
async def understand(
    message: Message,
    customer: Customer,
    accounts: Accounts,
    links: Links,
    cards: Cards,
    readings: Readings,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    """Numbers typed without being asked for: readings or an account, or both. Anything else gets a hint."""
    text = text_of(message)
    account, rest = split_account(text)
    look = partial(look_up, message, customer, accounts, links, cards, readings, state)
    if customer.links and account and looks_like_readings(rest):
        await _take_both(message, account, customer, look)
    elif links.own(customer, text, alone=True):
        await look()
    elif customer.links and looks_like_readings(text):
        await _take_numbers(message, text, customer, readings, state, look)
    elif looks_like_account(text) or not customer.links:
        await look()
    elif message.text is None:
        raise unread(message)
    else:
        await show(message, _hint(profile))


async def _take_numbers(
    message: Message, text: str, customer: Customer, readings: Readings, state: FSMContext, look: LookUp
) -> None:
    """Twelve digits that the meter cannot have shown are an account."""
    try:
        await take_typed(message, customer, readings, state)
    except TooManyNumbers:
        if not looks_like_account(text):
            raise
        await look()


async def _take_both(message: Message, account: str, customer: Customer, look: LookUp) -> None:
    """Another's account has to be linked before it can have any numbers."""
    await look()
    if not is_linked(customer, account):
        await message.answer(_("Показания пока не переданы: пришлите их, когда подтвердите адрес."))


def _hint(profile: SupplierProfile) -> Screen:
    text = _(
        "Не понял. Пришлите показания числами, например <code>3650</code>, номер счёта или слово: показания, оплата, "
        "история, счета, настройки, помощь.\n\nНа вопрос ответят по телефону:\n{phone}"
    )
    return Screen(text.format(phone=escape(profile.phone)), rows([help_button(), home_button()]))


@router.edited_message()
async def explain_edit(message: Message) -> None:
    text = _("Вы изменили прежнее сообщение. Чтобы я учёл новое, пришлите его ещё раз.")
    await show(message, Screen(text, rows([home_button()])))


@router.callback_query()
async def explain_button(callback: CallbackQuery, customer: Customer, cards: Cards, state: FSMContext) -> None:
    """A button of an older version of the bot, or one that nobody made."""
    await say(callback, _(DraftLost.text))
    await show_home(callback, customer, cards, state)
