"""Having the access of a lost Telegram account withdrawn, and keeping one's own."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import CallbackQuery

from handlers.filters import Pressed
from handlers.recovery import screens
from handlers.recovery.callbacks import OnRecovery, RecoveryAction
from handlers.show import show
from services.accounts.recovery import Recovery
from services.accounts.seniority import Seniority
from services.customers.models import Customer

router = Router(name="recovery")


@router.callback_query(Pressed(OnRecovery, RecoveryAction.ASK))
async def confirm(
    callback: CallbackQuery, callback_data: OnRecovery, customer: Customer, recovery: Recovery, seniority: Seniority
) -> None:
    link = await recovery.check(customer, callback_data.own, callback_data.link)
    await show(callback, screens.confirm(link, callback_data.link, seniority.waits_until(link)))


@router.callback_query(Pressed(OnRecovery, RecoveryAction.SEND))
async def ask(callback: CallbackQuery, callback_data: OnRecovery, customer: Customer, recovery: Recovery) -> None:
    link = await recovery.ask(customer, callback_data.own, callback_data.link)
    await show(callback, screens.asked(link))


@router.callback_query(Pressed(OnRecovery, RecoveryAction.REFUSE))
async def refuse(callback: CallbackQuery, callback_data: OnRecovery, customer: Customer, recovery: Recovery) -> None:
    await recovery.refuse(customer, callback_data.own, callback_data.link)
    await show(callback, screens.kept())
