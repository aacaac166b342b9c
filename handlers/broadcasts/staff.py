"""Staff write broadcasts in their group: questions and answers, a sample, a second person's press, progress."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.types import CallbackQuery, ForceReply

from handlers.broadcasts import screens as samples
from handlers.broadcasts import staff_screens as screens
from handlers.broadcasts.callbacks import BroadcastAction, OnBroadcast
from handlers.desk.sending import Spot, edit, say
from handlers.desk.talk import StaffTalk
from handlers.filters import Pressed, Replied
from handlers.show import Screen
from handlers.wording import error_words, plain
from services.broadcasts.accounts import LARGEST, accounts_in, accounts_in_file
from services.broadcasts.broadcasts import Broadcasts
from services.broadcasts.desk import BroadcastDesk
from services.broadcasts.errors import (
    NoBroadcastNumber,
    NoStreet,
    NotAText,
    NotInAppeals,
    NotOfThisGroup,
    OldCard,
    UnknownBroadcast,
)
from services.broadcasts.models import Audience, Broadcast, Card, CardQuestion, Operator
from services.errors import ServiceError
from services.reminders.rounds import ReminderRounds
from services.supplier.profile import SupplierProfile

LONGEST_NAME: Final = 64
router = Router(name="broadcasts")

Deed = Callable[[StaffTalk, Card, OnBroadcast], Awaitable[None]]


# Commands


async def begin(talk: StaffTalk, words: str) -> None:
    await _begin(talk, Audience())


async def correct(talk: StaffTalk, words: str) -> None:
    """One that is named by its number, or by its card."""
    answered = talk.message.reply_to_message
    card = await talk.use(BroadcastDesk).asked(talk.chat.id, answered.message_id) if answered else None
    number = words.removeprefix("№").strip()
    if number.isascii() and number.isdecimal() and len(number) < 10:
        await _begin(talk, Audience(corrects=int(number)))
    elif card is not None and not words:
        await _begin(talk, Audience(corrects=card.broadcast))
    else:
        raise NoBroadcastNumber


async def progress(talk: StaffTalk) -> str:
    """Today's reminders and broadcasts under way, for `/stats`."""
    broadcasts = talk.use(Broadcasts)
    running = [(one, await broadcasts.tally(one)) for one in await broadcasts.running()]
    return screens.stats(running, await talk.use(ReminderRounds).tally())


def _require_right(talk: StaffTalk) -> None:
    """Of the group. Raises NotOfThisGroup."""
    if not talk.use(SupplierProfile).desk.may_broadcast(talk.home):
        raise NotOfThisGroup


async def _begin(talk: StaffTalk, audience: Audience) -> None:
    """The command comes again after a kill, and is then about the same broadcast."""
    _require_right(talk)
    if await talk.topic() is not None:
        raise NotInAppeals
    desk = talk.use(BroadcastDesk)
    pressed = isinstance(talk.event, CallbackQuery)
    command = f"press {talk.event.id}" if isinstance(talk.event, CallbackQuery) else str(talk.message.message_id)
    place = Card(0, talk.home, talk.chat.id, talk.thread, command)
    one, card = await desk.begin(place, _operator(talk), audience)
    spot = Spot(card.chat, card.thread, None if pressed else talk.message.message_id)
    if audience.corrects is None:
        screen, question = screens.choose(one, talk.use(SupplierProfile).regions), CardQuestion.AUDIENCE
        await _put(talk, replace(card, question=question), spot, screen)
        return
    card = await _put(talk, card, spot, screens.addressed(one))
    await _ask(talk, one, card, CardQuestion.TEXT)


def _operator(talk: StaffTalk) -> Operator:
    return Operator(talk.member.name[:LONGEST_NAME], talk.member.id)


async def _put(talk: StaffTalk, card: Card, spot: Spot, screen: Screen) -> Card:
    """A new card below everything."""
    card = replace(card, message=await say(talk.bot, spot, screen.text, screen.markup))
    await talk.use(BroadcastDesk).keep(card)
    return card


async def _ask(talk: StaffTalk, one: Broadcast, card: Card, question: CardQuestion) -> None:
    field = ForceReply(force_reply=True, selective=True, input_field_placeholder=screens.hint(question))
    text = screens.question(question, one.author)
    asked = await say(talk.bot, Spot(card.chat, card.thread, card.message), text, field)
    await talk.use(BroadcastDesk).keep(replace(card, asked=asked, question=question))


# Answers


@router.message(Replied())
async def take_reply(talk: StaffTalk) -> None:
    answered = talk.message.reply_to_message
    card = await talk.use(BroadcastDesk).asked(talk.chat.id, answered.message_id) if answered else None
    if card is None or card.question not in _ANSWERS:
        raise SkipHandler
    try:
        _require_right(talk)
        one = await talk.use(BroadcastDesk).written(card.broadcast, _operator(talk))
        await _ANSWERS[card.question](talk, one, card)
    except ServiceError as error:
        await talk.reply("✖ " + error_words(error))


async def _take_street(talk: StaffTalk, one: Broadcast, card: Card) -> None:
    street = (talk.message.text or "").strip()
    if not street:
        raise NoStreet
    await _address(talk, one, card, Audience(street=street))


async def _take_accounts(talk: StaffTalk, one: Broadcast, card: Card) -> None:
    await _address(talk, one, card, Audience(accounts=await _accounts(talk)))


async def _accounts(talk: StaffTalk) -> tuple[str, ...]:
    document = talk.message.document
    if document is None:
        return accounts_in(talk.message.text or "")
    if (document.file_size or 0) > LARGEST:
        raise NotAText
    content = await talk.bot.download(document)
    return accounts_in_file(content.read() if content else b"")


async def _take_text(talk: StaffTalk, one: Broadcast, card: Card) -> None:
    await _complete(talk, one, card, talk.message.text or "")


_ANSWERS: Final[Mapping[CardQuestion | None, Callable[[StaffTalk, Broadcast, Card], Awaitable[None]]]] = {
    CardQuestion.STREET: _take_street,
    CardQuestion.ACCOUNTS: _take_accounts,
    CardQuestion.TEXT: _take_text,
}


async def _address(talk: StaffTalk, one: Broadcast, card: Card, audience: Audience) -> None:
    """One that has its text already is ready again."""
    one = await talk.use(BroadcastDesk).address(one, audience)
    if one.text:
        await _complete(talk, one, card, one.text)
        return
    await edit(talk.bot, card.chat, card.message, screens.addressed(one))
    await _ask(talk, one, card, CardQuestion.TEXT)


async def _complete(talk: StaffTalk, one: Broadcast, card: Card, text: str) -> None:
    """The sample as customers see it, and the card with the count below it. Only the newest card has buttons."""
    one = await talk.use(BroadcastDesk).complete(one, text)
    await _close(talk, one, card)
    sample, spot = samples.announcement(one), Spot(card.chat, card.thread)
    await say(talk.bot, spot, sample.text, sample.markup)
    await _put(talk, replace(card, asked=None, question=None), spot, screens.draft(one))


async def _close(talk: StaffTalk, one: Broadcast, card: Card) -> None:
    await edit(talk.bot, card.chat, card.message, Screen(screens.addressed(one).text))


# Buttons


@router.callback_query(Pressed(OnBroadcast))
async def press(talk: StaffTalk, callback_data: OnBroadcast) -> None:
    """A refusal is told to the one who pressed."""
    try:
        await _DEEDS[callback_data.action](talk, await _card(talk, callback_data), callback_data)
    except ServiceError as error:
        await talk.tell(plain(error_words(error)))


async def _card(talk: StaffTalk, pressed: OnBroadcast) -> Card:
    """The card of the button, in this group: a button can be forged. An earlier card shows a draft that has changed."""
    card = await talk.use(BroadcastDesk).card(pressed.broadcast)
    if card is None or card.group != talk.home:
        raise UnknownBroadcast(number=pressed.broadcast)
    if pressed.action is not BroadcastAction.STOP:
        _require_right(talk)
    message = talk.event.message if isinstance(talk.event, CallbackQuery) else None
    if message is None or message.message_id != card.message:
        raise OldCard(number=pressed.broadcast)
    return card


async def _written(talk: StaffTalk, card: Card) -> Broadcast:
    return await talk.use(BroadcastDesk).written(card.broadcast, _operator(talk))


async def _to_all(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    await _address(talk, await _written(talk, card), card, Audience())


async def _by_region(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    """The region by its place in the profile, from 1; 0 asks for it."""
    one, regions = await _written(talk, card), talk.use(SupplierProfile).regions
    if 0 < pressed.region <= len(regions):
        await _address(talk, one, card, Audience(region=regions[pressed.region - 1].name))
    else:
        await talk.show(screens.choose_region(one, regions))


async def _by_street(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    await _ask(talk, await _written(talk, card), card, CardQuestion.STREET)


async def _by_accounts(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    await _ask(talk, await _written(talk, card), card, CardQuestion.ACCOUNTS)


async def _another_audience(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    one = await talk.use(BroadcastDesk).reopen(await _written(talk, card))
    await talk.use(BroadcastDesk).keep(replace(card, asked=None, question=CardQuestion.AUDIENCE))
    await talk.show(screens.choose(one, talk.use(SupplierProfile).regions))


async def _another_text(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    one = await talk.use(BroadcastDesk).reopen(await _written(talk, card))
    await talk.show(screens.addressed(one))
    await _ask(talk, one, card, CardQuestion.TEXT)


async def _confirm(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    await talk.use(Broadcasts).confirm(card.broadcast, _operator(talk))
    await _follow(talk, card)


async def _stop(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    await talk.use(Broadcasts).stop(card.broadcast, _operator(talk))
    await talk.use(BroadcastDesk).keep(replace(card, asked=None, question=None))
    await _follow(talk, card)


async def _follow(talk: StaffTalk, card: Card) -> None:
    await talk.show(screens.card(*await talk.use(BroadcastDesk).shown(card.broadcast)))


async def _correct(talk: StaffTalk, card: Card, pressed: OnBroadcast) -> None:
    await _begin(talk, Audience(corrects=card.broadcast))


_DEEDS: Final[Mapping[BroadcastAction, Deed]] = {
    BroadcastAction.ALL: _to_all,
    BroadcastAction.REGION: _by_region,
    BroadcastAction.STREET: _by_street,
    BroadcastAction.ACCOUNTS: _by_accounts,
    BroadcastAction.AUDIENCE: _another_audience,
    BroadcastAction.TEXT: _another_text,
    BroadcastAction.CONFIRM: _confirm,
    BroadcastAction.STOP: _stop,
    BroadcastAction.CORRECT: _correct,
}
