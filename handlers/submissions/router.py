"""Submissions: the list, one of them again, correcting it, its paper."""

from __future__ import annotations

from aiogram import Router

from fsm.papers import MailDraft
from fsm.readings import ReadingDraft
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account
from handlers.papers.router import ask_address, send_paper
from handlers.readings.taking import show_step
from handlers.submissions import screens
from handlers.submissions.callbacks import History, OnSubmission, SubmissionAction
from handlers.submissions.sheet import file_name, sheet
from services.accounts.accounts import owned
from services.accounts.models import Link
from services.payments.due import Dues
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
    await send_paper(talk, sheet(submission, talk.use(SupplierProfile)), file_name(submission))


@router.callback_query(Pressed(OnSubmission, SubmissionAction.MAIL))
async def ask_email(talk: Conversation, callback_data: OnSubmission) -> None:
    submission = await talk.use(ReadingHistory).get(talk.customer, callback_data.key)
    question = screens.mail_question(submission)
    await ask_address(talk, MailDraft(submission=submission.key), question, fresh=callback_data.fresh)
