"""A child of the fork server as the bot: it does what `python -m bot run` does, watched at its edges.

The edges of its world are SQLite's commits, calls to Telegram and the payment provider, letters, the supplier and
the clock. Options, of which the first two may also be told later:

  crash_at    kill the process at the n-th step from now on, or at the next one of this name: after each commit, call
              and letter; and before it, which counts where something else has left the process since the last step
  ahead       seconds that its clock is before the machine's
  tick        seconds between two looks at what is due
  pause       seconds between two messages in one chat
  bulk        mass messages a second
  settled     seconds after which a message that left has arrived or has not
  broken      number of an account whose meters raise an error of ours
  most_bytes  no file may have more, until somebody lifts the limit
"""

from __future__ import annotations

import asyncio
import encodings.idna
import functools
import gc
import logging
import os
import resource
import signal
import sqlite3
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, timedelta
from typing import Any, Final

import aiohttp
import aiosmtplib
import apscheduler.executors.asyncio
import apscheduler.triggers.interval
import babel
import certifi
import httpx
import typer.main
import uvloop
from aiohttp import web

import bot.config
import bot.envfile
import bot.observe
import bot.outbox.rate_limiter
import bot.preload
import bot.process
import bot.profile
import handlers.notices
import services.db.backup
import services.ledger.imports
import services.receipts.formation
import services.reminders.rounds
from bot.__main__ import cli
from bot.alerts import ChatAlerts
from bot.app import Overrides, PartLimits, open_app
from bot.clock import SystemClock
from bot.config import DatabaseSettings, GeneralSettings, load
from bot.outbox.rate_limiter import BULK, CHAT_PAUSE, MOST, RateLimiter
from bot.outbox.sender import SenderLimits
from bot.profile import own_profile
from bot.schedule import Intervals
from bot.telegram.resend.append_log import AppendLog
from bot.telegram.resend.memory import ResendLimits
from handlers.desk import topic
from locales import LANGUAGES, catalog
from services.db.batched_connection import BatchedConnection
from services.db.engine import Database
from services.db.store import SqlStore
from services.ledger.supplier import LedgerSupplier
from services.mail import SmtpMail
from services.notices.ports import Letter
from services.reminders.planning import ReminderPlan
from services.reminders.rounds import ReminderRounds
from services.supplier.models import Access
from services.supplier.ports import AccountMeters
from services.yookassa import YooKassa
from tests.faults.fork_server import ROOT, heard, say, say_ready

ENTRY: Final = "tests.faults.bot_child:main"
REMIND: Final = "tests.faults.bot_child:remind"
FORM: Final = "tests.faults.bot_child:form"
LATE: Final = (  # imported by `run`
    *(uvloop, aiosmtplib, encodings.idna, apscheduler),
    *(bot.observe, services.db.backup, services.ledger.imports),
)

# A starting bot's words about itself are no part of any conversation.
INTRODUCTION: Final = frozenset(
    {"deleteWebhook", "setWebhook", "getMe", "setMyCommands"}
    | {f"{verb}My{text}" for verb in ("get", "set") for text in ("Description", "ShortDescription")}
)


class Steps:
    """Counts what happens at the edges and ends the process where it was told to. Between two steps a kill leaves the
    same behind as at the first of them."""

    def __init__(self, crash_at: int | str | None, ahead: float) -> None:
        self._left = crash_at
        self._noted = False
        self._under_way = 0
        self.ahead = ahead

    def note(self) -> None:
        """Something has left the process: a record of a sent message, an answer to a notification."""
        self._noted = True

    @contextmanager
    def around(self, name: str) -> Iterator[None]:
        """A call, a letter or a commit; while others are under way, they may have had their effect."""
        self._take(f"before {name}", new=self._noted or self._under_way > 0)
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
        self.after(name)

    def after(self, name: str) -> None:
        self._take(f"after {name}", new=True)

    def _take(self, name: str, *, new: bool) -> None:
        for word in heard():
            self._left = word.get("crash_at", self._left)
            self.ahead = word.get("ahead", self.ahead)
        self._noted = False
        if isinstance(self._left, int):
            self._left -= new
        if self._left in (0, name):
            say(crashed=name)
            os.kill(os.getpid(), signal.SIGKILL)


def _replace(owner: Any, name: str, watched: Any) -> None:
    setattr(owner, name, watched)


# Files that every start would read: the rest of the libraries, the catalogs, the names of months, the check of the
# profile, and the certificates of authorities, which take longest.
bot.preload.preload()
handlers.notices.collect()
for language in LANGUAGES:
    catalog(language)
    babel.Locale(language).months  # noqa: B018  # read when it is asked for
bot.profile.load_profile(ROOT / "samples" / "supplier.toml", GeneralSettings.model_construct())
_replace(ssl, "create_default_context", functools.cache(ssl.create_default_context))
ssl.create_default_context(cafile=certifi.where())

# Commands, and names of the environment that are nearly a setting's: every start would work them out.
_replace(typer.main, "get_command", functools.cache(typer.main.get_command))
typer.main.get_command(cli)
_nearest = functools.cache(bot.envfile.nearest)
_replace(bot.envfile, "nearest", lambda name, known: _nearest(name, tuple(known)))
bot.config.remarks()


def _watch_commits(steps: Steps) -> None:
    commit = BatchedConnection.commit

    async def watched(connection: BatchedConnection) -> None:
        if not connection.in_transaction:
            await commit(connection)
            return
        with steps.around("a commit"):
            try:
                await commit(connection)
            except sqlite3.Error:
                say(uncommitted=True)
                raise
        say(commit=True)

    _replace(BatchedConnection, "commit", watched)


def _watch_log(steps: Steps) -> None:
    for name in ("append", "replace"):
        write = getattr(AppendLog, name)

        def watched(log: AppendLog, *records: Any, write: Any = write) -> None:
            write(log, *records)
            steps.note()

        _replace(AppendLog, name, watched)


def _watch_answers(steps: Steps) -> None:
    """To webhooks and notifications."""
    prepare = web.StreamResponse.prepare

    async def watched(answer: web.StreamResponse, request: web.BaseRequest) -> Any:
        steps.note()
        return await prepare(answer, request)

    _replace(web.StreamResponse, "prepare", watched)


def _watch_calls(steps: Steps) -> None:
    """A call is after its effect when Telegram's answer begins to arrive, of which the bot has seen nothing yet."""
    request = aiohttp.ClientSession._request

    async def watched(session: aiohttp.ClientSession, *arguments: Any, **options: Any) -> Any:
        method = str(arguments[1]).rpartition("/")[2]
        if method in INTRODUCTION:
            return await request(session, *arguments, **options)
        with nullcontext() if method == "getUpdates" else steps.around(method):
            try:
                response = await request(session, *arguments, **options)
            except aiohttp.ClientError:
                say(unanswered=method)
                raise
        if method == "getUpdates":  # always under way; what it confirms was committed before
            steps.after(method)
        return response

    _replace(aiohttp.ClientSession, "_request", watched)


def _watch_letters(steps: Steps) -> None:
    send = SmtpMail.send

    async def watched(mail: SmtpMail, letter: Letter) -> None:
        with steps.around("a letter"):
            await send(mail, letter)

    _replace(SmtpMail, "send", watched)


def _watch_payments(steps: Steps) -> None:
    ask = YooKassa._ask

    async def watched(shop: YooKassa, method: str, path: str, **how: Any) -> httpx.Response:
        with steps.around(f"{method} {path}"):
            return await ask(shop, method, path, **how)

    _replace(YooKassa, "_ask", watched)


class MovedClock:
    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._clock = SystemClock()

    def now(self) -> datetime:
        return self._clock.now() + timedelta(seconds=self._steps.ahead)


def _break_meters(account: str) -> None:
    metering = LedgerSupplier.metering

    async def broken(supplier: LedgerSupplier, access: Access) -> AccountMeters:
        if access.account == account:
            raise ZeroDivisionError(f"a bug that shows {account}")
        return await metering(supplier, access)

    _replace(LedgerSupplier, "metering", broken)


def remind(day: str, page: int, crash_at: int | None = None) -> None:
    """A round of reminders of a day, which commits after each page of so many customers."""
    _replace(services.reminders.rounds, "PAGE", page)
    _watch_commits(Steps(crash_at, 0.0))
    asyncio.run(_round(date.fromisoformat(day)))


async def _round(day: date) -> None:
    general, clock = load(GeneralSettings), SystemClock()
    database, profile = Database(load(DatabaseSettings).url), own_profile()
    store = SqlStore(database, asyncio.Event())
    supplier = LedgerSupplier(database, clock, lambda account: profile.region_of(account).reading_days)
    plan = ReminderPlan(supplier, profile, general.reminders)
    await ReminderRounds(store, clock, profile, plan, general.reminders, ChatAlerts(store, clock, None)).go_on(day)
    await database.close()


def form(period: str, page: int, crash_at: int | None = None) -> None:
    """The command `receipts form`, which commits after each page of so many subscriptions."""
    _replace(services.receipts.formation, "PAGE", page)
    _watch_commits(Steps(crash_at, 0.0))
    sys.argv = ["bot", "receipts", "form", period]
    cli()


class _Listener(logging.Handler):
    """The process logs that it runs."""

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict) and record.msg.get("event") == "running":
            say_ready()


def main(
    crash_at: int | str | None = None,
    ahead: float = 0.0,
    tick: float = Intervals().tick,
    pause: float = CHAT_PAUSE,
    bulk: int = BULK,
    idle: float = SenderLimits().idle,
    settled: float = 0.0,
    broken: str = "",
    most_bytes: int | None = None,
) -> None:
    if most_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))
    steps = Steps(crash_at, ahead)
    _watch_commits(steps)
    _watch_log(steps)
    _watch_answers(steps)
    _watch_calls(steps)
    _watch_letters(steps)
    _watch_payments(steps)
    _break_meters(broken)
    limits = PartLimits(
        intervals=Intervals(tick=tick, seldom=tick),
        resend=ResendLimits(settled=settled),
        sender=SenderLimits(idle=idle),
    )
    if not pause:
        bot.outbox.rate_limiter.GROUP_PER_MINUTE = 10_000
        _replace(topic, "PATIENCE", timedelta(seconds=1))  # until a topic is asked for again
    limiter = RateLimiter(chat_pause=pause, bulk=bulk, limit=max(MOST, bulk))
    overrides = Overrides(clock=MovedClock(steps), limiter=limiter, limits=limits)
    _replace(bot.process, "open_app", functools.partial(open_app, overrides=overrides))
    logging.getLogger("process").addHandler(_Listener())
    sys.argv = ["bot", "run"]
    gc.disable()  # as the import of `bot.__main__` does in a new process
    cli()
