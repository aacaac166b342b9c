"""Notices of appeals: messages on their way between a customer and the staff, and what staff are told of them."""

from __future__ import annotations

from functools import partial

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import ReactionTypeEmoji, ReactionTypeUnion

from handlers.desk import screens
from handlers.desk.sending import Spot, follow, put, put_somehow, say
from handlers.desk.topic import TopicInGroup
from handlers.notices import InSteps, Making, Words
from handlers.show import is_gone, is_same
from services.appeals.desk import Desk
from services.appeals.exchange import Exchange, group_of
from services.appeals.models import Appeal, AppealMessage, Deed, Delivery
from services.notices.catalog import (
    AppealAnswer,
    AppealMark,
    AppealMessageChanged,
    AppealMessageToDesk,
    DeskCard,
    DeskReminder,
    DeskWord,
    OfAppealMessage,
)
from services.supplier.profile import SupplierProfile

words = Words()


@words.made(AppealMessageToDesk)
async def to_desk(facts: AppealMessageToDesk, making: Making) -> InSteps | None:
    appeal, message = await _to_bring(facts, making)
    if appeal is None or message is None:
        return None
    if message.copy is not None:
        return InSteps(_stands)
    return InSteps(partial(_bring, appeal, message, making))


async def _stands(_: int) -> None:
    """The copy was sent and noted when an earlier try was cut off."""


async def _bring(appeal: Appeal, message: AppealMessage, making: Making, chat: int) -> None:
    desk = making.use(Desk)
    answered = await desk.place_of(message, copy_in=chat)

    async def send(spot: Spot) -> int:
        return await put_somehow(making.bot, Spot(spot.chat, spot.thread, answered or spot.reply), message)

    await desk.note_copy(message, chat, await TopicInGroup(appeal, chat, making).act(send))


@words.made(AppealAnswer)
async def answer(facts: AppealAnswer, making: Making) -> InSteps | None:
    appeal, message = await _to_bring(facts, making)
    if appeal is None or message is None:
        return None
    if message.copy is not None:
        return InSteps(_stands)
    return InSteps(partial(_answer, appeal, message, making))


async def _answer(appeal: Appeal, message: AppealMessage, making: Making, chat: int) -> None:
    desk, group = making.use(Desk), group_of(appeal, making.use(SupplierProfile))
    spot = Spot(chat, reply=await desk.place_of(message, copy_in=chat))
    try:
        copy = await put(making.bot, spot, message, screens.under_answer(appeal))
    except TelegramBadRequest as error:
        await desk.note_refusal(message, error.message.rpartition(": ")[2], group)
    else:
        await desk.note_copy(message, chat, copy, mark_in=group)


@words.made(AppealMessageChanged)
async def change(facts: AppealMessageChanged, making: Making) -> InSteps | None:
    """The copy has buttons in the customer's chat alone."""
    appeal, message = await _found(facts, making)
    if appeal is None or message is None or message.copy is None:
        return None
    markup = screens.under_answer(appeal) if making.user_id > 0 else None

    async def send(_: int) -> None:
        await follow(making.bot, message, markup)

    return InSteps(send)


@words.made(AppealMark)
async def mark(facts: AppealMark, making: Making) -> InSteps | None:
    appeal, message = await _found(facts, making)
    return InSteps(partial(_mark, appeal, message, making)) if appeal and message else None


async def _mark(appeal: Appeal, message: AppealMessage, making: Making, chat: int) -> None:
    """Delivered is a reaction; all else, and a mark that is there already, are words."""
    bot, arrived = making.bot, message.delivery is Delivery.DELIVERED and not message.withdrawn_at
    if arrived and await _react(message, making, "👌"):
        if message.mark is None:
            return
    elif not arrived:
        await _react(message, making, None)
    text = screens.mark(message)
    if message.mark is not None:
        try:
            await bot.edit_message_text(text, chat_id=chat, message_id=message.mark)
        except TelegramBadRequest as error:
            if not (is_same(error) or is_gone(error)):
                raise
        return

    async def send(spot: Spot) -> int:
        return await say(bot, Spot(spot.chat, spot.thread, message.written.message), text)

    await making.use(Desk).note_mark(message, await TopicInGroup(appeal, chat, making).act(send))


async def _react(message: AppealMessage, making: Making, emoji: str | None) -> bool:
    """False where the message is gone, or the group takes no reactions."""
    reaction: list[ReactionTypeUnion] = [ReactionTypeEmoji(emoji=emoji)] if emoji else []
    try:
        await making.bot.set_message_reaction(message.written.chat, message.written.message, reaction)
    except TelegramBadRequest:
        return False
    return True


@words.made(DeskCard)
async def card(facts: DeskCard, making: Making) -> InSteps | None:
    appeal = await making.use(Desk).appeal(facts.appeal)
    return InSteps(partial(_follow, appeal, making)) if appeal else None


async def _follow(appeal: Appeal, making: Making, chat: int) -> None:
    await TopicInGroup(appeal, chat, making).follow()
    desk, profile = making.use(Desk), making.use(SupplierProfile)
    topic = await desk.topic(appeal.key, making.user_id)
    zone, subject = profile.region_of(appeal.about.account).timezone, profile.appeals.subject(appeal.subject)
    shown = screens.card(appeal, subject, zone, topic, await desk.card(appeal, topic))
    try:
        await making.bot.edit_message_text(shown.text, chat_id=chat, message_id=topic.card, reply_markup=shown.markup)
    except TelegramBadRequest as error:
        if not (is_same(error) or is_gone(error)):
            raise


@words.made(DeskWord)
async def tell_deed(facts: DeskWord, making: Making) -> InSteps | None:
    appeal = await making.use(Desk).appeal(facts.appeal)
    return InSteps(partial(_say_in_topic, appeal, screens.deed(appeal, Deed(facts.deed)), making)) if appeal else None


async def _say_in_topic(appeal: Appeal, text: str, making: Making, chat: int) -> None:
    async def send(spot: Spot) -> int:
        return await say(making.bot, spot, text)

    await TopicInGroup(appeal, chat, making).act(send)


@words.made(DeskReminder)
async def remind(facts: DeskReminder, making: Making) -> InSteps | None:
    """None where staff have answered meanwhile."""
    desk = making.use(Desk)
    appeal, topic = await desk.appeal(facts.appeal), await desk.topic(facts.appeal, making.user_id)
    if appeal is None or appeal.answered_at:
        return None
    zone = making.use(SupplierProfile).region_of(appeal.about.account).timezone
    return InSteps(partial(_say_in_topic, appeal, screens.reminder(appeal, topic, zone), making))


async def _to_bring(facts: OfAppealMessage, making: Making) -> tuple[Appeal | None, AppealMessage | None]:
    """Not one that was taken back, unless it may stand there already: it is found then, and deleted by the next row."""
    appeal, message = await _found(facts, making)
    return appeal, None if message and message.withdrawn_at and not making.goes_on else message


async def _found(facts: OfAppealMessage, making: Making) -> tuple[Appeal | None, AppealMessage | None]:
    return await making.use(Desk).appeal(facts.appeal), await making.use(Exchange).any_message(facts.message)
