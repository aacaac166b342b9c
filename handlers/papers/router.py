"""Papers of submissions and payments: as a file into the chat, and by mail to an address that is asked for."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatAction
from aiogram.filters import StateFilter

from fsm.papers import MailDraft, Mailing
from handlers.conversation import Conversation
from handlers.emails.typing import typed_address
from handlers.filters import Pressed
from handlers.papers import screens
from handlers.papers.callbacks import MailTo
from handlers.wording import masked
from services.errors import DraftLost
from services.payments.papers import PaymentPapers
from services.ports import Documents, Sheet
from services.readings.history import ReadingHistory

router = Router(name="papers")


async def send_paper(talk: Conversation, paper: Sheet, name: str) -> None:
    await talk.show_action(ChatAction.UPLOAD_DOCUMENT)
    await talk.send_document(await talk.use(Documents).sheet(paper), name)


async def ask_address(talk: Conversation, draft: MailDraft, question: str, *, fresh: bool) -> None:
    await talk.save(draft, Mailing.address)
    await talk.show(screens.ask_email(question, talk.customer.email, draft.id), fresh=fresh)


@router.callback_query(Pressed(MailTo))
async def mail_to_own(talk: Conversation, callback_data: MailTo) -> None:
    draft, email = await talk.draft(MailDraft, callback_data.draft), talk.customer.email
    if email is None:
        raise DraftLost  # it was removed since
    await _mail(talk, draft, email)
    await talk.expect(None)  # the draft stays: pressed twice, it is the same letter
    await talk.show(screens.mail_queued(masked(email)))


@router.message(StateFilter(Mailing.address))
@router.edited_message(StateFilter(Mailing.address))
async def mail(talk: Conversation) -> None:
    address, draft = await typed_address(talk), await talk.draft(MailDraft)
    await _mail(talk, draft, address)
    await talk.drop(MailDraft)
    await talk.show(screens.mail_queued(address))


async def _mail(talk: Conversation, draft: MailDraft, address: str) -> None:
    if draft.order:
        await talk.use(PaymentPapers).mail(talk.customer, draft.order, address, request=draft.id)
    else:
        await talk.use(ReadingHistory).mail(talk.customer, draft.submission, address, request=draft.id)
