"""The one HTTP server: health and metrics, the payment provider's notifications where there is one, and Telegram's
webhooks where they are chosen."""

from __future__ import annotations

import asyncio
import hmac
import os
import re
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.config import WebhookSettings, WebSettings, WrongSettings
from bot.inbox.intake import Intake
from bot.inbox.updates import read
from bot.web.connections import Connection, ConnectionLimits, OpenConnections, whole_requests
from bot.web.health import Health
from bot.web.metrics import Metrics
from services.payments.errors import ProviderUnavailable
from services.payments.settling import Settlement

LARGEST_BODY = 1024 * 1024  # bytes; Telegram's updates are a few kilobytes
LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"
NOTIFICATIONS = "/yookassa"
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
log = structlog.get_logger("web")
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class WebServer:
    def __init__(self, settings: WebSettings, routes: Iterable[web.RouteDef], limits: ConnectionLimits) -> None:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[whole_requests])
        app.add_routes(routes)
        self._limits = limits
        self._host, self._port = settings.host, settings.port
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens; with port 0 in the settings only this tells."""
        assert self._listener is not None, "it does not listen"  # noqa: S101
        host, port = self._listener.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Raises WrongSettings when the port is taken or the host is not ours."""
        await self._runner.setup()
        open_ones, server = OpenConnections(self._limits.most), self._runner.server
        assert server is not None, "it was set up"  # noqa: S101
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                partial(Connection, open_ones, self._limits, server), self._host, self._port
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise WrongSettings(f"WEB_PORT: cannot listen at {self._host}:{self._port}: {reason}") from None

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
        await self._runner.cleanup()


def health_routes(health: Health) -> list[web.RouteDef]:
    async def live(_: web.Request) -> web.Response:
        return _json({"live": True})

    async def ready(_: web.Request) -> web.Response:
        condition = await health.condition()
        return _json(condition.json(), 200 if condition.ready else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await health.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get(LIVE, live), web.get(READY, ready), web.get(METRICS, metrics)]


def webhook_route(intake: Intake, metrics: Metrics, url: str, secret: str) -> web.RouteDef:
    """Where Telegram's updates arrive: answered only when the update is committed, or put aside where it cannot be
    read. A body without an update's number is none of Telegram's."""

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, secret.encode()):
            return web.Response(status=401)
        try:
            update = read(await request.read())
        except ValueError:
            return web.Response(status=400)
        await intake.accept([update])
        metrics.heard()
        return web.Response()

    return web.post(urlsplit(url).path or "/", receive)


def notification_route(settlement: Settlement) -> web.RouteDef:
    """Where the payment provider says that something has changed. It is no proof of anything, so whatever comes is
    answered with 200 once it can be read: what is not taken up now is asked about by the clock."""

    async def receive(request: web.Request) -> web.Response:
        try:
            external_id, key = _named(orjson.loads(await request.read()))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return web.Response(status=400)
        try:
            await settlement.take_notification(external_id, key)
        except ProviderUnavailable:
            log.debug("a notification about a payment came while its provider cannot be asked")
        except Exception:
            log.exception("a notification about a payment was not taken up")
        return web.Response()

    return web.post(NOTIFICATIONS, receive)


def _named(body: dict[str, Any]) -> tuple[str, str]:
    """The provider's id of the payment that a notification is about, and our key of it, which may be missing."""
    about = body["object"]
    named = about.get("payment_id") if str(body.get("event", "")).startswith("refund.") else about["id"]
    if not isinstance(named, str) or not _ID.fullmatch(named):
        raise TypeError
    key = (about.get("metadata") or {}).get("order", "")
    return named, key if isinstance(key, str) else ""


def webhook_of(settings: WebhookSettings) -> tuple[str, str]:
    """Address and secret. Raises WrongSettings."""
    if settings.url is None or settings.secret is None:
        raise WrongSettings("BOT_MODE=webhook needs WEBHOOK_URL and WEBHOOK_SECRET")
    if unquote(urlsplit(settings.url).path) in {LIVE, READY, METRICS, NOTIFICATIONS}:
        raise WrongSettings("WEBHOOK_URL: its path is taken by the bot for something else, choose another")
    return settings.url, settings.secret.get_secret_value()


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
