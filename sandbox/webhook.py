"""Updates pushed to the bot's URL: messages of a chat in order, different chats and kinds side by side, until a 2xx."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

import aiohttp
import orjson

from sandbox import methods
from sandbox.errors import ApiError
from sandbox.faults import DUPLICATES
from sandbox.state import Webhook
from sandbox.updates import Update
from sandbox.world import World

_MAX_PAUSE: Final = 60.0


_Line = tuple[str, int]


def _line(update: Update) -> _Line:
    """Updates that wait for each other. As at Telegram, a press may overtake the messages of its chat."""
    return ("message" if update.kind == "edited_message" else update.kind), update.queue


class Deliveries:
    """The webhook's side of the queue."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queues: dict[_Line, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(1)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Follow the world's webhook."""
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self._world.updates.listener = self._push
        self._world.webhook_changed = self._restart
        self._restart()

    async def stop(self) -> None:
        """Stop delivering; what was not delivered stays in the queue."""
        self._world.updates.listener = None
        self._world.webhook_changed = lambda: None
        tasks = self._cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _cancel(self) -> list[asyncio.Task[None]]:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        self._queues.clear()
        return tasks

    def _restart(self) -> None:
        self._cancel()
        self._slots = asyncio.Semaphore(self._world.webhook.max_connections)
        if self._world.webhook.url:
            for update in self._world.updates.waiting():
                self._push(update)

    def _push(self, update: Update) -> None:
        if not self._world.webhook.url:
            return
        key = _line(update)
        queue = self._queues.get(key)
        if queue is not None:
            queue.append(update)
            return
        self._queues[key] = queue = deque([update])
        task = asyncio.get_running_loop().create_task(self._drain(key, queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: _Line, queue: deque[Update]) -> None:
        webhook = self._world.webhook
        while queue:
            await self._deliver(webhook, queue[0])
            queue.popleft()
        del self._queues[key]

    async def _deliver(self, webhook: Webhook, update: Update) -> None:
        pause = self._world.settings.webhook_backoff
        faults = self._world.faults.take("webhook", None, DUPLICATES)
        for _ in range(max((fault.times for fault in faults), default=1)):
            while not await self._taken(webhook, update):
                await asyncio.sleep(pause)
                pause = min(pause * 2, _MAX_PAUSE)
        self._world.updates.confirm(update.update_id)

    async def _taken(self, webhook: Webhook, update: Update) -> bool:
        """Post once; whether the answer was 2xx."""
        try:
            async with self._slots:
                status, reason, body = await self._post(webhook, update)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return self._failed(webhook, str(error) or type(error).__name__)
        if not 200 <= status < 300:
            return self._failed(webhook, f"Wrong response from the webhook: {status} {reason}")
        self._run_reply(body)
        return True

    async def _post(self, webhook: Webhook, update: Update) -> tuple[int, str, bytes]:
        assert self._session is not None  # noqa: S101 - started before the first update
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        timeout = aiohttp.ClientTimeout(total=self._world.settings.webhook_timeout)
        async with self._session.post(webhook.url, data=update.raw, headers=headers, timeout=timeout) as answer:
            return answer.status, answer.reason or "", await answer.read()

    def _failed(self, webhook: Webhook, message: str) -> bool:
        webhook.last_error_date = int(self._world.now())
        webhook.last_error_message = message
        self._world.emit("webhook_failed", message=message)
        return False

    def _run_reply(self, body: bytes) -> None:
        """Do the method call that an answer may carry; its outcome is told to nobody, as in Telegram."""
        try:
            given: Any = orjson.loads(body or b"null")
        except orjson.JSONDecodeError:
            return
        if not isinstance(given, dict) or given.get("method") not in methods.METHODS:
            return
        method = given.pop("method")
        try:
            methods.call(self._world, method, given)
        except ApiError:
            return
