"""Errors in words. Special ones stand before general ones; what is not ours to explain goes on to the intake."""

from __future__ import annotations

from aiogram import Router
from aiogram.exceptions import TelegramForbiddenError
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import ErrorEvent, InlineKeyboardButton, Message

from fsm.readings import Metering
from fsm.unheard import UnheardDraft
from handlers.accounts.screens import prove_button
from handlers.appeals.doors import support_button
from handlers.callbacks import Again, Go, Place
from handlers.conversation import Conversation
from handlers.filters import Pressed
from handlers.home.router import show_home
from handlers.keyboards import button, help_button, home_button, rows
from handlers.readings.taking import draft_with_text, reading_words
from handlers.show import Screen
from handlers.start.router import ask_consents, keep_account
from handlers.typed import words_of
from handlers.wording import error_words
from locales import _
from services.accounts.accounts import Accounts
from services.accounts.errors import NotVerified
from services.appeals.errors import NoAppeals, TooManyAppeals
from services.customers.errors import ConsentMissing
from services.errors import DraftLost, InputError, NotYours, OurFault, ServiceError
from services.ports import Alerts
from services.readings.numbers import looks_like_readings
from services.supplier.errors import SupplierUnavailable
from services.supplier.profile import SupplierProfile

router = Router(name="errors")


@router.error(ExceptionTypeFilter(TelegramForbiddenError))
async def note_block(talk: Conversation) -> None:
    """The customer stopped the bot while it was answering."""
    await talk.use(Accounts).block(talk.customer)


@router.error(ExceptionTypeFilter(ConsentMissing))
async def ask_again(talk: Conversation) -> None:
    if isinstance(talk.event, Message):
        await keep_account(talk, words_of(talk.event) or "")
    await ask_consents(talk)


@router.error(ExceptionTypeFilter(DraftLost, NotYours))
async def show_what_is_now(talk: Conversation, event: ErrorEvent) -> None:
    lost = isinstance(event.exception, DraftLost)
    await talk.say(_(DraftLost.typed) if lost and not talk.pressed else _words(event))
    await show_home(talk)


@router.error(ExceptionTypeFilter(SupplierUnavailable))
async def keep_typed(talk: Conversation, event: ErrorEvent) -> None:
    """A message typed while the supplier is down waits; one press takes it up."""
    await talk.use(Alerts).send(SupplierUnavailable.told)
    text, again = _words(event), []
    if isinstance(talk.event, Message) and words_of(talk.event):
        promise, repeat = await _keep(talk)
        text, again = f"{text}\n\n{promise}", [repeat]
    await talk.show(Screen(text, rows(again, _support(talk), [home_button()])), fresh=True)


async def _keep(talk: Conversation) -> tuple[str, InlineKeyboardButton]:
    """The promise that the customer gets, and the button that takes the message up."""
    form, message = await talk.state.get_state(), talk.message
    if talk.customer.current and _are_readings(talk.text, form):
        await talk.save(await draft_with_text(talk, talk.customer.current))
        promise = _("Числа я запомнил, но показания ещё не переданы.")
        return promise, button(_("🔁 Повторить"), Go(to=Place.RESUME), "primary")
    unheard = UnheardDraft(form=form, text=talk.text, message=message.message_id, typed_at=message.date)
    await talk.save(unheard)
    return _("Ваше сообщение я запомнил."), button(_("🔁 Повторить"), Again(draft=unheard.id), "primary")


def _are_readings(text: str, form: str | None) -> bool:
    """Numbers are, where readings were asked for or nothing was."""
    return (form is None or form in Metering) and looks_like_readings(reading_words(text))


@router.callback_query(Pressed(Again))
async def explain_lost(talk: Conversation) -> None:
    """A press for words that are still kept has become a message before it gets here."""
    raise DraftLost


@router.error(ExceptionTypeFilter(OurFault))
async def admit(talk: Conversation, event: ErrorEvent) -> None:
    await talk.use(Alerts).send(event.exception.told if isinstance(event.exception, OurFault) else OurFault.told)
    await talk.show(Screen(_words(event), rows(_support(talk), [home_button()])), fresh=True)


@router.error(ExceptionTypeFilter(NotVerified))
async def lead_to_proof(talk: Conversation, event: ErrorEvent) -> None:
    ways = [prove_button(str(event.exception.facts["link"]))] if isinstance(event.exception, NotVerified) else []
    await talk.show(Screen(_words(event), rows(ways, _support(talk), [home_button()])), fresh=True)


@router.error(ExceptionTypeFilter(ServiceError))
async def explain(talk: Conversation, event: ErrorEvent) -> None:
    """A question stays open, with its buttons: the customer types again or presses. Without an account the way home
    leads back to the question for it."""
    question = None if talk.pressed else await talk.question()
    lines = question.markup.inline_keyboard if question and question.markup else []
    way_out = home_button() if talk.customer.links else help_button()
    there = any(one.callback_data == way_out.callback_data for line in lines for one in line)
    support = [] if isinstance(event.exception, InputError | NoAppeals | TooManyAppeals) else _support(talk)
    await talk.show(Screen(_words(event), rows(*lines, support, [] if there else [way_out])), fresh=True)


def _support(talk: Conversation) -> list[InlineKeyboardButton]:
    return support_button(offered=talk.use(SupplierProfile).takes_appeals, fresh=True)


def _words(event: ErrorEvent) -> str:
    error = event.exception
    if not isinstance(error, ServiceError):
        raise TypeError(type(error).__name__)
    return error_words(error)
