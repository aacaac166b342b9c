"""Notifications: pushed to the shop's URL, again and again until it answers 200, for a limited number of times.

They promise neither order nor that they come once, and carry no signature: anybody can send one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final, Literal

import aiohttp
import orjson

from sandbox.bank.faults import NOTIFICATIONS
from sandbox.faults import Fault, Faults
from sandbox.state import Json

State = Literal["waiting", "held", "delivered", "given up", "lost", "nowhere"]
_LONGEST_PAUSE: Final = 600.0


@dataclass(slots=True)
class Notification:
    """`answers` are the statuses that the shop gave, or the names of what came between.

    `nowhere`: there was no URL. `held`: waits for a later one to overtake it.
    """

    event: str
    body: bytes
    content_type: str = "application/json"
    forged: bool = False
    state: State = "waiting"
    answers: list[str] = field(default_factory=list)
    tried: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def object_id(self) -> str | None:
        """The payment or refund it is about, None for a forged one."""
        return None if self.forged else str(orjson.loads(self.body)["object"]["id"])

    def json(self) -> Json:
        """As the control API shows it."""
        text = self.body[:10_000].decode(errors="replace")
        return {
            "event": self.event,
            "state": self.state,
            "forged": self.forged,
            "answers": self.answers,
            "body": text,
        }


class Notifications:
    """Sent and unsent. Times in seconds: `backoff` is the first pause after a failure, doubled each time."""

    def __init__(self, faults: Faults) -> None:
        self.url: str | None = None
        self.backoff = 1.0
        self.tries = 10
        self.timeout = 30.0
        self.all: list[Notification] = []
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def send(self, event: str, about: Json) -> Notification:
        """Announce what has just happened; returns at once."""
        body = orjson.dumps({"type": "notification", "event": event, "object": about})
        return self._begin(Notification(event, body), self._faults.take(event, None, NOTIFICATIONS))

    def repeat(self, notification: Notification) -> Notification:
        """The same body once more."""
        return self._begin(Notification(notification.event, notification.body), ())

    def forge(self, body: bytes, content_type: str = "application/json") -> Notification:
        """A forged notification: any body, posted once."""
        return self._begin(Notification("", body, content_type, forged=True), ())

    async def settled(self) -> None:
        """Return when nothing is under way: all are delivered, given up, held or lost."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def release(self) -> None:
        """Let those go that wait for a later one."""
        for one in self.all:
            if one.state == "held":
                one.state = "waiting"
                self._start(one, 0.0, 1)

    async def close(self) -> None:
        """Stop; what is not delivered stays so."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _begin(self, notification: Notification, faults: Iterable[Fault]) -> Notification:
        on = {fault.kind: fault for fault in faults}
        self.all.append(notification)
        if self.url is None:
            notification.state = "nowhere"
        elif "notification_loss" in on:
            notification.state = "lost"
        elif "notification_reorder" in on:
            notification.state = "held"
        else:
            late, repeated = on.get("notification_delay"), on.get("notification_repeat")
            self._start(notification, late.seconds if late else 0.0, repeated.times if repeated else 1)
        if notification.state != "waiting" or "notification_delay" in on:
            notification.tried.set()
        return notification

    def _start(self, notification: Notification, delay: float, times: int) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(notification, delay, times))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: notification.tried.set())

    async def _deliver(self, notification: Notification, delay: float, times: int) -> None:
        await asyncio.sleep(delay)
        taken = all([await self._insist(notification) for _ in range(times)])
        notification.state = "delivered" if taken else "given up"
        self.release()

    async def _insist(self, notification: Notification) -> bool:
        pause = self.backoff
        for left in reversed(range(1 if notification.forged else self.tries)):
            answer = await self._post(notification)
            notification.answers.append(answer)
            notification.tried.set()
            if answer == "200":
                return True
            if left:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        return False

    async def _post(self, notification: Notification) -> str:
        """Once; the status of the answer, or what came between."""
        if self.url is None:  # taken away meanwhile
            return "nowhere"
        if self._session is None:
            self._session = aiohttp.ClientSession()
        headers = {"Content-Type": notification.content_type}
        timeout = aiohttp.ClientTimeout(total=self.timeout)
        try:
            async with self._session.post(
                self.url, data=BytesIO(notification.body), headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                return str(answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return type(error).__name__
