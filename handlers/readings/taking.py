"""The way to a submission: what a message says goes to the use case, and the screen of its answer to the person."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from fsm.readings import Metering, ReadingDraft
from handlers.conversation import Conversation
from handlers.home.router import ask_first_account
from handlers.readings import screens
from services.accounts.accounts import owned
from services.accounts.errors import AnotherAccount
from services.accounts.models import Link
from services.errors import NotYours
from services.readings.errors import NoReadings, ReadingsStand
from services.readings.numbers import looks_like_readings, split_account
from services.readings.readings import Readings
from services.readings.steps import AskDoubt, AskMeter, AskZones, Step, UnreadableNumbers
from services.reminders.wishes import ReminderWishes
from services.supplier.profile import SupplierProfile

ASKING = (Metering.values, Metering.doubt, Metering.preview)  # for numbers of one meter

_COMMAND = re.compile(r"\s*/\w+(?:@\w+)?\s*")


def reading_words(text: str) -> str:
    """A message's words without a command in front."""
    return _COMMAND.sub("", text, count=1) if _COMMAND.match(text) else text


def addressed_to(link: Link, words: str) -> str:
    """The readings without the account's own number. Raises AnotherAccount."""
    account, rest = split_account(words)
    if account is None or not looks_like_readings(rest):
        return words
    if account != link.account:
        raise AnotherAccount(tail=account[-4:])
    return rest


async def draft_with_text(talk: Conversation, link: Link) -> ReadingDraft:
    """The form that a message is for, with its words still to be read: the one that asks for them, else that of the
    account."""
    draft, message = await talk.find_draft(ReadingDraft), talk.message
    if draft and await talk.state.get_state() in ASKING:
        return answering(talk, draft, link)
    return answer_to(draft, link, addressed_to(link, reading_words(talk.text)), message.message_id, message.date)


def answering(talk: Conversation, draft: ReadingDraft, link: Link) -> ReadingDraft:
    """The form with the words that it asked for."""
    words, message = addressed_to(link, reading_words(talk.text)), talk.message
    return draft.with_text(words, message.message_id, message.date)


def answer_to(draft: ReadingDraft | None, link: Link, words: str, message: int, at: datetime) -> ReadingDraft:
    """The form of an account with the words of a message that no question of it asked for."""
    if draft is None or draft.link_id != link.id:
        draft = ReadingDraft(link_id=link.id)
    return draft.with_unprompted_text(words, message, at)


async def take_typed(talk: Conversation) -> None:
    """Numbers that no question asked for: the same conversation, entered from its middle."""
    link = await talk.use(ReminderWishes).reminded_of(talk.customer) or talk.customer.current
    if link is None:
        await ask_first_account(talk)
    else:
        await take(talk, await draft_with_text(talk, link), link)


async def take_up(talk: Conversation, draft: ReadingDraft) -> None:
    """Show a form where it stands."""
    async with forgetting(talk):
        await take(talk, draft, owned(talk.customer, draft.link_id), draft.meter)


async def take(
    talk: Conversation, draft: ReadingDraft, link: Link, meter: str | None = None, *, fresh: bool = False
) -> None:
    """`meter`: the one that the words of the draft are for; `fresh`: in a new message."""
    step = await talk.use(Readings).take(link, draft.forms, draft.typed, meter)
    if isinstance(step, AskMeter):
        await talk.save(draft, Metering.meter)
        await talk.show(screens.pick_meter(step.account, draft.typed), fresh=fresh)
    else:
        await show_read(talk, draft, step, fresh=fresh)


async def show_read(
    talk: Conversation, draft: ReadingDraft, step: Step | UnreadableNumbers, *, fresh: bool = False
) -> None:
    """The answer to a message. One that cannot be read is asked for again, not read for ever: raises its InputError."""
    draft = draft.turn_to(step.form.meter)
    draft.typed = None
    if not isinstance(step, UnreadableNumbers):
        await show_step(talk, draft, step, fresh=fresh)
        return
    draft.fill(step.form)
    await talk.save(draft)
    raise step.error


async def show_step(talk: Conversation, draft: ReadingDraft, step: Step, *, fresh: bool = False) -> None:
    """The next screen: a question for values, a doubt, or the preview."""
    draft.fill(step.form)
    draft.lines = ()
    if isinstance(step, AskZones):
        state, screen = Metering.values, screens.ask_values(step, draft.id)
    elif isinstance(step, AskDoubt):
        state, screen = Metering.doubt, screens.doubt(step, draft.id, appeals=_takes_appeals(talk))
    else:
        preview = step.preview
        draft.lines, draft.cost, draft.period = preview.lines, preview.cost, preview.window.period
        state, screen = Metering.preview, screens.preview(step, draft.id, draft.confirmation)
    await talk.save(draft, state)
    await talk.show(screen, fresh=fresh)


def _takes_appeals(talk: Conversation) -> bool:
    return talk.use(SupplierProfile).takes_appeals


@asynccontextmanager
async def resumed(talk: Conversation, draft_id: str | None = None) -> AsyncIterator[tuple[ReadingDraft, Link]]:
    """The draft in hand and its account. Raises DraftLost."""
    draft = await talk.draft(ReadingDraft, draft_id)
    async with forgetting(talk):
        yield draft, owned(talk.customer, draft.link_id)


@asynccontextmanager
async def forgetting(talk: Conversation) -> AsyncIterator[None]:
    """A form whose account or meter has come to nothing is forgotten."""
    try:
        yield
    except (NotYours, NoReadings, ReadingsStand):
        await talk.drop(ReadingDraft)
        raise
