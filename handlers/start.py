"""First contact: language, two consents, and then the way on."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from fsm.drafts import ConsentDraft, InvitationDraft
from fsm.states import Consenting
from handlers.callbacks import Agree, Go, Place, Read, Speak, Tick
from handlers.filters import Pressed
from handlers.home import show_home
from handlers.payments import PAYMENT, follow
from handlers.screens.start import consents, document
from handlers.sharing import INVITATION, ask_join
from handlers.show import Event, show
from locales import LANGUAGES, speak
from services.accounts import Accounts
from services.cards import Cards
from services.models import Consent, Customer
from services.payments import Payments
from services.profile import SupplierProfile
from services.sharing import Sharing

router = Router(name="start")
OPEN = {"open": True}  # may be used before the consents are given


@router.message(CommandStart(), flags=OPEN)
async def start(
    message: Message,
    command: CommandObject,
    customer: Customer,
    cards: Cards,
    sharing: Sharing,
    payments: Payments,
    profile: SupplierProfile,
    state: FSMContext,
) -> None:
    token, payment = _after(INVITATION, command.args), _after(PAYMENT, command.args)
    if token and not customer.agreed:
        await InvitationDraft(token=token).save(state)
    if not customer.agreed:
        await ask_consents(message, customer, profile, state)
    elif token:
        await ask_join(message, token, customer, sharing, state)
    elif payment:
        await follow(message, payment, customer, payments, cards, profile, state)
    else:
        await show_home(message, customer, cards, state)


def _after(kind: str, payload: str | None) -> str | None:
    """What a link of a kind leads to, None when the customer came by none of them."""
    return payload.removeprefix(kind) if payload and payload.startswith(kind) else None


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
    callback: CallbackQuery,
    customer: Customer,
    accounts: Accounts,
    cards: Cards,
    sharing: Sharing,
    state: FSMContext,
) -> None:
    customer = await accounts.agree(customer, set(Consent))
    invitation = await InvitationDraft.find(state)
    await state.clear()
    if invitation:
        await ask_join(callback, invitation.token, customer, sharing, state)
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
