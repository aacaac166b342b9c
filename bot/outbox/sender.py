"""The one sender of notices, a lane for each channel.

A send ends in one of six ways, and each has its own consequence. While the other side does not answer, the whole
lane waits: an outage costs a notice no more than the one try that met it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain, repeat
from typing import Protocol

import structlog

from bot.outbox.rate_limiter import RateLimiter
from bot.tasks import Tasks
from bot.telegram.resend import Resend
from bot.telegram.resend.memory import Key
from bot.trouble import Trouble, storage_says
from bot.web.metrics import Metrics
from services.notices.models import Channel, Refusal, Urgency
from services.notices.policy import NoticePolicy
from services.notices.ports import OutboxQueue, Queued
from services.ports import Clock

log = structlog.get_logger("sender")

BATCH = 100  # chats looked at together
LATER = (5, 30, 120, 600, 3600)  # seconds before the next try of a notice that went wrong for itself
CUT_OFF = 10  # tries from which on one that the end of a process cut off waits, as what went wrong for itself
AGAIN = timedelta(seconds=15)  # before the second try of what may have arrived
PERSISTENCE = timedelta(days=3)  # after which a notice that is still in trouble for itself is given up
MOST_TRIES = 20  # that it has had by then: it may have been held for weeks before its first


@dataclass(frozen=True, slots=True)
class SenderLimits:
    most_at_once: int = 100  # sends on their way
    idle: float = 5.0  # seconds after which the outbox is looked at without a wake-up
    fresh: float = 0.5  # seconds for which a look at the outbox is good while wake-ups go on
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
    notice has to wait; `soon`: not longer than before its first try; `refusal`: a mailbox's reason."""

    outcome: Outcome
    peer_down: bool = False
    only_this_one: bool = False
    soon: bool = False
    refusal: Refusal | None = None


class OutgoingChannel(Protocol):
    """A way to people."""

    channel: Channel
    limiter: RateLimiter

    async def prepare(self, queued: Queued) -> Callable[[], Awaitable[SendResult]]:
        """Everything that takes time and may fail by our fault; the returned function sends."""
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
        self._places = asyncio.Semaphore(limits.most_at_once)
        self._busy: set[int] = set()
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
        pause, busy = self._limits.idle, set(self._busy)
        due = await self._outbox.due(self._channel.channel, await self._now(), BATCH)
        looked = _time()
        for queued in due:
            held = self._channel.limiter.wait_in(queued.chat_id)
            if held or queued.chat_id in busy:
                pause = min(pause, held or pause)
                continue
            await self._turn(queued.notice.urgency)
            if self._wake_up.is_set() and _time() > looked + self._limits.fresh:  # something more urgent may have come
                self._places.release()
                return 0.0
            self._begin(queued)
        return pause

    async def _now(self) -> datetime:
        """The clock may have been set back, before a start, too."""
        now = self._clock.now()
        if now < self._latest:
            await self._outbox.catch_up(now)
        self._latest = now
        return now

    async def _turn(self, urgency: Urgency) -> None:
        """Wait until one more may be sent."""
        if self._peer_down:
            await self._until_reachable()
        while wait := self._channel.limiter.wait(urgency):  # noqa: ASYNC110  # the pace is a matter of time
            await asyncio.sleep(wait)
        await self._places.acquire()

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

    def _begin(self, queued: Queued) -> None:
        self._busy.add(queued.chat_id)
        self._channel.limiter.take(queued.chat_id, queued.notice.urgency)
        self._tasks.start(self._deliver(queued), "send")

    async def _deliver(self, queued: Queued) -> None:
        try:
            if not queued.tries:
                self._resend.forget(_key(queued))  # of an erased one with the same number
            bulk = queued.notice.urgency is Urgency.BULK
            with self._resend.attempt(_key(queued), never_twice=bulk):
                result = await self._send(queued)
            if result is None:
                return
            self._metrics.sends.labels(channel=self._channel.channel, outcome=result.outcome).inc()
            self._note_health(result)
            await self._settle_surely(queued, result)
        except Exception as error:  # noqa: BLE001  # a full disk: nothing was sent, the row waits
            self._trouble.met(storage_says(error))
            self._peer_down = True
        finally:
            self._busy.discard(queued.chat_id)
            self._channel.limiter.release(queued.chat_id)
            self._places.release()
            self._wake_up.set()

    async def _send(self, queued: Queued) -> SendResult | None:
        """None: it is not to go out now, and the outbox knows."""
        try:
            if not await self._policy.admits(queued.notice):
                return None
            send = await self._channel.prepare(queued)
        except Exception:
            log.exception("a notice could not be made", notice=queued.id, kind=queued.notice.kind)
            if not await self._outbox.begin(queued):
                return None
            return SendResult(Outcome.RETRY if queued.tries < len(LATER) else Outcome.PERMANENT, only_this_one=True)
        if not await self._outbox.begin(queued):  # from here on it may have arrived, if the process ends
            return None
        try:
            return await send()
        except Exception:
            log.exception("a notice could not be sent", notice=queued.id, kind=queued.notice.kind)
            return SendResult(Outcome.UNKNOWN)

    def _note_health(self, result: SendResult) -> None:
        self._peer_down |= result.peer_down
        if result.outcome is Outcome.DONE:
            self._strikes = 0

    async def _settle_surely(self, queued: Queued, result: SendResult) -> None:
        """A notice that was sent and is not noted would be sent again."""
        for pause in self._pauses():
            try:
                await self._settle(queued, result)
            except Exception as error:
                if not self._trouble.met_storage(error):
                    log.exception("a result could not be noted", notice=queued.id, kind=queued.notice.kind)
                    await self._fail(queued)
                    break
            else:
                break
            await asyncio.sleep(pause)  # no event tells that there is room again

    async def _settle(self, queued: Queued, result: SendResult) -> None:
        now, sure = self._clock.now(), self._is_sure(queued)
        match result.outcome:
            case Outcome.DONE:
                await self._outbox.sent(queued, now)
                self._resend.forget(_key(queued))
            case Outcome.PERMANENT:
                await self._give_up(queued, result.refusal)
            case Outcome.GONE:
                await self._policy.tell_instead(queued.notice, queued.notice.facts.if_gone())
                await self._fail(queued)
            case Outcome.UNKNOWN if not sure and _is_enough(queued):
                await self._give_up(queued, doubts=1)
            case Outcome.REPLACE | Outcome.RETRY if not result.only_this_one:
                await self._outbox.postpone(queued, now, timedelta(0))
            case _ if _is_hopeless(queued, now):
                await self._give_up(queued, result.refusal)
            case Outcome.UNKNOWN:
                await self._outbox.postpone(queued, now, max(AGAIN, _after(queued.tries)), doubts=int(not sure))
            case _:
                await self._outbox.postpone(queued, now, _after(0 if result.soon else queued.tries))

    async def _give_up(self, queued: Queued, refusal: Refusal | None = None, doubts: int = 0) -> None:
        why = {"refusal": refusal} if refusal else {}
        log.warning("not delivered", notice=queued.id, channel=queued.notice.channel, kind=queued.notice.kind, **why)
        await self._policy.tell_instead(queued.notice, queued.notice.facts.if_lost(refusal))
        await self._policy.note_loss(queued.notice)
        await self._fail(queued, doubts)

    async def _fail(self, queued: Queued, doubts: int = 0) -> None:
        await self._outbox.fail(queued, self._clock.now(), doubts)
        self._resend.forget(_key(queued))

    async def _settle_unfinished(self) -> bool:
        """An earlier process ended while it sent these. A kill may repeat a message, it must not lose one; but what
        is cut off again and again may itself be what ends the process, and waits longer and longer."""
        now = self._clock.now()
        for queued in await self._outbox.unfinished(self._channel.channel):
            sure = self._is_sure(queued)
            if _is_hopeless(queued, now) or (queued.notice.urgency is Urgency.BULK and not sure):
                await self._give_up(queued, doubts=int(not sure))
            else:
                pause = _after(queued.tries - CUT_OFF) if queued.tries >= CUT_OFF else timedelta(0)
                await self._outbox.postpone(queued, now, pause, doubts=int(not sure))
        return True

    def _is_sure(self, queued: Queued) -> bool:
        """Whether the next try says nothing twice."""
        return queued.notice.edits is not None or self._resend.repeats_nothing(_key(queued))


def _key(queued: Queued) -> Key:
    return Key("notice", queued.id)


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
