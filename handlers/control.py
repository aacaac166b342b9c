"""What is known of an account and who may do what with it."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.callbacks import AccountAction, OnAccount, SetControl
from handlers.filters import Pressed
from handlers.screens import control as screens
from handlers.show import show
from services.accounts import owned, proved
from services.cards import Cards
from services.control import Controls
from services.models import Customer
from services.seniority import Seniority

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
