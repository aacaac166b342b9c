"""Messages whose answer was lost: those that arrived are not sent again, those that did not are, and none is taken for
another one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.telegram.resend.memory import AHEAD
from services.notices.models import Notice, Urgency
from services.notices.ports import NoticeRepository
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.harness import PATIENCE, BotHarness
from tests.kinds import Ordinary
from tests.people import Someone
from tests.test_delivery import STATES, notice, once_more, said

ONE_ZONE = "360000200017"
HINT = "Не понял"
LOOK = "stopMessageLiveLocation"

pytestmark = pytest.mark.limits(
    sender={"back": (0,), "strikes": (0,)}, intake={"pauses": (0.01,)}, resend={"settled": 0}
)


def hints(maria: Someone) -> int:
    return sum(screen.startswith(HINT) for screen in maria.screens)


def told(maria: Someone, key: str) -> int:
    return sum(key in screen for screen in maria.screens)


def looks(harness: BotHarness) -> int:
    return sum(call.method == LOOK for call in harness.world.calls)


def noted(harness: BotHarness) -> str:
    return harness.database.with_name(f"{harness.database.name}-sent").read_text()


def strike(harness: BotHarness, kind: str, method: str = "sendMessage", **options: Any) -> Any:
    return harness.world.faults.add(kind, method=method, **{"count": 1, **options})


async def waits(harness: BotHarness) -> None:
    await harness.outbox_becomes("tries, state", [(1, "waiting")])


async def struck(fault: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not fault.hits:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # a fault tells nobody that it has struck


async def comes_twice(harness: BotHarness, maria: Someone, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to this: it was looked for in vain, said again, and arrives all the same."""
    before = len(maria.screens)
    with monkeypatch.context() as hurry:
        hurry.setattr(harness.app.bot.session, "timeout", 0.3)
        strike(harness, "delay", seconds=1.0)
        await maria.send(text)
    async with asyncio.timeout(PATIENCE):
        while len(maria.screens) < before + 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


# Answers


@pytest.mark.parametrize("kind", ["reset_after", "truncated_body"])
async def test_an_answer_that_arrived_is_found(harness: BotHarness, maria: Someone, kind: str) -> None:
    strike(harness, kind)
    await maria.send("?")
    assert hints(maria) == 1
    await maria.send("?")
    assert hints(maria) == 2


@pytest.mark.parametrize("kind", ["reset_before", "http_status"])
async def test_an_answer_that_did_not_arrive_is_said(harness: BotHarness, maria: Someone, kind: str) -> None:
    await maria.send("/menu")
    strike(harness, kind)
    await maria.send("?")
    assert hints(maria) == 1


@pytest.mark.limits(resend={"settled": 1.0})
async def test_an_answer_that_is_on_its_way_is_waited_for(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness.app.bot.session, "timeout", 0.2)
    strike(harness, "delay", seconds=0.6)
    await maria.send("?")
    assert hints(maria) == 1


async def test_a_file_that_arrived_is_found(harness: BotHarness, maria: Someone) -> None:
    strike(harness, "reset_after", "sendDocument")
    await maria.press("Настройки")
    await maria.press("Мои данные")
    await maria.press("Скачать мои данные")
    assert len(maria.documents) == 1


async def test_a_paper_that_is_made_anew_is_the_same_paper(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of its making is in it."""
    harness, papers = idle_harness, iter(range(10))

    class Papers:
        async def sheet(self, sheet: object) -> bytes:
            return b"%PDF-1.4 a sheet " + str(next(papers)).encode()

        async def receipt(self, receipt: object, *, bulk: bool = False) -> bytes:
            return b"%PDF-1.7 a receipt"

        async def code(self, picture: object) -> bytes:
            return b"\x89PNG"

        async def chart(self, chart: object) -> bytes:
            return b"\x89PNG"

    harness.documents = Papers()
    await harness.start()
    maria = await harness.customer("Мария", TWO_ZONES)
    await maria.send("3650 1580")
    await maria.press("Передать")
    finish, failed = harness.app.inbox.finish, set[bool]()

    async def once_broken(*arguments: Any) -> None:
        if not failed:
            failed.add(True)
            raise OSError("the disk is full for a second")
        await finish(*arguments)

    monkeypatch.setattr(harness.app.inbox, "finish", once_broken)
    await maria.press("Сохранить PDF")
    harness.journal.take()
    assert next(papers) == 2
    assert len(maria.documents) == 1


async def test_nothing_is_said_while_nobody_answers_whether_it_arrived(harness: BotHarness, maria: Someone) -> None:
    strike(harness, "reset_after")
    silence = strike(harness, "http_status", LOOK, count=3)
    await maria.send("?")
    assert silence.hits == 3
    assert hints(maria) == 1


async def test_a_search_that_meets_errors_asks_only_what_was_not_answered(harness: BotHarness, maria: Someone) -> None:
    """Of each question one answer is enough, and the message does not wait for all to be answered at one go."""
    strike(harness, "reset_before")
    gateway = strike(harness, "http_status", LOOK, count=None, probability=0.2)
    await maria.send("?")
    assert hints(maria) == 1
    assert gateway.hits >= 3
    looks = [call for call in harness.world.calls if call.method == LOOK]
    answered = [call.params["message_id"] for call in looks if "fault" not in str(call.error)]
    assert len(answered) == len(set(answered)) == AHEAD


async def test_what_telegram_refused_is_not_looked_for(harness: BotHarness, maria: Someone) -> None:
    strike(harness, "too_many_requests", retry_after=1)
    await maria.send("?")
    assert hints(maria) == 1
    assert looks(harness) == 0


async def test_whoever_is_asked_too_much_is_asked_no_more(harness: BotHarness, maria: Someone) -> None:
    """Rather twice than never."""
    strike(harness, "reset_before")
    strike(harness, "too_many_requests", LOOK, count=100, retry_after=1)
    await maria.send("?")
    assert hints(maria) == 1
    assert looks(harness) == 1


@pytest.mark.parametrize("heard", [True, False])
async def test_what_became_of_a_message_since_does_not_stay_because_it_was_said_before(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch, *, heard: bool
) -> None:
    """The supplier answers, answers not, answers again, and only the last try is kept."""
    finish, tries = harness.app.inbox.finish, list[str]()
    troubles = iter([SupplierUnavailable(), None])

    async def broken_twice(*arguments: Any) -> None:
        tries.append(maria.screen)
        if len(tries) == 3:
            return await finish(*arguments)
        harness.supplier.trouble = next(troubles)
        if not heard:
            strike(harness, "reset_after", "editMessageText")
        raise OSError("the disk is full")

    monkeypatch.setattr(harness.app.inbox, "finish", broken_twice)
    await maria.press("Оплатить")
    harness.journal.take()
    assert tries[0] == tries[2] == maria.screen != tries[1]


# Notices


@pytest.mark.parametrize("kind", ["reset_after", "truncated_body"])
@pytest.mark.parametrize("urgency", list(Urgency))
async def test_a_notice_that_arrived_is_found(harness: BotHarness, maria: Someone, kind: str, urgency: Urgency) -> None:
    strike(harness, kind, count=None)
    await harness.tell(notice(maria, "N1", urgency))
    await once_more(harness)
    await harness.outbox_becomes(STATES, [("N1", "sent", 0)])
    assert said(harness, ["N1"]) == ["N1"]


@pytest.mark.parametrize("urgency", list(Urgency))
async def test_a_notice_that_did_not_arrive_is_said(harness: BotHarness, maria: Someone, urgency: Urgency) -> None:
    strike(harness, "reset_before")
    await harness.tell(notice(maria, "N1", urgency))
    await once_more(harness)
    await harness.outbox_becomes(STATES, [("N1", "sent", 0)])
    assert said(harness, ["N1"]) == ["N1"]


async def test_two_resets_cost_no_notice(harness: BotHarness, maria: Someone) -> None:
    strike(harness, "reset_before", count=2)
    await harness.tell(notice(maria, "N1"))
    for tries in (1, 2):
        await once_more(harness, tries)
    await harness.outbox_is_done()
    assert said(harness, ["N1"]) == ["N1"]


@pytest.mark.limits(resend={"searched": 0})
async def test_questions_that_are_never_answered_keep_nothing_back(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    strike(harness, "reset_before")
    strike(harness, "http_status", LOOK, count=None)
    await maria.send("?")
    assert hints(maria) == 1
    strike(harness, "reset_before")
    await harness.tell(notice(oleg, "N1"))
    await once_more(harness)
    await harness.outbox_becomes("tries, state", [(2, "waiting")])
    await harness.tell(notice(maria, "M1"))
    await harness.outbox_becomes("state", [("sent",)], key="M1")
    harness.clock.advance(minutes=1)
    await harness.tick()
    await harness.outbox_is_done()
    assert said(harness, ["N1"]) == ["N1"]


@pytest.mark.parametrize(("urgency", "times"), [(Urgency.NOTICE, 2), (Urgency.BULK, 1)])
async def test_what_cannot_be_looked_for_is_repeated_once_and_bulk_never(
    harness: BotHarness, maria: Someone, urgency: Urgency, times: int
) -> None:
    """Nothing is known of what was said before."""
    await harness.restart_without_notes()
    strike(harness, "reset_after", count=None)
    await harness.tell(notice(maria, "N1", urgency))
    if times > 1:
        await once_more(harness)
    await harness.outbox_becomes(STATES, [("N1", "failed", times)])
    assert said(harness, ["N1"]) == ["N1"] * times
    assert looks(harness) == 0


@pytest.mark.limits(resend={"searched": 0})
@pytest.mark.parametrize("trouble", ["too many questions", "no answers", "another one in doubt"])
async def test_bulk_that_cannot_be_looked_for_any_more_is_given_up(
    harness: BotHarness, maria: Someone, trouble: str
) -> None:
    strike(harness, "reset_after")
    await harness.tell(notice(maria, "N1", Urgency.BULK))
    await waits(harness)
    if trouble == "too many questions":
        strike(harness, "too_many_requests", LOOK, retry_after=1)
    elif trouble == "no answers":
        strike(harness, "http_status", LOOK, count=None)
    else:
        slow = strike(harness, "delay", seconds=1.0)
        maria.types("?")
        await struck(slow)
    await once_more(harness)
    await harness.outbox_becomes(STATES, [("N1", "failed", 1)])
    assert said(harness, ["N1"]) == ["N1"]


# One is not taken for another


@pytest.mark.parametrize("restarted", [False, True])
async def test_of_two_that_left_at_once_none_is_taken_for_the_other(
    harness: BotHarness, maria: Someone, restarted: bool
) -> None:
    """The notice did not arrive, the answer did."""
    strike(harness, "reset_before")
    await harness.tell(notice(maria, "N1"))
    await waits(harness)
    strike(harness, "reset_after")
    await maria.send("?")
    if restarted:
        await harness.restart()
    await once_more(harness)
    await harness.outbox_is_done()
    await harness.quiet()
    assert told(maria, "N1") == 1
    assert hints(maria) == 2, "it cannot be told from the notice"


@pytest.mark.parametrize("urgency", list(Urgency))
async def test_an_answer_said_during_the_search_is_not_taken_for_the_notice(
    harness: BotHarness, maria: Someone, urgency: Urgency
) -> None:
    strike(harness, "reset_before")
    await harness.tell(notice(maria, "N1", urgency))
    slow = strike(harness, "delay", LOOK, seconds=0.3, count=None)
    await once_more(harness)
    await struck(slow)
    await maria.send("?")
    await harness.outbox_is_done()
    assert said(harness, ["N1"]) == ["N1"]


async def test_a_notice_said_during_the_search_is_not_taken_for_the_answer(harness: BotHarness, maria: Someone) -> None:
    strike(harness, "reset_before")
    slow = strike(harness, "delay", LOOK, seconds=0.3, count=None)
    maria.types("?")
    await struck(slow)
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_is_done()
    await harness.quiet()
    assert hints(maria) == 1


async def test_old_messages_are_not_taken_for_new_ones_when_nothing_is_known(
    harness: BotHarness, maria: Someone
) -> None:
    """After a restore, or an update from an earlier version."""
    await maria.send("/menu")
    await harness.restart_without_notes()
    strike(harness, "reset_before")
    await harness.tell(notice(maria, "N1"))
    await once_more(harness)
    await harness.outbox_is_done()
    assert said(harness, ["N1"]) == ["N1"]


@pytest.mark.parametrize(("kind", "times"), [("reset_before", 1), ("reset_after", 2)])
async def test_a_message_that_arrived_late_is_not_taken_for_the_next_one(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch, kind: str, times: int
) -> None:
    """Rather twice than never."""
    await comes_twice(harness, maria, "?", monkeypatch)
    strike(harness, kind)
    await harness.tell(notice(maria, "N1"))
    await once_more(harness)
    await harness.outbox_is_done()
    assert (hints(maria), told(maria, "N1")) == (2, times), "and no message is touched"


@pytest.mark.parametrize(("kind", "times"), [("reset_before", 1), ("reset_after", 2)])
async def test_after_one_that_was_said_again_the_next_one_is_said_again(
    harness: BotHarness, maria: Someone, kind: str, times: int
) -> None:
    """The message that is found might be the first one, which was only slow."""
    strike(harness, "reset_before")
    await maria.send("?")
    asked = looks(harness)
    strike(harness, kind)
    await maria.send("?")
    assert hints(maria) == 1 + times
    assert looks(harness) == asked


async def test_long_after_one_that_was_said_again_the_next_one_is_found(harness: BotHarness, maria: Someone) -> None:
    strike(harness, "reset_before")
    await maria.send("?")
    harness.limit(resend={"late": 0})
    await harness.restart()
    await maria.send("?")
    strike(harness, "reset_after")
    await maria.send("?")
    assert hints(maria) == 3


async def test_a_notice_with_the_number_of_an_erased_one_is_said(harness: BotHarness, maria: Someone) -> None:
    strike(harness, "reset_after")
    await harness.tell(notice(maria, "N1"))
    await waits(harness)
    await harness.drop_notices()
    await harness.tell(Notice("N2", maria.id, Ordinary(number="N1")))
    await harness.outbox_becomes(STATES, [("N2", "sent", 0)])
    assert said(harness, ["N1"]) == ["N1", "N1"]


async def test_a_notice_that_gets_the_number_of_one_on_its_way_is_said(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    slow = strike(harness, "delay", seconds=0.5, chat_id=maria.id)
    await harness.tell(notice(maria, "N1"))
    await struck(slow)
    await harness.drop_notices()
    async with harness.app.store.writing() as unit:
        await unit.of(NoticeRepository).tell(notice(oleg, "O1"), harness.clock.now())
        await unit.of(NoticeRepository).hold("O1", harness.clock.now() + timedelta(hours=1))
        await unit.commit()
    async with asyncio.timeout(PATIENCE):
        while said(harness, ["N1"]) != ["N1"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await maria.send("?")
    harness.clock.advance(hours=2)
    await harness.tick()
    await harness.outbox_becomes("key, state", [("O1", "sent")])
    assert said(harness, ["O1"]) == ["O1"]


# Others, and what is kept


async def test_chats_that_hang_hold_up_no_search_for_others(harness: BotHarness, maria: Someone) -> None:
    hanging = [await harness.customer(f"Сосед {number}", ONE_ZONE) for number in range(3)]
    strike(harness, "reset_before", count=4)
    for one in hanging:
        strike(harness, "delay", LOOK, seconds=5, chat_id=one.id, count=None)
        one.types("?")
    async with asyncio.timeout(2):
        maria.types("?")
        while not hints(maria):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    harness.world.faults.clear()


async def test_nobody_of_whom_nothing_is_open_is_in_the_file(harness: BotHarness, maria: Someone) -> None:
    await harness.tell(notice(maria, "N1"))
    await harness.outbox_is_done()
    await maria.send("?")
    assert str(maria.id) in noted(harness)
    await harness.every_tick()
    assert noted(harness)
    assert str(maria.id) not in noted(harness)


@pytest.mark.limits(resend={"late": -1})
async def test_who_is_erased_is_not_in_the_file(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    strike(harness, "reset_before")
    await harness.tell(notice(maria, "N1"))
    await waits(harness)
    await harness.drop_notices()
    await harness.every_tick()
    await oleg.send("/menu")
    await harness.quiet()
    await harness.every_tick()
    assert str(maria.id) not in noted(harness)


@pytest.mark.limits(resend={"old": 0})
async def test_a_notice_that_is_held_for_weeks_lets_nothing_grow(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", ONE_ZONE)
    strike(harness, "reset_before")
    await harness.tell(notice(maria, "N1"))
    await waits(harness)
    harness.world.block(maria.person)
    await harness.quiet()
    await harness.outbox_becomes("state", [("held",)])
    sizes = []
    for _ in range(10):
        await harness.every_tick()
        sizes.append(len(noted(harness)))
        await oleg.send("?")
    assert max(sizes[1:]) < sizes[1] + 10, "but for the digits of the newest id"
