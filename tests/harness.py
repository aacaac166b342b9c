"""A small harness: the bot as it runs, Telegram beside it, people, a clock that stands and a supplier with faults."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Collection, Mapping, MutableMapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot import observe
from bot.app import App, Overrides, PartLimits, Settings, open_app
from bot.outbox.rate_limiter import RateLimiter
from bot.tasks import Tasks
from sandbox.bank import Bank, Shop
from sandbox.server import Sandbox
from sandbox.state import Person
from services.accounts.models import Trust
from services.accounts.recovery import Recovery
from services.customers.ports import CustomerRepository
from services.ledger.supplier import LedgerSupplier
from services.notices.models import Notice
from services.notices.ports import Letter, NoticeRepository
from services.payments.settling import Settlement
from services.ports import CodePicture, Documents
from services.readings.handing_over import HandingOver
from services.readings.models import Submission
from services.supplier.models import (
    Access,
    Account,
    AccountMonth,
    Bill,
    Charged,
    Details,
    Month,
    PastReading,
    Payment,
    ReceiptFacts,
    Span,
    Tariff,
    Totals,
)
from services.supplier.ports import AccountMeters, Supplier
from services.supplier.profile import SupplierProfile
from tests import kinds, queues
from tests.people import Someone
from tests.queues import Queues

MOSCOW: Final = ZoneInfo("Europe/Moscow")
PATIENCE: Final = 120  # seconds that a busy machine may take; nothing here waits for time to pass


class HandClock:
    """Stands at `2026-11-23 10:14` Moscow until a test moves it."""

    def __init__(self) -> None:
        self._moment = _moscow("2026-11-23 10:14")

    def now(self) -> datetime:
        return self._moment

    def set(self, moscow: str) -> None:
        self._moment = _moscow(moscow)

    def advance(self, **span: float) -> None:
        self._moment += timedelta(**span)


def _moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


class FaultySupplier:
    """The real ledger, which may raise `trouble`, and wait at `gate`, before it answers.

    `only`: the calls that the trouble is for, `about`: the accounts; all when empty. `times`: how often it strikes;
    None is always.
    `calls`: what was asked, in order; `accesses`: what it was about, and in whose name.
    """

    def __init__(self) -> None:
        self.real: Supplier | None = None
        self.trouble: Exception | None = None
        self.only: frozenset[str] = frozenset()
        self.about: frozenset[str] = frozenset()
        self.times: int | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.called = asyncio.Event()
        self.calls: list[str] = []
        self.accesses: list[Access] = []
        self.capabilities = LedgerSupplier.capabilities

    @property
    def asked(self) -> list[str]:
        """Accounts that calls were about, in order."""
        return [access.account for access in self.accesses]

    async def _ledger(self, call: str, *accesses: Access) -> Supplier:
        self.called.set()
        self.calls.append(call)
        accounts = [access.account for access in accesses]
        self.accesses += accesses
        await self.gate.wait()
        if self.trouble is not None and self.times != 0 and self._concerns(call, accounts):
            self.times = None if self.times is None else self.times - 1
            raise self.trouble
        assert self.real is not None
        return self.real

    def _concerns(self, call: str, accounts: Sequence[str]) -> bool:
        return (not self.only or call in self.only) and (not self.about or bool(self.about & set(accounts)))

    async def find(self, access: Access) -> Account:
        return await (await self._ledger("find", access)).find(access)

    async def metering(self, access: Access) -> AccountMeters:
        return await (await self._ledger("metering", access)).metering(access)

    async def tariff(self, access: Access, day: date) -> Tariff | None:
        return await (await self._ledger("tariff", access)).tariff(access, day)

    async def bill(self, access: Access, day: date) -> Bill:
        return await (await self._ledger("bill", access)).bill(access, day)

    async def details(self, access: Access) -> Details:
        return await (await self._ledger("details", access)).details(access)

    async def payments(self, access: Access, since: date) -> tuple[Payment, ...]:
        return await (await self._ledger("payments", access)).payments(access, since)

    async def receipts(self, access: Access) -> tuple[Month, ...]:
        return await (await self._ledger("receipts", access)).receipts(access)

    async def receipt(self, access: Access, month: Month) -> ReceiptFacts | None:
        return await (await self._ledger("receipt", access)).receipt(access, month)

    async def charges(self, access: Access, span: Span) -> tuple[AccountMonth, ...]:
        return await (await self._ledger("charges", access)).charges(access, span)

    async def totals(self, access: Access, span: Span) -> Totals:
        return await (await self._ledger("totals", access)).totals(access, span)

    async def paid(self, access: Access, span: Span) -> tuple[Payment, ...]:
        return await (await self._ledger("paid", access)).paid(access, span)

    async def readings(self, access: Access, span: Span) -> tuple[PastReading, ...]:
        return await (await self._ledger("readings", access)).readings(access, span)

    async def counted(self, access: Access, submissions: Sequence[Submission]) -> frozenset[str]:
        return await (await self._ledger("counted", access)).counted(access, submissions)

    async def submit(self, submission: Submission) -> None:
        await (await self._ledger("submit", submission.access)).submit(submission)

    async def without_readings(self, accesses: Collection[Access], period: Month) -> frozenset[str]:
        return await (await self._ledger("without_readings", *accesses)).without_readings(accesses, period)

    async def verifications(
        self, accesses: Collection[Access], first: date, last: date
    ) -> Mapping[str, frozenset[date]]:
        ledger = await self._ledger("verifications", *accesses)
        return await ledger.verifications(accesses, first, last)

    async def addresses(self, accesses: Collection[Access]) -> Mapping[str, str]:
        return await (await self._ledger("addresses", *accesses)).addresses(accesses)

    async def charged(self, accesses: Collection[Access], month: Month) -> Mapping[str, Charged]:
        return await (await self._ledger("charged", *accesses)).charged(accesses, month)


class Letterbox:
    """Letters that the bot sent; `trouble` is raised instead of taking one."""

    def __init__(self) -> None:
        self.letters: asyncio.Queue[Letter] = asyncio.Queue()
        self.trouble: Exception | None = None

    async def send(self, letter: Letter) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.letters.put_nowait(letter)

    async def answers(self) -> bool:
        return self.trouble is None

    async def letter(self, to: str = "") -> Letter:
        """The next one, or the next to this address, waited for. Those to different addresses come in any order."""
        others = []
        while (letter := await asyncio.wait_for(self.letters.get(), PATIENCE)).to != (to or letter.to):
            others.append(letter)
        for one in others:
            self.letters.put_nowait(one)
        return letter


class PlainDocuments:
    """Papers without typesetting, for tests that look at other things."""

    async def sheet(self, sheet: object) -> bytes:
        return b"%PDF-1.4 a sheet"

    async def receipt(self, receipt: object, *, bulk: bool = False) -> bytes:
        return b"%PDF-1.7 a receipt"

    async def code(self, picture: CodePicture) -> bytes:
        return b"\x89PNG of " + picture.content

    async def chart(self, chart: object) -> bytes:
        return kinds.SQUARE


class Journal(logging.Handler):
    """The log. A test that expects errors takes them out with `take`; any other fails it.

    `lines` are as the bot writes them, `errors` still have the words that it leaves out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(observe.formatter("console"))
        self.lines: list[str] = []
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
        if record.levelno >= logging.ERROR and not isinstance(record.msg, dict):  # of a library
            self._note(record.name, record.getMessage(), {}, record.exc_info)

    def processor(self, logger: logging.Logger, method: str, event: MutableMapping[str, Any]) -> Any:
        """structlog's first, which sees an event as it was logged."""
        if method in {"error", "critical", "exception"}:
            details = {key: str(value) for key, value in event.items() if key in {"what", "error", "update"}}
            self._note(logger.name, event["event"], details, event.get("exc_info"))
        return event

    def _note(self, name: str, message: str, details: Mapping[str, str], error: Any) -> None:
        caught = sys.exc_info()[1] if error is True else error[1] if isinstance(error, tuple) else error
        trace = "\n" + "".join(traceback.format_exception(caught)) if isinstance(caught, BaseException) else ""
        self.errors.append(f"{name}: {message} {details or ''}".strip() + trace)

    def take(self) -> list[str]:
        taken, self.errors = self.errors, []
        return taken


class BotHarness(Queues):
    """Everything that a conversation test needs. `database` is the bot's file, opened a second time by `rows`."""

    def __init__(self, sandbox: Sandbox, database: Path, journal: Journal) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.database = database
        self.journal = journal
        self.clock = HandClock()
        self.supplier = FaultySupplier()
        self.bank = Bank(clock=self.clock.now, shop=Shop(utility=True), bot=sandbox.world.bot["username"])
        self.letterbox = Letterbox()
        self.documents: Documents | None = PlainDocuments()
        self.limiter = RateLimiter(chat_pause=0)
        self.limits = PartLimits()
        self._app: App | None = None
        self._stack = AsyncExitStack()
        self._reader: sqlite3.Connection | None = None

    @property
    def app(self) -> App:
        assert self._app is not None, "the bot is not running"
        return self._app

    def limit(self, **parts: Any) -> None:
        """Change limits of the next start: by part, a value or a mapping of some of the part's values."""
        for name, value in parts.items():
            known = getattr(self.limits, name)
            setattr(self.limits, name, replace(known, **value) if isinstance(value, Mapping) else value)

    async def start(self) -> None:
        """Start the bot on the same database."""
        overrides = Overrides(
            self.clock, self.supplier, self.letterbox, self.documents, self.limiter, kinds.words, self.limits
        )
        self._app = await self._stack.enter_async_context(open_app(Settings.load(), overrides))
        profile = self.app.settings.profile
        self.supplier.real = LedgerSupplier(
            self.app.database, self.clock, lambda account: profile.region_of(account).reading_days
        )
        await self._stack.enter_async_context(self.app.running())
        self.bank.notify_to(f"{self.app.web.url}/yookassa")

    async def stop(self) -> None:
        """Let the bot finish what it does, and end."""
        await self._stack.aclose()
        self._app = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def restart_without_notes(self) -> None:
        """The bot forgets which of its messages Telegram took, as after a restore."""
        await self.stop()
        self.database.with_name(f"{self.database.name}-sent").unlink()
        await self.start()

    def person(self, name: str, language: str | None = "ru") -> Someone:
        return self.someone(self.world.add_person(name, language))

    def someone(self, person: Person) -> Someone:
        return Someone(self.world, person, self.heard)

    async def customer(self, name: str, *accounts: str, language: str = "ru") -> Someone:
        """A person who has agreed to everything and looks after these accounts, at home with the last one."""
        someone = self.person(name, language)
        texts = self.app.use(SupplierProfile).texts(language)
        async with self.app.store.writing() as unit:
            await unit.of(CustomerRepository).create(someone.id, language, self.clock.now())
            await unit.of(CustomerRepository).agree(someone.id, texts, self.clock.now())
            for number, account in enumerate(accounts):
                link_id, at = link_of(someone, account), self.clock.now() + timedelta(seconds=number)
                await unit.of(CustomerRepository).link(someone.id, link_id, account, Trust.CONFIRMED, at)
                await unit.of(CustomerRepository).choose(someone.id, link_id)
            await unit.commit()
        await someone.send("/menu")
        return someone

    async def quiet(self) -> None:
        """Return when the bot has taken every update and has worked off all that it took.

        An update counts as taken when the bot's next request confirms it, which it does after its commit.
        """
        await self.world.updates.settled(PATIENCE)
        await asyncio.wait_for(self.app.intake.idle(), PATIENCE)

    async def heard(self) -> None:
        """Return when it is quiet and all chats with people have got what is due: a notice that came after the next
        answer would be the newest thing on a screen."""
        await self.quiet()
        await _becomes(lambda: self.due(self.clock.now(), channel="telegram", line=""), [])

    async def tick(self) -> None:
        """Do the scheduler's work of every few seconds."""
        await self.app.use(HandingOver).deliver_waiting()
        await self.app.use(Settlement).watch()
        await self.app.use(Recovery).withdraw_due()
        await self.app.intake.take_up()
        self.app.wake_up.set()

    async def every_tick(self) -> None:
        """Do all of the scheduler's work once."""
        for job in self.app.ticks(Tasks()).get_jobs():
            await job.func()

    async def told(self, someone: Someone, words: str, after: int) -> None:
        """Return when the bot has said `words` unasked, at some event behind cursor `after`."""

        def fits(event: dict[str, Any]) -> bool:
            return (
                event["type"] == "message"
                and event["chat_id"] == someone.id
                and event["message"]["from"]["is_bot"]
                and words in event["message"].get("text", "")
            )

        await self.world.wait_for(fits, PATIENCE, after)

    async def tell(self, *notices: Notice) -> None:
        """Put something into the outbox."""
        async with self.app.store.writing() as unit:
            for notice in notices:
                await unit.of(NoticeRepository).tell(notice, self.clock.now())
            await unit.commit()

    async def until(self, sql: str, expected: list[tuple[Any, ...]]) -> None:
        """Return when the database holds this."""
        await _becomes(lambda: self.rows(sql), expected)

    async def outbox_becomes(self, columns: str, expected: list[tuple[Any, ...]], **where: object) -> None:
        """Return when `outbox` is this."""
        await _becomes(lambda: self.outbox(columns, **where), expected)

    async def outbox_is_done(self) -> None:
        """Return when every notice has been sent or given up."""
        await self.outbox_becomes("key", [], ended_at=None)

    async def outbox_is_sent(self) -> None:
        """Return when no notice waits any more but for people who have stopped the bot."""
        await _becomes(self.unsent, [])

    async def due_are_sent(self) -> None:
        """Return when no notice waits whose moment has come, but for people who have stopped the bot."""
        await _becomes(lambda: self.due(self.clock.now()), [])

    async def inbox_becomes(self, columns: str, expected: list[tuple[Any, ...]], **where: object) -> None:
        """Return when `inbox` is this."""
        await _becomes(lambda: self.inbox(columns, **where), expected)

    async def queue(self, **columns: object) -> None:
        """Put a row into the outbox, as another version or an earlier process may have."""
        sql, values = queues.queueing(**columns)
        await self.run(sql, *values)

    async def rewrite_outbox(self, columns: Mapping[str, object], **where: object) -> None:
        """Give these columns other values."""
        sql, values = queues.rewriting(columns, **where)
        await self.run(sql, *values)

    async def drop_notices(self) -> None:
        await self.run(queues.DROP_NOTICES)

    async def drop_updates(self) -> None:
        await self.run(queues.DROP_UPDATES)

    async def drop_dead_letters(self) -> None:
        """For tests that have them on purpose."""
        await self.run(queues.DROP_DEAD_LETTERS)

    def drafts(self) -> list[dict[str, Any]]:
        """The stored drafts of each conversation, by kind."""
        return [json.loads(data) for (data,) in self.rows("SELECT data FROM conversations")]

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the database, seen by another connection."""
        if self._reader is None:
            self._reader = sqlite3.connect(self.database)
        return self._reader.execute(sql, values).fetchall()

    async def run(self, sql: str, *values: object) -> None:
        """Change the database behind the bot's back. The bot goes on: it may have a transaction to end first."""

        def change() -> None:
            with closing(sqlite3.connect(self.database, timeout=PATIENCE)) as connection, connection:
                connection.execute(sql, values)

        await asyncio.to_thread(change)

    def alerts(self) -> list[str]:
        """Take the alerts out of the log: a test that brings trouble about expects them."""
        told = [error for error in self.journal.errors if error.startswith("operator: alert")]
        self.journal.errors = [error for error in self.journal.errors if error not in told]
        return told

    def check(self) -> None:
        """No update is put aside and no error is logged, whatever a person does."""
        assert self.journal.take() == []
        assert self.dead_letters() == []


async def _becomes(ask: Callable[[], list[Any]], expected: list[Any]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while (found := ask()) != expected:  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # a database tells nobody that it has changed
    assert found == expected


def link_of(someone: Someone, account: str) -> str:
    """The opaque id of an account that `BotHarness.customer` linked."""
    return f"{someone.id}"[-6:] + account[-6:]


@asynccontextmanager
async def harness_at(database: Path, journal: Journal) -> AsyncIterator[BotHarness]:
    """A harness whose bot is not started yet."""
    sandbox = Sandbox()
    harness = BotHarness(sandbox, database, journal)
    harness.bank.add_routes(sandbox.app)
    async with sandbox:
        try:
            yield harness
        finally:
            await harness.stop()
