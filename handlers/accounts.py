"""Finding an account, confirming its address, and looking after several."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from fsm.drafts import AddressDraft, LabelDraft, UnlinkDraft
from fsm.states import Linking, Naming
from handlers.callbacks import AccountAction, ConfirmAddress, Go, OnAccount, Place
from handlers.filters import Asked, Pressed
from handlers.home import show_home
from handlers.screens import home as screens
from handlers.screens.start import ask_account, confirm_address
from handlers.show import Event, show
from handlers.typed import text_of
from services.accounts import Accounts, Limits, owned
from services.cards import Cards
from services.models import Customer

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
async def look_up(message: Message, customer: Customer, accounts: Accounts, state: FSMContext) -> None:
    account = await accounts.look_up(customer, text_of(message))
    draft = AddressDraft(number=account.number)
    await draft.save(state)
    await state.set_state(Linking.address)
    await show(message, confirm_address(account, draft.id))


@router.callback_query(Pressed(ConfirmAddress))
async def confirm(
    callback: CallbackQuery,
    callback_data: ConfirmAddress,
    customer: Customer,
    accounts: Accounts,
    cards: Cards,
    state: FSMContext,
) -> None:
    draft = await AddressDraft.load(state, callback_data.draft)
    if not callback_data.yes:
        await ask_number(callback, customer, state)
        return
    customer = await accounts.link(customer, draft.number)
    await AddressDraft.drop(state)
    await show_home(callback, customer, cards, state)


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
