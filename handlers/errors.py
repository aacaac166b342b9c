"""Errors in words. Special ones stand before general ones; what is not ours to explain goes on to the intake."""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.exceptions import TelegramForbiddenError
from aiogram.filters import ExceptionTypeFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Chat, ErrorEvent, Message

from fsm.readings import Metering
from fsm.unheard import UnheardDraft
from handlers.callbacks import Again, Go, Place
from handlers.filters import Pressed
from handlers.home.router import show_home
from handlers.keyboards import button, help_button, home_button, rows
from handlers.readings.router import hear, reading_words
from handlers.show import Event, Screen, chat_of, retire, say, show
from handlers.start.router import ask_consents
from handlers.typed import words_of
from handlers.wording import error_words
from locales import _
from services.accounts.accounts import Accounts
from services.cards import Cards
from services.customers.errors import ConsentMissing
from services.customers.models import Customer
from services.errors import DraftLost, InputError, NotYours, OurFault, ServiceError
from services.ports import Alerts
from services.readings.numbers import looks_like_readings
from services.supplier.errors import SupplierUnavailable
from services.supplier.profile import SupplierProfile

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
async def keep_typed(event: ErrorEvent, customer: Customer, state: FSMContext, alerts: Alerts) -> None:
    """What was typed while the supplier is down waits; one press takes it up."""
    await alerts.send(SupplierUnavailable.told)
    message = event.update.message or event.update.edited_message
    text, again, said = _words(event), None, words_of(message) if message else None
    if message and said and customer.current and await _is_readings(reading_words(said), state):
        await (await hear(message, customer.current, state)).save(state)
        text += "\n\n" + _("Числа я запомнил, но показания ещё не переданы.")
        again = button(_("🔁 Повторить"), Go(to=Place.RESUME), "primary")
    elif message and said:
        unheard = await _keep(message, said, state)
        text += "\n\n" + _("Ваше сообщение я запомнил.")
        again = button(_("🔁 Повторить"), Again(draft=unheard.id), "primary")
    await show(_pressed_or_typed(event), Screen(text, rows([again] if again else [], [home_button()])), fresh=True)


async def _is_readings(text: str, state: FSMContext) -> bool:
    """Numbers are, where readings were asked for or nothing was."""
    form = await state.get_state()
    return (form is None or form in Metering) and looks_like_readings(text)


async def _keep(message: Message, text: str, state: FSMContext) -> UnheardDraft:
    form = await state.get_state()
    unheard = UnheardDraft(form=form, text=text, message=message.message_id, typed_at=message.date)
    await unheard.save(state)
    return unheard


@router.callback_query(Pressed(Again))
async def say_again(
    callback: CallbackQuery, callback_data: Again, state: FSMContext, event_router: Router, **data: Any
) -> None:
    """The same message once more, in the form in which it was typed."""
    unheard = await UnheardDraft.load(state, callback_data.draft)
    await state.set_state(unheard.form)
    message = Message(
        message_id=unheard.message,
        date=unheard.typed_at,
        chat=Chat(id=chat_of(callback), type="private"),
        from_user=callback.from_user,
        text=unheard.text,
    ).as_(callback.bot)
    data |= {"state": state, "raw_state": unheard.form}
    await event_router.propagate_event("message", message, **data)
    await retire(callback)


@router.error(ExceptionTypeFilter(OurFault))
async def admit(event: ErrorEvent, alerts: Alerts) -> None:
    await alerts.send(event.exception.told if isinstance(event.exception, OurFault) else OurFault.told)
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
    return error_words(error)


def _pressed_or_typed(event: ErrorEvent) -> Event:
    source = event.update.callback_query or event.update.message or event.update.edited_message
    if source is None:
        raise event.exception
    return source
