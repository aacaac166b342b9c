"""What was submitted: the list, one of them again, correcting it, its paper."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.enums import ChatAction
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from fsm.readings import ReadingDraft
from fsm.submissions import MailDraft, Mailing
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account
from handlers.readings.router import enter
from handlers.show import Event, chat_of, show
from handlers.submissions import screens
from handlers.submissions.callbacks import History, MailTo, OnSubmission, SubmissionAction
from handlers.submissions.sheet import file_name, sheet
from handlers.typed import email_of
from handlers.wording import masked
from services.accounts.accounts import owned
from services.accounts.models import Link
from services.customers.models import Customer
from services.errors import DraftLost
from services.payments.due import Dues
from services.ports import Documents
from services.readings.readings import Readings
from services.supplier.profile import SupplierProfile

router = Router(name="submissions")

PAGE = 5
_FARTHEST = 10_000  # entries back that a page may begin at


@router.message(Asked("history"))
async def open_history(message: Message, customer: Customer, readings: Readings, state: FSMContext) -> None:
    if customer.current is None:
        await ask_first_account(message, state)
    else:
        await state.set_state(None)
        await _list(message, customer.current, readings, 0)


@router.callback_query(Pressed(History))
async def turn_page(callback: CallbackQuery, callback_data: History, customer: Customer, readings: Readings) -> None:
    offset = min(max(0, callback_data.offset), _FARTHEST)
    await _list(callback, owned(customer, callback_data.link), readings, offset, fresh=callback_data.fresh)


async def _list(event: Event, link: Link, readings: Readings, offset: int, *, fresh: bool = False) -> None:
    found = await readings.history(link, PAGE + 1, offset)
    await show(event, screens.history(link, found[:PAGE], offset, more=len(found) > PAGE, page=PAGE), fresh=fresh)


@router.callback_query(Pressed(OnSubmission, SubmissionAction.VIEW))
async def view(
    callback: CallbackQuery,
    callback_data: OnSubmission,
    customer: Customer,
    readings: Readings,
    dues: Dues,
) -> None:
    submission = await readings.get(customer, callback_data.key)
    outcome = await readings.outcome(customer, submission)
    await show(callback, screens.done(outcome, await dues.recommended(outcome.link)), fresh=callback_data.fresh)


@router.callback_query(Pressed(OnSubmission, SubmissionAction.CORRECT))
async def correct(
    callback: CallbackQuery, callback_data: OnSubmission, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    taken, meter = await readings.correct(customer, callback_data.key)
    draft = ReadingDraft(link_id=taken.link.id)
    await enter(callback, state, draft, taken, meter, readings, fresh=callback_data.fresh)


@router.callback_query(Pressed(OnSubmission, SubmissionAction.PDF))
async def send_pdf(
    callback: CallbackQuery,
    bot: Bot,
    callback_data: OnSubmission,
    customer: Customer,
    readings: Readings,
    documents: Documents,
    profile: SupplierProfile,
) -> None:
    submission = await readings.get(customer, callback_data.key)
    await bot.send_chat_action(chat_of(callback), ChatAction.UPLOAD_DOCUMENT)
    pdf = await documents.sheet(sheet(submission, profile))
    await bot.send_document(chat_of(callback), BufferedInputFile(pdf, file_name(submission)))


@router.callback_query(Pressed(OnSubmission, SubmissionAction.MAIL))
async def ask_email(
    callback: CallbackQuery, callback_data: OnSubmission, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    submission = await readings.get(customer, callback_data.key)
    draft = MailDraft(submission=submission.key)
    await draft.save(state)
    await state.set_state(Mailing.address)
    await show(callback, screens.ask_email(submission, customer.email, draft.id), fresh=callback_data.fresh)


@router.callback_query(Pressed(MailTo))
async def mail_to_own(
    callback: CallbackQuery, callback_data: MailTo, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    draft = await MailDraft.load(state, callback_data.draft)
    if customer.email is None:
        raise DraftLost  # it was removed since
    await readings.mail(customer, draft.submission, customer.email, request=draft.id)
    await state.set_state(None)  # the draft stays: pressed twice, it is the same letter
    await show(callback, screens.mail_queued(masked(customer.email)))


@router.message(StateFilter(Mailing.address))
@router.edited_message(StateFilter(Mailing.address))
async def mail(message: Message, customer: Customer, readings: Readings, state: FSMContext) -> None:
    address = email_of(message)
    draft = await MailDraft.load(state)
    await readings.mail(customer, draft.submission, address, request=draft.id)
    await MailDraft.drop(state)
    await show(message, screens.mail_queued(address))
