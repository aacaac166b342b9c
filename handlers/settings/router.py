"""Settings: the way to all of them, and what a customer wants to be told and when."""

from __future__ import annotations

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from handlers.callbacks import Go, Place
from handlers.filters import OPEN, Asked, Pressed
from handlers.settings import screens
from handlers.settings.callbacks import SetQuiet, SwitchNotifications
from handlers.show import Event, show
from services.accounts.accounts import Accounts
from services.customers.emails import Emails
from services.customers.models import Customer
from services.notices.policy import NoticePolicy

router = Router(name="settings")


@router.message(Asked("settings"), flags=OPEN)
@router.callback_query(Pressed(Go, Place.SETTINGS), flags=OPEN)
async def open_settings(event: Event, customer: Customer, emails: Emails, state: FSMContext) -> None:
    await state.set_state(None)
    pending = await emails.pending(customer) if customer.agreed else None
    await show(event, screens.settings(customer, pending, letters=emails.offered))


@router.callback_query(Pressed(Go, Place.NOTIFICATIONS))
async def open_notifications(callback: CallbackQuery, customer: Customer) -> None:
    await show(callback, screens.notifications(customer))


@router.callback_query(Pressed(SwitchNotifications))
async def switch_notifications(
    callback: CallbackQuery,
    callback_data: SwitchNotifications,
    customer: Customer,
    accounts: Accounts,
    policy: NoticePolicy,
) -> None:
    await policy.switch(customer, callback_data.kind, on=callback_data.on)
    await show(callback, screens.notifications(await accounts.refresh(customer)))


@router.callback_query(Pressed(Go, Place.QUIET))
async def open_quiet_hours(callback: CallbackQuery, customer: Customer) -> None:
    await show(callback, screens.quiet_hours(customer))


@router.callback_query(Pressed(SetQuiet))
async def set_quiet_hours(
    callback: CallbackQuery, callback_data: SetQuiet, customer: Customer, accounts: Accounts, policy: NoticePolicy
) -> None:
    await policy.set_quiet(customer, callback_data.quiet)
    await show(callback, screens.notifications(await accounts.refresh(customer)))
