"""The sandbox as a server: Bot API, control API and the page on one port."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.api import MAX_BODY, BotApi
from sandbox.control import Control
from sandbox.origin import own_pages
from sandbox.state import Settings
from sandbox.webhook import Deliveries
from sandbox.world import World


class Sandbox:
    """`async with Sandbox() as sandbox:` serves `sandbox.world` at `sandbox.url`.

    `port` 0 takes a free one. Other pages (a bank, a mailbox) join through `app` and `links` before `start`.
    """

    def __init__(
        self,
        port: int = 0,
        token: str = "1234567:sandbox-token",  # noqa: S107 - nobody's token
        *,
        host: str = "127.0.0.1",
        username: str = "energy_sandbox_bot",
        flood: bool = False,
        settings: Settings | None = None,
    ) -> None:
        self.world = World(token, username=username, flood=flood, settings=settings)
        self.token = token
        self.host = host
        self.port = port
        self.links: list[dict[str, str]] = []
        self.app = web.Application(client_max_size=MAX_BODY, middlewares=[own_pages(host)])
        self._deliveries = Deliveries(self.world)
        self._runner: web.AppRunner | None = None
        BotApi(self.world).add_routes(self.app)
        Control(self.world, self.links).add_routes(self.app)

    @property
    def url(self) -> str:
        """`http://host:port`; the Bot API's base and the page's address."""
        return f"http://{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises `OSError` when the port is taken."""
        # Long polls and event streams never end by themselves; nothing else is worth waiting for.
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        await self._deliveries.start()

    async def stop(self) -> None:
        """Close the port; the world stays as it is."""
        await self._deliveries.stop()
        self.world.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
