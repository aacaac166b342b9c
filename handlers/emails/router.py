"""A customer's e-mail address: naming it, confirming it by a letter's link, removing it."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter

from fsm.draft import new_id
from fsm.emails import EmailDraft, EmailRemovalDraft, SettingEmail
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.emails import screens
from handlers.emails.callbacks import RemoveEmail
from handlers.emails.typing import typed_address
from handlers.filters import Pressed
from handlers.settings.router import open_settings
from services.accounts.accounts import Accounts
from services.customers.emails import Emails
from services.receipts.subscriptions import Subscriptions
from services.supplier.profile import SupplierProfile

router = Router(name="emails")


async def follow_letter(talk: Conversation, token: str) -> None:
    """The customer has opened a letter's link."""
    await talk.show(screens.opened(*await talk.use(Emails).open(talk.customer, token)))


@router.callback_query(Pressed(Go, Place.EMAIL))
async def open_email(talk: Conversation) -> None:
    confirmed, pending = talk.customer.email, await talk.use(Emails).pending(talk.customer)
    await talk.expect(None)
    if pending or confirmed:
        zone = talk.use(SupplierProfile).zone_of(talk.customer)
        await talk.show(screens.email(confirmed, pending, zone))
    else:
        await ask_address(talk)


@router.callback_query(Pressed(Go, Place.EMAIL_ASK))
async def ask_address(talk: Conversation) -> None:
    if not talk.use(Emails).offered:
        await open_settings(talk)
        return
    await talk.save(EmailDraft(), SettingEmail.address)
    await talk.show(screens.ask_address())


@router.message(StateFilter(SettingEmail.address))
@router.edited_message(StateFilter(SettingEmail.address))
async def take_address(talk: Conversation) -> None:
    address = await typed_address(talk)
    await _send_letter(talk, address, (await talk.draft(EmailDraft)).id)
    await talk.drop(EmailDraft)
    await open_email(talk)


@router.callback_query(Pressed(Go, Place.EMAIL_AGAIN))
async def send_again(talk: Conversation) -> None:
    if pending := await talk.use(Emails).pending(talk.customer):
        await _send_letter(talk, pending.address, new_id())
    await open_email(talk)


async def change_pending(talk: Conversation) -> None:
    """Another address, typed while the first one waits for its link."""
    await _send_letter(talk, await typed_address(talk), new_id())
    await open_email(talk)


async def _send_letter(talk: Conversation, address: str, request: str) -> None:
    """Its link finds the bot by its name."""
    name = (await talk.bot.me()).username or ""
    await talk.use(Emails).ask(talk.customer, address, request, name)


@router.callback_query(Pressed(Go, Place.EMAIL_REMOVE))
async def ask_removal(talk: Conversation) -> None:
    """An address that waits goes first, as the one that was named last."""
    pending = await talk.use(Emails).pending(talk.customer)
    address = pending.address if pending else talk.customer.email
    if address is None:
        await open_email(talk)
        return
    draft = EmailRemovalDraft(address=address)
    await talk.save(draft)
    subscribed = await talk.use(Subscriptions).of_person(talk.customer)
    receipts = any(one.address == address for one in subscribed)
    await talk.show(screens.confirm_removal(address, draft.id, receipts=receipts))


@router.callback_query(Pressed(RemoveEmail))
async def remove(talk: Conversation, callback_data: RemoveEmail) -> None:
    draft = await talk.draft(EmailRemovalDraft, callback_data.draft)
    await talk.use(Emails).remove(talk.customer, draft.address, draft.id)
    await talk.drop(EmailRemovalDraft)
    talk.customer = await talk.use(Accounts).refresh(talk.customer)
    await open_settings(talk)
