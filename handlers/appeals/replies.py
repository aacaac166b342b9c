"""Replies to an answer of the staff, or to a message of one's own in an appeal. They are asked for before all else: a
reply to the desk is for the desk, be it a thank-you, the name of a command or a number."""

from __future__ import annotations

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler

from fsm.appeals import Adding, AddingDraft
from handlers.appeals.router import add_message
from handlers.conversation import Conversation
from handlers.filters import Replied
from services.appeals.appeals import Appeals

router = Router(name="appeal_replies")


@router.message(Replied())
async def add_reply(talk: Conversation) -> None:
    to = talk.message.reply_to_message
    appeal = await talk.use(Appeals).answered_by(talk.customer, to.message_id) if to else None
    if appeal is None:
        raise SkipHandler
    draft = await talk.find_draft(AddingDraft)
    if draft is None or draft.appeal != appeal.key:
        draft = AddingDraft(appeal=appeal.key)
    if await talk.state.get_state() is None:
        await talk.expect(Adding.message)
    await add_message(talk, draft)
