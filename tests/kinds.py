"""Kinds of notices that the product does not send yet: of each urgency, payload and switch. They show their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from handlers.keyboards import home_button, rows
from handlers.notices import FileScreen, InSteps, Making, Words
from handlers.show import Screen
from handlers.submissions.notices import accepted
from services.customers.models import NotificationKind
from services.notices.catalog import ReadingsAccepted
from services.notices.models import Edit, Facts, File, Steps, Text, Urgency, kind
from tests.people import PICTURE


@dataclass(frozen=True, slots=True)
class Numbered(Facts):
    number: str


@kind("test_answer", switch=None, urgency=Urgency.ANSWER)
class Answer(Numbered, Text):
    pass


@kind("test_notice", switch=None)
class Ordinary(Numbered, Text):
    pass


@kind("test_bulk", switch=None, urgency=Urgency.BULK)
class Bulk(Numbered, Text):
    pass


@kind("test_answer_edit", switch=None, urgency=Urgency.ANSWER)
class AnswerEdit(Numbered, Edit):
    pass


@kind("test_notice_edit", switch=None)
class OrdinaryEdit(Numbered, Edit):
    pass


@kind("test_bulk_edit", switch=None, urgency=Urgency.BULK)
class BulkEdit(Numbered, Edit):
    pass


@kind("test_reminder", switch=NotificationKind.REMINDER, urgency=Urgency.BULK)
class Reminder(Numbered, Text):
    pass


@kind("test_pay_by", switch=NotificationKind.PAY_BY, urgency=Urgency.BULK)
class PayBy(Numbered, Text):
    pass


@kind("test_verification", switch=NotificationKind.METER_VERIFICATION, urgency=Urgency.BULK)
class Verification(Numbered, Text):
    pass


@kind("test_document", switch=None)
class Document(Numbered, File):
    pass


@kind("test_photo", switch=None)
class Photo(Numbered, File):
    pass


@kind("test_copy", switch=None)
class Forwarded(Steps):
    chat_id: int
    message_id: int


SAID: Final[dict[Urgency, type[Numbered]]] = {
    Urgency.ANSWER: Answer,
    Urgency.NOTICE: Ordinary,
    Urgency.BULK: Bulk,
}
EDITED: Final[dict[Urgency, type[Numbered]]] = {
    Urgency.ANSWER: AnswerEdit,
    Urgency.NOTICE: OrdinaryEdit,
    Urgency.BULK: BulkEdit,
}
SWITCHED: Final[dict[NotificationKind, type[Numbered]]] = {
    NotificationKind.REMINDER: Reminder,
    NotificationKind.PAY_BY: PayBy,
    NotificationKind.METER_VERIFICATION: Verification,
}

SQUARE: Final = PICTURE[:16] + 2 * b"\0\0\0\x08"  # the head of a picture, eight pixels wide and high

words = Words()


def number(facts: Numbered) -> Screen:
    return accepted(ReadingsAccepted(number=facts.number))


TEXTS: Final[tuple[Any, ...]] = (*SAID.values(), *EDITED.values(), *SWITCHED.values())
for text in TEXTS:
    words.text(text)(number)


@words.made(Document)
async def document(facts: Document, making: Making) -> FileScreen | None:
    """A number that is empty stands for a thing that is gone."""
    content = f"{facts.number} for {making.user_id}".encode()
    return FileScreen(f"{facts.number}.pdf", content, number(facts)) if facts.number else None


@words.made(Photo)
async def photo(facts: Photo, making: Making) -> FileScreen:
    return FileScreen(f"{facts.number}.png", SQUARE, number(facts), photo=True)


@words.made(Forwarded)
async def forwarded(facts: Forwarded, making: Making) -> InSteps:
    async def send(chat_id: int) -> None:
        markup = rows([home_button(fresh=True)])
        await making.bot.copy_message(chat_id, facts.chat_id, facts.message_id, reply_markup=markup)

    return InSteps(send)
