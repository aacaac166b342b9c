"""A customer stops the bot or comes back."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberUpdated

from handlers.conversation import Conversation
from services.accounts.accounts import Accounts
from services.reminders.wishes import ReminderWishes

router = Router(name="membership")


@router.my_chat_member(flags={"open": True})
async def note_change(talk: Conversation, event: ChatMemberUpdated) -> None:
    gone = event.new_chat_member.status in (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT)
    await talk.use(Accounts).block(talk.customer, blocked=gone)
    if not gone:
        await talk.use(ReminderWishes).renew(talk.customer)
