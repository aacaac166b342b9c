"""A customer stops the bot or comes back."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberUpdated

from services.accounts.accounts import Accounts
from services.customers.models import Customer

router = Router(name="membership")


@router.my_chat_member(flags={"open": True})
async def note_change(event: ChatMemberUpdated, customer: Customer, accounts: Accounts) -> None:
    gone = event.new_chat_member.status in (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT)
    await accounts.block(customer, blocked=gone)
