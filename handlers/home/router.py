"""The home card: where every conversation begins and ends."""

from __future__ import annotations

from aiogram import Router

from fsm.accounts import AddressDraft, Linking
from fsm.draft import leave_form
from fsm.readings import ReadingDraft
from fsm.sharing import InvitationDraft
from handlers.accounts.screens import ask_account
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.screens import home
from services.appeals.appeals import Appeals
from services.cards import Cards
from services.supplier.profile import SupplierProfile

router = Router(name="home")


async def show_home(talk: Conversation, *, fresh: bool = False) -> None:
    """The current account's card, or the question for a first account. A half-filled form waits to be resumed."""
    await talk.expect(None)
    current = talk.customer.current
    if current is None:
        await ask_first_account(talk, fresh=fresh)
        return
    card = await talk.use(Cards).home(current)
    draft = await talk.find_draft(ReadingDraft)
    resumable = draft is not None and draft.resumable(current, card.today)
    appeals = talk.use(SupplierProfile).takes_appeals
    unread = appeals and await talk.use(Appeals).has_unread(talk.customer)
    await talk.show(home(card, talk.customer, resumable=resumable, appeals=appeals, unread=unread), fresh=fresh)


async def ask_first_account(talk: Conversation, *, fresh: bool = False) -> None:
    """A question about an address that is open already stands."""
    address = await talk.question(Linking.address.state) if await talk.find_draft(AddressDraft) else None
    if address:
        await talk.expect(Linking.address)
        await talk.show(address, fresh=fresh)
        return
    await talk.expect(Linking.number)
    await talk.show(ask_account(can_leave=False, invited=await is_invited(talk)), fresh=fresh)


async def is_invited(talk: Conversation) -> bool:
    """An invitation to an account is not answered yet."""
    return await talk.find_draft(InvitationDraft) is not None


@router.message(Asked("menu"))
async def open_home(talk: Conversation) -> None:
    await show_home(talk)


@router.message(Asked("cancel"))
async def cancel(talk: Conversation) -> None:
    await leave_form(talk.state)
    await show_home(talk)


@router.callback_query(Pressed(Go, Place.HOME))
async def go_home(talk: Conversation, callback_data: Go) -> None:
    await show_home(talk, fresh=callback_data.fresh)
