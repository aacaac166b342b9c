"""The one sender of notices, a lane for each channel.

Notices that are due are got ready in batches, each as large as what leaves in a moment: one look at their customers'
wishes, words that are the same for many made once, one commit that their tries begin. Each leaves when the rate limiter
says so. All that has ended meanwhile is noted in one commit.

A send ends in one of six ways, and each has its own consequence. While the other side does not answer, the whole
lane waits: an outage costs a notice no more than the one try that met it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import chain, groupby, islice, repeat
from typing import Protocol

import structlog

from bot.group_commit import GroupCommit
from bot.outbox.rate_limiter import RateLimiter
from bot.tasks import Tasks
from bot.telegram.resend import Resend
from bot.telegram.resend.memory import Key
from bot.trouble import Trouble, storage_says
from bot.web.metrics import Metrics
from services.customers.models import Customer
from services.notices.models import Channel, Loss, Urgency
from services.notices.policy import NoticePolicy
from services.notices.ports import BeginTry, Delivered, Ending, GivenUp, OutboxQueue, PutOff, Queued
from services.ports import Clock
from services.supplier.errors import SupplierUnavailable

log = structlog.get_logger("sender")

LOOK = 100  # chats looked at together, at least
AHEAD = 0.05  # seconds of sending that are got ready together, and before their time
TICK = 0.01  # seconds: where several leave within it, they leave together
GATHERING = 0.05  # seconds within which paid messages that have ended are noted together: many end then
GLANCE = 0.005  # seconds between two glances at rows that are ready and wait to leave
SOON = 0.5  # seconds, in all, for which a row that is ready waits for its turn: later it is looked at anew
LATER = (5, 30, 120, 600, 3600)  # seconds before the next try of a notice that went wrong for itself
CUT_OFF = 10  # tries from which on one that the end of a process cut off waits, as what went wrong for itself
AGAIN = timedelta(seconds=15)  # before the second try of what may have arrived
PERSISTENCE = timedelta(days=3)  # after which a notice that is still in trouble for itself is given up
MOST_TRIES = 20  # that it has had by then: it may have been held for weeks before its first
_UNEXPLAINED = Loss()


@dataclass(frozen=True, slots=True)
class SenderLimits:
    most_at_once: int = 400  # notices that are got ready or on their way
    idle: float = 5.0  # seconds after which the outbox is looked at without a wake-up
    fresh: float = 0.5  # seconds for which a look at the outbox is good while wake-ups go on
    stands: float = 0.02  # seconds for which a row that is ready counts as neither dropped nor erased meanwhile
    back: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0)  # seconds between attempts to reach a side that does not answer
    strikes: tuple[float, ...] = (0, 5, 15, 30)  # seconds more for an other side that can be reached and takes nothing


class Outcome(StrEnum):
    DONE = "done"
    REPLACE = "replace"  # the place is gone, another chat or a message to edit: to the right one at once
    PERMANENT = "permanent"  # it will never be taken
    GONE = "gone"  # there is nothing to send any more
    RETRY = "retry"  # surely not taken: as often as needed, for days where the trouble is its own
    UNKNOWN = "unknown"  # perhaps taken: again where it can be looked for, else once more and never for bulk


@dataclass(frozen=True, slots=True)
class SendResult:
    """The end of a send. `peer_down`: the other side takes nothing; `only_this_one`: it answers others, and this
    notice has to wait; `soon`: not longer than before its first try; `loss`: the reason for a notice that is given
    up."""

    outcome: Outcome
    peer_down: bool = False
    only_this_one: bool = False
    soon: bool = False
    loss: Loss = _UNEXPLAINED


Send = Callable[[], Awaitable[SendResult]]


@dataclass(frozen=True, slots=True)
class Admitted:
    """A notice that may go out now, with its customer; None for a chat that is no customer's. `goes_on`: an earlier try
    may have said it."""

    queued: Queued
    customer: Customer | None
    goes_on: bool

    @property
    def language(self) -> str:
        return self.customer.language if self.customer else "ru"


class OutgoingChannel(Protocol):
    """A way to people. `notes_calls`: `resend` knows what has left."""

    channel: Channel
    notes_calls: bool
    limiter: RateLimiter

    async def prepare(self, batch: Sequence[Admitted]) -> Sequence[Send | BaseException]:
        """Everything that takes time and may fail by our fault, for each its error then; the functions send."""
        ...

    async def reachable(self) -> bool: ...


class WakeUp:
    """Wakes every lane: something was put into the outbox, or a send has ended."""

    def __init__(self) -> None:
        self._events: list[asyncio.Event] = []

    def listen(self) -> asyncio.Event:
        event = asyncio.Event()
        self._events.append(event)
        return event

    def set(self) -> None:
        for event in self._events:
            event.set()


class OutboxSender:
    def __init__(
        self,
        outbox: OutboxQueue,
        channel: OutgoingChannel,
        policy: NoticePolicy,
        resend: Resend,
        clock: Clock,
        wake_up: WakeUp,
        metrics: Metrics,
        trouble: Trouble,
        limits: SenderLimits,
    ) -> None:
        self._outbox = outbox
        self._resend = resend
        self._channel = channel
        self._policy = policy
        self._clock = clock
        self._wake_up = wake_up.listen()
        self._metrics = metrics
        self._trouble = trouble
        self._limits = limits
        self._tasks = Tasks()
        self._writer = GroupCommit(outbox.note, self._tasks)
        gathering = GATHERING if channel.limiter.is_paid(Urgency.BULK) else 0.0
        self._bulk_endings = GroupCommit(outbox.note, self._tasks, gathering)
        self._places = asyncio.Semaphore(limits.most_at_once)
        self._busy: set[int] = set()
        self._begin_at = {True: 0.0, False: 0.0}  # the next batch of paid rows, and of the others
        self._gate = asyncio.Lock()  # of those that are ready, in their order
        self._at_gate = 0
        self._look = max(LOOK, int(channel.limiter.rate(Urgency.BULK) * limits.fresh))
        self._peer_down = False
        self._strikes = 0
        self._latest = datetime.max.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Until cancelled; sends that have begun go on until `stop`."""
        settled = False
        while True:
            try:
                settled = settled or await self._settle_unfinished()
                pause = await self._round()
                self._trouble.ended()
            except Exception as error:
                if not self._trouble.met_storage(error):
                    log.exception("sending paused", channel=self._channel.channel)
                pause = self._limits.idle
            await self._rest(pause)

    async def stop(self, patience: float) -> None:
        """Let the sends end that have begun; one that is cut off counts as perhaps taken."""
        await self._tasks.close(patience)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for may swallow the cancellation before Python 3.12
                await self._wake_up.wait()

    async def _round(self) -> float:
        """Begin what may be sent; seconds until more may be, unless something wakes it up."""
        self._wake_up.clear()
        waits, busy = [self._limits.idle], set(self._busy)
        due = await self._outbox.due(self._channel.channel, await self._now(), self._look)
        looked = _time()

        def is_free(queued: Queued) -> bool:
            if held := self._channel.limiter.wait_in(queued.chat_id):
                waits.append(held)
            return not held and queued.chat_id not in busy and queued.chat_id not in self._busy

        for urgency, free in groupby(filter(is_free, due), key=_urgency):
            while batch := list(islice(free, self._size(urgency))):
                if not await self._turn(urgency, len(batch), looked):
                    return 0.0
                self._begin(batch)
        return min(waits)

    def _size(self, urgency: Urgency) -> int:
        """Of a batch."""
        return max(1, min(int(self._channel.limiter.rate(urgency) * AHEAD), self._limits.most_at_once))

    async def _now(self) -> datetime:
        """The clock may have been set back, before a start, too."""
        now = self._clock.now()
        if now < self._latest:
            await self._outbox.catch_up(now)
        self._latest = now
        return now

    async def _turn(self, urgency: Urgency, count: int, looked: float) -> bool:
        """Wait until so many more may be got ready. False: a more urgent one may have come since the outbox was looked
        at."""
        if self._peer_down:
            await self._until_reachable()
        while wait := self._not_yet(urgency, count):
            if self._is_old(looked):
                return False
            await asyncio.sleep(min(wait, SOON))  # the pace is a matter of time
        for _ in range(count):
            await self._places.acquire()
        if self._is_old(looked):
            self._give_back_places(count)
            return False
        limiter = self._channel.limiter
        paid = limiter.is_paid(urgency)
        self._begin_at[paid] = max(self._begin_at[paid], _time() - AHEAD) + count / limiter.rate(urgency)
        return True

    def _is_old(self, looked: float) -> bool:
        return self._wake_up.is_set() and _time() > looked + self._limits.fresh

    def _not_yet(self, urgency: Urgency, count: int) -> float:
        """Seconds until so many more may be got ready: at their pace, and not while more than that wait to leave."""
        limiter = self._channel.limiter
        at_pace = self._begin_at[limiter.is_paid(urgency)] - _time()
        return max(0.0, at_pace, limiter.wait(urgency) - AHEAD, GLANCE if self._at_gate > count else 0.0)

    def _give_back_places(self, count: int) -> None:
        for _ in range(count):
            self._places.release()

    async def _until_reachable(self) -> None:
        strikes = self._limits.strikes
        await asyncio.sleep(strikes[min(self._strikes, len(strikes) - 1)])  # it said that it was back the last time
        self._strikes += 1
        for pause in self._pauses():
            await asyncio.sleep(pause)  # no event tells that the other side is back
            if await self._channel.reachable():
                break
        self._peer_down = False

    def _pauses(self) -> Iterator[float]:
        return chain(self._limits.back, repeat(self._limits.back[-1]))

    def _begin(self, batch: Sequence[Queued]) -> None:
        self._busy.update(one.chat_id for one in batch)
        self._tasks.start(self._deliver(batch), "batch")

    async def _deliver(self, batch: Sequence[Queued]) -> None:
        begun: list[tuple[Queued, Send]] = []
        try:
            begun = await self._begun(await self._ready(batch))
        except Exception as error:  # noqa: BLE001  # a full disk: nothing was sent, the rows wait
            self._pause_for(error)
        finally:
            going = {queued.id for queued, _ in begun}
            self._done_with(*(one for one in batch if one.id not in going))
        await self._leave(begun)

    async def _leave(self, begun: Sequence[tuple[Queued, Send]]) -> None:
        """Each in its turn, behind all that were ready before. One that is dropped while it waits stays unsaid."""
        self._at_gate += len(begun)
        asked, until, sends = _time(), _time() + SOON, []
        standing = {queued.id for queued, _ in begun}
        async with self._gate:
            for queued, send in begun:
                may_leave = await self._may_leave(queued, until)
                if _time() > asked + self._limits.stands:
                    standing, asked = await self._standing([one for one, _ in begun]), _time()
                self._at_gate -= 1
                if queued.id in standing:
                    way = send if may_leave and not self._peer_down else _stay
                    sends.append(self._tasks.start(self._send(queued, way), "send"))
                else:
                    self._resend.forget(_key(queued))
                    self._done_with(queued)
        await asyncio.gather(*sends)

    async def _standing(self, batch: Sequence[Queued]) -> set[int]:
        try:
            return await self._outbox.standing(batch)
        except Exception as error:  # noqa: BLE001  # rows of which nothing is known wait
            self._pause_for(error)
            return {one.id for one in batch}

    async def _may_leave(self, queued: Queued, until: float) -> bool:
        """Wait for its turn. False: it does not come in time, or its chat has to be left alone meanwhile."""
        limiter, urgency = self._channel.limiter, _urgency(queued)
        tick = TICK if limiter.rate(urgency) * TICK > 1 else 0.0
        while (wait := limiter.wait(urgency)) and _time() + wait < until:  # noqa: ASYNC110  # of time
            await asyncio.sleep(max(wait, tick))
        if wait or self._peer_down or limiter.wait_in(queued.chat_id):
            return False
        limiter.take(queued.chat_id, urgency)
        return True

    def _done_with(self, *batch: Queued) -> None:
        for one in batch:
            self._busy.discard(one.chat_id)
            self._channel.limiter.release(one.chat_id)
        self._give_back_places(len(batch))
        self._wake_up.set()

    async def _ready(self, batch: Sequence[Queued]) -> list[tuple[Queued, Send]]:
        """Those that may go out now. Of the others the outbox knows."""
        try:
            customers = await self._policy.admitted([one.notice for one in batch])
            admitted = [one for one in batch if one.notice.key in customers]
            made = await self._channel.prepare([self._admitted(one, customers) for one in admitted])
        except Exception as error:  # noqa: BLE001  # told with each notice
            if len(batch) > 1:  # one of them may be to blame
                return [ready for one in batch for ready in await self._ready([one])]
            admitted, made = list(batch), [error]
        return [
            (one, _unmade(one, send) if isinstance(send, BaseException) else send)
            for one, send in zip(admitted, made, strict=True)
        ]

    def _admitted(self, queued: Queued, customers: Mapping[str, Customer | None]) -> Admitted:
        return Admitted(queued, customers[queued.notice.key], queued.tries > 0 and self._resend.goes_on(_key(queued)))

    async def _begun(self, ready: Sequence[tuple[Queued, Send]]) -> list[tuple[Queued, Send]]:
        """Those whose try is noted to begin. Until it leaves, the end of the process costs it nothing."""
        self._resend.forget(*(_key(queued) for queued, _ in ready if not queued.tries))  # of erased ones with their ids
        if self._channel.notes_calls:
            self._resend.note_begun(_key(queued) for queued, _ in ready)
        noted = await self._writer.hand_in([BeginTry(queued) for queued, _ in ready])
        return [one for one, begun in zip(ready, noted, strict=True) if self._has_begun(begun)]

    def _has_begun(self, noted: bool | Exception) -> bool:
        """One that is not noted to begin waits, while others of its batch may be noted."""
        if isinstance(noted, Exception):
            self._pause_for(noted)
            return False
        return noted

    def _pause_for(self, error: Exception) -> None:
        self._trouble.met(storage_says(error))
        self._peer_down = True

    async def _send(self, queued: Queued, send: Send) -> None:
        try:
            with self._resend.attempt(_key(queued), never_twice=_urgency(queued) is Urgency.BULK):
                result = await _end_of(queued, send)
            self._metrics.sends(self._channel.channel, queued.notice.kind, result.outcome).inc()
            self._note_health(result)
            await self._settle_surely(queued, partial(self._settle, queued, result))
        finally:
            self._done_with(queued)

    def _note_health(self, result: SendResult) -> None:
        self._peer_down |= result.peer_down
        if result.outcome is Outcome.DONE:
            self._strikes = 0

    async def _settle_surely(self, queued: Queued, settle: Callable[[], Awaitable[None]]) -> None:
        """A notice that was sent and is not noted would be sent again. One that cannot be settled fails."""
        fail = partial(self._fail, queued)
        for pause in self._pauses():
            try:
                await settle()
            except Exception as error:
                if not self._trouble.met_storage(error):
                    log.exception("a result could not be noted", notice=queued.id, kind=queued.notice.kind)
                    if settle is fail:
                        break
                    settle = fail
            else:
                break
            await asyncio.sleep(pause)  # no event tells that there is room again

    async def _settle(self, queued: Queued, result: SendResult) -> None:
        now = self._clock.now()
        match result.outcome:
            case Outcome.DONE:
                await self._note(Delivered(queued, now))
                self._resend.forget(_key(queued))
            case Outcome.PERMANENT:
                await self._give_up(queued, result.loss)
            case Outcome.GONE:
                await self._policy.tell_instead(queued.notice, queued.notice.facts.if_gone())
                await self._fail(queued)
            case Outcome.UNKNOWN if _is_enough(queued) and not self._is_sure(queued):
                await self._give_up(queued, result.loss, doubts=1)
            case Outcome.REPLACE | Outcome.RETRY if not result.only_this_one:
                await self._note(PutOff(queued, now, timedelta(0)))
            case _ if _is_hopeless(queued, now):
                await self._give_up(queued, result.loss)
            case Outcome.UNKNOWN:
                doubts = int(not self._is_sure(queued))
                await self._note(PutOff(queued, now, max(AGAIN, _after(queued.tries)), doubts))
            case _:
                await self._note(PutOff(queued, now, _after(0 if result.soon else queued.tries)))

    async def _give_up(self, queued: Queued, loss: Loss = _UNEXPLAINED, doubts: int = 0) -> None:
        why = {"refusal": loss.refusal} if loss.refusal else {}
        log.warning("not delivered", notice=queued.id, channel=queued.notice.channel, kind=queued.notice.kind, **why)
        await self._policy.tell_instead(queued.notice, queued.notice.facts.if_lost(loss))
        await self._policy.note_loss(queued.notice)
        await self._fail(queued, doubts)

    async def _fail(self, queued: Queued, doubts: int = 0) -> None:
        await self._note(GivenUp(queued, self._clock.now(), doubts))
        self._resend.forget(_key(queued))

    async def _note(self, ending: Ending) -> None:
        writer = self._bulk_endings if _urgency(ending.queued) is Urgency.BULK else self._writer
        [noted] = await writer.hand_in([ending])
        if isinstance(noted, Exception):
            raise noted

    async def _settle_unfinished(self) -> bool:
        """An earlier process ended while it sent these. A kill may repeat a message, it must not lose one; but what
        is cut off again and again may itself be what ends the process, and waits longer and longer."""
        cut_off = await self._outbox.unfinished(self._channel.channel)
        await asyncio.gather(*(self._settle_surely(one, partial(self._settle_cut_off, one)) for one in cut_off))
        return True

    async def _settle_cut_off(self, queued: Queued) -> None:
        now, key = self._clock.now(), _key(queued)
        sure = self._resend.waits(key) or self._is_sure(queued)
        if _is_hopeless(queued, now) or (_urgency(queued) is Urgency.BULK and not sure):
            await self._give_up(queued, doubts=int(not sure))
        else:
            pause = _after(queued.tries - CUT_OFF) if queued.tries >= CUT_OFF else timedelta(0)
            await self._note(PutOff(queued, now, pause, doubts=int(not sure)))

    def _is_sure(self, queued: Queued) -> bool:
        """Whether the next try says nothing twice."""
        return queued.notice.edits is not None or self._resend.repeats_nothing(_key(queued))


def _key(queued: Queued) -> Key:
    return Key("notice", queued.id)


def _urgency(queued: Queued) -> Urgency:
    return queued.notice.urgency


async def _stay() -> SendResult:
    return SendResult(Outcome.RETRY)


async def _end_of(queued: Queued, send: Send) -> SendResult:
    try:
        return await send()
    except Exception:
        log.exception("a notice could not be sent", notice=queued.id, kind=queued.notice.kind)
        return SendResult(Outcome.UNKNOWN)


def _unmade(queued: Queued, error: BaseException) -> Send:
    """The end of a try at a notice that could not be made. What customers write to the staff is never given up, and
    what the supplier has to be asked about waits for it."""
    log.error("a notice could not be made", notice=queued.id, kind=queued.notice.kind, exc_info=error)

    async def end() -> SendResult:
        waits = bool(queued.notice.line) or isinstance(error, SupplierUnavailable)
        given_up = queued.tries >= len(LATER) and not waits
        return SendResult(Outcome.PERMANENT if given_up else Outcome.RETRY, only_this_one=True)

    return end


def _is_enough(queued: Queued) -> bool:
    """Whether one that may have arrived is not sent once more. What customers write comes to the staff in any case."""
    return not queued.notice.line and bool(queued.doubts or queued.notice.urgency is Urgency.BULK)


def _is_hopeless(queued: Queued, now: datetime) -> bool:
    if queued.notice.line:
        return False
    return queued.tries >= MOST_TRIES and now - queued.created_at > PERSISTENCE


def _after(tries: int) -> timedelta:
    return timedelta(seconds=LATER[min(tries, len(LATER) - 1)])


def _time() -> float:
    return asyncio.get_running_loop().time()
