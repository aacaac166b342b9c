"""A harness whose bot is a process of its own, which may be killed at any moment and is started anew."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from aiosmtpd.smtp import SMTP, AuthResult

from sandbox.bank import Bank, Shop
from sandbox.mailbox import Mailbox
from sandbox.server import Sandbox
from sandbox.stage import Event
from sandbox.state import Json
from sandbox.updates import Update
from tests import queues
from tests.discretion import secrets_of
from tests.e2e.children import ROOT, environment
from tests.faults import bot_child
from tests.faults.fork_server import PATIENCE, Child, ForkServer
from tests.faults.people import FLAT, STREET, SURNAME, Household, households
from tests.people import Someone
from tests.queues import Queues

PASSWORD: Final = "open-sesame-0123"
SECRET: Final = "a-secret_of-the_webhook"
IDLE: Final = 1  # seconds without a commit: there is nothing to do
NOON: Final = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Moscow"))


class LockedMailbox(Mailbox):
    """Takes letters from whoever names a password."""

    @property
    def url(self) -> str:
        return f"smtp://bot:{PASSWORD}@{self.host}:{self.port}"

    def _protocol(self) -> SMTP:
        return SMTP(self, hostname="mailbox.sandbox", authenticator=self._let_in, auth_require_tls=False)

    @staticmethod
    def _let_in(*_: object) -> AuthResult:
        return AuthResult(success=True)


class Hasty(Someone):
    """Goes on as soon as the bot has said or changed anything, and presses a button as soon as it is there."""

    async def press(self, label: str) -> None:
        while not any(one.startswith(label) for one in self.labels):
            await self._quiet()
        await super().press(label)


class MarketPlace(Sandbox):
    """Telegram and the payment provider; notifications go on until somebody takes them."""

    def __init__(self) -> None:
        super().__init__()
        ahead = NOON - datetime.now(UTC)
        self.bank = Bank(clock=lambda: datetime.now(UTC) + ahead, shop=Shop(utility=True))
        self.bank.notifications.backoff, self.bank.notifications.tries = 0.02, 100
        self.bank.add_routes(self.app)

    def settings(self, port: int) -> dict[str, str]:
        """Of a bot that takes notifications at this port."""
        self.bank.notify_to(f"http://127.0.0.1:{port}/yookassa")
        return {
            "WEB_PORT": str(port),
            "YOOKASSA_API_BASE": f"{self.url}/yookassa/v3",
            "YOOKASSA_SHOP_ID": self.bank.shop.id,
            "YOOKASSA_SECRET_KEY": self.bank.shop.secret_key,
            "YOOKASSA_UTILITY_ORDER": "true",
        }


class LiveHarness(Queues):
    """`child` is the bot, `options` are what every process of it is told: see `bot_child.main`.

    Its clock shows 23.11.2026, noon in Moscow, when the harness begins, and goes on from there.
    """

    def __init__(
        self, fork_server: ForkServer, sandbox: Sandbox, mailbox: Mailbox, folder: Path, database: Path
    ) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.mailbox = mailbox
        self.folder = folder
        self.database = database
        self.settings = environment(
            BOT_TOKEN=sandbox.token,
            BOT_API_BASE=sandbox.url,
            DATABASE_URL=f"sqlite+aiosqlite:///{self.database}",
            SUPPLIER_PROFILE=str(ROOT / "samples" / "supplier.toml"),
            SMTP_URL=mailbox.url,
            WEB_PORT="0",
        )
        self.forgotten: set[int] = set()  # updates that were confirmed before they were kept
        self.killed_at: list[int] = []  # number of the last call of the bot before each kill
        self.crashed: list[str] = []
        self.options: dict[str, Any] = {}
        self.ahead = NOON.timestamp() - time.time()
        self.updates: dict[int, list[int]] = defaultdict(list)  # ids of all that were ever sent, by chat
        self._nursery = fork_server
        self.played: list[Household] = []
        self._homes: Iterator[Household] = households()
        self._log_formats = itertools.cycle(["console", "json"])
        self._news = asyncio.Event()
        self._reviving = asyncio.Lock()
        self._reader = sqlite3.connect(self.database, timeout=PATIENCE)
        self._child: Child | None = None
        self.listen()

    def listen(self) -> None:
        """Note every update and what becomes of it, and be woken by every call.

        Once more after a sandbox that starts later.
        """
        updates = self.world.updates
        deliver, take, confirm, record = updates.listener, updates.take, updates.confirm, self.world.record

        def note(update: Update) -> None:
            self.updates[update.queue].append(update.update_id)
            if deliver is not None:
                deliver(update)

        def check_and_take(offset: int, limit: int) -> list[Update]:
            self._check_kept(update.update_id for update in updates.waiting() if update.update_id < offset)
            return take(offset, limit)

        def check_and_confirm(update_id: int) -> None:
            self._check_kept([update_id])
            confirm(update_id)

        def record_and_ring(method: str, params: Json, error: str | None) -> None:
            record(method, params, error)
            self._ring()

        updates.listener = note
        updates.take = check_and_take  # type: ignore[method-assign]
        updates.confirm = check_and_confirm  # type: ignore[method-assign]
        self.world.record = record_and_ring  # type: ignore[method-assign]

    def _check_kept(self, confirmed: Iterable[int]) -> None:
        """An update that the bot tells Telegram to forget must be in its database."""
        ids = set(confirmed)
        self.forgotten |= ids - {number for (number,) in self.inbox("update_id", update_id=ids)}

    # The process

    @property
    def child(self) -> Child:
        assert self._child is not None, "the bot was never started"
        return self._child

    async def spawn(self) -> Child:
        """A process of the bot."""
        settings = {**self.settings, "LOG_FORMAT": next(self._log_formats)}
        options = {"ahead": self.ahead, **self.options}
        return await self._nursery.start(bot_child.ENTRY, settings, self.folder, news=self._ring, **options)

    async def start(self) -> None:
        """Start the bot and wait until it runs."""
        self._child = await self.spawn()
        await self._child.ready()

    async def end(self) -> None:
        """Kill the bot that still runs."""
        if self._child is not None:
            self._child.kill()
            await self._child.exit_code()

    @property
    def kills(self) -> int:
        return len(self.killed_at)

    async def kill(self) -> None:
        """kill -9, and a new start."""
        self.child.kill(signal.SIGKILL)
        await self.child.exit_code()
        await self.revive()

    async def restart(self, meanwhile: Callable[[], None] = lambda: None) -> float:
        """SIGTERM, and a new start after `meanwhile`; seconds that the process took to end with exit code 0."""
        async with self._reviving:
            began = time.monotonic()
            self.child.kill(signal.SIGTERM)
            assert await self.child.exit_code() == 0, self.child.log.read_text()
            seconds = time.monotonic() - began
            meanwhile()
            await self.start()
        return seconds

    async def revive(self) -> None:
        """Start the bot again if it was killed. Any other end is a failure."""
        async with self._reviving:
            if self.child.ended is None:
                return
            assert self.child.ended == -signal.SIGKILL, self.child.log.read_text()
            self.killed_at.append(self.world.calls[-1].seq if self.world.calls else 0)
            self.crashed += [word["crashed"] for word in self.child.said if "crashed" in word]
            await self.start()

    def now(self) -> datetime:
        """By the bot's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def jump(self, seconds: float) -> None:
        """The bot's clock jumps, as soon as it does anything."""
        self.ahead += seconds
        self.child.tell(ahead=self.ahead)

    def _ring(self) -> None:
        """Wake whoever waits for a call, a commit or an exit."""
        self._news.set()
        self._news.clear()

    async def until(self, holds: Callable[[], object], patience: float = PATIENCE) -> None:
        """Wait until `holds()`, looked at after every call, commit and exit of the bot. Raises TimeoutError."""
        async with asyncio.timeout(patience):
            while not holds():
                await self._news.wait()

    async def called(self, method: str, times: int = 1) -> None:
        """Wait until the bot has called this method so often from now on, however it was answered."""
        calls = self.world.calls
        before = calls[-1].seq if calls else 0
        await self.until(lambda: sum(call.method == method and call.seq > before for call in calls) >= times)

    async def through(self, holds: Callable[[], object]) -> None:
        """As `until`, through any number of crashes."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                if self.child.ended is None:
                    await self._news.wait()
                else:
                    await self.revive()

    async def commits(self, count: int) -> None:
        """Wait until the bot has committed so often since its start, or has nothing to do."""
        with suppress(TimeoutError):
            while len(self.child.said) < count:
                await asyncio.wait_for(self._news.wait(), IDLE)

    # People

    def household(self) -> Household:
        """The next one that nobody has played yet."""
        self.played.append(next(self._homes))
        return self.played[-1]

    def person(self, person_id: int, *, hasty: bool = False) -> Someone:
        person = self.world.add_person(SURNAME, person_id=person_id)
        if hasty:
            return Hasty(self.world, person, partial(self.said_to, person_id))
        return Someone(self.world, person, partial(self.quiet, person_id))

    async def survive(self, until: Callable[[], object]) -> None:
        """Wait until something holds, through any number of crashes. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while not until():
                await self.revive()
                await self._news.wait()

    async def quiet(self, *chats: int) -> None:
        """Return when all that was sent (by these chats) is worked off and said, through any number of crashes."""
        try:
            await self.survive(lambda: self.is_quiet(*chats))
        except TimeoutError:
            lost = self.open(*chats)
            raise AssertionError(f"not worked off: {lost}, not said: {self._unsaid(*chats)}\n{self.logs()}") from None

    async def said_to(self, person_id: int) -> None:
        """Wait until the bot says or changes something in this chat."""

        def fits(event: Event) -> bool:
            of_bot = event["type"] in {"message", "edited"} and event["message"]["from"]["is_bot"]
            return of_bot and event["chat_id"] == person_id

        await self.world.wait_for(fits, PATIENCE)

    def is_quiet(self, *chats: int) -> bool:
        return not self.open(*chats) and not self._unsaid(*chats)

    def open(self, *chats: int) -> set[int]:
        """Ids of updates that are not done or parked."""
        sent = {one for chat in chats or list(self.updates) for one in self.updates[chat]}
        kept = self.inbox("update_id, coalesce(done_at, parked_at)", update_id=sent)
        return sent - {number for number, closed_at in kept if closed_at}

    def _unsaid(self, *chats: int) -> list[tuple[int, str]]:
        return self.unsent(user_id=chats) if chats else self.unsent()

    # Looking

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the database, seen by another process."""
        return self._reader.execute(sql, values).fetchall()

    def run(self, sql: str, *values: object) -> None:
        """Change the database behind the bot's back."""
        with self._reader:
            self._reader.execute(sql, values)

    def queue(self, **columns: object) -> None:
        """Put a row into the outbox behind the bot's back."""
        sql, values = queues.queueing(**columns)
        self.run(sql, *values)

    def drop_notices(self) -> None:
        self.run(queues.DROP_NOTICES)

    def close(self) -> None:
        self._reader.close()

    def submissions(self, account: str) -> list[tuple[str, dict[str, int]]]:
        """Status and values of an account's submissions, oldest first."""
        kept = self.rows("SELECT status, lines FROM submissions WHERE account = ? ORDER BY submitted_at", account)
        return [(status, {line["zone"]: line["value"] for line in json.loads(lines)}) for status, lines in kept]

    def handed_over(self, account: str) -> dict[str, int]:
        """Readings of the bot's in the supplier's books."""
        sql = "SELECT zone, value FROM ledger_readings WHERE account = ? AND submission != ''"
        found = self.rows(sql, int(account))
        assert len(found) == len(dict(found)), found
        return dict(found)

    @property
    def bank(self) -> Bank:
        assert isinstance(self.sandbox, MarketPlace)
        return self.sandbox.bank

    def links(self, person_id: int) -> set[str]:
        return {row[0] for row in self.rows("SELECT account FROM links WHERE user_id = ?", person_id)}

    def logs(self) -> str:
        """All that any process of this harness ever wrote."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("child-*.log")))

    def secrets(self) -> Iterator[str]:
        """Words that no log may have."""
        yield from (PASSWORD, SECRET, SURNAME, STREET, FLAT)
        yield from secrets_of(self.world)
        for letter in self.mailbox.letters:
            yield from letter.recipients
        for home in self.played:
            yield from (home.account, home.spare, f"m{home.account}", f"m{home.spare}")


class Found(Protocol):
    def __call__(
        self, name: str, sandbox: Sandbox, mailbox: LockedMailbox, database: Path | None = None
    ) -> AbstractAsyncContextManager[LiveHarness]: ...
