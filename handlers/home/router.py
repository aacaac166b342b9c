"""The home card: where every conversation begins and ends."""

from __future__ import annotations

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from fsm.accounts import Linking
from fsm.draft import leave_form
from fsm.readings import ReadingDraft
from handlers.accounts.screens import ask_account
from handlers.callbacks import Go, Place
from handlers.filters import Asked, Pressed
from handlers.home.screens import home
from handlers.show import Event, show
from services.cards import Cards
from services.customers.models import Customer

router = Router(name="home")


async def show_home(event: Event, customer: Customer, cards: Cards, state: FSMContext, *, fresh: bool = False) -> None:
    """The current account's card, or the question for a first account. A half-filled form waits to be resumed."""
    await state.set_state(None)
    if customer.current is None:
        await ask_first_account(event, state, fresh=fresh)
        return
    card = await cards.home(customer.current)
    draft = await ReadingDraft.find(state)
    resumable = draft is not None and draft.resumable(customer.current, card.today)
    await show(event, home(card, customer, resumable=resumable), fresh=fresh)


async def ask_first_account(event: Event, state: FSMContext, *, fresh: bool = False) -> None:
    await state.set_state(Linking.number)
    await show(event, ask_account(can_leave=False), fresh=fresh)


@router.message(Asked("menu"))
async def open_home(message: Message, customer: Customer, cards: Cards, state: FSMContext) -> None:
    await show_home(message, customer, cards, state)


@router.message(Asked("cancel"))
async def cancel(message: Message, customer: Customer, cards: Cards, state: FSMContext) -> None:
    await leave_form(state)
    await show_home(message, customer, cards, state)


@router.callback_query(Pressed(Go, Place.HOME))
async def go_home(
    callback: CallbackQuery, callback_data: Go, customer: Customer, cards: Cards, state: FSMContext
) -> None:
    await show_home(callback, customer, cards, state, fresh=callback_data.fresh)
