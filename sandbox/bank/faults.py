"""The provider at its worst. A fault's `method` is a pattern of «POST /payments», or of a notification's event."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from sandbox.answers import as_json, reset, torn
from sandbox.bank.errors import Refusal, Unauthorized
from sandbox.faults import Fault

BEFORE: Final = (
    "delay",
    "hang",
    "reset_before",
    "http_status",
    "server_error",
    "too_many_requests",
    "unauthorized",
)
"""Nothing has happened. `delay` (`seconds`) goes on afterwards; `http_status` is a gateway's page (`status`, `body`);
`too_many_requests` has `retry_after` in milliseconds."""
AFTER: Final = ("delay_after", "reset_after", "server_error_after", "truncated_body", "garbled_body")
"""It has happened; only the answer is late, lost, wrong, cut short or not JSON."""
NOTIFICATIONS: Final = ("notification_delay", "notification_repeat", "notification_reorder", "notification_loss")
"""`notification_delay` (`seconds`); `notification_repeat` comes `times` times although it was taken;
`notification_reorder` waits until the next one was delivered; `notification_loss` never comes."""
KINDS: Final = (*BEFORE, *AFTER, *NOTIFICATIONS)

_LATE: Final = frozenset({"delay", "delay_after"})


async def play(request: web.Request, fault: Fault, answer: web.Response | None = None) -> web.StreamResponse | None:
    """The answer that the shop gets instead of `answer`; None: as if there were no fault. May wait."""
    if fault.kind in _LATE:
        await asyncio.sleep(fault.seconds)
        return None
    if fault.kind == "hang":
        await asyncio.Event().wait()
    if fault.kind in {"reset_before", "reset_after"}:
        return reset(request)
    if fault.kind == "truncated_body" and answer is not None:
        return await torn(request, answer)
    return _wrong(fault)


def refusal(error: Refusal) -> web.Response:
    """The provider's answer to a refused call."""
    return as_json(error.json(), error.status)


def _wrong(fault: Fault) -> web.Response:
    if fault.kind == "http_status":
        return web.Response(status=fault.status, text=fault.body, content_type="text/html")
    if fault.kind == "garbled_body":
        return web.Response(text='{"id": "', content_type="application/json")
    if fault.kind == "unauthorized":
        return refusal(Unauthorized())
    if fault.kind == "too_many_requests":
        return refusal(Refusal(429, "too_many_requests", "Too many requests", None, fault.retry_after))
    return refusal(Refusal(500, "internal_server_error", "Internal server error"))
