"""Finding an account, confirming its address, and looking after several."""

from __future__ import annotations

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter

from fsm.accounts import AddressDraft, LabelDraft, Linking, Naming, UnlinkDraft
from handlers.accounts import screens
from handlers.accounts.callbacks import AccountAction, ConfirmAddress, OnAccount
from handlers.accounts.screens import ask_account, confirm_address
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account, is_invited, show_home
from handlers.readings.taking import take_typed
from services.accounts.accounts import Accounts, Limits, is_linked, owned
from services.accounts.address import hide_flat
from services.accounts.links import Links
from services.accounts.models import Link
from services.cards import Cards
from services.readings.numbers import looks_like_account, looks_like_readings, split_account
from services.receipts.subscriptions import Subscriptions
from services.supplier.models import Account

router = Router(name="accounts")


@router.message(Asked("accounts"))
@router.callback_query(Pressed(Go, Place.ACCOUNTS))
async def list_accounts(talk: Conversation) -> None:
    await talk.expect(None)
    if talk.customer.links:
        await _list(talk)
    else:
        await ask_first_account(talk)


async def _list(talk: Conversation) -> None:
    cards = await talk.use(Cards).homes(talk.customer.links)
    await talk.show(screens.accounts(cards, talk.use(Limits).accounts, invited=await is_invited(talk)))


@router.callback_query(Pressed(Go, Place.EDIT))
async def edit_accounts(talk: Conversation) -> None:
    """A single account needs no list."""
    links = talk.customer.links
    if len(links) == 1:
        await _show_account(talk, links[0])
    else:
        await talk.show(screens.editing(links))


@router.callback_query(Pressed(Go, Place.ADD))
async def ask_number(talk: Conversation) -> None:
    await talk.expect(Linking.number)
    await talk.show(ask_account(can_leave=bool(talk.customer.links), invited=await is_invited(talk)))


@router.message(StateFilter(Linking.number, Linking.address))
@router.edited_message(StateFilter(Linking.number, Linking.address))
async def take_number(talk: Conversation) -> None:
    """An account of the customer's own takes the numbers beside its own one; about another account there is a question,
    and other numbers answer it."""
    text = talk.text
    number, rest = split_account(text)
    own = talk.use(Links).own(talk.customer, number or text)
    if own and number and looks_like_readings(rest):
        talk.customer = await talk.use(Accounts).choose(talk.customer, own.id)
        await talk.drop(AddressDraft)
        await take_typed(talk)
    elif not own and await talk.state.get_state() == Linking.address.state and not looks_like_account(text):
        await _take_flat(talk)
    else:
        await ask_about(talk, number or text)


async def ask_about(talk: Conversation, number: str) -> None:
    """Open the account if it is the customer's own; else ask for its address."""
    if own := talk.use(Links).own(talk.customer, number):
        talk.customer = await talk.use(Accounts).choose(talk.customer, own.id)
        await _open(talk)
    else:
        await _ask(talk, await talk.use(Links).look_up(talk.customer, number))


async def _open(talk: Conversation) -> None:
    """The account that has come into view; the question about an address is over."""
    await talk.drop(AddressDraft)
    await show_home(talk)


async def _welcome(talk: Conversation) -> None:
    """The account that was just linked; one among several is offered a name."""
    await talk.drop(AddressDraft)
    link = talk.customer.current
    if link is None or link.alone or link.label:
        await show_home(talk)
        return
    await talk.save(LabelDraft(link_id=link.id), Naming.offered)
    await talk.show(screens.offer_label(link))


async def _ask(talk: Conversation, account: Account) -> None:
    draft = AddressDraft(number=account.number, shown=hide_flat(account.address))
    await talk.save(draft, Linking.address)
    await talk.show(confirm_address(account, talk.use(Links).question(account), draft.id))


async def _take_flat(talk: Conversation) -> None:
    """The number that the address hides."""
    draft, links = await talk.draft(AddressDraft), talk.use(Links)
    if is_linked(talk.customer, draft.number):  # by this message, if the process ended before it said so
        await _welcome(talk)
        return
    account = await links.find(talk.customer, draft.number)
    if hide_flat(account.address) != draft.shown:
        await _ask(talk, account)
    elif links.question(account):
        talk.customer = await links.answer(talk.customer, account, talk.text)
        await _welcome(talk)
    else:
        await _ask(talk, await links.look_up(talk.customer, talk.text))


@router.callback_query(Pressed(ConfirmAddress))
async def confirm(talk: Conversation, callback_data: ConfirmAddress) -> None:
    draft, links = await talk.draft(AddressDraft, callback_data.draft), talk.use(Links)
    if not callback_data.yes:
        await ask_number(talk)
        return
    account = await links.find(talk.customer, draft.number)
    asked = links.question(account) or hide_flat(account.address) != draft.shown  # the button is older than that
    if asked and not is_linked(talk.customer, account.number):
        await _ask(talk, account)
    else:
        talk.customer = await links.confirm(talk.customer, account)
        await _welcome(talk)


@router.callback_query(Pressed(OnAccount, AccountAction.OPEN))
async def open_account(talk: Conversation, callback_data: OnAccount) -> None:
    await talk.expect(None)
    await _show_account(talk, owned(talk.customer, callback_data.link))


async def _show_account(talk: Conversation, link: Link) -> None:
    address, first = await talk.use(Cards).address(link), link == talk.customer.links[0]
    await talk.show(screens.account(link, address, first=first))


@router.callback_query(Pressed(OnAccount, AccountAction.FIRST))
async def put_first(talk: Conversation, callback_data: OnAccount) -> None:
    talk.customer = await talk.use(Accounts).put_first(talk.customer, callback_data.link)
    await _list(talk)


@router.callback_query(Pressed(OnAccount, AccountAction.CHOOSE))
async def choose(talk: Conversation, callback_data: OnAccount) -> None:
    talk.customer = await talk.use(Accounts).choose(talk.customer, callback_data.link)
    await show_home(talk)


@router.callback_query(Pressed(OnAccount, AccountAction.UNLINK))
async def ask_unlink(talk: Conversation, callback_data: OnAccount) -> None:
    link = owned(talk.customer, callback_data.link)
    await talk.save(UnlinkDraft(link_id=link.id))
    await talk.show(screens.confirm_unlink(link, await talk.use(Subscriptions).by_mail(link)))


@router.callback_query(Pressed(OnAccount, AccountAction.UNLINK_YES))
async def unlink(talk: Conversation, callback_data: OnAccount) -> None:
    if not await _is_unlinked(talk, callback_data.link):
        talk.customer = await talk.use(Accounts).unlink(talk.customer, callback_data.link)
    await talk.drop(UnlinkDraft)
    await show_home(talk)


async def _is_unlinked(talk: Conversation, link_id: str) -> bool:
    """Whether this very press has done it already: the process may have ended before it said so."""
    asked = await talk.find_draft(UnlinkDraft)
    return asked is not None and asked.link_id == link_id and link_id not in {link.id for link in talk.customer.links}


@router.callback_query(Pressed(OnAccount, AccountAction.RENAME))
async def ask_label(talk: Conversation, callback_data: OnAccount) -> None:
    link = owned(talk.customer, callback_data.link)
    await talk.save(LabelDraft(link_id=link.id), Naming.label)
    await talk.show(screens.ask_label(link))


@router.message(StateFilter(Naming.label))
@router.edited_message(StateFilter(Naming.label))
async def rename(talk: Conversation) -> None:
    draft = await talk.draft(LabelDraft)
    talk.customer = await talk.use(Accounts).rename(talk.customer, draft.link_id, talk.text)
    await talk.drop(LabelDraft)
    await _list(talk)


@router.message(StateFilter(Naming.offered))
@router.edited_message(StateFilter(Naming.offered))
async def take_offered_label(talk: Conversation) -> None:
    """Numbers are none: they are taken as if nothing had been asked."""
    if looks_like_readings(talk.text) or looks_like_account(talk.text):
        await talk.drop(LabelDraft)
        raise SkipHandler
    await rename(talk)
