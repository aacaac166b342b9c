"""Errors in words. Special ones stand before general ones; what is not ours to explain goes on to the intake."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from html import escape

from aiogram import Router
from aiogram.exceptions import TelegramForbiddenError
from aiogram.filters import ExceptionTypeFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, ErrorEvent

from fsm.drafts import ReadingDraft
from fsm.states import Metering
from handlers.callbacks import Go, Place
from handlers.home import show_home
from handlers.keyboards import button, help_button, home_button, rows
from handlers.show import Event, Screen, say, show
from handlers.start import ask_consents
from locales import _, day, money
from services.accounts import Accounts
from services.cards import Cards
from services.errors import ConsentMissing, DraftLost, InputError, NotYours, OurFault, ServiceError, SupplierUnavailable
from services.models import Customer, Link
from services.numbers import looks_like_readings
from services.ports import Operator
from services.profile import SupplierProfile

router = Router(name="errors")


@router.error(ExceptionTypeFilter(TelegramForbiddenError))
async def note_block(event: ErrorEvent, customer: Customer, accounts: Accounts) -> None:
    """The customer stopped the bot while it was answering."""
    await accounts.block(customer)


@router.error(ExceptionTypeFilter(ConsentMissing))
async def ask_again(event: ErrorEvent, customer: Customer, profile: SupplierProfile, state: FSMContext) -> None:
    await ask_consents(_pressed_or_typed(event), customer, profile, state)


@router.error(ExceptionTypeFilter(DraftLost, NotYours))
async def show_what_is_now(event: ErrorEvent, customer: Customer, cards: Cards, state: FSMContext) -> None:
    source = _pressed_or_typed(event)
    if isinstance(source, CallbackQuery):
        await say(source, _words(event))
    else:
        await source.answer(_(DraftLost.typed) if isinstance(event.exception, DraftLost) else _words(event))
    await show_home(source, customer, cards, state)


@router.error(ExceptionTypeFilter(InputError))
async def explain_input(event: ErrorEvent, customer: Customer) -> None:
    """The question stays open: the customer just types again."""
    await _explain(event, customer)


@router.error(ExceptionTypeFilter(SupplierUnavailable))
async def keep_typed(event: ErrorEvent, customer: Customer, state: FSMContext, operator: Operator) -> None:
    """Numbers that came while the supplier is down wait in the form; one press takes them up."""
    await operator.alert(type(event.exception).__name__)
    if not await _keep(event, customer, state):
        await show(_pressed_or_typed(event), Screen(_words(event), rows([home_button()])), fresh=True)
        return
    text = _words(event) + "\n\n" + _("Ваши показания я сохранил.")
    again = button(_("🔁 Повторить"), Go(to=Place.RESUME), "primary")
    await show(_pressed_or_typed(event), Screen(text, rows([again], [home_button()])), fresh=True)


async def _keep(event: ErrorEvent, customer: Customer, state: FSMContext) -> bool:
    message = event.update.message or event.update.edited_message
    if customer.current is None or message is None or not looks_like_readings(message.text or ""):
        return False
    if await state.get_state() == Metering.doubt.state:
        return False  # which number is meant is known only with the meter at hand
    await (await _draft_for(customer.current, message.text or "", state)).save(state)
    return True


async def _draft_for(link: Link, typed: str, state: FSMContext) -> ReadingDraft:
    """A form half filled in takes the numbers up; those typed at a preview or anywhere else begin a new one."""
    draft = await ReadingDraft.find(state)
    if draft is None or draft.link_id != link.id:
        return ReadingDraft(link_id=link.id, typed=typed)
    if await state.get_state() == Metering.values.state:
        return draft.model_copy(update={"typed": typed})
    return ReadingDraft(link_id=link.id, meter=draft.meter, typed=typed)


@router.error(ExceptionTypeFilter(OurFault))
async def admit(event: ErrorEvent, operator: Operator) -> None:
    await operator.alert(type(event.exception).__name__)
    await show(_pressed_or_typed(event), Screen(_words(event), rows([home_button()])), fresh=True)


@router.error(ExceptionTypeFilter(ServiceError))
async def explain(event: ErrorEvent, customer: Customer) -> None:
    await _explain(event, customer)


async def _explain(event: ErrorEvent, customer: Customer) -> None:
    """Without an account the way home leads back to the question for it."""
    way_out = home_button() if customer.links else help_button()
    await show(_pressed_or_typed(event), Screen(_words(event), rows([way_out])), fresh=True)


def _words(event: ErrorEvent) -> str:
    error = event.exception
    if not isinstance(error, ServiceError):
        raise TypeError(type(error).__name__)
    return _(error.text).format(**{name: _fact(value) for name, value in error.facts.items()})


def _fact(value: str | int | date | Decimal) -> str:
    if isinstance(value, Decimal):
        return money(int(value * 100))
    return day(value) if isinstance(value, date) else escape(str(value))


def _pressed_or_typed(event: ErrorEvent) -> Event:
    source = event.update.callback_query or event.update.message or event.update.edited_message
    if source is None:
        raise event.exception
    return source
