"""The facts of an account, and the rights of people to it."""

from __future__ import annotations

from aiogram import Router

from handlers.accounts.callbacks import AccountAction, OnAccount
from handlers.control import screens
from handlers.control.callbacks import SetControl
from handlers.conversation import Conversation
from handlers.filters import Pressed
from services.accounts.accounts import owned, proved
from services.accounts.control import Controls
from services.accounts.seniority import Seniority
from services.cards import Cards

router = Router(name="control")


@router.callback_query(Pressed(OnAccount, AccountAction.INFO))
async def show_details(talk: Conversation, callback_data: OnAccount) -> None:
    link = owned(talk.customer, callback_data.link)
    await talk.show(screens.details(link, await talk.use(Cards).details(link)))


@router.callback_query(Pressed(OnAccount, AccountAction.CONTROL))
async def show_control(talk: Conversation, callback_data: OnAccount) -> None:
    link = proved(talk.customer, callback_data.link)
    await talk.show(screens.control(link, talk.use(Seniority).waits_until(link)))


@router.callback_query(Pressed(SetControl))
async def set_control(talk: Conversation, callback_data: SetControl) -> None:
    controls, switch = talk.use(Controls), callback_data.switch
    link = await controls.set(talk.customer, callback_data.link, switch, on=callback_data.on)
    await talk.show(screens.control(link))
