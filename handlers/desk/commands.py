"""Commands of the staff, written in a topic or, where they are about no single appeal, anywhere in the group."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
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
_NUMBER: Final = re.compile(r"(?:№\s*)?(\d{4}-\d+)")


@dataclass(frozen=True, slots=True)
class StaffCommand:
    """`title`: in Telegram's menu, a message of the catalogs; `of_broadcasts`: for groups that may write them."""

    act: Callable[[StaffTalk, str], Awaitable[None]]
    title: str
    of_broadcasts: bool = False


class NoAppealHere(InputError):
    text = N_("Эту команду пишут в теме обращения или ответом на его сообщение.")


class NoAppealOfNumber(InputError):
    text = N_("Обращения № {number} в этой группе нет.")


class NoTemplate(InputError):
    text = N_("Нет шаблона, который так начинается: {name}. Все — /templates.")


class TemplateWrong(InputError):
    text = N_("Напишите имя шаблона одним словом, а за ним текст, например: /template срок Ответим завтра.")


class NothingToDelete(InputError):
    text = N_("Ответьте командой /delete на сообщение, которое отправили клиенту.")


async def _topic(talk: StaffTalk) -> Topic:
    topic = await talk.topic()
    if topic is None:
        raise NoAppealHere
    return topic


async def close(talk: StaffTalk, words: str) -> None:
    if not await talk.use(Desk).close(await _topic(talk)):
        await talk.reply(_("Обращение уже закрыто."))


async def reopen(talk: StaffTalk, words: str) -> None:
    """The one that is spoken in, or that of a number, the whole of it: members write nothing in a closed topic."""
    number = _NUMBER.fullmatch(words)
    topic = await _numbered(talk, number[1]) if number else await _topic(talk)
    appeal, opened = await talk.use(Desk).appeal(topic.appeal), await talk.use(Desk).reopen(topic)
    if not opened:
        await talk.reply(_("Обращение уже открыто."))
    elif number and appeal:
        await talk.reply(_("Обращение {number} снова открыто.").format(number=screens.linked(appeal, topic)))


async def _numbered(talk: StaffTalk, number: str) -> Topic:
    found = await talk.use(Desk).numbered(number, talk.home)
    if found is None:
        raise NoAppealOfNumber(number=number)
    return found[1]


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
    name, text, *_rest = *words.split(maxsplit=1), "", ""
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


async def tell_number(talk: StaffTalk, words: str) -> None:
    await talk.reply(number_told(talk.chat.id))


def number_told(chat: int) -> str:
    """For the settings of the operator."""
    text = _(
        "Номер этого чата: <code>{chat}</code>. SUPPORT_CHAT_ID — группа, где отвечают на обращения, ADMIN_CHAT_ID — "
        "чат для тревог."
    )
    return text.format(chat=chat)


COMMANDS: Final[Mapping[str, StaffCommand]] = {
    "t": StaffCommand(use_template, N_("Ответить шаблоном: /t и первые буквы")),
    "close": StaffCommand(close, N_("Закрыть обращение")),
    "reopen": StaffCommand(reopen, N_("Открыть снова: в теме или с номером")),
    "delete": StaffCommand(delete, N_("Отозвать ответ: ответом на него")),
    "who": StaffCommand(who, N_("Карточка обращения заново")),
    "find": StaffCommand(find, N_("Найти по концу счёта, номеру или имени")),
    "stats": StaffCommand(stats, N_("Обращения за 30 дней, напоминания, рассылки")),
    "templates": StaffCommand(show_templates, N_("Все шаблоны")),
    "template": StaffCommand(keep_template, N_("Сохранить шаблон: имя и текст")),
    "broadcast": StaffCommand(broadcasts.begin, N_("Рассылка клиентам"), of_broadcasts=True),
    "correct": StaffCommand(broadcasts.correct, N_("Исправить рассылку для тех же людей"), of_broadcasts=True),
    "id": StaffCommand(tell_number, N_("Номер этого чата для настроек бота")),
}
