"""Groups of the staff: words in a topic go to its customer, unless it is a command or a note."""

from __future__ import annotations

from typing import Any, Final

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import ErrorEvent, Message, TelegramObject

from handlers.broadcasts.staff import router as broadcasts
from handlers.desk import screens
from handlers.desk.callbacks import DeskAction, OnDesk
from handlers.desk.commands import COMMANDS
from handlers.desk.talk import StaffTalk
from handlers.desk.written import content_of, written_of
from handlers.filters import Pressed
from handlers.routing import MergedRouter, merge
from handlers.saying import says_something
from handlers.wording import error_words
from locales import _
from services.accounts.access import AccessDesk
from services.appeals.desk import Desk
from services.appeals.exchange import Exchange
from services.appeals.models import Appeal, Side
from services.appeals.topics import Topic
from services.errors import ServiceError
from services.ports import Clock
from services.supplier.profile import SupplierProfile

NOTE: Final = "//"
router = Router(name="desk")


class StaffRouter(MergedRouter):
    """Takes updates of the staff's groups and no others, and leaves none of them to other routers."""

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        if "staff" not in kwargs:
            return UNHANDLED
        if isinstance(event, ErrorEvent):
            raise event.exception
        await super().propagate_event(update_type, event, **kwargs)
        return None


def build_desk_router() -> Router:
    return merge("desk", [broadcasts, router], StaffRouter)


@router.message()
async def take_message(talk: StaffTalk) -> None:
    message = talk.message
    if not says_something(message):
        return
    words = _words(message)
    if words.startswith("/") and not words.startswith(NOTE):
        await _obey(talk, words)
        return
    topic = await talk.topic()
    if topic is None:
        return
    if words.startswith(NOTE):
        await talk.use(Desk).note(topic, written_of(message, Side.NOTE, talk.use(Clock).now(), talk.member.id))
        return
    await answer(talk, topic)


def _words(message: Message) -> str:
    """Without formats: a note in bold is a note."""
    return message.text or message.caption or ""


async def answer(talk: StaffTalk, topic: Topic) -> None:
    """A message that cannot be passed on is not sent, and staff are told so."""
    written = written_of(talk.message, Side.STAFF, talk.use(Clock).now(), talk.member.id)
    if written.kind == "unknown":
        await talk.reply(_("✖ Такое сообщение бот передать не может."))
        return
    try:
        await talk.use(Desk).answer(topic, written)
    except ServiceError as error:
        await talk.reply("✖ " + error_words(error))


async def _obey(talk: StaffTalk, words: str) -> None:
    """A command for another bot is none of ours; an unknown one does not go to the customer."""
    if talk.message.forward_origin is not None:
        return
    name, _mention, bot = words.split(maxsplit=1)[0][1:].lower().partition("@")
    if bot and bot != (await talk.bot.me()).username.lower():  # type: ignore[union-attr]  # every bot has one
        return
    command = COMMANDS.get(name)
    if command is None:
        await talk.reply(_("Такой команды нет, клиент её не видел. Есть: {commands}").format(commands=_known()))
        return
    try:
        await command.act(talk, words.partition(" ")[2].strip() or words.partition("\n")[2].strip())
    except ServiceError as error:
        await talk.reply("✖ " + error_words(error))


def _known() -> str:
    return ", ".join(f"/{name}" for name in COMMANDS)


@router.edited_message()
async def take_edit(talk: StaffTalk) -> None:
    """A sent answer that becomes a note stays as it was: only /delete takes it back."""
    message, words = talk.message, _words(talk.message)
    if words.startswith("/") and not words.startswith(NOTE):
        return
    found = await talk.use(Exchange).at(message.chat.id, message.message_id)
    if found is None:
        return
    if words.startswith(NOTE) and found.written.side is Side.STAFF:
        await talk.reply(_("Клиент уже получил этот ответ. Чтобы отозвать его, ответьте на него командой /delete."))
        return
    await talk.use(Exchange).edit(message.chat.id, message.message_id, *content_of(message))


@router.callback_query(Pressed(OnDesk, DeskAction.TAKE))
async def take(talk: StaffTalk, callback_data: OnDesk) -> None:
    appeal, topic = await _of(talk, callback_data)
    if talk.member.id is None or appeal is None:
        return
    taken = await talk.use(Desk).take(topic, talk.member.id, talk.member.name)
    if taken.owner != talk.member.id:
        await talk.tell(_("Обращение уже взято: {name}.").format(name=taken.owner_name))


@router.callback_query(Pressed(OnDesk, DeskAction.RELEASE))
async def release(talk: StaffTalk, callback_data: OnDesk) -> None:
    """By anybody of the group, for the owner may be ill; the topic says who did."""
    appeal, topic = await _of(talk, callback_data)
    if appeal is None:
        return
    if not await talk.use(Desk).release(topic, callback_data.link, talk.member.name):
        await talk.tell(_("Обращение тем временем взял другой сотрудник."))


@router.callback_query(Pressed(OnDesk, DeskAction.REOPEN))
async def reopen(talk: StaffTalk, callback_data: OnDesk) -> None:
    appeal, topic = await _of(talk, callback_data)
    if appeal is not None:
        await talk.use(Desk).reopen(topic)


@router.callback_query(Pressed(OnDesk, DeskAction.CARD))
async def show_card(talk: StaffTalk, callback_data: OnDesk) -> None:
    appeal, topic = await _of(talk, callback_data)
    if appeal is not None:
        profile = talk.use(SupplierProfile)
        zone, subject = profile.region_of(appeal.about.account).timezone, profile.appeals.subject(appeal.subject)
        facts = await talk.use(Desk).card(appeal, topic)
        await talk.show(screens.card(appeal, subject, zone, topic, facts))


@router.callback_query(Pressed(OnDesk, DeskAction.ACCESS))
async def show_access(talk: StaffTalk, callback_data: OnDesk) -> None:
    appeal, _topic = await _of(talk, callback_data)
    await _show_access(talk, appeal)


@router.callback_query(Pressed(OnDesk, DeskAction.UNLOCK))
async def unlock(talk: StaffTalk, callback_data: OnDesk) -> None:
    appeal, topic = await _of(talk, callback_data)
    if appeal:
        await talk.use(Desk).unlock(topic, appeal.about.account, talk.member.name)
    await _show_access(talk, appeal)


@router.callback_query(Pressed(OnDesk, DeskAction.UNLINK))
async def ask_to_unlink(talk: StaffTalk, callback_data: OnDesk) -> None:
    appeal, _topic = await _of(talk, callback_data)
    if appeal:
        await talk.show(screens.confirm_unlink(appeal, callback_data.link))


@router.callback_query(Pressed(OnDesk, DeskAction.SURE))
async def unlink(talk: StaffTalk, callback_data: OnDesk) -> None:
    appeal, topic = await _of(talk, callback_data)
    if appeal is None:
        return
    try:
        await talk.use(Desk).unlink(topic, appeal.about.account, callback_data.link, talk.member.name)
    except ServiceError as error:
        await talk.tell(error_words(error))
    await _show_access(talk, appeal)


@router.callback_query()
async def explain_button(talk: StaffTalk) -> None:
    """The sample of a broadcast has buttons that are the customers'."""
    await talk.tell(_("Эта кнопка здесь не работает: она для клиентов."))


async def _show_access(talk: StaffTalk, appeal: Appeal | None) -> None:
    if appeal is None or not appeal.about.account:
        return
    try:
        await talk.show(screens.access(appeal, await talk.use(AccessDesk).look(appeal.about.account)))
    except ServiceError as error:
        await talk.tell(error_words(error))


async def _of(talk: StaffTalk, pressed: OnDesk) -> tuple[Appeal | None, Topic]:
    """The appeal of a button, if it is in this group: a button can be forged."""
    topic = await talk.use(Desk).standing(pressed.appeal)
    if topic is None or topic.chat != talk.chat.id:
        return None, Topic(pressed.appeal, talk.home)
    return await talk.use(Desk).appeal(pressed.appeal), topic
