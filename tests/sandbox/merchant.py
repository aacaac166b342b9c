"""A shop reduced to its calls of the payment provider, and the URL where it is notified."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

import aiohttp
from aiohttp import web

from sandbox.bank import Shop

Json = dict[str, Any]
Answer = tuple[int, Json]

RETURN_URL = "https://t.me/energy_sandbox_bot?start=pay_abc"


class HandClock:
    """Stands until a test moves it."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 7, 14, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)


class Merchant:
    """Calls the API at `root`."""

    def __init__(self, root: str, shop: Shop, http: aiohttp.ClientSession) -> None:
        self.root = root
        self.http = http
        self.headers = {"Authorization": aiohttp.encode_basic_auth(shop.id, shop.secret_key)}

    async def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> Answer:
        """Status and body; a key of its own unless one is given, "" for none at all."""
        keyed = {} if key == "" else {"Idempotence-Key": key or str(uuid4())}
        async with self.http.post(self.root + path, json=body, headers=self.headers | keyed | headers) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, **query: str) -> Answer:
        async with self.http.get(self.root + path, params=query, headers=self.headers) as answer:
            return answer.status, await answer.json()

    async def create(self, value: str = "100.00", **changes: Any) -> Json:
        """A payment that must be taken."""
        status, payment = await self.post("/payments", asked(value, **changes))
        assert status == 200, payment
        return payment

    async def payment(self, payment_id: str) -> Json:
        status, payment = await self.get(f"/payments/{payment_id}")
        assert status == 200, payment
        return payment


def roubles(value: str) -> Json:
    return {"value": value, "currency": "RUB"}


def asked(value: str = "100.00", **changes: Any) -> Json:
    """The body of a payment in one stage by redirect; None takes a field out."""
    body = {
        "amount": roubles(value),
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": RETURN_URL},
        "description": "Электроэнергия",
        "metadata": {"payment_id": "7"},
        **changes,
    }
    return {name: one for name, one in body.items() if one is not None}


def order(value: str = "100.00", **changes: Any) -> Json:
    """A payment order of utilities with the requisites of samples/supplier.toml; None takes a field out."""
    bank = {
        "name": "ПАО «Банк Пример»",
        "bic": "044525225",
        "account": "40702810138250123017",
        "correspondent_account": "30101810400000000225",
    }
    body = {
        "type": "utilities",
        "amount": roubles(value),
        "payment_purpose": "Оплата ЖКУ;ЛС 360000123456;ПРД 11.2026",
        "recipient": {"name": "АО «Пример Энергосбыт»", "inn": "7700000009", "kpp": "770001001", "bank": bank},
        "account_number": "360000123456",
        **changes,
    }
    return {name: one for name, one in body.items() if one is not None}


def receipt(*items: Json, **customer: str) -> Json:
    return {"customer": customer or {"email": "maria@example.org"}, "items": list(items)}


def item(price: str = "100.00", quantity: Any = 1, **changes: Any) -> Json:
    return {"description": "Энергия", "quantity": quantity, "amount": roubles(price), "vat_code": 11, **changes}


class Receiver:
    """`async with Receiver() as receiver:` takes notifications at `receiver.url`.

    `answers` are the statuses of the next ones, 200 when there are none left.
    """

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.got: list[Json] = []
        self.answers: deque[int] = deque()
        self.url = ""
        self._runner = self._make()

    def _make(self) -> web.AppRunner:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/yookassa", self._take)
        return web.AppRunner(app, access_log=None, shutdown_timeout=0.05)

    async def _take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        if request.content_type == "application/json" and self.bodies[-1].startswith(b"{"):
            self.got.append(await request.json())
        status = self.answers.popleft() if self.answers else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    @property
    def events(self) -> list[str]:
        return [one["event"] for one in self.got]

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/yookassa"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
