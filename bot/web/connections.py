"""Connections to the HTTP server: slow and half-sent requests take neither its descriptors nor its time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Times are in seconds."""

    most: int = 300  # connections; a process usually has 1,024 descriptors
    head: float = 10.0  # from a request's first byte until all of its head is there
    body: float = 10.0  # for its body
    idle: float = 75.0  # that a connection may wait for its next request: longer than a reverse proxy keeps it
    linger: float = 2.0  # for the rest of a request that was answered before it had come


class Connection(web.RequestHandler):
    """A connection. It serves from the moment at which a whole request has come until that is answered."""

    serving = False

    def __init__(self, open_ones: OpenConnections, limits: ConnectionLimits, server: web.Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=limits.idle,
            lingering_time=limits.linger,
            access_log=None,  # type: ignore[arg-type]  # none, as web.AppRunner says it
        )
        self.limits = limits
        self._open = open_ones
        self._alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._open.enter(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._open.leave(self)
        self.heard()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._alarm is None and not self.serving:
            self._alarm = asyncio.get_running_loop().call_later(self.limits.head, self.force_close)
        super().data_received(data)

    def log_exception(self, *words: Any, **details: Any) -> None:
        """Bytes that are no request are answered with 400, and are no error of ours."""
        if not isinstance(details.get("exc_info"), HttpProcessingError | web.RequestPayloadError):
            super().log_exception(*words, **details)

    def heard(self) -> None:
        """The head of a request is there."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


class OpenConnections:
    """At most `most` connections. Where one more comes, the one gives way that has waited longest for its request to
    be whole: a request that is sent at once is served, however many others hang."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._connections: dict[Connection, None] = {}

    def enter(self, connection: Connection) -> None:
        self._connections[connection] = None
        if len(self._connections) > self._most:
            leaver = next((one for one in self._connections if not one.serving), connection)
            self.leave(leaver)
            leaver.force_close()

    def leave(self, connection: Connection) -> None:
        self._connections.pop(connection, None)


@web.middleware
async def whole_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nothing is done before all of a request is there."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        raise TypeError(type(connection).__name__)
    connection.heard()
    try:
        async with asyncio.timeout(connection.limits.body):
            await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (web.RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest from None
    connection.serving = True
    try:
        return await handler(request)
    finally:
        connection.serving = False
