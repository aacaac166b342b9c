"""Finding an account, confirming its address, and looking after several."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from fsm.accounts import AddressDraft, LabelDraft, Linking, Naming, UnlinkDraft
from handlers.accounts import screens
from handlers.accounts.callbacks import AccountAction, ConfirmAddress, OnAccount
from handlers.accounts.screens import ask_account, confirm_address
from handlers.callbacks import Go, Place
from handlers.filters import Asked, Pressed
from handlers.home.router import show_home
from handlers.readings.router import take_typed
from handlers.show import Event, show
from handlers.typed import text_of
from services.accounts.accounts import Accounts, Limits, is_linked, owned
from services.accounts.address import hide_flat
from services.accounts.links import Links
from services.cards import Cards
from services.customers.models import Customer
from services.readings.numbers import looks_like_account, looks_like_readings, split_account
from services.readings.readings import Readings
from services.supplier.models import Account

router = Router(name="accounts")


@router.message(Asked("accounts"))
@router.callback_query(Pressed(Go, Place.ACCOUNTS))
async def list_accounts(event: Event, customer: Customer, limits: Limits, state: FSMContext) -> None:
    await state.set_state(None)
    if customer.links:
        await show(event, screens.accounts(customer, limits.accounts))
    else:
        await ask_number(event, customer, state)


@router.callback_query(Pressed(Go, Place.ADD))
async def ask_number(event: Event, customer: Customer, state: FSMContext) -> None:
    await state.set_state(Linking.number)
    await show(event, ask_account(can_leave=bool(customer.links)))


@router.message(StateFilter(Linking.number, Linking.address))
@router.edited_message(StateFilter(Linking.number, Linking.address))
async def look_up(
    message: Message,
    customer: Customer,
    accounts: Accounts,
    links: Links,
    cards: Cards,
    readings: Readings,
    state: FSMContext,
) -> None:
    """An account of the customer's own is opened and takes the numbers beside its own one; about another account there
    is a question, and other numbers answer it."""
    text = text_of(message)
    number, rest = split_account(text)
    own = links.own(customer, number or text)
    if own and number and looks_like_readings(rest):
        await AddressDraft.drop(state)
        await state.set_state(None)
        await take_typed(message, await accounts.choose(customer, own.id), readings, state)
    elif own:
        await _open(message, await accounts.choose(customer, own.id), cards, state)
    elif await state.get_state() == Linking.address.state and not looks_like_account(text):
        await _take_flat(message, text, customer, links, cards, state)
    else:
        await _ask(message, await links.look_up(customer, text), links, state)


async def _open(event: Event, customer: Customer, cards: Cards, state: FSMContext) -> None:
    """The account that has come into view; the question about an address is over."""
    await AddressDraft.drop(state)
    await show_home(event, customer, cards, state)


async def _ask(event: Event, account: Account, links: Links, state: FSMContext) -> None:
    draft = AddressDraft(number=account.number, shown=hide_flat(account.address))
    await draft.save(state)
    await state.set_state(Linking.address)
    await show(event, confirm_address(account, links.question(account), draft.id))


async def _take_flat(
    message: Message, text: str, customer: Customer, links: Links, cards: Cards, state: FSMContext
) -> None:
    """The number that the address hides."""
    draft = await AddressDraft.load(state)
    if is_linked(customer, draft.number):  # by this message, if the process ended before it said so
        await _open(message, customer, cards, state)
        return
    account = await links.find(customer, draft.number)
    if hide_flat(account.address) != draft.shown:
        await _ask(message, account, links, state)
    elif links.question(account):
        await _open(message, await links.answer(customer, account, text), cards, state)
    else:
        await _ask(message, await links.look_up(customer, text), links, state)


@router.callback_query(Pressed(ConfirmAddress))
async def confirm(
    callback: CallbackQuery,
    callback_data: ConfirmAddress,
    customer: Customer,
    links: Links,
    cards: Cards,
    state: FSMContext,
) -> None:
    draft = await AddressDraft.load(state, callback_data.draft)
    if not callback_data.yes:
        await ask_number(callback, customer, state)
        return
    account = await links.find(customer, draft.number)
    asked = links.question(account) or hide_flat(account.address) != draft.shown  # the button is older than that
    if asked and not is_linked(customer, account.number):
        await _ask(callback, account, links, state)
    else:
        await _open(callback, await links.confirm(customer, account), cards, state)


@router.callback_query(Pressed(OnAccount, AccountAction.OPEN))
async def open_account(
    callback: CallbackQuery, callback_data: OnAccount, customer: Customer, cards: Cards, state: FSMContext
) -> None:
    await state.set_state(None)
    link = owned(customer, callback_data.link)
    await show(callback, screens.account(link, await cards.address(link), first=link == customer.links[0]))


@router.callback_query(Pressed(OnAccount, AccountAction.FIRST))
async def put_first(
    callback: CallbackQuery,
    callback_data: OnAccount,
    customer: Customer,
    accounts: Accounts,
    limits: Limits,
) -> None:
    customer = await accounts.put_first(customer, callback_data.link)
    await show(callback, screens.accounts(customer, limits.accounts))


@router.callback_query(Pressed(OnAccount, AccountAction.CHOOSE))
async def choose(
    callback: CallbackQuery,
    callback_data: OnAccount,
    customer: Customer,
    accounts: Accounts,
    cards: Cards,
    state: FSMContext,
) -> None:
    await show_home(callback, await accounts.choose(customer, callback_data.link), cards, state)


@router.callback_query(Pressed(OnAccount, AccountAction.UNLINK))
async def ask_unlink(callback: CallbackQuery, callback_data: OnAccount, customer: Customer, state: FSMContext) -> None:
    link = owned(customer, callback_data.link)
    await UnlinkDraft(link_id=link.id).save(state)
    await show(callback, screens.confirm_unlink(link))


@router.callback_query(Pressed(OnAccount, AccountAction.UNLINK_YES))
async def unlink(
    callback: CallbackQuery,
    callback_data: OnAccount,
    customer: Customer,
    accounts: Accounts,
    cards: Cards,
    state: FSMContext,
) -> None:
    if not await _is_unlinked(customer, callback_data.link, state):
        customer = await accounts.unlink(customer, callback_data.link)
    await UnlinkDraft.drop(state)
    await show_home(callback, customer, cards, state)


async def _is_unlinked(customer: Customer, link_id: str, state: FSMContext) -> bool:
    """Whether this very press has done it already: the process may have ended before it said so."""
    asked = await UnlinkDraft.find(state)
    return asked is not None and asked.link_id == link_id and link_id not in {link.id for link in customer.links}


@router.callback_query(Pressed(OnAccount, AccountAction.RENAME))
async def ask_label(callback: CallbackQuery, callback_data: OnAccount, customer: Customer, state: FSMContext) -> None:
    link = owned(customer, callback_data.link)
    await LabelDraft(link_id=link.id).save(state)
    await state.set_state(Naming.label)
    await show(callback, screens.ask_label(link))


@router.message(StateFilter(Naming.label))
@router.edited_message(StateFilter(Naming.label))
async def rename(message: Message, customer: Customer, accounts: Accounts, limits: Limits, state: FSMContext) -> None:
    draft = await LabelDraft.load(state)
    customer = await accounts.rename(customer, draft.link_id, text_of(message))
    await LabelDraft.drop(state)
    await show(message, screens.accounts(customer, limits.accounts))
