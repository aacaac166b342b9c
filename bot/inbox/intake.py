"""Updates come in here and are lost nowhere.

They are committed as they came before Telegram hears that they were received. Each conversation has one worker
while it has updates, so that a person's messages are answered in order; different people are served side by
side, and a long wait for Telegram or the supplier holds up one conversation alone. Of each conversation a few updates
are in memory, the others wait in the table, and those with many are answered more slowly than the others.
The changes of an update to its conversation are committed together with its `done`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson
import structlog
from aiogram.exceptions import TelegramRetryAfter
from pydantic import ValidationError

import context
from bot.group_commit import GroupCommit
from bot.inbox.conversation_queue import HELD, ConversationQueue
from bot.inbox.updates import UnreadableUpdate, as_id, chat_of, id_in, kept, message_of, number_of
from bot.inbox.worker_slots import Throttle, WorkerSlots
from bot.outbox.rate_limiter import LIVELY, OWN_BURST, RateLimiter
from bot.outbox.sender import WakeUp
from bot.tasks import Tasks
from bot.telegram.answering import Answering
from bot.telegram.errors import OutsideGroup
from bot.telegram.resend import Resend
from bot.telegram.resend.memory import Key
from bot.trouble import Trouble, is_away, storage_says
from bot.web.metrics import Metrics
from fsm.storage import Turn
from services.db.engine import out_of_order
from services.db.inbox import Accepted, Done, Inbox
from services.notices.catalog import UpdateParked
from services.notices.models import Notice
from services.ports import Alerts, Clock

log = structlog.get_logger("intake")

_UNKEEPABLE = (ValueError, OverflowError, sqlite3.DataError, sqlite3.IntegrityError)  # an update is to blame


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    most_queues: int = 2000  # conversations that are worked on; further ones wait in the table
    flood_gap: float = 0.1  # seconds between two updates of all flooded conversations together
    album: float = 0.5  # seconds that the first part of an album waits for words under another
    patience: float = 0.5  # seconds after which one that still waits for an answer makes room for others
    most_waiting: int = 800  # that have made room; each may hold a connection, see `session.CONNECTIONS`
    tries: int = 3  # before an update that fails is put aside
    away_tries: int = 20  # before one is put aside whose answer Telegram does not take while it takes those of others
    pauses: tuple[float, ...] = (0.1, 0.5, 2.0, 3.0)  # seconds before the next try


class Intake:
    def __init__(
        self,
        inbox: Inbox,
        answering: Answering,
        resend: Resend,
        wake_up: WakeUp,
        alerts: Alerts,
        clock: Clock,
        metrics: Metrics,
        limiter: RateLimiter,
        workers: int,
        trouble: Trouble,
        limits: IntakeLimits,
    ) -> None:
        self._inbox = inbox
        self._answering = answering
        self._resend = resend
        self._wake_up = wake_up
        self._alerts = alerts
        self._clock = clock
        self._metrics = metrics
        self._limiter = limiter
        self._tasks = Tasks()
        self._trouble = trouble
        self._limits = limits
        self._slots = WorkerSlots(workers, limits.patience, limits.most_waiting)
        self._floods = Throttle(limits.flood_gap)
        self._queues: dict[str, ConversationQueue] = {}
        self._behind = False  # there may be conversations in the table that have no queue
        self._table = asyncio.Lock()  # queues and table are read and added to under it, so that they agree
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._arriving = GroupCommit(self._arrive, self._tasks)
        self._ending = GroupCommit(self._end, self._tasks)
        self._stopping = asyncio.Event()
        self._done_at = time.monotonic()

    async def start(self) -> None:
        """Take up updates that an earlier process left open."""
        await self._fill()

    async def take_up(self) -> None:
        """Begin on parked updates that are wanted again, and on conversations that wait for room."""
        for conversation in await self._inbox.wanted():
            if queue := self._queues.get(conversation):
                queue.reread()
            else:
                self._begin(conversation, ConversationQueue(more=True))
        if self._behind:
            await self._fill()

    async def accept(self, raw: Iterable[object]) -> None:
        """Commit updates as Telegram sent them, then begin to work on the new ones. One that cannot be kept is parked
        without its words. Raises any other error: then all of them have to come again."""
        raw = list(raw)
        self._note_ids(one for one in raw if isinstance(one, dict) and number_of(one) is not None)
        updates = [update for one in raw if (update := _kept(one)) is not None]
        readable = [update for update in updates if isinstance(update, Accepted)]
        for update, error in zip(readable, await self._arriving.hand_in(readable), strict=True):
            if error is not None:
                if not isinstance(error, _UNKEEPABLE):
                    raise error
                log.error("the update cannot be kept", update=update.update_id, exc_info=error)
                updates.append(UnreadableUpdate(update.update_id, update.conversation))
        for update in updates:
            if isinstance(update, UnreadableUpdate):
                await self._refuse(update)

    async def _arrive(self, updates: Sequence[Accepted]) -> list[None]:
        async with self._table:
            new = await self._inbox.accept(updates, self._clock.now())
            for update in new:
                self._enqueue(update)
        self._metrics.accepted.inc(len(new))
        return [None] * len(updates)

    def _note_ids(self, updates: Iterable[Any]) -> None:
        said = (one for one in updates if "message" in one or "edited_message" in one)
        ids = ((id_in(message.get("chat")), as_id(message.get("message_id"))) for message in map(message_of, said))
        self._resend.note_incoming((chat, message) for chat, message in ids if chat is not None and message is not None)

    async def _refuse(self, update: UnreadableUpdate) -> None:
        if await self._inbox.refuse(update.update_id, update.conversation, self._clock.now(), _apology(update)):
            log.error("update parked", update=update.update_id)
            await self._alerts.send("an update could not be read and was put aside without its words")
            self._wake_up.set()
            self._metrics.parked.inc()

    async def idle(self) -> None:
        """Wait until nothing accepted is left to do."""
        await self._quiet.wait()

    async def stop(self, patience: float) -> None:
        """Finish what runs; what cannot be finished in `patience` seconds stays open for the next process."""
        self._stopping.set()
        await self._tasks.close(patience)

    @property
    def flooded(self) -> frozenset[str]:
        """Conversations with more open updates than are held in memory, until these are done."""
        return frozenset(conversation for conversation, queue in self._queues.items() if queue.flooded)

    @property
    def standstill(self) -> float:
        """Seconds since any update was worked off."""
        return time.monotonic() - self._done_at

    def _enqueue(self, update: Accepted) -> None:
        queue = self._queues.get(update.conversation)
        if queue is None:
            queue = ConversationQueue()
            queue.arrive(update)
            self._begin(update.conversation, queue)
        else:
            queue.arrive(update)

    def _begin(self, conversation: str, queue: ConversationQueue) -> None:
        """Work on a conversation, if there is room."""
        self._quiet.clear()
        if len(self._queues) >= self._limits.most_queues:
            self._behind = True
            return
        self._queues[conversation] = queue
        self._tasks.start(self._work(conversation, queue), "conversation")

    def _over(self, conversation: str) -> None:
        del self._queues[conversation]
        if self._behind and len(self._queues) == self._limits.most_queues // 2:
            self._tasks.start(self._fill(), "filling")
        if not self._queues and not self._behind:
            self._quiet.set()

    async def _fill(self) -> None:
        """Take up conversations that wait in the table, as many as there is room for."""
        async with self._table:
            waiting = await self._inbox.waiting(self._limits.most_queues + len(self._queues) + 1)
            self._behind = False
            for conversation in waiting:
                if conversation not in self._queues:
                    self._begin(conversation, ConversationQueue(more=True))
        if not self._queues:
            self._quiet.set()

    async def _work(self, conversation: str, queue: ConversationQueue) -> None:
        """One conversation's updates in order, until there are none."""
        try:
            while not self._stopping.is_set() and await self._has_next(conversation, queue):
                await self._make_way(conversation, queue)
                await self._work_next(queue)
        finally:
            if queue.ended:
                self._over(conversation)

    async def _has_next(self, conversation: str, queue: ConversationQueue) -> bool:
        """Updates that are not in memory are read from the table."""
        while queue.more and not queue.held and not self._stopping.is_set():
            try:
                async with self._table:
                    queue.read(await self._inbox.next(conversation, HELD + 1))
            except Exception as trouble:  # noqa: BLE001  # they are safe where they are
                log.warning("updates were not read from the table", error=type(trouble).__name__)
                await self._pause(self._limits.pauses[-1])
        return bool(queue.held)

    async def _make_way(self, conversation: str, queue: ConversationQueue) -> None:
        """A crowded conversation waits, for the others' sake and for Telegram's."""
        chat_id = chat_of(conversation)
        if chat_id is not None:
            await self._pause(self._limiter.wait_when_lively(chat_id, OWN_BURST if queue.crowded else LIVELY))
        if queue.flooded:
            await self._pause(max(self._floods.wait(), self._limiter.wait_to_answer(chat_id) if chat_id else 0.0))
        if queue.begins_album():
            await self._pause(self._limits.album)
            queue.put_words_first()

    async def _work_next(self, queue: ConversationQueue) -> None:
        if self._stopping.is_set():
            return
        if repeats := queue.repeats():
            await self._leave_out(queue, repeats)
        elif await self._work_off(queue):
            queue.held.popleft()

    async def _leave_out(self, queue: ConversationQueue, repeats: list[Accepted]) -> None:
        """The answer to the first of them was one to all."""
        for update in repeats:
            await self._answering.dismiss(orjson.loads(update.body))
            self._resend.forget(Key("update", update.update_id))
        ends = await self._ending.hand_in([Done(update.update_id, {}) for update in repeats])
        for update, error in zip(repeats, ends, strict=True):
            if error is None:
                queue.drop(update)
                self._metrics.done.inc()
        if any(ends):
            await self._pause(self._limits.pauses[-1])

    async def _work_off(self, queue: ConversationQueue) -> bool:
        """Try until the next update is done or put aside; False when the process stops before."""
        update = queue.held[0]
        attempt, spurned = 0, 0
        while not self._stopping.is_set():
            taken = self._resend.accepted
            async with self._slots.one():
                with self._metrics.handling.time():
                    update, error = await self._try(update, queue)
            if error is None:
                self._metrics.done.inc()
                self._trouble.ended()
                return True
            if _away(error) or out_of_order(error):
                if out_of_order(error):
                    self._trouble.met(storage_says(error))
                refused = _away(error) and not isinstance(error, OutsideGroup)  # by one group, until it is mended
                spurned += refused and self._resend.accepted > taken
            else:
                update = await self._failed(update, error)
            hopeless = update.tries >= self._limits.tries or spurned >= self._limits.away_tries
            if hopeless and await self._parked(update):
                queue.note(update, in_vain=False)
                return True
            pause = self._limits.pauses[min(attempt, len(self._limits.pauses) - 1)]
            await self._pause(max(patience_of(error), pause))
            attempt += 1
        return False

    async def _try(self, update: Accepted, queue: ConversationQueue) -> tuple[Accepted, BaseException | None]:
        """The update, and what kept it from being done."""
        key, turn = Key("update", update.update_id), Turn(self._inbox, update.body)
        with self._resend.attempt(key), context.within(new_id=turn.new_id):
            try:
                if update.tries < 0:
                    if not await self._inbox.begin_again(update.update_id):
                        return update, None
                    update = replace(update, tries=0)
                await self._answering.answer(orjson.loads(update.body), turn)
                [error] = await self._ending.hand_in([Done(update.update_id, turn.changes)])
                if error is not None:
                    return update, error
            except BaseException as error:  # of any kind: the person's message must not be lost
                if _ends_us(error):
                    raise
                return update, error
        queue.note(update, in_vain=queue.flooded and turn.in_vain)
        self._resend.forget(key)
        return update, None

    async def _end(self, done: Sequence[Done]) -> list[None]:
        await self._inbox.finish(done, self._clock.now())
        self._done_at = time.monotonic()
        return [None] * len(done)

    async def _failed(self, update: Accepted, error: BaseException) -> Accepted:
        """Count the try."""
        self._metrics.failed.inc()
        log.error("update failed", update=update.update_id, tries=update.tries + 1, exc_info=error)
        try:
            await self._inbox.fail(update.update_id)
        except Exception as trouble:  # noqa: BLE001  # it is counted in memory all the same
            log.warning("the failed try was not noted", update=update.update_id, error=type(trouble).__name__)
        return replace(update, tries=self._limits.tries if isinstance(error, ValidationError) else update.tries + 1)

    async def _parked(self, update: Accepted) -> bool:
        """Put aside what cannot be done, tell the operator and the customer; False when that could not be kept."""
        try:
            await self._set_aside(update)
        except Exception as trouble:  # noqa: BLE001  # the next round tries again
            log.warning("the update was not put aside", update=update.update_id, error=type(trouble).__name__)
            return False
        return True

    async def _set_aside(self, update: Accepted) -> None:
        now = self._clock.now()
        log.error("update parked", update=update.update_id)
        await self._alerts.send("an update could not be worked off and was put aside: python -m bot parked")
        await self._inbox.set_aside(update.update_id, now, _apology(update))
        self._wake_up.set()
        await self._answering.dismiss(orjson.loads(update.body))
        self._resend.forget(Key("update", update.update_id))
        self._metrics.parked.inc()

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return  # a timeout of nothing costs a cancellation, and an update comes here each time
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
    return isinstance(error, TelegramRetryAfter) or is_away(error)


def patience_of(error: BaseException) -> float:
    """Seconds for which Telegram asks to be left alone."""
    return float(error.retry_after) if isinstance(error, TelegramRetryAfter) else 0.0


def _apology(update: Accepted | UnreadableUpdate) -> Notice | None:
    if not update.conversation.isdecimal():
        return None
    return Notice(f"parked:{update.update_id}", int(update.conversation), UpdateParked())


def _kept(raw: object) -> Accepted | UnreadableUpdate | None:
    update = kept(raw)
    if update is None:
        log.error("an update without an id cannot be kept", kind=type(raw).__name__)
    return update
