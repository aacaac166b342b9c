"""The provider at its worst: what the shop gets, and whether money moved all the same."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from sandbox.bank import Bank
from sandbox.errors import Refused
from tests.sandbox.merchant import Merchant, asked


async def answer(merchant: Merchant, key: str = "key") -> tuple[int, str]:
    """Status and body of the answer to a new payment, as they come."""
    headers = merchant.headers | {"Idempotence-Key": key}
    async with merchant.http.post(f"{merchant.root}/payments", json=asked(), headers=headers) as found:
        return found.status, await found.text()


@pytest.mark.parametrize(
    ("kind", "settings", "status", "body"),
    [
        ("http_status", {}, 502, "<html>"),
        ("http_status", {"status": 503, "body": "<p>"}, 503, "<p>"),
        ("server_error", {}, 500, '"code":"internal_server_error"'),
        ("too_many_requests", {"retry_after": 1800}, 429, '"retry_after":1800'),
        ("unauthorized", {}, 401, '"code":"invalid_credentials"'),
    ],
)
async def test_answers_without_effect(
    bank: Bank, merchant: Merchant, kind: str, settings: dict[str, Any], status: int, body: str
) -> None:
    bank.faults.add(kind, method="POST /payments", count=1, **settings)
    found = await answer(merchant)
    assert (found[0], body in found[1]) == (status, True)
    assert bank.payments == []
    assert (bank.calls[-1].outcome, bank.calls[-1].status, bank.calls[-1].done) == (f"fault: {kind}", status, False)
    assert (await answer(merchant))[0] == 200


@pytest.mark.parametrize(("kind", "created"), [("reset_before", 0), ("reset_after", 1), ("truncated_body", 1)])
async def test_lost_connections(bank: Bank, merchant: Merchant, kind: str, created: int) -> None:
    bank.faults.add(kind, count=1)
    with pytest.raises(aiohttp.ClientError):
        await answer(merchant)
    assert len(bank.payments) == created
    assert (bank.calls[-1].status, bank.calls[-1].done) == (None, bool(created))
    assert (await answer(merchant))[0] == 200
    assert len(bank.payments) == 1
    assert bank.calls[-1].outcome == ("repeated" if created else "ok")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("server_error_after", (500, '"code":"internal_server_error"')), ("garbled_body", (200, '{"id": "'))],
)
async def test_wrong_answers_to_what_was_done(
    bank: Bank, merchant: Merchant, kind: str, expected: tuple[int, str]
) -> None:
    bank.faults.add(kind, count=1)
    status, body = await answer(merchant)
    assert (status, expected[1] in body) == (expected[0], True)
    assert kind != "garbled_body" or body == expected[1]
    assert (bank.calls[0].done, len(bank.payments)) == (True, 1)


@pytest.mark.parametrize(("kind", "created"), [("delay", 0), ("delay_after", 1), ("hang", 0)])
async def test_slow_answers(bank: Bank, merchant: Merchant, kind: str, created: int) -> None:
    bank.faults.add(kind, seconds=60.0, count=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(answer(merchant), 0.2)
    assert len(bank.payments) == created


async def test_a_short_delay_ends(bank: Bank, merchant: Merchant) -> None:
    bank.faults.add("delay", seconds=0.01)
    bank.faults.add("delay_after", seconds=0.01)
    assert (await answer(merchant))[0] == 200


async def test_a_fault_hits_the_calls_that_it_names(bank: Bank, merchant: Merchant) -> None:
    payment = await merchant.create()
    bank.faults.add("server_error", method="GET /payments/*")
    assert (await merchant.get(f"/payments/{payment['id']}"))[0] == 500
    assert (await merchant.get("/payments"))[0] == 200
    assert (await merchant.post("/payments", asked()))[0] == 200
    bank.faults.clear()
    assert (await merchant.get(f"/payments/{payment['id']}"))[0] == 200


@pytest.mark.parametrize("kind", ["conflict", "malformed_update", "no_such"])
def test_faults_of_another_server_are_refused(bank: Bank, kind: str) -> None:
    with pytest.raises(Refused):
        bank.faults.add(kind)


async def test_kinds_are_switched_off_alone(bank: Bank) -> None:
    for kind in ("server_error", "delay", "notification_loss"):
        bank.faults.add(kind)
    bank.faults.clear("delay", "notification_loss")
    assert [one["kind"] for one in bank.faults.json()] == ["server_error"]


# The log


async def test_one_payment_all_attempts_with_one_key_and_equal_bodies(bank: Bank, merchant: Merchant) -> None:
    for kind in ("reset_before", "reset_after", "server_error_after"):
        bank.faults.add(kind, count=1)
        try:
            await answer(merchant)
        except aiohttp.ClientError:
            continue
    assert (await answer(merchant))[0] == 200
    tries = [call for call in bank.calls if (call.method, call.path) == ("POST", "/payments")]
    assert len(tries) == 4
    assert {call.key for call in tries} == {"key"}
    assert len({call.digest for call in tries}) == 1
    assert tries[0].body == asked()
    assert len(bank.payments) == 1


async def test_calls_are_noted_with_their_outcome(bank: Bank, merchant: Merchant) -> None:
    await merchant.get("/payments", limit="1")
    await merchant.post("/payments", {}, "key")
    await merchant.get("/me")
    merchant.headers = {}
    await merchant.get("/me")
    found = [(call.method, call.path, call.key, call.status, call.outcome) for call in bank.calls]
    assert found == [
        ("GET", "/payments?limit=1", None, 200, "ok"),
        ("POST", "/payments", "key", 400, "invalid_request: Field required"),
        ("GET", "/me", None, 200, "ok"),
        ("GET", "/me", None, 401, f"invalid_credentials: {bank.calls[-1].outcome.partition(': ')[2]}"),
    ]
    assert [call.seq for call in bank.calls] == [1, 2, 3, 4]
    assert bank.shop.secret_key not in str(list(bank.calls))
