"""Messages whose answer was lost: those that arrived are not sent again, those that did not are, and none is taken for
another one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

import bot.inbox.intake
import bot.outbox.sender
from bot.telegram.resend import memory
from bot.telegram.resend.memory import AHEAD
from services.notices.models import Notice, Urgency
from services.notices.ports import NoticeRepository
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.kinds import Ordinary
from tests.people import Someone
from tests.test_delivery import OPEN, STATES, notice, once_more, said
from tests.town import PATIENCE, Town

ONE_ZONE = "360000200017"
HINT = "Не понял"
LOOK = "stopMessageLiveLocation"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.outbox.sender, "BACK", (0,))
    monkeypatch.setattr(bot.outbox.sender, "STRIKES", (0,))
    monkeypatch.setattr(bot.inbox.intake, "PAUSES", (0.01,))
    monkeypatch.setattr(memory, "SETTLED", 0)


def hints(maria: Someone) -> int:
    return sum(screen.startswith(HINT) for screen in maria.screens)


def told(maria: Someone, key: str) -> int:
    return sum(key in screen for screen in maria.screens)


def looks(town: Town) -> int:
    return sum(call.method == LOOK for call in town.world.calls)


def noted(town: Town) -> str:
    return town.database.with_name(f"{town.database.name}-sent").read_text()


def strike(town: Town, kind: str, method: str = "sendMessage", **options: Any) -> Any:
    return town.world.faults.add(kind, method=method, **{"count": 1, **options})


async def waits(town: Town) -> None:
    await town.until("SELECT tries, state FROM outbox", [(1, "waiting")])


async def struck(fault: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not fault.hits:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # a fault tells nobody that it has struck


async def comes_twice(town: Town, maria: Someone, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to this: it was looked for in vain, said again, and arrives all the same."""
    before = len(maria.screens)
    with monkeypatch.context() as hurry:
        hurry.setattr(town.app.bot.session, "timeout", 0.3)
        strike(town, "delay", seconds=1.0)
        await maria.send(text)
    async with asyncio.timeout(PATIENCE):
        while len(maria.screens) < before + 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


# Answers


@pytest.mark.parametrize("kind", ["reset_after", "truncated_body"])
async def test_an_answer_that_arrived_is_found(town: Town, maria: Someone, kind: str) -> None:
    strike(town, kind)
    await maria.send("?")
    assert hints(maria) == 1
    await maria.send("?")
    assert hints(maria) == 2


@pytest.mark.parametrize("kind", ["reset_before", "http_status"])
async def test_an_answer_that_did_not_arrive_is_said(town: Town, maria: Someone, kind: str) -> None:
    await maria.send("/menu")
    strike(town, kind)
    await maria.send("?")
    assert hints(maria) == 1


async def test_an_answer_that_is_on_its_way_is_waited_for(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SETTLED", 1.0)
    monkeypatch.setattr(town.app.bot.session, "timeout", 0.2)
    strike(town, "delay", seconds=0.6)
    await maria.send("?")
    assert hints(maria) == 1


async def test_a_file_that_arrived_is_found(town: Town, maria: Someone) -> None:
    strike(town, "reset_after", "sendDocument")
    await maria.press("Настройки")
    await maria.press("Мои данные")
    await maria.press("Скачать мои данные")
    assert len(maria.documents) == 1


async def test_a_paper_that_is_made_anew_is_the_same_paper(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of its making is in it."""
    town, papers = silent_town, iter(range(10))

    class Papers:
        async def sheet(self, sheet: object) -> bytes:
            return b"%PDF-1.4 a sheet " + str(next(papers)).encode()

        async def qr(self, payload: bytes) -> bytes:
            return payload

    town.documents = Papers()
    await town.start()
    maria = await town.customer("Мария", TWO_ZONES)
    await maria.send("3650 1580")
    await maria.press("Передать")
    finish, failed = town.app.inbox.finish, set[bool]()

    async def once_broken(*arguments: Any) -> None:
        if not failed:
            failed.add(True)
            raise OSError("the disk is full for a second")
        await finish(*arguments)

    monkeypatch.setattr(town.app.inbox, "finish", once_broken)
    await maria.press("Сохранить PDF")
    town.journal.take()
    assert next(papers) == 2
    assert len(maria.documents) == 1


async def test_nothing_is_said_while_nobody_answers_whether_it_arrived(town: Town, maria: Someone) -> None:
    strike(town, "reset_after")
    silence = strike(town, "http_status", LOOK, count=3)
    await maria.send("?")
    assert silence.hits == 3
    assert hints(maria) == 1


async def test_a_search_that_meets_errors_asks_only_what_was_not_answered(town: Town, maria: Someone) -> None:
    """Of each question one answer is enough, and the message does not wait for all to be answered at one go."""
    strike(town, "reset_before")
    gateway = strike(town, "http_status", LOOK, count=None, probability=0.2)
    await maria.send("?")
    assert hints(maria) == 1
    assert gateway.hits >= 3
    looks = [call for call in town.world.calls if call.method == LOOK]
    answered = [call.params["message_id"] for call in looks if "fault" not in str(call.error)]
    assert len(answered) == len(set(answered)) == AHEAD


async def test_what_telegram_refused_is_not_looked_for(town: Town, maria: Someone) -> None:
    strike(town, "too_many_requests", retry_after=1)
    await maria.send("?")
    assert hints(maria) == 1
    assert looks(town) == 0


async def test_whoever_is_asked_too_much_is_asked_no_more(town: Town, maria: Someone) -> None:
    """Rather twice than never."""
    strike(town, "reset_before")
    strike(town, "too_many_requests", LOOK, count=100, retry_after=1)
    await maria.send("?")
    assert hints(maria) == 1
    assert looks(town) == 1


@pytest.mark.parametrize("heard", [True, False])
async def test_what_became_of_a_message_since_does_not_stay_because_it_was_said_before(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch, *, heard: bool
) -> None:
    """The supplier answers, answers not, answers again, and only the last try is kept."""
    finish, tries = town.app.inbox.finish, list[str]()
    troubles = iter([SupplierUnavailable(), None])

    async def broken_twice(*arguments: Any) -> None:
        tries.append(maria.screen)
        if len(tries) == 3:
            return await finish(*arguments)
        town.supplier.trouble = next(troubles)
        if not heard:
            strike(town, "reset_after", "editMessageText")
        raise OSError("the disk is full")

    monkeypatch.setattr(town.app.inbox, "finish", broken_twice)
    await maria.press("Оплатить")
    town.journal.take()
    assert tries[0] == tries[2] == maria.screen != tries[1]


# Notices


@pytest.mark.parametrize("kind", ["reset_after", "truncated_body"])
@pytest.mark.parametrize("urgency", list(Urgency))
async def test_a_notice_that_arrived_is_found(town: Town, maria: Someone, kind: str, urgency: Urgency) -> None:
    strike(town, kind, count=None)
    await town.tell(notice(maria, "N1", urgency))
    await once_more(town)
    await town.until(STATES, [("N1", "sent", 0)])
    assert said(town, ["N1"]) == ["N1"]


@pytest.mark.parametrize("urgency", list(Urgency))
async def test_a_notice_that_did_not_arrive_is_said(town: Town, maria: Someone, urgency: Urgency) -> None:
    strike(town, "reset_before")
    await town.tell(notice(maria, "N1", urgency))
    await once_more(town)
    await town.until(STATES, [("N1", "sent", 0)])
    assert said(town, ["N1"]) == ["N1"]


async def test_two_resets_cost_no_notice(town: Town, maria: Someone) -> None:
    strike(town, "reset_before", count=2)
    await town.tell(notice(maria, "N1"))
    for tries in (1, 2):
        await once_more(town, tries)
    await town.until(OPEN, [])
    assert said(town, ["N1"]) == ["N1"]


async def test_questions_that_are_never_answered_keep_nothing_back(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SEARCHED", 0)
    oleg = await town.customer("Олег", ONE_ZONE)
    strike(town, "reset_before")
    strike(town, "http_status", LOOK, count=None)
    await maria.send("?")
    assert hints(maria) == 1
    strike(town, "reset_before")
    await town.tell(notice(oleg, "N1"))
    await once_more(town)
    await town.until("SELECT tries, state FROM outbox", [(2, "waiting")])
    await town.tell(notice(maria, "M1"))
    await town.until("SELECT state FROM outbox WHERE key = 'M1'", [("sent",)])
    town.clock.advance(minutes=1)
    await town.tick()
    await town.until(OPEN, [])
    assert said(town, ["N1"]) == ["N1"]


@pytest.mark.parametrize(("urgency", "times"), [(Urgency.NOTICE, 2), (Urgency.BULK, 1)])
async def test_what_cannot_be_looked_for_is_repeated_once_and_bulk_never(
    town: Town, maria: Someone, urgency: Urgency, times: int
) -> None:
    """Nothing is known of what was said before."""
    await town.stop()
    town.database.with_name(f"{town.database.name}-sent").unlink()
    await town.start()
    strike(town, "reset_after", count=None)
    await town.tell(notice(maria, "N1", urgency))
    if times > 1:
        await once_more(town)
    await town.until(STATES, [("N1", "failed", times - 1)])
    assert said(town, ["N1"]) == ["N1"] * times
    assert looks(town) == 0


@pytest.mark.parametrize("trouble", ["too many questions", "no answers", "another one in doubt"])
async def test_bulk_that_cannot_be_looked_for_any_more_is_given_up(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    strike(town, "reset_after")
    await town.tell(notice(maria, "N1", Urgency.BULK))
    await waits(town)
    if trouble == "too many questions":
        strike(town, "too_many_requests", LOOK, retry_after=1)
    elif trouble == "no answers":
        monkeypatch.setattr(memory, "SEARCHED", 0)
        strike(town, "http_status", LOOK, count=None)
    else:
        slow = strike(town, "delay", seconds=1.0)
        maria.types("?")
        await struck(slow)
    await once_more(town)
    await town.until(STATES, [("N1", "failed", 0)])
    assert said(town, ["N1"]) == ["N1"]


# One is not taken for another


@pytest.mark.parametrize("restarted", [False, True])
async def test_of_two_that_left_at_once_none_is_taken_for_the_other(
    town: Town, maria: Someone, restarted: bool
) -> None:
    """The notice did not arrive, the answer did."""
    strike(town, "reset_before")
    await town.tell(notice(maria, "N1"))
    await waits(town)
    strike(town, "reset_after")
    await maria.send("?")
    if restarted:
        await town.restart()
    await once_more(town)
    await town.until(OPEN, [])
    await town.quiet()
    assert told(maria, "N1") == 1
    assert hints(maria) == 2, "it cannot be told from the notice"


@pytest.mark.parametrize("urgency", list(Urgency))
async def test_an_answer_said_during_the_search_is_not_taken_for_the_notice(
    town: Town, maria: Someone, urgency: Urgency
) -> None:
    strike(town, "reset_before")
    await town.tell(notice(maria, "N1", urgency))
    slow = strike(town, "delay", LOOK, seconds=0.3, count=None)
    await once_more(town)
    await struck(slow)
    await maria.send("?")
    await town.until(OPEN, [])
    assert said(town, ["N1"]) == ["N1"]


async def test_a_notice_said_during_the_search_is_not_taken_for_the_answer(town: Town, maria: Someone) -> None:
    strike(town, "reset_before")
    slow = strike(town, "delay", LOOK, seconds=0.3, count=None)
    maria.types("?")
    await struck(slow)
    await town.tell(notice(maria, "N1"))
    await town.until(OPEN, [])
    await town.quiet()
    assert hints(maria) == 1


async def test_old_messages_are_not_taken_for_new_ones_when_nothing_is_known(town: Town, maria: Someone) -> None:
    """After a restore, or an update from an earlier version."""
    await maria.send("/menu")
    await town.stop()
    town.database.with_name(f"{town.database.name}-sent").unlink()
    strike(town, "reset_before")
    await town.start()
    await town.tell(notice(maria, "N1"))
    await once_more(town)
    await town.until(OPEN, [])
    assert said(town, ["N1"]) == ["N1"]


@pytest.mark.parametrize(("kind", "times"), [("reset_before", 1), ("reset_after", 2)])
async def test_a_message_that_arrived_late_is_not_taken_for_the_next_one(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch, kind: str, times: int
) -> None:
    """Rather twice than never."""
    await comes_twice(town, maria, "?", monkeypatch)
    strike(town, kind)
    await town.tell(notice(maria, "N1"))
    await once_more(town)
    await town.until(OPEN, [])
    assert (hints(maria), told(maria, "N1")) == (2, times), "and no message is touched"


@pytest.mark.parametrize(("kind", "times"), [("reset_before", 1), ("reset_after", 2)])
async def test_after_one_that_was_said_again_the_next_one_is_said_again(
    town: Town, maria: Someone, kind: str, times: int
) -> None:
    """What is found might be the first one, which was only slow."""
    strike(town, "reset_before")
    await maria.send("?")
    asked = looks(town)
    strike(town, kind)
    await maria.send("?")
    assert hints(maria) == 1 + times
    assert looks(town) == asked


async def test_long_after_one_that_was_said_again_the_next_one_is_found(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    strike(town, "reset_before")
    await maria.send("?")
    monkeypatch.setattr(memory, "LATE", 0)
    await maria.send("?")
    strike(town, "reset_after")
    await maria.send("?")
    assert hints(maria) == 3


async def test_a_notice_with_the_number_of_an_erased_one_is_said(town: Town, maria: Someone) -> None:
    strike(town, "reset_after")
    await town.tell(notice(maria, "N1"))
    await waits(town)
    await town.run("DELETE FROM outbox")
    await town.tell(Notice("N2", maria.id, Ordinary(number="N1")))
    await town.until(STATES, [("N2", "sent", 0)])
    assert said(town, ["N1"]) == ["N1", "N1"]


async def test_a_notice_that_gets_the_number_of_one_on_its_way_is_said(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег", ONE_ZONE)
    slow = strike(town, "delay", seconds=0.5, chat_id=maria.id)
    await town.tell(notice(maria, "N1"))
    await struck(slow)
    await town.run("DELETE FROM outbox")
    async with town.app.store.writing() as unit:
        await unit.of(NoticeRepository).tell(notice(oleg, "O1"), town.clock.now())
        await unit.of(NoticeRepository).hold("O1", town.clock.now() + timedelta(hours=1))
        await unit.commit()
    async with asyncio.timeout(PATIENCE):
        while said(town, ["N1"]) != ["N1"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await maria.send("?")
    town.clock.advance(hours=2)
    await town.tick()
    await town.until("SELECT key, state FROM outbox", [("O1", "sent")])
    assert said(town, ["O1"]) == ["O1"]


# Others, and what is kept


async def test_chats_that_hang_hold_up_no_search_for_others(town: Town, maria: Someone) -> None:
    hanging = [await town.customer(f"Сосед {number}", ONE_ZONE) for number in range(3)]
    strike(town, "reset_before", count=4)
    for one in hanging:
        strike(town, "delay", LOOK, seconds=5, chat_id=one.id, count=None)
        one.types("?")
    async with asyncio.timeout(2):
        maria.types("?")
        while not hints(maria):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    town.world.faults.clear()


async def test_nobody_of_whom_nothing_is_open_is_in_the_file(town: Town, maria: Someone) -> None:
    await town.tell(notice(maria, "N1"))
    await town.until(OPEN, [])
    await maria.send("?")
    assert str(maria.id) in noted(town)
    await town.every_tick()
    assert noted(town)
    assert str(maria.id) not in noted(town)


async def test_who_is_erased_is_not_in_the_file(town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    oleg = await town.customer("Олег", ONE_ZONE)
    strike(town, "reset_before")
    await town.tell(notice(maria, "N1"))
    await waits(town)
    await town.run("DELETE FROM outbox")
    monkeypatch.setattr(memory, "LATE", -1)
    await town.every_tick()
    await oleg.send("/menu")
    await town.every_tick()
    assert str(maria.id) not in noted(town)


async def test_a_notice_that_is_held_for_weeks_lets_nothing_grow(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    oleg = await town.customer("Олег", ONE_ZONE)
    strike(town, "reset_before")
    await town.tell(notice(maria, "N1"))
    await waits(town)
    town.world.block(maria.person)
    await town.quiet()
    await town.until("SELECT state FROM outbox", [("held",)])
    monkeypatch.setattr(memory, "OLD", 0)
    sizes = []
    for _ in range(10):
        await town.every_tick()
        sizes.append(len(noted(town)))
        await oleg.send("?")
    assert max(sizes[1:]) < sizes[1] + 10, "but for the digits of the newest id"
