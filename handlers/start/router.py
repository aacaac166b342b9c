"""First contact: language, two consents, and then the way on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiogram import F, Router
from aiogram.filters import CommandObject, CommandStart

from fsm.accounts import AddressDraft, Linking
from fsm.start import ArrivalDraft, ConsentDraft, Consenting
from handlers.accounts.router import ask_about
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.emails.notices import CONFIRMATION
from handlers.emails.router import follow_letter
from handlers.filters import OPEN, Pressed
from handlers.home.router import show_home
from handlers.payments.router import PAYMENT, follow_payment
from handlers.receipts import router as receipts
from handlers.receipts.links import DELIVERY_FROM_LETTER, FROM_PAPER, PAY_FROM_PAPER, READINGS_FROM_PAPER
from handlers.settings.router import open_settings
from handlers.sharing.router import INVITATION, ask_join
from handlers.start.callbacks import Agree, ReadConsent, Speak, Tick
from handlers.start.screens import consents, document
from handlers.subscriptions.notices import END, SUBSCRIPTION
from handlers.subscriptions.router import follow_to_end, follow_to_subscribe
from locales import LANGUAGES, speak
from services.accounts.accounts import Accounts
from services.customers.models import Consent
from services.readings.numbers import looks_like_account
from services.supplier.profile import SupplierProfile

router = Router(name="start")
LINKS: Final[Mapping[str, Callable[[Conversation, str], Awaitable[None]]]] = {
    INVITATION: ask_join,
    CONFIRMATION: follow_letter,
    SUBSCRIPTION: follow_to_subscribe,
    END: follow_to_end,
    PAYMENT: follow_payment,
    FROM_PAPER: receipts.follow_receipt,
    PAY_FROM_PAPER: receipts.follow_receipt_to_pay,
    READINGS_FROM_PAPER: receipts.follow_receipt_to_readings,
    DELIVERY_FROM_LETTER: receipts.follow_letter_to_delivery,
}  # where a link leads, by how its payload begins


@router.message(CommandStart(ignore_case=True, magic=F.args.startswith(tuple(LINKS))), flags=OPEN)
async def arrive(talk: Conversation, command: CommandObject) -> None:
    payload = command.args or ""
    if talk.customer.agreed:
        await _follow(talk, payload)
    else:
        await talk.save(ArrivalDraft(payload=payload))
        await ask_consents(talk)


@router.message(CommandStart(ignore_case=True), flags=OPEN)
async def start(talk: Conversation) -> None:
    if talk.customer.agreed:
        await talk.drop(AddressDraft)
        talk.customer = await talk.use(Accounts).start_over(talk.customer)
    await _go_on(talk)


async def _follow(talk: Conversation, payload: str) -> None:
    prefix = next(filter(payload.startswith, LINKS))
    await LINKS[prefix](talk, payload.removeprefix(prefix))


async def ask_consents(talk: Conversation) -> None:
    draft = await talk.find_draft(ConsentDraft) or ConsentDraft()
    await talk.save(draft, Consenting.choosing)
    ticked = draft.ticked | talk.customer.consents
    arrival = await talk.find_draft(ArrivalDraft)
    kept = arrival is not None and bool(arrival.account)
    await talk.show(consents(talk.use(SupplierProfile), ticked, talk.customer.language, number_kept=kept))


async def keep_account(talk: Conversation, text: str) -> None:
    """An account typed before the consents is looked up when they are given."""
    if looks_like_account(text):
        await talk.save(ArrivalDraft(account=text))


@router.callback_query(Pressed(Go, Place.CONSENTS), flags=OPEN)
async def back_to_consents(talk: Conversation) -> None:
    await _go_on(talk)


@router.callback_query(Pressed(Tick), flags=OPEN)
async def tick(talk: Conversation, callback_data: Tick) -> None:
    draft = await talk.find_draft(ConsentDraft) or ConsentDraft()
    draft.ticked ^= {callback_data.consent}
    await talk.save(draft)
    await _go_on(talk)


@router.callback_query(Pressed(Agree), flags=OPEN)
async def agree(talk: Conversation) -> None:
    talk.customer = await talk.use(Accounts).agree(talk.customer, set(Consent))
    arrival = await talk.find_draft(ArrivalDraft)
    await talk.drop(ArrivalDraft)
    await talk.drop(ConsentDraft)
    if arrival and arrival.payload:
        await _follow(talk, arrival.payload)
    elif arrival:
        await talk.expect(Linking.number)
        await ask_about(talk, arrival.account)
    else:
        await show_home(talk)


@router.callback_query(Pressed(ReadConsent), flags=OPEN)
async def read(talk: Conversation, callback_data: ReadConsent) -> None:
    consent = callback_data.consent
    text = talk.use(SupplierProfile).text(consent, talk.customer.language)
    draft = await talk.find_draft(ConsentDraft) or ConsentDraft()
    asked = callback_data.back is Place.CONSENTS and consent not in talk.customer.consents
    await talk.show(document(text, callback_data.back, ticked=consent in draft.ticked if asked else None))


@router.callback_query(Pressed(Speak), flags=OPEN)
async def change_language(talk: Conversation, callback_data: Speak) -> None:
    if callback_data.language in LANGUAGES:
        talk.customer = await talk.use(Accounts).set_language(talk.customer, callback_data.language)
        speak(talk.customer.language)
    if talk.customer.agreed:
        await open_settings(talk)
    else:
        await ask_consents(talk)


async def _go_on(talk: Conversation) -> None:
    if talk.customer.agreed:
        await show_home(talk)
    else:
        await ask_consents(talk)
