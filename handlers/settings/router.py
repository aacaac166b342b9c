"""Settings: the way to all of them, and what a customer wants to be told and when."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter

from fsm.settings import QuietDraft, SettingQuiet
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import OPEN, Asked, Pressed
from handlers.settings import screens
from handlers.settings.callbacks import SetQuiet, SwitchNotifications
from services.accounts.accounts import Accounts
from services.customers.emails import Emails
from services.customers.models import Quiet
from services.customers.quiet import hours_of
from services.notices.policy import NoticePolicy
from services.reminders.wishes import ReminderWishes

router = Router(name="settings")


@router.message(Asked("settings"), flags=OPEN)
@router.callback_query(Pressed(Go, Place.SETTINGS), flags=OPEN)
async def open_settings(talk: Conversation) -> None:
    await talk.expect(None)
    emails, customer = talk.use(Emails), talk.customer
    pending = await emails.pending(customer) if customer.agreed else None
    await talk.show(screens.settings(customer, pending, letters=emails.offered))


@router.callback_query(Pressed(Go, Place.NOTIFICATIONS))
async def open_notifications(talk: Conversation) -> None:
    await talk.expect(None)
    await talk.show(screens.notifications(talk.customer))


@router.callback_query(Pressed(SwitchNotifications))
async def switch_notifications(talk: Conversation, callback_data: SwitchNotifications) -> None:
    await talk.use(NoticePolicy).switch(talk.customer, callback_data.kind, on=callback_data.on)
    await _show_changed(talk)
    await talk.use(ReminderWishes).renew(talk.customer)


@router.callback_query(Pressed(Go, Place.QUIET))
async def open_quiet_hours(talk: Conversation) -> None:
    await talk.save(QuietDraft(), SettingQuiet.hours)
    await talk.show(screens.quiet_hours(talk.customer))


@router.callback_query(Pressed(SetQuiet))
async def set_quiet_hours(talk: Conversation, callback_data: SetQuiet) -> None:
    await _set_quiet(talk, Quiet.read(callback_data.quiet))


@router.message(StateFilter(SettingQuiet.hours))
@router.edited_message(StateFilter(SettingQuiet.hours))
async def take_quiet_hours(talk: Conversation) -> None:
    await _set_quiet(talk, hours_of(talk.text))


async def _set_quiet(talk: Conversation, quiet: Quiet) -> None:
    await talk.use(NoticePolicy).set_quiet(talk.customer, quiet)
    await talk.drop(QuietDraft)
    await _show_changed(talk)


async def _show_changed(talk: Conversation) -> None:
    talk.customer = await talk.use(Accounts).refresh(talk.customer)
    await open_notifications(talk)
