"""Where Telegram's webhooks arrive: answered only when the update is committed."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from bot.config import WebhookSettings, WebSettings, WrongSettings
from bot.intake import Intake

LARGEST_BODY = 1024 * 1024  # bytes; Telegram's updates are a few kilobytes
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


def webhook_app(intake: Intake, url: str, secret: str) -> web.Application:
    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, secret.encode()):
            return web.Response(status=401)
        try:
            update = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            return web.Response(status=400)
        await intake.accept([update])
        return web.Response()

    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_post(urlsplit(url).path or "/", receive)
    return app


async def serve(app: web.Application, settings: WebSettings) -> web.AppRunner:
    """A server that runs until its runner is cleaned up. Raises OSError when the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    return runner


def webhook_of(settings: WebhookSettings) -> tuple[str, str]:
    """Address and secret. Raises WrongSettings."""
    if settings.url is None or settings.secret is None:
        raise WrongSettings("BOT_MODE=webhook needs WEBHOOK_URL and WEBHOOK_SECRET")
    return settings.url, settings.secret.get_secret_value()
