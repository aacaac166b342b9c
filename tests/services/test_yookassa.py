"""The payment provider's adapter over HTTP: what it asks for, what it believes, and how it takes a bad answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest
from aiohttp import web

from sandbox import bank
from sandbox.bank import Bank
from sandbox.server import Sandbox
from services.payments.errors import ProviderRefused, ProviderUnavailable
from services.payments.models import Order, OrderStatus, Transaction
from services.payments.requisites import Requisites
from services.supplier.models import Month
from services.yookassa import ReceiptCodes, Shop, YooKassa

ACCOUNT: Final = "360000123456"
NOW: Final = datetime(2026, 11, 23, 7, 14, tzinfo=UTC)
RECEIPT: Final = ReceiptCodes(11, "service", "full_payment", "another")
REQUISITES: Final = Requisites(
    name="АО «Пример Энергосбыт»",
    personal_acc="40702810138250123017",
    bank_name="ПАО «Банк Пример»",
    bic="044525225",
    corresp_acc="30101810400000000225",
    payee_inn="7700000009",
    purpose="Электроэнергия",
    kpp="770001001",
)
ORDER: Final = Order("a" * 24, "О-2611-00001", 1, ACCOUNT, 123456, NOW)
UNKNOWN: Final[dict[str, dict[str, Any]]] = {
    "reset before": {"kind": "reset_before"},
    "reset after": {"kind": "reset_after"},
    "500 before": {"kind": "server_error"},
    "500 after": {"kind": "server_error_after"},
    "502 of a gateway": {"kind": "http_status"},
    "200 of a gateway": {"kind": "http_status", "status": 200},
    "401": {"kind": "unauthorized"},
    "429": {"kind": "too_many_requests", "retry_after": 1000},
    "cut short": {"kind": "truncated_body"},
    "garbled": {"kind": "garbled_body"},
    "redirected": {"kind": "http_status", "status": 302},
    "hang": {"kind": "hang"},
}


class _Bank(Bank):
    url = ""


@asynccontextmanager
async def running(**shop: Any) -> AsyncIterator[_Bank]:
    sandbox = Sandbox()
    till = _Bank(clock=lambda: NOW, shop=bank.Shop(**shop))
    till.add_routes(sandbox.app)
    async with sandbox:
        till.url = f"{sandbox.url}/yookassa/v3"
        yield till


@asynccontextmanager
async def connected(
    till: _Bank, requisites: Requisites | None = REQUISITES, timeout: float = 35, **settings: Any
) -> AsyncIterator[YooKassa]:
    shop = Shop(till.url, till.shop.id, till.shop.secret_key, till.shop.utility)
    adapter = YooKassa(replace(shop, **settings), requisites, timeout=httpx.Timeout(timeout))
    try:
        yield adapter
    finally:
        await adapter.close()


def asked(adapter: YooKassa, order: Order = ORDER, email: str | None = None) -> Order:
    body = adapter.request(order, Month(2026, 11), "https://t.me/bot?start=pay_x", email, "ru")
    return replace(order, request=body)


# Requests


@pytest.mark.parametrize(("kopecks", "value"), [(100, "1.00"), (101, "1.01"), (10, "0.10"), (10_000_000, "100000.00")])
async def test_sums_go_as_texts_with_two_decimals(kopecks: int, value: str) -> None:
    async with running(utility=True) as till, connected(till) as adapter:
        seen = await adapter.create(asked(adapter, replace(ORDER, kopecks=kopecks)))
        [call] = till.calls
    assert call.body["amount"] == call.body["payment_order"]["amount"] == {"value": value, "currency": "RUB"}
    assert (seen.kopecks, seen.currency) == (kopecks, "RUB")


async def test_a_payment_of_utilities_has_its_order() -> None:
    async with running(utility=True) as till, connected(till) as adapter:
        seen = await adapter.create(asked(adapter))
        [payment] = till.payments
    assert seen == Transaction(payment.id, ORDER.key, OrderStatus.PENDING, 123456, "RUB", payment.page)
    assert payment.asked["payment_order"] == {
        "type": "utilities",
        "amount": {"value": "1234.56", "currency": "RUB"},
        "payment_purpose": "Электроэнергия, л/с 360000123456, 11.2026",
        "recipient": {
            "name": "АО «Пример Энергосбыт»",
            "inn": "7700000009",
            "kpp": "770001001",
            "bank": {
                "name": "ПАО «Банк Пример»",
                "bic": "044525225",
                "account": "40702810138250123017",
                "correspondent_account": "30101810400000000225",
            },
        },
        "account_number": ACCOUNT,
        "payment_period": {"month": 11, "year": 2026},
    }
    assert payment.asked["metadata"] == {"order": ORDER.key, "number": ORDER.number}
    assert len(payment.asked["description"]) <= 128


async def test_who_has_no_kpp_sends_none() -> None:
    async with running() as till, connected(till, replace(REQUISITES, kpp=""), utility=True) as adapter:
        assert "kpp" not in asked(adapter).request["payment_order"]["recipient"]


async def test_an_ordinary_shop_sends_no_payment_order() -> None:
    async with running() as till, connected(till, None) as adapter:
        await adapter.create(asked(adapter, email="maria@mail.ru"))
        [payment] = till.payments
    assert not {"payment_order", "receipt"} & payment.asked.keys()


@pytest.mark.parametrize("tax_system", [None, 2])
async def test_a_receipt_is_of_the_whole_sum(tax_system: int | None) -> None:
    rules = replace(RECEIPT, tax_system_code=tax_system)
    async with running(fiscalization=True) as till, connected(till, receipt=rules) as adapter:
        assert adapter.wants_email
        await adapter.create(asked(adapter, email="maria@mail.ru"))
        [payment] = till.payments
    receipt = payment.asked["receipt"]
    assert receipt["customer"] == {"email": "maria@mail.ru"}
    assert receipt.get("tax_system_code") == tax_system
    assert receipt["items"] == [
        {
            "description": "Электроэнергия, лицевой счёт 360000123456",
            "quantity": 1,
            "amount": {"value": "1234.56", "currency": "RUB"},
            "vat_code": 11,
            "payment_subject": "service",
            "payment_mode": "full_payment",
            "measure": "another",
        }
    ]


async def test_all_attempts_have_one_key_and_equal_bodies_and_make_one_payment() -> None:
    """However the request was kept meanwhile."""
    async with running(utility=True) as till, connected(till) as adapter:
        order = asked(adapter)
        first = await adapter.create(order)
        kept = json.loads(json.dumps(dict(reversed(list(order.request.items())))))
        assert await adapter.create(replace(order, request=kept)) == first
        assert len(till.payments) == 1
        assert {(call.key, call.digest) for call in till.calls} == {(ORDER.key, till.calls[0].digest)}
        assert till.calls[0].digest == hashlib.sha256(_sent(kept)).hexdigest()


def _sent(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()


# Bad answers


@pytest.mark.parametrize("name", UNKNOWN)
async def test_without_a_clear_answer_nobody_knows(name: str) -> None:
    async with running() as till, connected(till, None, timeout=0.5) as adapter:
        order, fault = asked(adapter), UNKNOWN[name]
        till.faults.add(**fault)
        with pytest.raises(ProviderUnavailable):
            await adapter.create(order)
        with pytest.raises(ProviderUnavailable):
            await adapter.get("2d1f4c6e-000f-5000-8000-1e2f3a4b5c6d")
        with pytest.raises(ProviderUnavailable):
            _ = [one async for one in adapter.since(NOW)]
        till.faults.clear()
        await adapter.create(order)
        assert len(till.payments) == 1


async def test_nobody_listens() -> None:
    shop = Shop("http://127.0.0.1:9/v3", "1", "test_x", utility=False)
    adapter = YooKassa(shop, None)
    try:
        for ask in (adapter.create(asked(adapter)), adapter.get("x"), adapter.check()):
            with pytest.raises(ProviderUnavailable):
                await ask
    finally:
        await adapter.close()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 415])
async def test_a_clear_no_names_the_provider_s_code_and_nothing_of_the_customer_s(status: int) -> None:
    error = {"type": "error", "code": "invalid_request", "parameter": "receipt.customer.email",
             "description": "maria@mail.ru is no address"}  # fmt: skip
    async with answering(status, json.dumps(error)) as adapter:
        with pytest.raises(ProviderRefused) as refused:
            await adapter.create(asked(adapter))
        assert refused.value.facts == {"reason": f"{status} invalid_request receipt.customer.email"}
        if status != 404:
            with pytest.raises(ProviderUnavailable):
                await adapter.get("x")
        with pytest.raises(ProviderUnavailable):
            _ = [one async for one in adapter.since(NOW)]
        assert await adapter.check() == f"it answers {status} invalid_request receipt.customer.email"


@pytest.mark.parametrize("body", ["<html>", "[]", "null", '{"code": null}', '{"code": {"a": 1}}', "\udce9"])
async def test_a_no_in_any_words_is_a_no(body: str) -> None:
    async with answering(400, body) as adapter:
        with pytest.raises(ProviderRefused) as refused:
            await adapter.create(asked(adapter))
    assert str(refused.value.facts["reason"]).startswith("400")


GOOD: Final[dict[str, Any]] = {
    "id": "2d1f4c6e-000f-5000-8000-1e2f3a4b5c6d",
    "status": "succeeded",
    "amount": {"value": "1234.56", "currency": "RUB"},
    "created_at": "2026-11-23T07:14:00.000Z",
    "metadata": {"order": ORDER.key},
    "test": True,
}
STRANGE: Final[dict[str, dict[str, Any]]] = {
    "no id": {"id": None},
    "a number for an id": {"id": 5},
    "an unknown status": {"status": "refunded"},
    "no status": {"status": None},
    "a status in a list": {"status": ["succeeded"]},
    "no amount": {"amount": None},
    "a sum that is a number": {"amount": {"value": 1234.56, "currency": "RUB"}},
    "one decimal": {"amount": {"value": "1234.5", "currency": "RUB"}},
    "a negative sum": {"amount": {"value": "-1234.56", "currency": "RUB"}},
    "digits of another script": {"amount": {"value": "١٢٣٤.٥٦", "currency": "RUB"}},
    "no currency": {"amount": {"value": "1234.56"}},
    "metadata that is a text": {"metadata": "order"},
    "an order that is a number": {"metadata": {"order": 5}},
    "a page that is a number": {"confirmation": {"confirmation_url": 5}},
    "a reason that is a list": {"cancellation_details": {"reason": []}},
    "a refund without a sum": {"refunded_amount": {"value": "many"}},
    "real money in a test shop": {"test": False},
    "money of nobody knows which kind": {"test": None},
}


@pytest.mark.parametrize("name", STRANGE)
async def test_what_the_provider_would_not_say_is_not_believed(name: str) -> None:
    async with answering(200, json.dumps(GOOD | STRANGE[name])) as adapter:
        with pytest.raises(ProviderUnavailable):
            await adapter.get(GOOD["id"])
        with pytest.raises(ProviderUnavailable):
            await adapter.create(asked(adapter))


@pytest.mark.parametrize("name", STRANGE)
async def test_one_that_cannot_be_read_hides_no_other_and_may_be_ours_if_it_names_an_order(name: str) -> None:
    strange = GOOD | STRANGE[name]
    named = isinstance(strange["metadata"], dict) and bool(strange["metadata"].get("order"))
    found = []
    async with answering(200, json.dumps({"type": "list", "items": [strange, GOOD]})) as adapter:
        with pytest.raises(ProviderUnavailable) if named else nullcontext():
            async for one in adapter.since(NOW):
                found.append(one.external_id)  # noqa: PERF401  # kept when it raises
    assert found == [GOOD["id"]]


@pytest.mark.parametrize("items", [None, 5, "text", {"id": "x"}])
async def test_a_list_that_is_none_leaves_open_what_there_is(items: Any) -> None:
    async with answering(200, json.dumps({"type": "list", "items": items})) as adapter:
        with pytest.raises(ProviderUnavailable):
            _ = [one async for one in adapter.since(NOW)]


@pytest.mark.parametrize("body", ["", "[]", "5", "null", '"succeeded"', "[" * 100_000, "9" * 5000, "\udce9"])
async def test_answers_that_are_no_objects(body: str) -> None:
    async with answering(200, body) as adapter:
        with pytest.raises(ProviderUnavailable):
            await adapter.get("x")
        with pytest.raises(ProviderUnavailable):
            _ = [one async for one in adapter.since(NOW)]


async def test_play_money_is_nothing_to_a_real_shop() -> None:
    async with answering(200, json.dumps(GOOD), key="live_x") as adapter:
        with pytest.raises(ProviderUnavailable):
            await adapter.get(GOOD["id"])
    async with answering(200, json.dumps(GOOD | {"test": False}), key="live_x") as adapter:
        assert (await adapter.get(GOOD["id"])) is not None


@asynccontextmanager
async def answering(status: int, body: str, key: str = "test_x") -> AsyncIterator[YooKassa]:
    """A shop whose provider answers everything with this."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body.encode(errors="surrogateescape"))

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    adapter = YooKassa(Shop(f"http://{host}:{port}/v3", "1", key, utility=False), None)
    try:
        yield adapter
    finally:
        await adapter.close()
        await runner.cleanup()


# Looking


async def test_a_payment_is_read_as_it_stands() -> None:
    async with running() as till, connected(till, None) as adapter:
        made = await adapter.create(asked(adapter))
        await till.pay(made.external_id)
        await till.refund(made.external_id, 4000)
        seen = await adapter.get(made.external_id)
        other = await adapter.create(asked(adapter, replace(ORDER, key="b")))
        await till.decline(other.external_id, "insufficient_funds")
        declined = await adapter.get(other.external_id)
    assert seen == replace(made, status=OrderStatus.PAID, refunded=4000, url=None, captured_at=NOW)
    assert declined == replace(other, status=OrderStatus.CANCELED, reason="insufficient_funds", url=None)


async def test_money_that_is_only_held_is_not_paid() -> None:
    async with running() as till, connected(till, None) as adapter:
        order = asked(adapter)
        made = await adapter.create(replace(order, request={**order.request, "capture": False}))
        await till.pay(made.external_id)
        assert till.payments[0].status == "waiting_for_capture"
        seen = await adapter.get(made.external_id)
    assert seen is not None
    assert seen.status is OrderStatus.PENDING


async def test_a_payment_that_is_not_there() -> None:
    async with running() as till, connected(till, None) as adapter:
        assert await adapter.get("2d1f4c6e-000f-5000-8000-1e2f3a4b5c6d") is None


@pytest.mark.parametrize("count", [0, 1, 100, 101, 250])
async def test_the_list_is_read_to_its_end(count: int) -> None:
    async with running() as till, connected(till, None) as adapter:
        for number in range(count):
            till.till.create(asked(adapter, replace(ORDER, key=f"k{number}")).request, till.url)  # type: ignore[arg-type]
        found = [one.order async for one in adapter.since(NOW)]
        assert sorted(found) == sorted(f"k{number}" for number in range(count))
        assert len(found) == len(set(found))
        assert len(till.calls) == max(1, -(-count // 100))
        assert [one async for one in adapter.since(NOW + timedelta(seconds=1))] == []


# The shop


async def test_a_shop_that_works() -> None:
    async with running() as till, connected(till, None) as adapter:
        assert await adapter.check() is None


async def test_a_wrong_key() -> None:
    async with running() as till, connected(till, None, secret_key="test_wrong") as adapter:
        assert await adapter.check() == "the shop id or the secret key is wrong"
        with pytest.raises(ProviderUnavailable):
            await adapter.create(asked(adapter))
        assert till.payments == []


@pytest.mark.parametrize(
    ("me", "words"),
    [
        ({"status": "disabled", "test": True}, "the shop is not enabled"),
        ({"test": True}, "the shop is not enabled"),
        ({"status": "enabled"}, "a test shop with the key of a real one, or the other way round"),
    ],
)
async def test_a_shop_that_does_not_work(me: dict[str, Any], words: str) -> None:
    async with answering(200, json.dumps(me)) as adapter:
        assert await adapter.check() == words
