"""Commands of the staff, written in a topic or, where they are about no single appeal, anywhere in the group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from handlers.broadcasts import staff as broadcasts
from handlers.desk import screens
from handlers.desk.talk import StaffTalk
from handlers.wording import escape
from locales import _
from services.appeals.desk import Desk
from services.appeals.exchange import Exchange
from services.appeals.models import Side, Written
from services.appeals.topics import Topic
from services.errors import N_, InputError
from services.ports import Clock
from services.supplier.profile import SupplierProfile

MOST_FOUND: Final = 10
LONGEST_NAME: Final = 32
Command = Callable[[StaffTalk, str], Awaitable[None]]


class NoAppealHere(InputError):
    text = N_("Эту команду пишут в теме обращения или ответом на его сообщение.")


class NoTemplate(InputError):
    text = N_("Нет шаблона, который так начинается: {name}. Все — /templates.")


class TemplateWrong(InputError):
    text = N_("Напишите имя шаблона одним словом, а за ним текст, например: /template срок Ответим завтра.")


class NothingToDelete(InputError):
    text = N_("Ответьте командой /delete на сообщение, которое отправили клиенту.")


async def _topic(talk: StaffTalk, number: str = "") -> Topic:
    """The one that is spoken in, or that of a number: members write nothing in a closed topic."""
    pairs = await talk.use(Desk).find(number, talk.home, 1) if number else ()
    topic = pairs[0][1] if pairs else await talk.topic()
    if topic is None:
        raise NoAppealHere
    return topic


async def close(talk: StaffTalk, words: str) -> None:
    if not await talk.use(Desk).close(await _topic(talk)):
        await talk.reply(_("Обращение уже закрыто."))


async def reopen(talk: StaffTalk, words: str) -> None:
    if not await talk.use(Desk).reopen(await _topic(talk, words)):
        await talk.reply(_("Обращение открыто."))


async def who(talk: StaffTalk, words: str) -> None:
    """The card as it is now."""
    topic, desk, profile = await _topic(talk), talk.use(Desk), talk.use(SupplierProfile)
    appeal = await desk.appeal(topic.appeal)
    if appeal is not None:
        zone, subject = profile.region_of(appeal.about.account).timezone, profile.appeals.subject(appeal.subject)
        await talk.reply(screens.card(appeal, subject, zone, topic, await desk.card(appeal, topic)).text)


async def find(talk: StaffTalk, words: str) -> None:
    pairs = await talk.use(Desk).find(words, talk.home, MOST_FOUND) if words else ()
    await talk.reply(screens.found(pairs))


async def stats(talk: StaffTalk, words: str) -> None:
    appeals = screens.stats(await talk.use(Desk).stats(talk.home))
    await talk.reply(f"{appeals}\n\n{await broadcasts.progress(talk)}")


async def delete(talk: StaffTalk, words: str) -> None:
    answered = talk.message.reply_to_message
    found = await talk.use(Exchange).at(talk.chat.id, answered.message_id) if answered else None
    if found is None or found.written.side is not Side.STAFF:
        raise NothingToDelete
    await talk.use(Exchange).take_back(found.written.chat, found.written.message)


async def keep_template(talk: StaffTalk, words: str) -> None:
    name, _space, text = words.partition(" ")
    if not name or len(name) > LONGEST_NAME:
        raise TemplateWrong
    html = escape(text.strip())
    await talk.use(Desk).keep_template(talk.home, name.lower(), html)
    done = _("Шаблон «{name}» сохранён.") if html else _("Шаблона «{name}» больше нет.")
    await talk.reply(done.format(name=escape(name)))


async def show_templates(talk: StaffTalk, words: str) -> None:
    await talk.reply(screens.templates(await talk.use(Desk).templates(talk.home)))


async def use_template(talk: StaffTalk, words: str) -> None:
    """The first one that begins with these letters goes to the customer, as an answer that is this command's."""
    topic, desk = await _topic(talk), talk.use(Desk)
    known, appeal = await desk.templates(talk.home), await desk.appeal(topic.appeal)
    template = next((one for one in known if words and one.name.startswith(words.lower())), None)
    if template is None or appeal is None:
        raise NoTemplate(name=words)
    text, message = screens.filled(template, appeal), talk.message
    now = talk.use(Clock).now()
    written = Written(Side.STAFF, message.chat.id, message.message_id, now, text, author=talk.member.id)
    if await desk.answer(topic, written):
        await talk.reply(f"→ {text}")


COMMANDS: Final[Mapping[str, Command]] = {
    "close": close,
    "reopen": reopen,
    "who": who,
    "find": find,
    "stats": stats,
    "delete": delete,
    "template": keep_template,
    "templates": show_templates,
    "t": use_template,
    "broadcast": broadcasts.begin,
    "correct": broadcasts.correct,
}
