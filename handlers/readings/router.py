"""Handing in readings: which meter, its values, doubts, the preview, and what came of it."""

from __future__ import annotations

import re

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.types import Message

from fsm.readings import Metering, ReadingDraft
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account, show_home
from handlers.readings import screens
from handlers.readings.callbacks import Explain, OnReading, PickMeter, ReadingAction, Submit, meter_id
from handlers.readings.taking import (
    ASKING,
    addressed_to,
    answering,
    forgetting,
    reading_words,
    resumed,
    show_read,
    show_step,
    take,
    take_typed,
    take_up,
)
from handlers.submissions.screens import done
from locales import _
from services.accounts.accounts import owned
from services.errors import DraftLost
from services.payments.due import Dues
from services.readings.errors import MeterGone, PeriodOver
from services.readings.history import ReadingHistory
from services.readings.models import Submission
from services.readings.numbers import check_numbers
from services.readings.readings import Readings
from services.readings.steps import Step
from services.readings.submitting import Submitting

router = Router(name="readings")


@router.message(Asked("readings"))
async def ask(talk: Conversation) -> None:
    """A form that is open already goes on: no word throws numbers away. Numbers behind the
    command are taken."""
    link = talk.customer.current
    if link and re.search("[0-9]", words := reading_words(talk.text)):
        check_numbers(addressed_to(link, words))
        await (take_values if await talk.state.get_state() in ASKING else take_typed)(talk)
        return
    draft = await talk.find_draft(ReadingDraft)
    if draft and link and draft.resumable(link, talk.use(Readings).today(link)):
        await take_up(talk, draft)
    else:
        await begin(talk)


@router.callback_query(Pressed(Go, Place.READINGS))
async def begin(talk: Conversation) -> None:
    link = talk.customer.current
    if link is None:
        await ask_first_account(talk)
    else:
        await take(talk, ReadingDraft(link_id=link.id), link)


@router.callback_query(Pressed(PickMeter))
async def pick_meter(talk: Conversation, callback_data: PickMeter) -> None:
    link, readings = owned(talk.customer, callback_data.link), talk.use(Readings)
    account = await readings.open(link)
    view = next((one for one in account.meters if meter_id(one.meter) == callback_data.meter), None)
    if view is None:
        raise MeterGone
    draft = await talk.find_draft(ReadingDraft)
    if draft is None or draft.link_id != link.id:
        draft = ReadingDraft(link_id=link.id)
    step = await readings.turn_to(account, view, draft.forms, draft.typed)
    await show_read(talk, draft, step, fresh=callback_data.fresh)


@router.callback_query(Pressed(Go, Place.RESUME))
async def resume(talk: Conversation) -> None:
    """Go on with a form that was left, or with numbers that came while the supplier was down."""
    await take_up(talk, await talk.draft(ReadingDraft))


async def _typed_last(message: Message, conversation: Conversation) -> bool:
    """An edit puts right what the form has read last; to go further back, the numbers are sent again."""
    draft = await conversation.find_draft(ReadingDraft)
    return draft is not None and draft.message == message.message_id


@router.message(StateFilter(*ASKING))
@router.edited_message(StateFilter(*ASKING), _typed_last)
async def take_values(talk: Conversation) -> None:
    async with resumed(talk) as (draft, link):
        await take(talk, answering(talk, draft, link), link, draft.form.meter)


@router.message(StateFilter(Metering.meter))
@router.edited_message(StateFilter(Metering.meter), _typed_last)
async def take_before_meter(talk: Conversation) -> None:
    draft = await talk.draft(ReadingDraft)
    check_numbers(addressed_to(owned(talk.customer, draft.link_id), talk.text))
    await take_typed(talk)


@router.callback_query(Pressed(OnReading, ReadingAction.SAME))
async def same(talk: Conversation, callback_data: OnReading) -> None:
    async with resumed(talk, callback_data.draft) as (draft, link):
        await show_step(talk, draft, await talk.use(Readings).keep_unchanged(link, draft.form))


@router.callback_query(Pressed(OnReading, ReadingAction.FIX))
async def fix(talk: Conversation, callback_data: OnReading) -> None:
    """Ask for all values again."""
    async with resumed(talk, callback_data.draft) as (draft, link):
        await show_step(talk, draft, await talk.use(Readings).go_on(link, draft.form.emptied()))


@router.callback_query(Pressed(OnReading, ReadingAction.WHERE))
async def show_where(talk: Conversation, callback_data: OnReading) -> None:
    async with resumed(talk, callback_data.draft) as (draft, link):
        _account, view = await talk.use(Readings).look(link, draft.form)
        await talk.show(screens.where_to_look(view))


@router.callback_query(Pressed(OnReading, ReadingAction.CANCEL))
async def cancel(talk: Conversation, callback_data: OnReading) -> None:
    await talk.draft(ReadingDraft, callback_data.draft)
    await talk.drop(ReadingDraft)
    await show_home(talk)


@router.callback_query(Pressed(Explain))
async def explain(talk: Conversation, callback_data: Explain) -> None:
    async with resumed(talk, callback_data.draft) as (draft, link):
        answer = callback_data.zone, callback_data.value, callback_data.way
        await show_step(talk, draft, await talk.use(Readings).explain(link, draft.form, *answer))


@router.callback_query(Pressed(Submit))
async def submit(talk: Conversation, callback_data: Submit) -> None:
    draft = await talk.find_draft(ReadingDraft)
    if draft is None or draft.confirmation != callback_data.confirmation:
        await _explain_old(talk, draft, callback_data.confirmation)
        return
    try:
        answer = await _confirm(talk, draft)
    except PeriodOver as over:
        await talk.say(_(over.text))
        await take_up(talk, draft)
        return
    if isinstance(answer, Submission):
        await talk.drop(ReadingDraft)
        card = await talk.use(ReadingHistory).card(talk.customer, answer)
        await talk.show(done(card, await talk.use(Dues).offered(card.link)), fresh=True)
        await talk.retire()
    else:
        await show_step(talk, draft, answer)


async def _confirm(talk: Conversation, draft: ReadingDraft) -> Submission | Step:
    async with forgetting(talk):
        link = owned(talk.customer, draft.link_id)
        return await talk.use(Submitting).confirm(talk.customer, link, draft.form, draft.confirmation, draft.seen)


async def _explain_old(talk: Conversation, draft: ReadingDraft | None, confirmation: str) -> None:
    """A button that has done its work, or whose numbers are no longer those of the form."""
    if submission := await talk.use(ReadingHistory).find(talk.customer, confirmation):
        await talk.say(_("Показания уже переданы: № {number}").format(number=submission.number))
        return
    if draft is None:
        raise DraftLost
    await talk.say(_(DraftLost.text))
    await take_up(talk, draft)
