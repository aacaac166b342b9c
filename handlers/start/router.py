"""First contact: language, two consents, and then the way on."""

from __future__ import annotations

from typing import Any

from aiogram import F, Router
from aiogram.dispatcher.event.handler import CallableObject
from aiogram.filters import CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from fsm.start import ArrivalDraft, ConsentDraft, Consenting
from handlers.callbacks import Go, Place
from handlers.emails.notices import CONFIRMATION
from handlers.emails.router import follow_letter
from handlers.filters import OPEN, Pressed
from handlers.home.router import show_home
from handlers.payments.router import PAYMENT, follow_payment
from handlers.sharing.router import INVITATION, ask_join
from handlers.show import Event, show
from handlers.start.callbacks import Agree, Read, Speak, Tick
from handlers.start.screens import consents, document
from locales import LANGUAGES, speak
from services.accounts.accounts import Accounts
from services.cards import Cards
from services.customers.models import Consent, Customer
from services.supplier.profile import SupplierProfile

router = Router(name="start")
FLOWS = {  # where a link leads, by how its payload begins
    INVITATION: CallableObject(ask_join),
    CONFIRMATION: CallableObject(follow_letter),
    PAYMENT: CallableObject(follow_payment),
}


@router.message(CommandStart(ignore_case=True, magic=F.args.startswith(tuple(FLOWS))), flags=OPEN)
async def arrive(
    message: Message,
    command: CommandObject,
    customer: Customer,
    profile: SupplierProfile,
    state: FSMContext,
    **data: Any,
) -> None:
    payload = command.args or ""
    if customer.agreed:
        await follow(message, payload, customer=customer, profile=profile, state=state, **data)
    else:
        await ArrivalDraft(payload=payload).save(state)
        await ask_consents(message, customer, profile, state)


@router.message(CommandStart(ignore_case=True), flags=OPEN)
async def start(
    message: Message,
    customer: Customer,
    accounts: Accounts,
    cards: Cards,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    if customer.agreed:
        await show_home(message, await accounts.start_over(customer), cards, state)
    else:
        await ask_consents(message, customer, profile, state)


async def follow(event: Event, payload: str, **data: Any) -> None:
    """The way that a link leads; its flow takes of `data` what it asks for, as handlers do."""
    prefix = next(filter(payload.startswith, FLOWS))
    await FLOWS[prefix].call(event, payload.removeprefix(prefix), **data)


async def ask_consents(event: Event, customer: Customer, profile: SupplierProfile, state: FSMContext) -> None:
    draft = await ConsentDraft.find(state) or ConsentDraft()
    await draft.save(state)
    await state.set_state(Consenting.choosing)
    await show(event, consents(profile, draft.ticked | customer.consents, customer.language))


@router.callback_query(Pressed(Go, Place.CONSENTS), flags=OPEN)
async def back_to_consents(
    callback: CallbackQuery, customer: Customer, cards: Cards, profile: SupplierProfile, state: FSMContext
) -> None:
    await _go_on(callback, customer, cards, profile, state)


@router.callback_query(Pressed(Tick), flags=OPEN)
async def tick(
    callback: CallbackQuery,
    callback_data: Tick,
    customer: Customer,
    cards: Cards,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    draft = await ConsentDraft.find(state) or ConsentDraft()
    draft.ticked ^= {callback_data.consent}
    await draft.save(state)
    await _go_on(callback, customer, cards, profile, state)


@router.callback_query(Pressed(Agree), flags=OPEN)
async def agree(
    callback: CallbackQuery, customer: Customer, accounts: Accounts, cards: Cards, state: FSMContext, **data: Any
) -> None:
    customer = await accounts.agree(customer, set(Consent))
    arrival = await ArrivalDraft.find(state)
    await ArrivalDraft.drop(state)
    await ConsentDraft.drop(state)
    if arrival:
        needs = {"customer": customer, "accounts": accounts, "cards": cards, "state": state}
        await follow(callback, arrival.payload, **data, **needs)
    else:
        await show_home(callback, customer, cards, state)


@router.callback_query(Pressed(Read), flags=OPEN)
async def read(callback: CallbackQuery, callback_data: Read, customer: Customer, profile: SupplierProfile) -> None:
    await show(callback, document(profile.text(callback_data.consent, customer.language), callback_data.back))


@router.callback_query(Pressed(Speak), flags=OPEN)
async def change_language(
    callback: CallbackQuery,
    callback_data: Speak,
    customer: Customer,
    accounts: Accounts,
    cards: Cards,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    if callback_data.language in LANGUAGES:
        customer = await accounts.set_language(customer, callback_data.language)
        speak(customer.language)
    await _go_on(callback, customer, cards, profile, state)


async def _go_on(
    callback: CallbackQuery, customer: Customer, cards: Cards, profile: SupplierProfile, state: FSMContext
) -> None:
    if customer.agreed:
        await show_home(callback, customer, cards, state)
    else:
        await ask_consents(callback, customer, profile, state)
