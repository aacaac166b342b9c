"""Faults over a control API: what is on, exactly these, none."""

from __future__ import annotations

from aiohttp import web

from sandbox.answers import Handler, as_json, json_body
from sandbox.errors import Refused
from sandbox.faults import Faults


class Switches:
    """Requests about the faults of one server."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def routes(self, path: str) -> tuple[tuple[str, str, Handler], ...]:
        """Method, path and handler of each."""
        return ("GET", path, self.show), ("PUT", path, self.set), ("DELETE", path, self.clear)

    async def show(self, _: web.Request) -> web.Response:
        """The faults that are on."""
        return as_json(self._faults.json())

    async def set(self, request: web.Request) -> web.Response:
        """Exactly these faults from now on."""
        wanted = await json_body(request)
        if not isinstance(wanted, list) or not all(isinstance(one, dict) and "kind" in one for one in wanted):
            raise Refused("a list of {kind, …} is expected")
        self._faults.clear()
        for one in wanted:
            self._faults.add(**one)
        return as_json(self._faults.json())

    async def clear(self, _: web.Request) -> web.Response:
        """No faults from now on."""
        self._faults.clear()
        return as_json([])
