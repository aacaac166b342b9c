"""A customer's e-mail address: naming it, confirming it by a letter's link, removing it."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from fsm.draft import new_id
from fsm.emails import EmailDraft, EmailRemovalDraft, SettingEmail
from handlers.callbacks import Go, Place
from handlers.emails import screens
from handlers.emails.callbacks import RemoveEmail
from handlers.filters import Pressed
from handlers.settings.router import open_settings
from handlers.show import Event, show
from handlers.typed import email_of
from services.accounts.accounts import Accounts
from services.customers.emails import Emails
from services.customers.models import Customer
from services.supplier.profile import SupplierProfile

router = Router(name="emails")


async def follow_letter(event: Event, token: str, customer: Customer, emails: Emails) -> None:
    """The customer has opened a letter's link."""
    await show(event, screens.opened(*await emails.open(customer, token)))


@router.callback_query(Pressed(Go, Place.EMAIL))
async def open_email(
    event: Event, customer: Customer, emails: Emails, profile: SupplierProfile, state: FSMContext
) -> None:
    pending = await emails.pending(customer)
    await state.set_state(None)
    if pending or customer.email:
        await show(event, screens.email(customer.email, pending, profile.zone_of(customer)))
    else:
        await ask_address(event, customer, emails, state)


@router.callback_query(Pressed(Go, Place.EMAIL_ASK))
async def ask_address(event: Event, customer: Customer, emails: Emails, state: FSMContext) -> None:
    if not emails.offered:
        await open_settings(event, customer, emails, state)
        return
    await EmailDraft().save(state)
    await state.set_state(SettingEmail.address)
    await show(event, screens.ask_address())


@router.message(StateFilter(SettingEmail.address))
@router.edited_message(StateFilter(SettingEmail.address))
async def take_address(
    message: Message, bot: Bot, customer: Customer, emails: Emails, profile: SupplierProfile, state: FSMContext
) -> None:
    address = email_of(message)
    draft = await EmailDraft.load(state)
    await emails.ask(customer, address, draft.id, await _name(bot))
    await EmailDraft.drop(state)
    await open_email(message, customer, emails, profile, state)


@router.callback_query(Pressed(Go, Place.EMAIL_AGAIN))
async def send_again(
    callback: CallbackQuery, bot: Bot, customer: Customer, emails: Emails, profile: SupplierProfile, state: FSMContext
) -> None:
    if pending := await emails.pending(customer):
        await emails.ask(customer, pending.address, new_id(), await _name(bot))
    await open_email(callback, customer, emails, profile, state)


async def _name(bot: Bot) -> str:
    """By which links find the bot."""
    return (await bot.me()).username or ""


@router.callback_query(Pressed(Go, Place.EMAIL_REMOVE))
async def ask_removal(
    callback: CallbackQuery, customer: Customer, emails: Emails, profile: SupplierProfile, state: FSMContext
) -> None:
    """An address that waits goes first, as the one that was named last."""
    pending = await emails.pending(customer)
    address = pending.address if pending else customer.email
    if address is None:
        await open_email(callback, customer, emails, profile, state)
        return
    draft = EmailRemovalDraft(address=address)
    await draft.save(state)
    await show(callback, screens.confirm_removal(address, draft.id))


@router.callback_query(Pressed(RemoveEmail))
async def remove(
    callback: CallbackQuery,
    callback_data: RemoveEmail,
    customer: Customer,
    accounts: Accounts,
    emails: Emails,
    state: FSMContext,
) -> None:
    draft = await EmailRemovalDraft.load(state, callback_data.draft)
    await emails.remove(customer, draft.address, draft.id)
    await EmailRemovalDraft.drop(state)
    await open_settings(callback, await accounts.refresh(customer), emails, state)
