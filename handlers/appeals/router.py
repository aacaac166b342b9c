"""Sent appeals: the list, their threads, additions, their end and rating."""

from __future__ import annotations

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import StateFilter
from aiogram.types import Message

from fsm.appeals import Adding, AddingDraft, Rating, RatingDraft
from handlers.appeals import screens
from handlers.appeals.callbacks import (
    AppealAction,
    ListAppeals,
    OnAppeal,
    RateAppeal,
    ShowFile,
    TurnThread,
)
from handlers.appeals.typed import written_of
from handlers.callbacks import Go, Place
from handlers.commands import is_thanks
from handlers.conversation import Conversation
from handlers.filters import Asked, Pressed
from services.appeals.appeals import Appeals
from services.appeals.errors import AppealGone, TooManyMessages
from services.appeals.settings import AppealSettings
from services.readings.numbers import looks_like_account, looks_like_readings

router = Router(name="appeals")


@router.message(Asked("appeals"))
async def open_appeals(talk: Conversation) -> None:
    await open_list(talk)


@router.callback_query(Pressed(Go, Place.APPEALS))
async def go_to_appeals(talk: Conversation, callback_data: Go) -> None:
    await open_list(talk, fresh=callback_data.fresh)


@router.callback_query(Pressed(ListAppeals))
async def turnopen_list(talk: Conversation, callback_data: ListAppeals) -> None:
    await open_list(talk, every=callback_data.every, page=callback_data.page)


async def open_list(talk: Conversation, *, every: bool = False, page: int = 0, fresh: bool = False) -> None:
    talk.use(Appeals).require()
    await talk.expect(None)
    found = await talk.use(Appeals).listed(talk.customer, every=every, page=page)
    await talk.show(screens.appeals(found, talk.use(AppealSettings)), fresh=fresh)


# The thread


@router.callback_query(Pressed(OnAppeal, AppealAction.OPEN))
async def open_appeal(talk: Conversation, callback_data: OnAppeal) -> None:
    await _thread(talk, callback_data.appeal)


@router.callback_query(Pressed(TurnThread))
async def turn_thread(talk: Conversation, callback_data: TurnThread) -> None:
    await _thread(talk, callback_data.appeal, callback_data.page)


async def _thread(talk: Conversation, key: str, page: int = 0) -> None:
    found = await talk.use(Appeals).thread(talk.customer, key, page)
    await talk.expect(None)
    await talk.show(screens.thread(found, talk.use(AppealSettings), talk.use(Appeals).zone(found.appeal)))


@router.callback_query(Pressed(ShowFile))
async def show_file(talk: Conversation, callback_data: ShowFile) -> None:
    message = await talk.use(Appeals).message(talk.customer, callback_data.message)
    if message.written.file is None:
        raise AppealGone
    await talk.resend(message.written.file.kind, message.written.file.id)


# Additions


@router.callback_query(Pressed(OnAppeal, AppealAction.REPLY))
async def ask_addition(talk: Conversation, callback_data: OnAppeal) -> None:
    appeal = await talk.use(Appeals).own(talk.customer, callback_data.appeal)
    await talk.save(AddingDraft(appeal=appeal.key), Adding.message)
    await talk.show(screens.ask_addition(appeal), fresh=True)


@router.callback_query(Pressed(OnAppeal, AppealAction.REOPEN))
async def reopen(talk: Conversation, callback_data: OnAppeal) -> None:
    appeal = await talk.use(Appeals).reopen(talk.customer, callback_data.appeal)
    await talk.save(AddingDraft(appeal=appeal.key), Adding.message)
    await talk.show(screens.ask_addition(appeal, reopened=True), fresh=True)


@router.message(StateFilter(Adding.message))
@router.edited_message(StateFilter(Adding.message))
async def add(talk: Conversation) -> None:
    """Messages that come long after the others are of another conversation; so are numbers, once it is under way."""
    message, draft = talk.message, await talk.draft(AddingDraft)
    if message.edit_date:
        raise SkipHandler
    if not draft.goes_on(message.date) or (draft.at and _are_numbers(message) and not message.reply_to_message):
        await talk.drop(AddingDraft)
        raise SkipHandler
    await add_message(talk, draft)


def _are_numbers(message: Message) -> bool:
    text = message.text or ""
    return looks_like_readings(text) or looks_like_account(text)


async def add_message(talk: Conversation, draft: AddingDraft) -> None:
    """Of an album the first part is answered, and the first one for which there is no room. Thanks alone open no closed
    appeal."""
    written, asks = written_of(talk.message), not is_thanks(talk.message.text or "")
    try:
        appeal = await talk.use(Appeals).add(talk.customer, draft.appeal, [written], asks=asks)
    except TooManyMessages:
        if written.album and written.album == draft.refused:
            return
        await talk.save(draft.model_copy(update={"refused": written.album}))
        raise
    quiet = bool(written.album) and written.album == draft.album
    await talk.save(draft.model_copy(update={"album": written.album, "at": written.at}))
    if not quiet:
        await talk.show(screens.added(appeal))


# The end, and the rating


@router.callback_query(Pressed(OnAppeal, AppealAction.CLOSE))
async def close(talk: Conversation, callback_data: OnAppeal) -> None:
    appeal = await talk.use(Appeals).close(talk.customer, callback_data.appeal)
    await talk.expect(None)
    await talk.show(screens.closed(appeal))


@router.callback_query(Pressed(OnAppeal, AppealAction.RATE))
async def ask_rating(talk: Conversation, callback_data: OnAppeal) -> None:
    appeal = await talk.use(Appeals).own(talk.customer, callback_data.appeal)
    await talk.show(screens.ask_rating(appeal))


@router.callback_query(Pressed(RateAppeal))
async def rate(talk: Conversation, callback_data: RateAppeal) -> None:
    appeal = await talk.use(Appeals).rate(talk.customer, callback_data.appeal, callback_data.stars)
    await talk.save(RatingDraft(appeal=appeal.key), Rating.words)
    await talk.show(screens.rated(appeal))


@router.message(StateFilter(Rating.words))
@router.edited_message(StateFilter(Rating.words))
async def explain_rating(talk: Conversation) -> None:
    """Numbers are no words: they are taken as if nothing had been asked."""
    draft = await talk.draft(RatingDraft)
    if _are_numbers(talk.message):
        await talk.drop(RatingDraft)
        raise SkipHandler
    appeal = await talk.use(Appeals).explain_rating(talk.customer, draft.appeal, talk.text)
    await talk.drop(RatingDraft)
    await talk.show(screens.thanked(appeal))
