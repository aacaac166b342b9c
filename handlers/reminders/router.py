"""Answers to reminders, and the settings of them."""

from __future__ import annotations

from datetime import date

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Filter
from aiogram.types import Message

from fsm.readings import ReadingDraft
from fsm.reminders import AnswerDraft
from handlers.callbacks import Go, Place
from handlers.conversation import Conversation
from handlers.filters import Pressed
from handlers.readings.taking import addressed_to, answer_to, show_step, take
from handlers.reminders import screens
from handlers.reminders.callbacks import (
    OnReminder,
    OpenAway,
    PickAccount,
    ReminderAction,
    SetAway,
    SetReminderHour,
    SwitchReminded,
)
from locales import _
from services.accounts.accounts import Accounts, owned
from services.readings.models import MeterForm
from services.readings.numbers import looks_like_readings
from services.readings.readings import Readings
from services.readings.steps import AskZones
from services.reminders.wishes import ReminderWishes
from services.supplier.profile import SupplierProfile

router = Router(name="reminders")


class NumbersInReply(Filter):
    """Numbers in reply to a message of the bot."""

    async def __call__(self, message: Message) -> bool:
        answered = message.reply_to_message
        if answered is None or answered.from_user is None or not answered.from_user.is_bot:
            return False
        return bool(message.text) and looks_like_readings(message.text or "")


@router.message(NumbersInReply())
async def take_reply(talk: Conversation) -> None:
    """Numbers are for the account that the reminder names, whatever is in view or asked for."""
    answered = talk.message.reply_to_message
    named = await talk.use(ReminderWishes).named_by(talk.customer, answered.message_id) if answered else None
    if not named:
        raise SkipHandler
    answer = AnswerDraft(typed=talk.text, message=talk.message.message_id, typed_at=talk.message.date)
    if len(named) == 1:
        await _take(talk, answer, named[0].id)
        return
    await talk.expect(None)
    await talk.save(answer)
    await talk.show(screens.pick_account(named, answer))


@router.callback_query(Pressed(PickAccount))
async def pick_account(talk: Conversation, callback_data: PickAccount) -> None:
    draft = await talk.draft(AnswerDraft, callback_data.draft)
    await _take(talk, draft, callback_data.link)


async def _take(talk: Conversation, answer: AnswerDraft, link_id: str) -> None:
    link = owned(talk.customer, link_id)
    words = addressed_to(link, answer.typed)
    known = await talk.find_draft(ReadingDraft)
    await take(talk, answer_to(known, link, words, answer.message, answer.typed_at), link)


@router.callback_query(Pressed(OnReminder, ReminderAction.TAKE))
async def begin(talk: Conversation, callback_data: OnReminder) -> None:
    """In a new message: the reminder stays."""
    link = owned(talk.customer, callback_data.link)
    await take(talk, ReadingDraft(link_id=link.id), link, fresh=True)


@router.callback_query(Pressed(OnReminder, ReminderAction.SAME))
async def same(talk: Conversation, callback_data: OnReminder) -> None:
    """The preview of the previous values, of the first meter that lacks readings; a meter that was replaced since the
    reminder has none, and is asked for its numbers."""
    link = owned(talk.customer, callback_data.link)
    account = await talk.use(Readings).open(link)
    missing = [one for one in account.meters if not one.passed]
    view = next((one for one in missing if one.unchanged), (missing or account.meters)[0])
    account.admit(view)
    form = MeterForm(view.meter.number)
    step = await talk.use(Readings).keep_unchanged(link, form)
    if not isinstance(step, AskZones):
        await talk.say(screens.unchanged_warning())
    await show_step(talk, ReadingDraft(link_id=link.id, meter=view.meter.number), step, fresh=True)


@router.callback_query(Pressed(OnReminder, ReminderAction.EVENING))
async def in_the_evening(talk: Conversation, callback_data: OnReminder) -> None:
    link = owned(talk.customer, callback_data.link)
    moment = await talk.use(ReminderWishes).in_the_evening(talk.customer, link)
    zone = talk.use(SupplierProfile).region_of(link.account).timezone
    await talk.say(screens.will_remind(moment, zone) if moment else _("Сегодня напомнить уже не получится."))


@router.callback_query(Pressed(OnReminder, ReminderAction.TOMORROW))
async def tomorrow(talk: Conversation, callback_data: OnReminder) -> None:
    link = owned(talk.customer, callback_data.link)
    moment = await talk.use(ReminderWishes).tomorrow(talk.customer, link)
    zone = talk.use(SupplierProfile).region_of(link.account).timezone
    await talk.say(
        screens.will_remind(moment, zone) if moment else _("Дни приёма кончаются. Передайте показания сегодня.")
    )


# Settings


@router.callback_query(Pressed(Go, Place.REMINDERS))
async def open_settings(talk: Conversation, callback_data: Go) -> None:
    await _show(talk, fresh=callback_data.fresh)


async def _show(talk: Conversation, *, fresh: bool = False) -> None:
    await talk.expect(None)
    wishes = talk.use(ReminderWishes)
    shown = screens.settings(talk.customer, wishes.at(talk.customer), wishes.today(talk.customer))
    await talk.show(shown, fresh=fresh)


async def _show_changed(talk: Conversation) -> None:
    talk.customer = await talk.use(Accounts).refresh(talk.customer)
    await talk.use(ReminderWishes).renew(talk.customer)
    await _show(talk)


@router.callback_query(Pressed(SetReminderHour))
async def set_hour(talk: Conversation, callback_data: SetReminderHour) -> None:
    await talk.use(ReminderWishes).set_hour(talk.customer, callback_data.hour)
    await _show_changed(talk)


@router.callback_query(Pressed(SwitchReminded))
async def switch(talk: Conversation, callback_data: SwitchReminded) -> None:
    link = owned(talk.customer, callback_data.link)
    await talk.use(ReminderWishes).remind(talk.customer, link, on=callback_data.on)
    await _show_changed(talk)


@router.callback_query(Pressed(OpenAway))
async def open_away(talk: Conversation, callback_data: OpenAway) -> None:
    link, wishes = owned(talk.customer, callback_data.link), talk.use(ReminderWishes)
    await talk.expect(None)
    await talk.show(screens.away(link, wishes.away_days(link), wishes.today(talk.customer)))


@router.callback_query(Pressed(SetAway))
async def set_away(talk: Conversation, callback_data: SetAway) -> None:
    link = owned(talk.customer, callback_data.link)
    until = date.fromisoformat(callback_data.until) if callback_data.until else None
    await talk.use(ReminderWishes).set_away(talk.customer, link, until)
    await _show_changed(talk)
