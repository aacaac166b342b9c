"""The Bot API over HTTP: `/bot{token}/{method}` and `/file/bot{token}/{path}`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from aiohttp import BodyPartReader, web

from sandbox import faults, methods, schema
from sandbox.answers import as_json, reset, torn
from sandbox.errors import ApiError, BadRequest, TooManyRequests
from sandbox.faults import Fault
from sandbox.files import MAX_DOWNLOAD
from sandbox.polling import OTHER_POLLER, get_updates
from sandbox.schema import Upload
from sandbox.world import World

MAX_BODY: Final = 55 * 1024 * 1024
_NAMES: Final = {name.lower(): name for name in (*methods.METHODS, "getUpdates")}
_TOO_LARGE: Final = ApiError(413, "Request Entity Too Large")


class BotApi:
    """Requests of the bot."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        """Serve the methods and the files."""
        app.router.add_route("*", "/bot{token}/{method}", self.handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self.download)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call: read it, let faults play, do it, answer."""
        try:
            method = self._method(request)
            given, uploads = await read_request(request)
        except ApiError as error:
            return refusal(error)
        chat_id = _chat_id(given)
        for fault in self._world.faults.take(method, chat_id, faults.BEFORE):
            response = await self._before(request, fault, method, given)
            if response is not None:
                return response
        answer = await self._answer(method, given, uploads)
        for fault in self._world.faults.take(method, chat_id, faults.AFTER):
            return await _spoil(request, fault, answer)
        return answer

    def _method(self, request: web.Request) -> str:
        """The name as Telegram writes it; any case is taken."""
        self._check_token(request)
        method = _NAMES.get(request.match_info["method"].lower())
        if method is None:
            raise ApiError(404, "Not Found")
        return method

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self._world.token:
            raise ApiError(401, "Unauthorized")

    async def _answer(self, method: str, given: Mapping[str, Any], uploads: Mapping[str, Upload]) -> web.Response:
        try:
            if method == "getUpdates":
                result: Any = await self._get_updates(given)
            else:
                result = methods.call(self._world, method, given, uploads)
        except ApiError as error:
            return refusal(error)
        return as_json({"ok": True, "result": result})

    async def _get_updates(self, given: Mapping[str, Any]) -> list[orjson.Fragment]:
        try:
            params = schema.read("getUpdates", given)
            found = await get_updates(self._world, params)
        except ApiError as error:
            self._world.record("getUpdates", dict(given), error.description)
            raise
        self._world.record("getUpdates", params, None)
        return found

    async def _before(
        self,
        request: web.Request,
        fault: Fault,
        method: str,
        given: Mapping[str, Any],
    ) -> web.Response | None:
        """Play a fault that comes before the call has an effect; None when the call goes on."""
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            return None
        self._world.record(method, dict(given), f"fault: {fault.kind}")
        if fault.kind == "hang":
            await asyncio.Event().wait()
        if fault.kind == "reset_before":
            return reset(request)
        if fault.kind == "http_status":
            return web.Response(status=fault.status, text=fault.body, content_type="text/html")
        if fault.kind == "json_5xx":
            return as_json({"ok": False, "error_code": 500}, 500)
        return refusal(_fault_error(fault))

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The bytes behind a `file_path`."""
        try:
            self._check_token(request)
        except ApiError as error:
            return refusal(error)
        for fault in self._world.faults.take("download", None, faults.BEFORE):
            response = await self._before(request, fault, "download", request.match_info)
            if response is not None:
                return response
        file = self._world.files.at(request.match_info["path"])
        if file is None or len(file.data) > MAX_DOWNLOAD:
            return refusal(ApiError(404, "Not Found"))
        return web.Response(body=file.data, content_type="application/octet-stream")


def _fault_error(fault: Fault) -> ApiError:
    if fault.kind == "unauthorized":
        return ApiError(401, "Unauthorized")
    if fault.kind == "conflict":
        return ApiError(409, OTHER_POLLER)
    return TooManyRequests(fault.retry_after)


def refusal(error: ApiError) -> web.Response:
    """The answer to a refused call."""
    return as_json(error.json(), error.code)


async def _spoil(request: web.Request, fault: Fault, answer: web.Response) -> web.StreamResponse:
    """Play a fault that comes after the call had its effect."""
    return reset(request) if fault.kind == "reset_after" else await torn(request, answer)


def _chat_id(given: Mapping[str, Any]) -> int | None:
    value = str(given.get("chat_id", ""))
    return int(value) if value.removeprefix("-").isdecimal() else None


# Bodies


async def read_request(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Parameters of the query and the body, and the files by their field's name. Raises `ApiError`."""
    given: dict[str, Any] = dict(request.query) if request.query_string else {}
    if not request.can_read_body:
        return given, {}
    if (request.content_length or 0) > MAX_BODY:
        raise _TOO_LARGE
    if request.content_type == "multipart/form-data":
        texts, uploads = await _multipart(request)
        return given | texts, uploads
    reader = _READERS.get(request.content_type)
    return (given | reader(await request.read()) if reader else given), {}


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise BadRequest("can't parse JSON object")
    return found


def _read_form(body: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise BadRequest("strings must be encoded in UTF-8") from None


_READERS: Final = {"application/json": _read_json, "application/x-www-form-urlencoded": _read_form}


async def _multipart(request: web.Request) -> tuple[dict[str, str], dict[str, Upload]]:
    texts: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    read = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):  # a multipart inside a multipart
            raise BadRequest("can't parse the request body")
        data = bytes(await part.read())
        read += len(data)
        if read > MAX_BODY:
            raise _TOO_LARGE
        name = part.name or ""
        if part.filename is not None:
            # Several files may come under one name, as a page's form sends them.
            uploads[f"{name}#{len(uploads)}" if name in uploads else name] = Upload(
                part.filename, part.headers.get("Content-Type", ""), data
            )
        else:
            texts[name] = _decoded(data)
    return texts, uploads


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise BadRequest("strings must be encoded in UTF-8") from None
