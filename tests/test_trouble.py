"""Trouble is told in words when it begins, once a minute while it goes on, and when it is over."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe
from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from apscheduler.schedulers.asyncio import AsyncIOScheduler

import bot.trouble
from bot.telegram.errors import NotConnected
from bot.trouble import Trouble, note_call, telegram_says
from services.db.inbox import Inbox
from services.notices.catalog import AddressChangedLetter
from services.notices.errors import MailUnavailable
from services.notices.models import Notice
from services.supplier.errors import SupplierUnavailable
from tests.harness import PATIENCE, BotHarness, Journal
from tests.people import Someone

TOKEN = "Telegram does not know BOT_TOKEN"
OTHER = "another process polls with this token"
METHOD = GetMe()


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(bot.trouble, "time", clock)
    return clock


calm = pytest.mark.limits(calm=0, poller={"pauses": (0,)}, intake={"pauses": (0,)})  # it is over when it has ended


async def turn() -> None:
    """Let the loop run the callbacks that are due."""
    for _ in range(3):
        await asyncio.sleep(0)


def said(harness_or_caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.msg["event"], record.msg["state"]) for record in harness_or_caplog.records]  # type: ignore[index]


@pytest.mark.usefixtures("journal")
async def test_a_line_a_minute_and_one_at_the_end(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    chat: list[str] = []
    trouble = Trouble("the mail server", chat.append, calm=0)
    trouble.ended()
    for _ in range(150):
        trouble.met("it is away")
        clock.seconds += 0.5
    trouble.ended()
    await turn()
    assert said(caplog) == [
        ("it is away", "begins"),
        ("it is away", "goes on"),
        ("the mail server answers again", "over"),
    ]
    assert (caplog.records[-1].msg["seconds"], caplog.records[-1].msg["times"]) == (74, 150)  # type: ignore[index]
    assert chat == ["it is away", "the mail server answers again"]
    trouble.ended()
    await turn()
    assert len(caplog.records) == 3


@pytest.mark.usefixtures("clock", "journal")
async def test_what_comes_and_goes_is_one_trouble(caplog: pytest.LogCaptureFixture) -> None:
    """Two processes with one token are answered in turns."""
    trouble = Trouble("Telegram")
    for _ in range(100):
        trouble.met("away")
        trouble.ended()
        await turn()
    assert said(caplog) == [("away", "begins")]


@pytest.mark.usefixtures("clock", "journal")
async def test_other_words_are_a_line_of_their_own(caplog: pytest.LogCaptureFixture) -> None:
    trouble = Trouble("Telegram")
    for _ in range(10):
        trouble.met("one thing")
        trouble.met("another")
    assert said(caplog) == [("one thing", "begins"), ("another", "goes on")]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TelegramUnauthorizedError(METHOD, "Unauthorized"), TOKEN),
        (TelegramNotFound(METHOD, "Not Found"), TOKEN),
        (TelegramConflictError(METHOD, "Conflict: terminated by other getUpdates request"), OTHER),
        (
            TelegramConflictError(METHOD, "Conflict: can't use getUpdates method while webhook is active"),
            "this token is used with a webhook elsewhere",
        ),
        (TelegramServerError(METHOD, "HTTP 502"), "Telegram is out of order"),
        (NotConnected(METHOD, "ClientConnectorError"), "Telegram cannot be reached, or does not answer in time"),
    ],
)
@pytest.mark.usefixtures("journal")
async def test_words_of_an_operator(error: TelegramAPIError, words: str, caplog: pytest.LogCaptureFixture) -> None:
    note_call(Trouble("Telegram"), error)
    assert said(caplog) == [(words, "begins")]
    assert telegram_says(error) == words


@pytest.mark.parametrize("error", [None, TelegramBadRequest(METHOD, "no"), TelegramRetryAfter(METHOD, "wait", 5)])
@pytest.mark.usefixtures("journal")
async def test_an_answer_is_no_trouble(error: TelegramAPIError | None, caplog: pytest.LogCaptureFixture) -> None:
    note_call(Trouble("Telegram"), error)
    assert caplog.records == []


# In a running bot


async def operator(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> Someone:
    """The person who gets the alerts of a bot that starts now."""
    someone = harness.person("Оператор")
    monkeypatch.setenv("ADMIN_CHAT_ID", str(someone.id))
    await harness.start()
    await someone.send("/start")
    return someone


def lines(harness: BotHarness, words: str) -> int:
    return sum(words in line and "operator" not in line for line in harness.journal.lines)


@calm
@pytest.mark.parametrize(("fault", "words"), [("unauthorized", TOKEN), ("conflict", OTHER)])
async def test_what_only_the_operator_can_mend_is_an_alert_and_an_all_clear(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch, fault: str, words: str
) -> None:
    harness = idle_harness
    someone = await operator(harness, monkeypatch)
    before = harness.world.cursor
    harness.world.faults.add(fault, method="getUpdates", count=50)
    await someone.send("?")
    await harness.told(someone, words, before)
    await harness.told(someone, "Telegram answers again", before)
    assert lines(harness, words) == 1
    alerts = harness.alerts()
    assert alerts
    assert all(words in alert for alert in alerts)


@calm
async def test_a_supplier_that_is_away_is_told_at_both_ends(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = idle_harness
    someone = await operator(harness, monkeypatch)
    maria, before = await harness.customer("Мария", "360000123456"), harness.world.cursor
    harness.supplier.trouble = SupplierUnavailable()
    await maria.send("/menu")
    await maria.send("3650 1580")
    harness.supplier.trouble = None
    await maria.send("/menu")
    await harness.told(someone, "the supplier's system does not answer", before)
    await harness.told(someone, "the supplier's system answers again", before)
    assert lines(harness, "the supplier's system does not answer") == 1
    assert lines(harness, "the supplier's system answers again") == 1
    assert "SupplierUnavailable" not in "".join(harness.alerts())


@calm
async def test_a_mail_server_that_is_away_is_told_at_both_ends(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = idle_harness
    someone = await operator(harness, monkeypatch)
    harness.letterbox.trouble = MailUnavailable()
    before = harness.world.cursor
    await harness.tell(Notice("a letter", someone.id, AddressChangedLetter(address="new@example.org")))
    await harness.told(someone, "the mail server takes no letters", before)
    harness.letterbox.trouble = None
    await harness.told(someone, "the mail server answers again", before)
    assert lines(harness, "the mail server takes no letters") == 1


@pytest.mark.limits(intake={"pauses": (0,)})
async def test_a_database_that_is_away_is_a_line_and_not_two_a_second(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    tries, finish = 0, Inbox.finish

    async def out_of_room(*given: Any) -> None:
        nonlocal tries
        tries += 1
        if tries <= 20:
            raise full
        await finish(*given)

    monkeypatch.setattr(Inbox, "finish", out_of_room)
    await maria.send("?")
    assert tries > 20
    assert lines(harness, "the database is in trouble: database or disk is full") == 1


async def test_a_tick_that_finds_the_work_of_an_earlier_one_going_on_is_no_warning(journal: Journal) -> None:
    skipped, end = asyncio.Event(), asyncio.Event()
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_listener(lambda _: skipped.set(), EVENT_JOB_MAX_INSTANCES)
    scheduler.add_job(end.wait, "interval", seconds=0.01)
    scheduler.start()
    await asyncio.wait_for(skipped.wait(), PATIENCE)
    scheduler.shutdown(wait=False)
    assert journal.lines == []
