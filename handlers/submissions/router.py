"""Submissions: the list, one of them again, correcting it, its paper."""

from __future__ import annotations

from aiogram import Router
from aiogram.enums import ChatAction
from aiogram.filters import StateFilter

from fsm.readings import ReadingDraft
from fsm.submissions import MailDraft, Mailing
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account
from handlers.readings.taking import show_step
from handlers.submissions import screens
from handlers.submissions.callbacks import History, MailTo, OnSubmission, SubmissionAction
from handlers.submissions.sheet import file_name, sheet
from handlers.typed import email_of
from handlers.wording import masked
from services.accounts.accounts import owned
from services.accounts.models import Link
from services.errors import DraftLost
from services.payments.due import Dues
from services.ports import Documents
from services.readings.history import ReadingHistory
from services.readings.submitting import Submitting
from services.supplier.profile import SupplierProfile

router = Router(name="submissions")

PAGE = 5
_FARTHEST = 10_000  # entries back that a page may begin at


@router.message(Asked("submissions"))
async def open_submissions(talk: Conversation) -> None:
    if talk.customer.current is None:
        await ask_first_account(talk)
    else:
        await talk.expect(None)
        await _list(talk, talk.customer.current, 0)


@router.callback_query(Pressed(History))
async def turn_page(talk: Conversation, callback_data: History) -> None:
    offset = min(max(0, callback_data.offset), _FARTHEST)
    await _list(talk, owned(talk.customer, callback_data.link), offset, fresh=callback_data.fresh)


async def _list(talk: Conversation, link: Link, offset: int, *, fresh: bool = False) -> None:
    found = await talk.use(ReadingHistory).page(link, PAGE + 1, offset)
    await talk.show(screens.history(link, found[:PAGE], offset, more=len(found) > PAGE, page=PAGE), fresh=fresh)


@router.callback_query(Pressed(OnSubmission, SubmissionAction.VIEW))
async def view(talk: Conversation, callback_data: OnSubmission) -> None:
    history = talk.use(ReadingHistory)
    card = await history.card(talk.customer, await history.get(talk.customer, callback_data.key))
    await talk.show(screens.done(card, await talk.use(Dues).offered(card.link)), fresh=callback_data.fresh)


@router.callback_query(Pressed(OnSubmission, SubmissionAction.CORRECT))
async def correct(talk: Conversation, callback_data: OnSubmission) -> None:
    step = await talk.use(Submitting).correct(talk.customer, callback_data.key)
    draft = ReadingDraft(link_id=step.account.link.id, meter=step.form.meter)
    await show_step(talk, draft, step, fresh=callback_data.fresh)


@router.callback_query(Pressed(OnSubmission, SubmissionAction.PDF))
async def send_pdf(talk: Conversation, callback_data: OnSubmission) -> None:
    submission = await talk.use(ReadingHistory).get(talk.customer, callback_data.key)
    await talk.show_action(ChatAction.UPLOAD_DOCUMENT)
    pdf = await talk.use(Documents).sheet(sheet(submission, talk.use(SupplierProfile)))
    await talk.send_document(pdf, file_name(submission))


@router.callback_query(Pressed(OnSubmission, SubmissionAction.MAIL))
async def ask_email(talk: Conversation, callback_data: OnSubmission) -> None:
    submission = await talk.use(ReadingHistory).get(talk.customer, callback_data.key)
    draft = MailDraft(submission=submission.key)
    await talk.save(draft, Mailing.address)
    await talk.show(screens.ask_email(submission, talk.customer.email, draft.id), fresh=callback_data.fresh)


@router.callback_query(Pressed(MailTo))
async def mail_to_own(talk: Conversation, callback_data: MailTo) -> None:
    draft, email = await talk.draft(MailDraft, callback_data.draft), talk.customer.email
    if email is None:
        raise DraftLost  # it was removed since
    await talk.use(ReadingHistory).mail(talk.customer, draft.submission, email, request=draft.id)
    await talk.expect(None)  # the draft stays: pressed twice, it is the same letter
    await talk.show(screens.mail_queued(masked(email)))


@router.message(StateFilter(Mailing.address))
@router.edited_message(StateFilter(Mailing.address))
async def mail(talk: Conversation) -> None:
    address, draft = email_of(talk.message), await talk.draft(MailDraft)
    await talk.use(ReadingHistory).mail(talk.customer, draft.submission, address, request=draft.id)
    await talk.drop(MailDraft)
    await talk.show(screens.mail_queued(address))
