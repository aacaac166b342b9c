"""Having the access of a lost Telegram account withdrawn, and keeping one's own."""

from __future__ import annotations

from aiogram import Router

from handlers.conversation import Conversation
from handlers.filters import Pressed
from handlers.recovery import screens
from handlers.recovery.callbacks import OnRecovery, RecoveryAction
from services.accounts.recovery import Recovery
from services.accounts.seniority import Seniority

router = Router(name="recovery")


@router.callback_query(Pressed(OnRecovery, RecoveryAction.ASK))
async def confirm(talk: Conversation, callback_data: OnRecovery) -> None:
    link = await talk.use(Recovery).check(talk.customer, callback_data.own, callback_data.link)
    await talk.show(screens.confirm(link, callback_data.link, talk.use(Seniority).waits_until(link)))


@router.callback_query(Pressed(OnRecovery, RecoveryAction.SEND))
async def ask(talk: Conversation, callback_data: OnRecovery) -> None:
    link = await talk.use(Recovery).ask(talk.customer, callback_data.own, callback_data.link)
    await talk.show(screens.asked(link))


@router.callback_query(Pressed(OnRecovery, RecoveryAction.REFUSE))
async def refuse(talk: Conversation, callback_data: OnRecovery) -> None:
    await talk.use(Recovery).refuse(talk.customer, callback_data.own, callback_data.link)
    await talk.show(screens.kept())
