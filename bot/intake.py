"""Updates come in here and are lost nowhere.

They are committed as they came before Telegram hears that they were received. Each conversation has one worker
while it has updates, so that a person's messages are answered in order; different people are served side by
side, and who waits long for Telegram or the supplier holds nobody else up. What an update changed in its
conversation is committed together with its `done`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson
import structlog
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from pydantic import ValidationError

from bot.delivery import News
from bot.metrics import Metrics
from bot.places import Places
from bot.sendlog import SendLog
from bot.sends import Key
from bot.tasks import Tasks
from bot.trouble import Trouble, storage_says
from fsm.storage import TurnStorage
from services.db.engine import out_of_order
from services.db.inbox import Accepted, Done, Inbox
from services.models import Notice, Urgency
from services.ports import Clock, Operator

log = structlog.get_logger("intake")

Feed = Callable[[dict[str, Any]], Awaitable[object]]

MOST_OPEN = 5000  # updates held in memory; Telegram keeps the rest
PATIENCE = 0.5  # seconds after which one that still waits for an answer makes room for others
MOST_WAITING = 800  # that have made room; each may hold a connection, see `session.CONNECTIONS`
TRIES = 3  # before an update that fails is put aside
AWAY_TRIES = 20  # before one is put aside whose answer Telegram does not take while it takes those of others
PAUSES = (0.1, 0.5, 2.0, 3.0)  # seconds before the next try
_CLOSED = (TelegramUnauthorizedError, TelegramNotFound, TelegramConflictError)  # to the bot, not to one person
_AWAY = (TelegramNetworkError, TelegramServerError, TelegramRetryAfter, *_CLOSED)


class Intake:
    def __init__(
        self,
        inbox: Inbox,
        storage: TurnStorage,
        send_log: SendLog,
        news: News,
        operator: Operator,
        clock: Clock,
        metrics: Metrics,
        workers: int,
        trouble: Trouble,
    ) -> None:
        self._inbox = inbox
        self._storage = storage
        self._send_log = send_log
        self._news = news
        self._operator = operator
        self._clock = clock
        self._metrics = metrics
        self._tasks = Tasks()
        self._trouble = trouble
        self._places = Places(workers, PATIENCE, MOST_WAITING)
        self._waiting: dict[str, deque[Accepted]] = {}
        self._open = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._room = asyncio.Event()
        self._room.set()
        self._finishing: list[tuple[Done, asyncio.Future[None]]] = []
        self._stopping = asyncio.Event()
        self._feed: Feed | None = None

    async def start(self, feed: Feed) -> None:
        """Take up what an earlier process left undone."""
        self._feed = feed
        self._enqueue(await self._inbox.open())
        await self.take_up()

    async def take_up(self) -> None:
        """Begin on what was put aside and is wanted again."""
        self._enqueue(await self._inbox.reopen())

    async def accept(self, raw: Iterable[object]) -> None:
        """Commit updates as Telegram sent them, then begin to work on those that are new."""
        await self._room.wait()
        raw = [one for one in raw if _has_id(one)]
        updates = [_accepted(one) for one in raw]
        if updates:
            new = await self._inbox.accept(updates, self._clock.now())
            self._note_ids(raw)
            self._metrics.accepted.inc(len(new))
            self._enqueue(new)

    def _note_ids(self, updates: Iterable[Any]) -> None:
        for one in updates:
            message = message_of(one)
            chat, message_id = message.get("chat"), message.get("message_id")
            if isinstance(chat, dict) and isinstance(chat.get("id"), int) and isinstance(message_id, int):
                theirs = "message" in one or "edited_message" in one
                self._send_log.note_id(chat["id"], message_id, theirs=theirs)

    async def idle(self) -> None:
        """Wait until nothing accepted is left to do."""
        await self._quiet.wait()

    async def stop(self, patience: float) -> None:
        """Finish what runs; what cannot be finished in `patience` seconds stays open for the next process."""
        self._stopping.set()
        await self._tasks.close(patience)

    def _enqueue(self, updates: Iterable[Accepted]) -> None:
        for update in updates:
            self._count(1)
            line = self._waiting.get(update.conversation)
            if line is None:
                line = self._waiting[update.conversation] = deque()
                self._tasks.start(self._work(update.conversation, line), "conversation")
            _place(line, update)

    def _count(self, change: int) -> None:
        self._open += change
        _hold(self._quiet, self._open == 0)
        _hold(self._room, self._open < MOST_OPEN)

    async def _work(self, conversation: str, line: deque[Accepted]) -> None:
        """One conversation's updates in order, until there are none."""
        try:
            while line and not self._stopping.is_set():
                if not await self._work_off(line[0]):
                    return
                line.popleft()
                self._count(-1)
        finally:
            if not line:
                del self._waiting[conversation]

    async def _work_off(self, update: Accepted) -> bool:
        """Try until the update is done or put aside; False when the process stops before."""
        attempt, spurned = 0, 0
        while not self._stopping.is_set():
            taken = self._send_log.taken
            async with self._places.one():
                with self._metrics.handling.time():
                    update, error = await self._try(update)
            if error is None:
                self._metrics.done.inc()
                self._trouble.ended()
                return True
            if _away(error) or out_of_order(error):
                if out_of_order(error):
                    self._trouble.met(storage_says(error))
                spurned += _away(error) and self._send_log.taken > taken
            else:
                update = await self._failed(update, error)
            if (update.tries >= TRIES or spurned >= AWAY_TRIES) and await self._parked(update):
                return True
            await self._pause(max(patience_of(error), PAUSES[min(attempt, len(PAUSES) - 1)]))
            attempt += 1
        return False

    async def _try(self, update: Accepted) -> tuple[Accepted, BaseException | None]:
        """The update, and what kept it from being done."""
        assert self._feed is not None  # noqa: S101  # start() comes first
        key = Key("update", update.update_id)
        with self._send_log.attempt(key), self._storage.turn(update.body) as turn:
            try:
                if update.tries < 0:
                    if not await self._inbox.begin_again(update.update_id):
                        return update, None
                    update = replace(update, tries=0)
                await self._feed(orjson.loads(update.body))
                await self._finish(Done(update.update_id, turn.changes))
            except BaseException as error:  # whatever it is, the person's message must not be lost
                if _ends_us(error):
                    raise
                return update, error
        self._send_log.forget(key)
        return update, None

    async def _finish(self, done: Done) -> None:
        """Commit together with whatever else is ready: under load one commit serves many conversations."""
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._finishing.append((done, committed))
        if len(self._finishing) == 1:
            self._tasks.start(self._commit(), "commit")
        await committed

    async def _commit(self) -> None:
        while self._finishing:
            group = list(self._finishing)
            error = await self._close([done for done, _ in group])
            if error and len(group) > 1 and not out_of_order(error):  # one of them may be to blame, not all
                for done, committed in group:
                    _settle(committed, await self._close([done]))
            else:
                for _, committed in group:
                    _settle(committed, error)
            del self._finishing[: len(group)]

    async def _close(self, done: list[Done]) -> Exception | None:
        try:
            await self._inbox.finish(done, self._clock.now())
        except Exception as error:  # noqa: BLE001  # handed to each that waits
            return error
        return None

    async def _failed(self, update: Accepted, error: BaseException) -> Accepted:
        """Count the try."""
        self._metrics.failed.inc()
        log.error("update failed", update=update.update_id, tries=update.tries + 1, exc_info=error)
        try:
            await self._inbox.fail(update.update_id)
        except Exception as trouble:  # noqa: BLE001  # it is counted in memory all the same
            log.warning("the failed try was not noted", update=update.update_id, error=type(trouble).__name__)
        return replace(update, tries=TRIES if isinstance(error, ValidationError) else update.tries + 1)

    async def _parked(self, update: Accepted) -> bool:
        """Put aside what cannot be done, tell the operator and the customer; False when that could not be kept."""
        try:
            await self._park(update)
        except Exception as trouble:  # noqa: BLE001  # the next round tries again
            log.warning("the update was not put aside", update=update.update_id, error=type(trouble).__name__)
            return False
        return True

    async def _park(self, update: Accepted) -> None:
        now = self._clock.now()
        log.error("update parked", update=update.update_id)
        await self._operator.alert("an update could not be worked off and was put aside: python -m bot parked")
        await self._inbox.park(update.update_id, now, _apology(update))
        self._news.set()
        self._send_log.forget(Key("update", update.update_id))
        self._metrics.parked.inc()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def _ends_us(error: BaseException) -> bool:
    """Whether it is meant for the task or the process: not a cancellation from inside a handler, nor a panic in a
    library that is not Python, which is no Exception."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit)


def _away(error: BaseException) -> bool:
    """Whether Telegram is to blame: such trouble is waited out."""
    return isinstance(error, _AWAY) and not isinstance(error, TelegramEntityTooLarge)


def patience_of(error: BaseException) -> float:
    """Seconds for which Telegram asks to be left alone."""
    return float(error.retry_after) if isinstance(error, TelegramRetryAfter) else 0.0


def _place(line: deque[Accepted], update: Accepted) -> None:
    """By id, but behind the first: it may have begun."""
    place = len(line)
    while place > 1 and line[place - 1].update_id > update.update_id:
        place -= 1
    line.insert(place, update)


def _apology(update: Accepted) -> Notice | None:
    if not update.conversation.isdigit():
        return None
    return Notice(f"parked:{update.update_id}", int(update.conversation), "trouble", urgency=Urgency.ANSWER)


def _settle(committed: asyncio.Future[None], error: Exception | None) -> None:
    if committed.done():
        return
    if error:
        committed.set_exception(error)
    else:
        committed.set_result(None)


def _hold(event: asyncio.Event, is_set: bool) -> None:
    if is_set:
        event.set()
    else:
        event.clear()


def _has_id(raw: object) -> bool:
    if isinstance(raw, dict) and isinstance(raw.get("update_id"), int):
        return True
    log.error("an update without an id cannot be kept", kind=type(raw).__name__)
    return False


def _accepted(raw: Any) -> Accepted:
    return Accepted(raw["update_id"], conversation_of(raw), orjson.dumps(raw))


def conversation_of(raw: dict[str, Any]) -> str:
    """A private chat by its id, a topic of a group by both ids, else the person's id with a prefix."""
    message = message_of(raw)
    chat, sender = message.get("chat"), _event_of(raw).get("from")
    if isinstance(chat, dict) and "id" in chat:
        topic = message.get("message_thread_id")
        return f"{chat['id']}/{topic}" if topic and chat.get("type") != "private" else str(chat["id"])
    return f"user {sender['id']}" if isinstance(sender, dict) and "id" in sender else "nobody"


def message_of(raw: dict[str, Any]) -> dict[str, Any]:
    """What an update is about: the message, that of the pressed button, or whatever else names a chat."""
    event = _event_of(raw)
    inner = event.get("message")
    return inner if isinstance(inner, dict) else event


def _event_of(raw: dict[str, Any]) -> dict[str, Any]:
    return next((value for value in raw.values() if isinstance(value, dict)), {})
