"""Every kind of notices: its declaration, its words, its row, and the way of each payload to a chat."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from typing import Any, Final
from uuid import uuid4

import pytest
from aiogram import Bot

from handlers.notices import Making, Words, WordsMissing, WordsTwice, collect
from handlers.show import Screen
from locales import speak
from services.accounts.models import Role
from services.customers.models import NotificationKind
from services.db import facts as rows
from services.notices.catalog import (
    CATALOG,
    AddressChanged,
    AddressChangedLetter,
    AddressRemovedLetter,
    Alert,
    Announcement,
    AppealAnswer,
    AppealAnswerLetter,
    AppealClosed,
    AppealMark,
    AppealMessageChanged,
    AppealMessageToDesk,
    AppealSentLetter,
    ConfirmationLetter,
    DeskAccess,
    DeskBroadcast,
    DeskCard,
    DeskHint,
    DeskReleased,
    DeskReminder,
    DeskWord,
    Disowned,
    HolderChanged,
    Joined,
    LetterUndelivered,
    OrderDeclined,
    OrderExpired,
    OrderLink,
    OrderOvertaken,
    OrderPaid,
    OrderRefunded,
    OrderWasDeclined,
    OrderWasPaid,
    OtherUnlinked,
    PaperBack,
    PaperEnded,
    PaymentDue,
    PaymentLetter,
    ReadingsAccepted,
    ReadingsDue,
    ReadingsRefused,
    ReadingsReplaced,
    ReceiptLetter,
    ReceiptMissed,
    ReceiptReady,
    ReceiptsEnded,
    ReceiptsMovedLetter,
    ReceiptsStopped,
    Recovered,
    RecoveryAsked,
    RecoveryKept,
    ResetByCompany,
    ShareEnded,
    SheetLetter,
    SubscribedBeside,
    SubscribedLetter,
    SubscribeLetter,
    UnlinkedByCompany,
    UnlockedByCompany,
    UnsubscribedLetter,
    UnsubscribeLetter,
    UpdateParked,
    VerificationDue,
    Verified,
    VerifiedBeside,
    Withdrawn,
)
from services.notices.models import ByMail, Channel, Current, Edit, Facts, File, Notice, Refusal, Steps, Text, kind
from services.supplier.models import Month, Zone
from services.supplier.profile import SupplierProfile
from tests.conftest import TWO_ZONES
from tests.flows.kept import submitted
from tests.harness import BotHarness
from tests.kinds import SQUARE, Document, Forwarded, Photo
from tests.people import Someone
from tests.test_delivery import STATES, once_more
from tests.test_screens import EMAIL, LONG, SUM, check, profile

LINK: Final = {"tail": "3456", "link": "x" * 16, "own": "x" * 16}
OWN: Final = {"tail": "3456", "own": "x" * 16}
ORDER: Final[dict[str, Any]] = {
    "order": "x" * 24,
    "number": "О-2611-999999",
    "tail": "3456",
    "kopecks": SUM,
    "reason": "something_new",
    "url": "https://yoomoney.ru/checkout/payments/v2/contract?orderId=" + "x" * 36,
    "day": date(2026, 9, 30),
}
VALUES: Final = tuple((zone, 999_999_999) for zone in (Zone.PEAK, Zone.NIGHT, Zone.HALF_PEAK))

OCTOBER: Final = Month(2026, 10)
RECEIPT: Final[dict[str, Any]] = {"account": TWO_ZONES, "month": OCTOBER, "edition": 1, "own": "x" * 16}

# One of each kind, with the longest facts that are plausible.
EXAMPLES: Final[tuple[Facts, ...]] = (
    AppealMessageToDesk(appeal="x" * 32, message=1),
    AppealAnswer(appeal="x" * 32, message=2),
    PaperEnded(tail="3456", own="x" * 16),
    PaperBack(tail="3456", own="x" * 16),
    AppealClosed(appeal="x" * 32, number="2611-999999"),
    AppealSentLetter(address="maria@mail.ru", appeal="x" * 32),
    AppealAnswerLetter(address="maria@mail.ru", appeal="x" * 32, message=2),
    AppealMessageChanged(appeal="x" * 32, message=2),
    AppealMark(appeal="x" * 32, message=2),
    DeskCard(appeal="x" * 32),
    DeskWord(appeal="x" * 32, deed="closed"),
    DeskReminder(appeal="x" * 32),
    DeskHint(),
    DeskReleased(appeal="x" * 32, name="Анна"),
    DeskAccess(appeal="x" * 32, name="Анна", action="unlinked_by_company"),
    ReadingsAccepted(number="П-2611-999999"),
    ReadingsRefused(number="П-2611-999999"),
    ReadingsReplaced(number="П-2611-999999", tail="3456", was=VALUES, now=VALUES, submission="x" * 32),
    OrderLink(**ORDER),
    OrderPaid(**ORDER),
    OrderDeclined(**ORDER),
    OrderRefunded(**ORDER),
    OrderExpired(**ORDER),
    OrderOvertaken(**ORDER),
    OrderWasPaid(**ORDER),
    OrderWasDeclined(**ORDER),
    Verified(**LINK),
    VerifiedBeside(**LINK),
    Joined(person=(LONG * 22)[:64], role=Role.PAY, **OWN),
    Disowned(tail="3456"),
    RecoveryAsked(**LINK),
    RecoveryKept(tail="3456"),
    Recovered(tail="3456"),
    Withdrawn(tail="3456"),
    HolderChanged(**OWN),
    ResetByCompany(**OWN),
    ShareEnded(**OWN),
    UnlinkedByCompany(**OWN),
    OtherUnlinked(**OWN),
    UnlockedByCompany(**OWN),
    ReceiptsEnded(tail="3456"),
    ReceiptsStopped(tail="3456"),
    SubscribedBeside(tail="3456", shown=EMAIL, own="x" * 16, link="x" * 16),
    PaymentLetter(address=EMAIL, order="k"),
    LetterUndelivered(address=EMAIL, refusal=Refusal.FULL, submission="s"),
    AddressChanged(),
    ReceiptMissed(tail="3456", month=OCTOBER, own="x" * 16, address=EMAIL),
    ReceiptReady(**RECEIPT),
    ReceiptLetter(address=EMAIL, **RECEIPT),
    ReadingsDue(period=OCTOBER, zone="America/Argentina/ComodRivadavia", days="23-25", day=date(2026, 10, 25)),
    PaymentDue(month=OCTOBER, last=True),
    VerificationDue(due=date(2027, 5, 25)),
    Announcement(broadcast=999_999),
    DeskBroadcast(broadcast=999_999),
    UpdateParked(),
    Alert(what=LONG * 24),
    SheetLetter(address=EMAIL, submission="x" * 32),
    ConfirmationLetter(address=EMAIL, request="x" * 16, bot="energy_sandbox_bot"),
    SubscribeLetter(address=EMAIL, request="x" * 16, bot="energy_sandbox_bot", tail="3456"),
    UnsubscribeLetter(address=EMAIL, request="x" * 16, bot="energy_sandbox_bot", tail="3456"),
    SubscribedLetter(address=EMAIL, tail="3456", paperless=True),
    ReceiptsMovedLetter(address=EMAIL, tail="3456"),
    UnsubscribedLetter(address=EMAIL, tail="3456", paper_from=date(2026, 11, 1)),
    AddressChangedLetter(address=EMAIL),
    AddressRemovedLetter(address=EMAIL),
)

# Those of receipts stand in tests/flows/test_formation.py: they need subscribers; those of appeals in test_appeals.py.
LETTERS: Final = [
    one
    for one in EXAMPLES
    if isinstance(one, ByMail)
    and not isinstance(one, ReceiptLetter | PaymentLetter | AppealSentLetter | AppealAnswerLetter)
]

pytestmark = pytest.mark.limits(sender={"back": (0,), "strikes": (0,)})


@pytest.fixture
async def oleg(harness: BotHarness) -> Someone:
    return await harness.customer("Олег")


def name_of(facts: Any) -> str:
    return type(facts).__name__


# Declarations


def test_every_kind_has_an_example_here() -> None:
    assert Counter(map(type, EXAMPLES)) == Counter(CATALOG)


def test_a_kind_has_one_payload_and_fits_its_columns() -> None:
    payloads = (Text, Current, Edit, File, Steps, ByMail)
    assert [one for one in CATALOG if sum(issubclass(one, payload) for payload in payloads) != 1] == []
    assert [one for one in CATALOG if len(one.kind) > 32] == []


def test_a_kind_that_does_not_say_whether_it_can_be_switched_off_does_not_start() -> None:
    with pytest.raises(TypeError, match="switch"):
        kind("undecided")  # type: ignore[call-arg]


def test_a_kind_without_words_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    @kind("wordless", switch=None)
    class Wordless(Text):
        pass

    monkeypatch.setattr("handlers.notices.CATALOG", (*CATALOG, Wordless))
    with pytest.raises(WordsMissing, match="wordless"):
        collect()


def test_a_kind_with_words_in_two_places_does_not_start() -> None:
    twice = Words()
    twice.text(Disowned)(lambda _: Screen(""))
    with pytest.raises(WordsTwice, match="disowned"):
        collect(twice)


def test_a_kind_with_the_name_of_another_does_not_start() -> None:
    @kind("disowned", switch=NotificationKind.REMINDER)
    class Another(Text):
        pass

    again = Words()
    again.text(Another)(lambda _: Screen(""))
    with pytest.raises(WordsTwice, match="disowned"):
        collect(again)


# Words


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("facts", [one for one in EXAMPLES if isinstance(one, Text | Edit)], ids=name_of)
async def test_the_longest_message_fits(facts: Facts, language: str) -> None:
    speak(language)
    check(await message_of(facts))


async def message_of(facts: Facts) -> Screen:
    class ProfileAlone:
        def get(self, kind: type[Any]) -> Any:
            return {SupplierProfile: profile}[kind]

    [screen] = await collect().of(facts, [Making(1, Bot("1:a"), ProfileAlone())])
    assert isinstance(screen, Screen)
    return screen


@pytest.mark.parametrize("facts", LETTERS, ids=name_of)
async def test_every_letter_is_sent(harness: BotHarness, maria: Someone, facts: Any) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    known = {"submission": submitted(harness)[0]["key"]} if isinstance(facts, SheetLetter) else {}
    await harness.tell(Notice("L", maria.id, rows.read(type(facts), rows.stored(facts) | known)))
    letter = await harness.letterbox.letter()
    assert isinstance(letter.subject, str)
    assert (letter.key, letter.to) == ("L", EMAIL)
    assert re.search("[Аа]дрес|[Кк]витанци", letter.subject) or known
    assert bool(letter.attachment) == bool(known)


# Rows


@pytest.mark.parametrize("facts", EXAMPLES, ids=name_of)
def test_facts_come_out_of_their_row_as_they_went_in(facts: Facts) -> None:
    assert rows.read(type(facts), json.loads(json.dumps(rows.stored(facts)))) == facts


def test_facts_that_are_not_there_are_not_in_the_row() -> None:
    order = OrderPaid(order="k", number="О-2611-00001", tail="3456", kopecks=150000)
    assert rows.stored(order) == {
        "order": "k",
        "number": "О-2611-00001",
        "tail": "3456",
        "kopecks": 150000,
        "reason": "",
    }


# Rows as the version before typed facts wrote them, and the beginning of what is to be said.
_OF_ORDER: Final = (
    '{"order": "k", "number": "О-2611-00001", "tail": "3456", "kopecks": "150000", "reason": "call_issuer", '
    '"url": "https://yoomoney.ru/x", "day": ""}'
)
EARLIER: Final[tuple[tuple[str, str, str], ...]] = (
    ("accepted", '{"number": "П-2611-00001"}', "✅ Система расчётов приняла ваши показания № П-2611-00001."),
    ("refused", '{"number": "П-2611-00001"}', "⚠️ Система расчётов не приняла показания № П-2611-00001."),
    (
        "replaced",
        '{"number": "П-2611-00001", "tail": "3456", "was": "day 3650 night 1580", "now": "day 3651 night 1581", '
        '"submission": "s"}',
        "📟 Ваши показания № П-2611-00001 по счёту …3456 заменены: другой человек, у которого есть этот счёт, передал "
        "новые.\n\n"
        "Было: День\u00a03\u00a0650 · Ночь\u00a01\u00a0580\nСтало: День\u00a03\u00a0651 · Ночь\u00a01\u00a0581\n\n"
        "Если новые неверны, исправьте их.",
    ),
    (
        "replaced",
        '{"number": "П-2611-00001", "tail": "3456"}',
        "📟 Ваши показания № П-2611-00001 по счёту …3456 заменены: другой человек, у которого есть этот счёт, передал "
        "новые.",
    ),
    ("order_link", _OF_ORDER, "💳 Ссылка на оплату 1\u00a0500,00\u00a0₽ готова.\n№ О-2611-00001, счёт …3456"),
    ("order_paid", _OF_ORDER, "✅ Оплата 1\u00a0500,00\u00a0₽ получена, зачислим за 1–3 дня."),
    (
        "order_paid",
        _OF_ORDER.replace('"day": ""', '"day": "2026-11-20"'),
        "✅ Оплата 1\u00a0500,00\u00a0₽ от 20.11.2026 получена, зачислим за 1–3 дня.",
    ),
    (
        "order_paid",
        _OF_ORDER.replace(', "day": ""', ""),
        "✅ Оплата 1\u00a0500,00\u00a0₽ получена, зачислим за 1–3 дня.",
    ),
    ("order_declined", _OF_ORDER, "❌ Оплата 1\u00a0500,00\u00a0₽ не прошла: банк отклонил оплату"),
    ("order_expired", _OF_ORDER, "⌛ Ссылка на оплату 1\u00a0500,00\u00a0₽ больше не действует"),
    ("order_refunded", _OF_ORDER, "↩️ Возвращено 1\u00a0500,00\u00a0₽ по оплате № О-2611-00001"),
    ("order_overtaken", _OF_ORDER, "💳 Счёт …3456\n№ О-2611-00001, 1\u00a0500,00\u00a0₽\n\n⚠️ Сумма к оплате с тех пор"),
    ("order_was_paid", _OF_ORDER, "💳 Счёт …3456\n№ О-2611-00001, 1\u00a0500,00\u00a0₽\n\n✅ Оплачено"),
    (
        "order_was_declined",
        _OF_ORDER,
        "💳 Счёт …3456\n№ О-2611-00001, 1\u00a0500,00\u00a0₽\n\nСсылка больше не действует.",
    ),
    ("verified", '{"tail": "3456", "link": "l", "own": "o"}', "🔑 Счёт …3456 подтвердил ещё один человек"),
    ("verified_beside", '{"tail": "3456", "link": "l", "own": "o"}', "🔑 Счёт …3456 подтвердил ещё один человек"),
    (
        "joined",
        '{"tail": "3456", "person": "Олег", "role": "pay", "own": "o"}',
        "👥 Приглашение к счёту …3456 принято: Олег теперь может",
    ),
    ("disowned", '{"tail": "3456"}', "Владелец счёта …3456 закрыл вам доступ к нему."),
    ("recovery_asked", '{"tail": "3456", "link": "l", "own": "o"}', "♻️ Человек, который подтвердил счёт …3456"),
    ("recovery_refused", '{"tail": "3456"}', "Доступ к счёту …3456 остаётся и у другого Telegram"),
    ("recovered", '{"tail": "3456"}', "♻️ Доступ прежнего Telegram к счёту …3456 закрыт"),
    ("withdrawn", '{"tail": "3456"}', "Доступ к счёту …3456 отсюда закрыт"),
    ("holder_changed", '{"tail": "3456", "own": "o"}', "🔑 По данным компании, у счёта …3456 сменился владелец."),
    ("reset_by_company", '{"tail": "3456", "own": "o"}', "🔑 Компания отменила все подтверждения счёта …3456."),
    ("share_ended", '{"tail": "3456", "own": "o"}', "Доступ к счёту …3456, который вам открыли, закончился"),
    ("unlinked_by_company", '{"tail": "3456", "own": "o"}', "Компания закрыла вам доступ к счёту …3456."),
    ("other_unlinked", '{"tail": "3456", "own": "o"}', "🔑 Компания закрыла доступ одного человека к счёту …3456."),
    ("unlocked_by_company", '{"tail": "3456", "own": "o"}', "🔑 Компания сняла запрет подтверждать счёт …3456"),
    ("undelivered", '{"address": "maria@mail.ru"}', "✉️ Письмо на m•••@mail.ru не доставлено."),
    ("email_changed", "{}", "📧 Адрес почты в ваших настройках заменён."),
    ("trouble", "{}", "Это наша ошибка, мы о ней уже знаем."),
    ("alert", '{"what": "the disk is full"}', "⚠️ Боту нужна помощь: the disk is full"),
)
EARLIER_LETTERS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "email_confirm",
        '{"address": "a@mail.ru", "request": "r", "bot": "energy_sandbox_bot"}',
        "Подтвердите адрес почты",
    ),
    ("email_changed", '{"address": "a@mail.ru"}', "Адрес почты заменён"),
    ("email_removed", '{"address": "a@mail.ru"}', "Адрес почты удалён"),
    ("sheet", '{"submission": "SUBMISSION", "address": "a@mail.ru"}', "Показания № П-2611-00001 от 23.11.2026"),
)


def test_rows_of_the_earlier_version_are_of_kinds_that_there_are() -> None:
    old = {(Channel.TELEGRAM, name) for name, _, _ in EARLIER} | {
        (Channel.MAIL, name) for name, _, _ in EARLIER_LETTERS
    }
    assert old - {(one.channel, one.kind) for one in CATALOG} == set()


async def test_messages_that_the_earlier_version_queued_are_sent(harness: BotHarness, maria: Someone) -> None:
    before = harness.world.cursor
    for name, facts, _ in EARLIER:
        await queue(harness, maria, "telegram", name, facts)
    await harness.tick()
    await harness.outbox_becomes("kind, state", [(name, "sent") for name, _, _ in EARLIER])
    for _, _, words in EARLIER:
        await harness.told(maria, words, before)


@pytest.mark.parametrize(("name", "facts", "subject"), EARLIER_LETTERS)
async def test_a_letter_that_the_earlier_version_queued_is_sent(
    harness: BotHarness, maria: Someone, name: str, facts: str, subject: str
) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    await queue(harness, maria, "mail", name, facts.replace("SUBMISSION", submitted(harness)[0]["key"]))
    await harness.tick()
    letter = await harness.letterbox.letter()
    assert (letter.to, letter.subject) == ("a@mail.ru", subject)


async def queue(harness: BotHarness, someone: Someone, channel: str, name: str, facts: str) -> None:
    await harness.queue(key=uuid4().hex, channel=channel, user_id=someone.id, kind=name, facts=facts)


# Payloads


async def test_a_file_is_made_when_it_is_sent(harness: BotHarness, maria: Someone) -> None:
    await harness.tell(Notice("D1", maria.id, Document(number="D1")))
    await harness.outbox_becomes(STATES, [("D1", "sent", 0)])
    assert maria.documents == [("D1.pdf", f"D1 for {maria.id}".encode())]
    assert maria.screen == "✅ Система расчётов приняла ваши показания № D1."
    assert maria.buttons == ["На главную"]
    assert harness.outbox("facts") == [("{}",)]


async def test_a_photo_is_a_picture(harness: BotHarness, maria: Someone) -> None:
    await harness.tell(Notice("P1", maria.id, Photo(number="P1")))
    await harness.outbox_becomes(STATES, [("P1", "sent", 0)])
    assert maria.pictures == [SQUARE]
    assert maria.screen == "✅ Система расчётов приняла ваши показания № P1."


async def test_a_file_of_a_thing_that_is_gone_is_given_up(harness: BotHarness, maria: Someone) -> None:
    await harness.tell(Notice("D1", maria.id, Document(number="")))
    await harness.outbox_becomes(STATES, [("D1", "failed", 0)])
    assert maria.documents == []


async def test_a_message_of_another_chat_is_copied_with_buttons(
    harness: BotHarness, maria: Someone, oleg: Someone
) -> None:
    await oleg.send("Почему так много?")
    await harness.tell(Notice("C1", maria.id, Forwarded(chat_id=oleg.id, message_id=oleg.last_id - 1)))
    await harness.outbox_becomes(STATES, [("C1", "sent", 0)])
    assert maria.screen == "Почему так много?"
    assert maria.buttons == ["На главную"]


async def test_a_copy_of_a_message_that_is_gone_is_given_up(harness: BotHarness, maria: Someone) -> None:
    await harness.tell(Notice("C1", maria.id, Forwarded(chat_id=maria.id, message_id=999_999)))
    await harness.outbox_becomes(STATES, [("C1", "failed", 0)])


@pytest.mark.parametrize("method", ["sendDocument", "copyMessage"])
@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
async def test_a_file_and_a_copy_are_not_said_twice(
    harness: BotHarness, maria: Someone, oleg: Someone, method: str, fault: str
) -> None:
    """One that may have arrived is looked for."""
    await oleg.send("Почему так много?")
    harness.world.faults.add(fault, method=method, count=1)
    copied = Forwarded(chat_id=oleg.id, message_id=oleg.last_id - 1)
    await harness.tell(Notice("N1", maria.id, copied if method == "copyMessage" else Document(number="D1")))
    await once_more(harness)
    await harness.outbox_becomes(STATES, [("N1", "sent", 0)])
    assert sum(call.method == method and call.ok for call in harness.world.calls) == 1


@pytest.mark.parametrize("facts", [Document(number="D1"), Photo(number="P1")], ids=name_of)
async def test_a_file_waits_for_the_morning_and_for_who_stopped_the_bot(
    harness: BotHarness, maria: Someone, facts: Facts
) -> None:
    harness.clock.set("2026-11-23 23:30")
    harness.world.block(maria.person)
    await harness.quiet()
    await harness.tell(Notice("F1", maria.id, facts))
    await harness.outbox_becomes(STATES, [("F1", "held", 0)])
    harness.world.unblock(maria.person)
    await maria.send("/start")
    harness.app.wake_up.set()
    await harness.outbox_becomes("quiet, state", [(1, "waiting")])
    harness.clock.set("2026-11-24 08:00")
    await harness.tick()
    await harness.outbox_becomes(STATES, [("F1", "sent", 0)])
    assert len(maria.documents) + len(maria.pictures) == 1
