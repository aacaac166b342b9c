"""The provider's API over HTTP: `/yookassa/v3/…`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from aiohttp import web

from sandbox.answers import as_json
from sandbox.bank.errors import Invalid, NotFound, Refusal, Unauthorized
from sandbox.bank.faults import AFTER, BEFORE, play, refusal
from sandbox.bank.till import Till
from sandbox.faults import Fault, Faults
from sandbox.state import Json

ROOT: Final = "/yookassa/v3"
KEPT: Final = timedelta(hours=24)
"""How long a key is remembered."""
MAX_BODY: Final = 1024 * 1024
_KEY: Final = re.compile(r"[0-9a-zA-Z+\-_.]{1,64}")


@dataclass(slots=True)
class Call:
    """One request of the shop. `path` as in «/payments?limit=1»; `digest` is SHA-256 of the body as it came.

    `status` is what the shop got, None when it got nothing. `done`: whether the request was worked off, whatever
    the shop was told. `outcome`: «ok», «repeated», the refusal or the fault.
    """

    seq: int
    at: datetime
    method: str
    path: str
    key: str | None
    body: Any
    digest: str
    status: int | None = None
    done: bool = False
    outcome: str = ""

    def json(self) -> Json:
        """As the control API shows it."""
        return asdict(self)


@dataclass(slots=True)
class Remembered:
    """The first result under an idempotence key."""

    at: datetime
    request: list[Any]
    answer: Json


class Api:
    """Requests of the shop. `changed` is called after each that has changed anything."""

    def __init__(self, till: Till, faults: Faults, changed: Callable[[], None]) -> None:
        self._till = till
        self._faults = faults
        self._seen = 0
        self._changed = changed
        self.calls: deque[Call] = deque(maxlen=100_000)
        self.remembered: dict[str, Remembered] = {}
        self._routes: list[tuple[re.Pattern[str], Callable[..., Json]]] = [
            (re.compile(pattern), act)
            for pattern, act in (
                ("GET /me", lambda _, __: till.shop.json()),
                ("GET /payments", lambda request, _: till.list(request.query)),
                ("POST /payments", lambda request, body: self._shown(till.create(body, str(request.url.origin())))),
                ("GET /payments/([^/]+)", lambda _, __, id_: self._shown(till.find(id_))),
                ("POST /payments/([^/]+)/capture", lambda _, body, id_: self._shown(till.capture(id_, body))),
                ("POST /payments/([^/]+)/cancel", lambda _, body, id_: self._shown(till.cancel(id_, body))),
                ("POST /refunds", lambda _, body: till.refund(body).json()),
                ("GET /refunds/([^/]+)", lambda _, __, id_: till.find_refund(id_).json()),
            )
        ]

    def add_routes(self, app: web.Application) -> None:
        """Serve the API."""
        app.router.add_route("*", ROOT + "/{path:.*}", self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call: note it, let faults play, do it, answer."""
        body = await request.read()
        name = f"{request.method} /{request.match_info['path']}"
        call = self._note(request, body)
        for fault in self._faults.take(name, None, BEFORE):
            spoiled = await self._spoil(call, request, fault)
            if spoiled is not None:
                return spoiled
        answer = self._answer(request, name, body, call)
        for fault in self._faults.take(name, None, AFTER):
            spoiled = await self._spoil(call, request, fault, answer)
            if spoiled is not None:
                return spoiled
        return answer

    async def _spoil(
        self, call: Call, request: web.Request, fault: Fault, answer: web.Response | None = None
    ) -> web.StreamResponse | None:
        call.outcome = f"fault: {fault.kind}"
        spoiled = await play(request, fault, answer)
        if spoiled is not None:
            cut = fault.kind in {"reset_before", "reset_after", "truncated_body"}
            call.status = None if cut else spoiled.status
        return spoiled

    def _note(self, request: web.Request, body: bytes) -> Call:
        self._seen += 1
        path = request.path_qs.removeprefix(ROOT)
        key = request.headers.get("Idempotence-Key")
        digest = hashlib.sha256(body).hexdigest()
        call = Call(self._seen, self._till.now(), request.method, path, key, _parsed(body), digest)
        self.calls.append(call)
        return call

    def _answer(self, request: web.Request, name: str, body: bytes, call: Call) -> web.Response:
        try:
            self._authenticate(request)
            found, call.outcome = self._act(request, name, body)
        except Refusal as error:
            call.status, call.outcome = error.status, f"{error.code}: {error.description}"
            return refusal(error)
        call.status, call.done = 200, True
        return as_json(found)

    def _authenticate(self, request: web.Request) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        shop = self._till.shop
        expected = base64.b64encode(f"{shop.id}:{shop.secret_key}".encode())
        if scheme.lower() != "basic" or not hmac.compare_digest(given.encode(errors="replace"), expected):
            raise Unauthorized

    def _act(self, request: web.Request, name: str, body: bytes) -> tuple[Json, str]:
        act, ids = self._route(name)
        if request.method != "POST":
            return act(request, {}, *ids), "ok"
        key, asked = _key(request), _asked(request, body)
        known = self._remember(key)
        if known is None:
            answer = act(request, asked, *ids)
            self.remembered[key] = Remembered(self._till.now(), [name, asked], answer)
            self._changed()
            return answer, "ok"
        if known.request != [name, asked]:
            raise Invalid("Idempotence key duplicated", "Idempotence-Key")
        return known.answer, "repeated"

    def _route(self, name: str) -> tuple[Callable[..., Json], tuple[str, ...]]:
        for pattern, act in self._routes:
            if found := pattern.fullmatch(name):
                return act, found.groups()
        raise NotFound("Method", name)

    def _remember(self, key: str) -> Remembered | None:
        known = self.remembered.get(key)
        return known if known is not None and self._till.now() < known.at + KEPT else None

    def _shown(self, payment: Any) -> Json:
        shown: Json = payment.json(self._till.shop)
        return shown


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotence-Key")
    if key is None:
        raise Invalid("Idempotence key is missing", "Idempotence-Key")
    if not _KEY.fullmatch(key):
        raise Invalid("Idempotence key is 1 to 64 characters of 0-9a-zA-Z+-_.", "Idempotence-Key")
    return key


def _asked(request: web.Request, body: bytes) -> Json:
    if not body:
        return {}
    if len(body) > MAX_BODY or request.content_type != "application/json":
        raise Invalid("A JSON object is expected")
    asked = _parsed(body)
    if not isinstance(asked, dict):
        raise Invalid("A JSON object is expected")
    return {name: value for name, value in asked.items() if value is not None}


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
