"""Pages from elsewhere do not act here. The demo's address and the sandbox's token are known to everybody, and a
browser posts wherever the page that it shows tells it to."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.answers import Handler, as_json

_READING: Final = frozenset({"GET", "HEAD"})
_OWN: Final = frozenset({"same-origin", "none"})
"""Browsers' words for a request of the page itself, and for one that a person made."""


def own_pages(host: str) -> Middleware:
    """A middleware for a server that listens at `host`. Programs, which name no page, are let in."""
    names = {"localhost", host.lower(), *_names_of_this_machine()}

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _is_ours(request.host, names):
            return as_json({"error": f"this is not {request.host}"}, 403)  # a name that somebody rebinds to here
        if _acts(request) and _is_foreign(request):
            return as_json({"error": "this came from a page of elsewhere"}, 403)
        return await handler(request)

    return check


def _names_of_this_machine() -> set[str]:
    name = socket.gethostname().lower()
    return {name, f"{name}.local", socket.getfqdn().lower()}


def _is_ours(host: str, names: set[str]) -> bool:
    """An address cannot be rebound; of names only this machine's are ours."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name in names or name.endswith(".localhost") or bool(ip_address(name))
    except ValueError:
        return False


def _acts(request: web.Request) -> bool:
    """Methods of the Bot API act by GET, too."""
    return request.method not in _READING or request.path.startswith("/bot")


def _is_foreign(request: web.Request) -> bool:
    """By the browser's own headers, of which only `Origin` comes over http from another machine, with posts."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site not in _OWN
    return origin is not None and origin != f"{request.scheme}://{request.host}"
