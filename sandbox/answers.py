"""Answers of all servers of the sandbox: bodies as JSON, refusals, connections that break."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from sandbox.errors import Refused
from sandbox.state import Json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def as_json(body: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def refusing(handler: Handler, *refusals: type[Exception]) -> Handler:
    """These as 400 `{"error": sentence}`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except refusals as error:
            return as_json({"error": str(error)}, 400)

    return answer


async def json_body(request: web.Request) -> Any:
    """Nothing at all is an empty object. Raises `Refused`."""
    if (request.content_length or 0) > request.client_max_size:
        raise Refused("the body is too large")
    try:
        return orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError:
        raise Refused("the body is not JSON") from None


async def json_object(request: web.Request) -> Json:
    """Raises `Refused`."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise Refused("a JSON object is expected")
    return body


def reset(request: web.Request) -> web.Response:
    """Cut the connection; the response goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def torn(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Half of the answer's body, and then the end of the connection."""
    body = answer.body if isinstance(answer.body, bytes) else b""
    half = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
