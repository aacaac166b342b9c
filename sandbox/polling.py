"""getUpdates: one poller at a time, long polls woken by an update."""

from __future__ import annotations

from typing import Final

import orjson

from sandbox.errors import ApiError
from sandbox.faults import DUPLICATES
from sandbox.schema import Params
from sandbox.updates import Update
from sandbox.world import World

OTHER_POLLER: Final = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
_ACTIVE_WEBHOOK: Final = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_MAX_TIMEOUT: Final = 50
_MAX_LIMIT: Final = 100


async def get_updates(world: World, params: Params) -> list[orjson.Fragment]:
    """Updates as JSON, after a long poll if there are none yet.

    A poll that waits is ended by the next one. Raises `ApiError` 409 then, and when a webhook is set.
    """
    world.updates.wake(OTHER_POLLER)
    if world.webhook.url:
        raise ApiError(409, _ACTIVE_WEBHOOK)
    if "allowed_updates" in params:
        world.updates.allow(params["allowed_updates"])
    offset, limit = params.get("offset", 0), min(max(params.get("limit", _MAX_LIMIT), 1), _MAX_LIMIT)
    found = world.updates.take(offset, limit)
    timeout = min(max(params.get("timeout", 0), 0), _MAX_TIMEOUT)
    if not found and timeout:
        if reason := await world.updates.arrival(timeout):
            raise ApiError(409, reason)
        found = world.updates.take(offset, limit)
    return _repeated(world, found)


def _repeated(world: World, updates: list[Update]) -> list[orjson.Fragment]:
    faults = world.faults.take("getUpdates", None, DUPLICATES) if updates else []
    times = max((fault.times for fault in faults), default=1)
    return [orjson.Fragment(update.raw) for update in updates for _ in range(times)]
