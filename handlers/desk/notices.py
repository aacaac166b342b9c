"""Notices of appeals: messages on their way between a customer and the staff, and what staff are told of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import ReactionTypeEmoji, ReactionTypeUnion

from handlers.desk import screens
from handlers.desk.sending import Spot, edit, fits_album, follow, is_of_place, put, put_album, put_somehow, say
from handlers.desk.topic import TopicInGroup
from handlers.notices import InSteps, Making, Words
from handlers.show import Screen
from handlers.wording import escape
from locales import _
from services.accounts.models import Action
from services.appeals.desk import Desk
from services.appeals.exchange import Exchange, group_of
from services.appeals.models import Appeal, AppealMessage, Copy, Deed, DeliveryState
from services.notices.catalog import (
    AppealAnswer,
    AppealMark,
    AppealMessageChanged,
    AppealMessageToDesk,
    DeskAccess,
    DeskCard,
    DeskHint,
    DeskReleased,
    DeskReminder,
    DeskWord,
    OfAppealMessage,
)
from services.supplier.profile import SupplierProfile

GATHERING: Final = timedelta(milliseconds=500)  # without a further part of an album
LARGEST_ALBUM: Final = 10
words = Words()


@words.made(AppealMessageToDesk)
async def to_desk(facts: AppealMessageToDesk, making: Making) -> InSteps | None:
    appeal, message = await _to_bring(facts, making)
    if appeal is None or message is None:
        return None
    if message.copy is not None:
        return InSteps(_stands)
    return InSteps(partial(_bring, appeal, await _together(message, making), making))


async def _stands(_: int) -> None:
    """The copy was sent and noted when an earlier try was cut off."""


async def _bring(appeal: Appeal, parts: Sequence[AppealMessage], making: Making, chat: int) -> None:
    """An album that Telegram does not take as one comes in parts: this row brings the first, later ones the others."""
    message = parts[0]
    desk = making.use(Desk)
    answered = await desk.place_of(message, copy_in=chat)

    async def send(spot: Spot) -> list[Copy]:
        there = Spot(spot.chat, spot.thread, answered or spot.reply)
        if len(parts) > 1:
            try:
                return await put_album(making.bot, there, parts)
            except TelegramBadRequest as error:
                if is_of_place(error):
                    raise
        return [await put_somehow(making.bot, there, message)]

    copies = await TopicInGroup(appeal, chat, making).act(send)
    await desk.note_copies(zip(parts, copies, strict=False))


@words.made(AppealAnswer)
async def answer(facts: AppealAnswer, making: Making) -> InSteps | None:
    """None also where it was given up with its album."""
    appeal, message = await _to_bring(facts, making)
    if appeal is None or message is None or message.delivery is DeliveryState.REFUSED:
        return None
    if message.copy is not None:
        return InSteps(_stands)
    return InSteps(partial(_answer, appeal, await _together(message, making), making))


async def _answer(appeal: Appeal, parts: Sequence[AppealMessage], making: Making, chat: int) -> None:
    """As to the desk, but what Telegram does not take is refused."""
    message, desk, group = parts[0], making.use(Desk), group_of(appeal, making.use(SupplierProfile))
    spot = Spot(chat, reply=await desk.place_of(message, copy_in=chat))
    if len(parts) > 1:
        with suppress(TelegramBadRequest):
            copies = await put_album(making.bot, spot, parts)
            await desk.note_copies(zip(parts, copies, strict=False), mark_in=group)
            return
    try:
        copy = await put(making.bot, spot, message, screens.under_answer(appeal))
    except TelegramBadRequest as error:
        await desk.note_refusal(message, error.message.rpartition(": ")[2], group)
    else:
        await desk.note_copies([(message, copy)], mark_in=group)


async def _together(message: AppealMessage, making: Making) -> Sequence[AppealMessage]:
    """The message, with the other parts of its album. Telegram tells of no end of an album: it is waited for until none
    comes for a while."""
    if not fits_album(message):
        return [message]
    known: Sequence[AppealMessage] = []
    parts: Sequence[AppealMessage] = [message]
    while len(known) < len(parts) < LARGEST_ALBUM:
        await asyncio.sleep(GATHERING.total_seconds())
        known, parts = parts, await making.use(Exchange).album_from(message, withdrawn=making.goes_on)
    return parts or [message]


@words.made(AppealMessageChanged)
async def change(facts: AppealMessageChanged, making: Making) -> InSteps | None:
    """The copy has buttons in the customer's chat alone."""
    appeal, message = await _found(facts, making)
    if appeal is None or message is None or message.copy is None:
        return None
    return InSteps(partial(_follow_change, appeal, message, message.copy, making))


async def _follow_change(appeal: Appeal, message: AppealMessage, copy: Copy, making: Making, chat: int) -> None:
    desk, in_group = making.use(Desk), making.user_id < 0
    topic = await desk.standing(appeal.key) if in_group else None
    spot = Spot(chat, topic.thread if topic else None)
    changed = await follow(making.bot, spot, message, copy, None if in_group else screens.under_answer(appeal))
    if changed != copy:
        await desk.note_copies([(message, changed)])


@words.made(AppealMark)
async def mark(facts: AppealMark, making: Making) -> InSteps | None:
    appeal, message = await _found(facts, making)
    return InSteps(partial(_mark, appeal, message, making)) if appeal and message else None


async def _mark(appeal: Appeal, message: AppealMessage, making: Making, chat: int) -> None:
    """Delivered is a reaction; all else, and a mark that is there already, are words."""
    bot, arrived = making.bot, message.delivery is DeliveryState.DELIVERED and not message.withdrawn_at
    if arrived and await _react(message, making, "👌"):
        if message.mark is None:
            return
    elif not arrived:
        await _react(message, making, None)
    text = screens.mark(message)
    if message.mark is not None:
        await edit(bot, chat, message.mark, Screen(text))
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
    await edit(making.bot, chat, topic.card, shown)


@words.made(DeskWord)
async def tell_deed(facts: DeskWord, making: Making) -> InSteps | None:
    appeal = await making.use(Desk).appeal(facts.appeal)
    return InSteps(partial(_say_in_topic, appeal, screens.deed(appeal, Deed(facts.deed)), making)) if appeal else None


async def _say_in_topic(appeal: Appeal, text: str, making: Making, chat: int) -> None:
    async def send(spot: Spot) -> int:
        return await say(making.bot, spot, text)

    await TopicInGroup(appeal, chat, making).act(send)


@words.made(DeskReleased)
async def tell_release(facts: DeskReleased, making: Making) -> InSteps | None:
    appeal = await making.use(Desk).appeal(facts.appeal)
    text = _("{name}: обращение снова в очереди.").format(name=escape(facts.name))
    return InSteps(partial(_say_in_topic, appeal, text, making)) if appeal else None


@words.made(DeskAccess)
async def tell_access(facts: DeskAccess, making: Making) -> InSteps | None:
    appeal = await making.use(Desk).appeal(facts.appeal)
    unlocked = facts.action == Action.UNLOCKED_BY_COMPANY
    text = _("{name}: счёт отперт.") if unlocked else _("{name}: доступ к счёту отвязан.")
    said = text.format(name=escape(facts.name))
    return InSteps(partial(_say_in_topic, appeal, said, making)) if appeal else None


@words.made(DeskReminder)
async def remind(facts: DeskReminder, making: Making) -> InSteps | None:
    """None where staff have answered meanwhile."""
    desk = making.use(Desk)
    appeal, topic = await desk.appeal(facts.appeal), await desk.topic(facts.appeal, making.user_id)
    if appeal is None or not appeal.waits:
        return None
    zone = making.use(SupplierProfile).region_of(appeal.about.account).timezone
    return InSteps(partial(_say_in_topic, appeal, screens.reminder(appeal, topic, zone), making))


@words.text(DeskHint)
def hint(facts: DeskHint) -> Screen:
    return Screen(
        _(
            "⚠ Бот не видит участников этой группы и не знает, кто здесь сотрудник, поэтому ждёт. Сделайте бота "
            "администратором группы: написанное дойдёт тогда само."
        )
    )


async def _to_bring(facts: OfAppealMessage, making: Making) -> tuple[Appeal | None, AppealMessage | None]:
    """Not one that was taken back, unless it may stand there already: it is found then, and deleted by the next row."""
    appeal, message = await _found(facts, making)
    return appeal, None if message and message.withdrawn_at and not making.goes_on else message


async def _found(facts: OfAppealMessage, making: Making) -> tuple[Appeal | None, AppealMessage | None]:
    return await making.use(Desk).appeal(facts.appeal), await making.use(Exchange).any_message(facts.message)
