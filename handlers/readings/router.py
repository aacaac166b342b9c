"""Handing in readings: which meter, its values, doubts, the preview, and what came of it."""

from __future__ import annotations

import re

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from fsm.readings import Metering, ReadingDraft
from handlers.callbacks import Go, Place
from handlers.filters import Asked, Pressed
from handlers.home.router import ask_first_account, show_home
from handlers.readings import screens
from handlers.readings.callbacks import Explain, OnReading, PickMeter, ReadingAction, Submit, meter_id
from handlers.show import Event, retire, say, show
from handlers.submissions import screens as submission_screens
from handlers.typed import text_of
from locales import _
from services.accounts.accounts import owned
from services.accounts.errors import AnotherAccount
from services.accounts.models import Link
from services.cards import Cards
from services.customers.models import Customer
from services.errors import DraftLost, NotYours
from services.payments.due import Dues
from services.readings.errors import MeterGone, NoReadings, PeriodOver, ReadingsStand
from services.readings.models import Remark, Submission
from services.readings.numbers import check_numbers, looks_like_readings, split_account
from services.readings.plausibility import REMARKS, Way
from services.readings.readings import MeterView, Question, Readings, Round, Seen
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Zone

router = Router(name="readings")

_ASKING = (Metering.values, Metering.doubt, Metering.preview)  # for numbers of one meter


_COMMAND = re.compile(r"\s*/\w+(?:@\w+)?\s*")


def reading_words(text: str) -> str:
    """A message's words without a command in front."""
    return _COMMAND.sub("", text, count=1) if _COMMAND.match(text) else text


@router.message(Asked("readings"))
async def ask(message: Message, customer: Customer, readings: Readings, state: FSMContext) -> None:
    """A form that is open already goes on: no word throws numbers away. Numbers behind the
    command are taken."""
    if customer.current and re.search("[0-9]", words := reading_words(text_of(message))):
        check_numbers(_addressed_to(customer.current, words))
        asking = await state.get_state() in _ASKING
        await (take_values if asking else take_typed)(message, customer, readings, state)
        return
    draft, link = await ReadingDraft.find(state), customer.current
    if draft and link and draft.resumable(link, readings.today(link)):
        await _take_up(message, draft, customer, readings, state)
    else:
        await _begin(message, customer, readings, state)


@router.callback_query(Pressed(Go, Place.READINGS))
async def begin(callback: CallbackQuery, customer: Customer, readings: Readings, state: FSMContext) -> None:
    await _begin(callback, customer, readings, state)


async def _begin(event: Event, customer: Customer, readings: Readings, state: FSMContext) -> None:
    if customer.current is None:
        await ask_first_account(event, state)
        return
    draft = ReadingDraft(link_id=customer.current.id)
    await _choose_meter(event, state, draft, await readings.open(customer.current), readings)


async def take_typed(message: Message, customer: Customer, readings: Readings, state: FSMContext) -> None:
    """Numbers that nobody asked for: the same conversation, entered from its middle."""
    if customer.current is None:
        await ask_first_account(message, state)
        return
    draft = await hear(message, customer.current, state)
    await _choose_meter(message, state, draft, await readings.open(customer.current), readings)


async def hear(message: Message, link: Link, state: FSMContext) -> ReadingDraft:
    """The form that a message is for, with its words still to be read: the one that asks for them, else that of the
    account."""
    draft = await ReadingDraft.find(state)
    words = _addressed_to(link, reading_words(text_of(message)))
    if draft and await state.get_state() in _ASKING:
        return draft.hear(words, message.message_id, message.date)
    if draft is None or draft.link_id != link.id:
        draft = ReadingDraft(link_id=link.id)
    return draft.overhear(words, message.message_id, message.date)


def _addressed_to(link: Link, words: str) -> str:
    """The readings without the account's own number. Raises AnotherAccount."""
    account, rest = split_account(words)
    if account is None or not looks_like_readings(rest):
        return words
    if account != link.account:
        raise AnotherAccount(tail=account[-4:])
    return rest


async def _choose_meter(event: Event, state: FSMContext, draft: ReadingDraft, taken: Round, readings: Readings) -> None:
    if len(taken.meters) == 1:
        await enter(event, state, draft, taken, taken.meters[0], readings)
        return
    await draft.save(state)
    await state.set_state(Metering.meter)
    await show(event, screens.pick_meter(taken, draft.typed))


async def enter(
    event: Event,
    state: FSMContext,
    draft: ReadingDraft,
    taken: Round,
    view: MeterView,
    readings: Readings,
    *,
    fresh: bool = False,
) -> None:
    """Turn to one meter, with the numbers typed for it already. Raises ReadingsStand."""
    taken.admit(view)
    draft = draft.turn_to(view.meter.number)
    if draft.outlived(view.today):
        draft.begin_anew()
    changed = not draft.fit(view.meter.zones)
    typed, draft.typed = draft.typed, None
    if typed and not changed:
        await draft.save(state)  # what cannot be read is asked for again, not read for ever
        _read(draft, view, typed)
    await _go_on(event, state, draft, taken, view, readings, fresh=fresh, changed=changed)


def _read(draft: ReadingDraft, view: MeterView, text: str) -> None:
    """Numbers fill in what is asked for, a zone or a better value for one; at the preview all begin anew."""
    asked = _asked(draft, view)
    values, cut = view.read(text, asked)
    kept = {zone: value for zone, value in draft.values.items() if asked and zone not in values}
    draft.values = {**kept, **values}
    draft.day = view.today
    draft.remarks = {zone: remark for zone, remark in draft.remarks.items() if zone in kept}
    draft.fraction_cut = cut or (draft.fraction_cut and bool(kept))


def _asked(draft: ReadingDraft, view: MeterView) -> list[Zone]:
    if question := view.question(draft.values, draft.remarks):
        return [question.doubt.zone]
    return [zone for zone in view.meter.zones if zone not in draft.values]


async def _go_on(
    event: Event,
    state: FSMContext,
    draft: ReadingDraft,
    taken: Round,
    view: MeterView,
    readings: Readings,
    *,
    fresh: bool = False,
    changed: bool = False,
) -> None:
    """Show the next screen: a doubt, a question for values, or the preview. `changed`: the meter has other zones
    than those of the numbers that were typed."""
    changed = changed or not draft.fit(view.meter.zones)
    draft.lines = ()
    if question := view.question(draft.values, draft.remarks):
        await state.set_state(Metering.doubt)
        screen = screens.doubt(question, view, draft.id)
    elif set(draft.values) < set(view.meter.zones):
        await state.set_state(Metering.values)
        screen = screens.ask_values(taken, view, draft.values, draft.id, changed=changed)
    else:
        await state.set_state(Metering.preview)
        seen = await readings.preview(taken, view.meter.number, draft.values, draft.remarks)
        draft.lines, draft.cost, draft.period = seen.lines, seen.cost, taken.window.period
        screen = screens.preview(taken.link, view, seen, draft.id, draft.confirmation, fraction_cut=draft.fraction_cut)
    await draft.save(state)
    await show(event, screen, fresh=fresh)


async def _resume(
    customer: Customer, readings: Readings, state: FSMContext, draft_id: str | None = None
) -> tuple[ReadingDraft, Round, MeterView]:
    """The draft in hand with its meter as it is now. Raises DraftLost, and what `_reopen` raises."""
    draft = await ReadingDraft.load(state, draft_id)
    taken, view = await _reopen(draft, customer, readings, state)
    if view is None:
        raise DraftLost
    return draft, taken, view


async def _reopen(
    draft: ReadingDraft, customer: Customer, readings: Readings, state: FSMContext
) -> tuple[Round, MeterView | None]:
    """The form's account and meter as they are now. One that has come to nothing is forgotten:
    raises NotYours, NoReadings, ReadingsStand."""
    try:
        taken = await readings.open(owned(customer, draft.link_id))
        view = taken.view(draft.meter) if draft.meter else None
        if view:
            taken.admit(view)
    except (NotYours, NoReadings, ReadingsStand):
        await ReadingDraft.drop(state)
        raise
    return taken, view


@router.callback_query(Pressed(PickMeter))
async def pick_meter(
    callback: CallbackQuery, callback_data: PickMeter, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    link = owned(customer, callback_data.link)
    taken = await readings.open(link)
    view = next((one for one in taken.meters if meter_id(one.meter) == callback_data.meter), None)
    if view is None:
        raise MeterGone
    draft = await ReadingDraft.find(state)
    if draft is None or draft.link_id != link.id:
        draft = ReadingDraft(link_id=link.id)
    await enter(callback, state, draft, taken, view, readings, fresh=callback_data.fresh)


@router.callback_query(Pressed(Go, Place.RESUME))
async def resume(callback: CallbackQuery, customer: Customer, readings: Readings, state: FSMContext) -> None:
    """Go on with a form that was left, or with numbers that came while the supplier was down."""
    await _take_up(callback, await ReadingDraft.load(state), customer, readings, state)


async def _take_up(
    event: Event, draft: ReadingDraft, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    """Show a form where it stands."""
    taken, view = await _reopen(draft, customer, readings, state)
    if view is None:
        await _choose_meter(event, state, draft, taken, readings)
    else:
        await enter(event, state, draft, taken, view, readings)


async def _typed_last(message: Message, state: FSMContext) -> bool:
    """An edit puts right what the form has read last; to go further back, the numbers are sent again."""
    draft = await ReadingDraft.find(state)
    return draft is not None and draft.message == message.message_id


@router.message(StateFilter(*_ASKING))
@router.edited_message(StateFilter(*_ASKING), _typed_last)
async def take_values(message: Message, customer: Customer, readings: Readings, state: FSMContext) -> None:
    draft, taken, view = await _resume(customer, readings, state)
    draft = await hear(message, taken.link, state)
    await enter(message, state, draft, taken, view, readings)


@router.message(StateFilter(Metering.meter))
@router.edited_message(StateFilter(Metering.meter), _typed_last)
async def take_before_meter(message: Message, customer: Customer, readings: Readings, state: FSMContext) -> None:
    check_numbers(_addressed_to(owned(customer, (await ReadingDraft.load(state)).link_id), text_of(message)))
    await take_typed(message, customer, readings, state)


@router.callback_query(Pressed(OnReading, ReadingAction.SAME))
async def same(
    callback: CallbackQuery, callback_data: OnReading, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    draft, taken, view = await _resume(customer, readings, state, callback_data.draft)
    if view.unchanged is not None:
        draft.values = dict(view.unchanged)
        draft.remarks = dict.fromkeys(view.unchanged, Remark.CERTAIN)
        draft.day = view.today
    await _go_on(callback, state, draft, taken, view, readings)


@router.callback_query(Pressed(OnReading, ReadingAction.FIX))
async def fix(
    callback: CallbackQuery, callback_data: OnReading, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    """Ask for all values again."""
    draft, taken, view = await _resume(customer, readings, state, callback_data.draft)
    draft.begin_anew()
    await _go_on(callback, state, draft, taken, view, readings)


@router.callback_query(Pressed(OnReading, ReadingAction.WHERE))
async def show_where(
    callback: CallbackQuery, callback_data: OnReading, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    _, _, view = await _resume(customer, readings, state, callback_data.draft)
    await show(callback, screens.where_to_look(view))


@router.callback_query(Pressed(OnReading, ReadingAction.CANCEL))
async def cancel(
    callback: CallbackQuery, callback_data: OnReading, customer: Customer, cards: Cards, state: FSMContext
) -> None:
    await ReadingDraft.load(state, callback_data.draft)
    await ReadingDraft.drop(state)
    await show_home(callback, customer, cards, state)


@router.callback_query(Pressed(Explain))
async def explain(
    callback: CallbackQuery, callback_data: Explain, customer: Customer, readings: Readings, state: FSMContext
) -> None:
    draft, taken, view = await _resume(customer, readings, state, callback_data.draft)
    question = view.question(draft.values, draft.remarks)
    if question and _is_about(question, callback_data):
        _answer(draft, view, question, callback_data.way)
    await _go_on(callback, state, draft, taken, view, readings)  # an answer given before stands as it was


def _is_about(question: Question, answer: Explain) -> bool:
    asked = question.doubt
    return (asked.zone, asked.value) == (answer.zone, answer.value) and answer.way in question.ways


def _answer(draft: ReadingDraft, view: MeterView, question: Question, way: Way) -> None:
    if way is Way.FIX:
        draft.values.pop(question.doubt.zone)
    elif way is Way.SWAPPED:
        draft.values = dict(view.exchanged(question.doubt, draft.values))
    else:
        draft.remarks[question.doubt.zone] = REMARKS[way]


@router.callback_query(Pressed(Submit))
async def submit(
    callback: CallbackQuery,
    callback_data: Submit,
    customer: Customer,
    readings: Readings,
    dues: Dues,
    state: FSMContext,
) -> None:
    draft = await ReadingDraft.find(state)
    submission = await readings.find(customer, callback_data.confirmation)
    if draft is None or draft.confirmation != callback_data.confirmation:
        await _explain_old(callback, draft, submission, customer, readings, state)
        return
    # It is there already where the process ended before it handed it over, or before it said so.
    if submission and submission.pending:
        submission = await readings.deliver(submission)
    submission = submission or await _hand_in(callback, draft, customer, readings, state)
    if submission:
        await ReadingDraft.drop(state)
        outcome = await readings.outcome(customer, submission)
        await show(callback, submission_screens.done(outcome, await dues.recommended(outcome.link)), fresh=True)
        await retire(callback)


async def _explain_old(
    callback: CallbackQuery,
    draft: ReadingDraft | None,
    submission: Submission | None,
    customer: Customer,
    readings: Readings,
    state: FSMContext,
) -> None:
    """A button that has done its work, or whose numbers are no longer those of the form."""
    if submission:
        await say(callback, _("Показания уже переданы: № {number}").format(number=submission.number))
        return
    if draft is None:
        raise DraftLost
    await say(callback, _(DraftLost.text))
    await _take_up(callback, draft, customer, readings, state)


async def _hand_in(
    callback: CallbackQuery, draft: ReadingDraft, customer: Customer, readings: Readings, state: FSMContext
) -> Submission | None:
    """None when there is something to be asked first, which then has been. Raises ReadingsStand."""
    if draft.meter is None:
        raise DraftLost
    if not await _still_right(callback, draft, customer, readings, state):
        return None
    link = owned(customer, draft.link_id)
    try:
        seen = Seen(draft.lines, draft.cost, draft.period)
        return await readings.submit(customer, link, draft.meter, draft.confirmation, seen)
    except PeriodOver as over:
        await say(callback, _(over.text))
        await _take_up(callback, draft, customer, readings, state)
        return None
    except ReadingsStand:
        await ReadingDraft.drop(state)
        raise


async def _still_right(
    callback: CallbackQuery, draft: ReadingDraft, customer: Customer, readings: Readings, state: FSMContext
) -> bool:
    """Whether the preview still holds; if not, the conversation has moved on to what is to be asked instead.
    With the supplier down, what the customer saw and confirmed is what counts."""
    try:
        _, taken, view = await _resume(customer, readings, state, draft.id)
        if set(draft.values) == set(view.meter.zones) and not view.question(draft.values, draft.remarks):
            seen = await readings.preview(taken, view.meter.number, draft.values, draft.remarks)
            draft.lines, draft.cost = seen.lines, seen.cost
            return True
    except SupplierUnavailable:
        if not draft.lines:
            raise
        return True
    await _go_on(callback, state, draft, taken, view, readings)
    return False
