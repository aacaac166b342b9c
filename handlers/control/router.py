"""What is known of an account and who may do what with it."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.control import screens
from handlers.control.callbacks import SetControl
from handlers.filters import Pressed
from handlers.show import show
from services.accounts.accounts import owned, proved
from services.accounts.control import Controls
from services.accounts.seniority import Seniority
from services.cards import Cards
from services.customers.models import Customer

router = Router(name="control")


@router.callback_query(Pressed(OnAccount, AccountAction.INFO))
async def show_details(callback: CallbackQuery, callback_data: OnAccount, customer: Customer, cards: Cards) -> None:
    link = owned(customer, callback_data.link)
    await show(callback, screens.details(link, await cards.details(link)))


@router.callback_query(Pressed(OnAccount, AccountAction.CONTROL))
async def show_control(
    callback: CallbackQuery, callback_data: OnAccount, customer: Customer, seniority: Seniority
) -> None:
    link = proved(customer, callback_data.link)
    await show(callback, screens.control(link, seniority.waits_until(link)))


@router.callback_query(Pressed(SetControl))
async def set_control(
    callback: CallbackQuery, callback_data: SetControl, customer: Customer, controls: Controls
) -> None:
    link = await controls.set(customer, callback_data.link, callback_data.switch, on=callback_data.on)
    await show(callback, screens.control(link))
