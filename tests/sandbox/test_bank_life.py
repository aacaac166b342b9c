"""Payments go pending → (waiting_for_capture →) succeeded or canceled, expire, and are given back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sandbox.bank import Bank, Shop
from sandbox.bank.cards import CARDS
from sandbox.errors import Refused
from sandbox.server import Sandbox
from tests.sandbox.merchant import RETURN_URL, HandClock, Json, Merchant, asked, item, receipt, roubles

SBP: dict[str, Any] = {"payment_method_data": {"type": "sbp"}}


async def test_a_new_payment(merchant: Merchant, bank_url: str) -> None:
    payment = await merchant.create("1234.56", merchant_customer_id="7")
    url = f"{bank_url}/pay/{payment['id']}"
    assert len(payment.pop("id")) == 36
    assert payment == {
        "status": "pending",
        "amount": roubles("1234.56"),
        "description": "Электроэнергия",
        "recipient": {"account_id": "100500", "gateway_id": "2000001"},
        "created_at": "2026-11-23T07:14:00.000Z",
        "confirmation": {"type": "redirect", "return_url": RETURN_URL, "confirmation_url": url},
        "test": True,
        "paid": False,
        "refundable": False,
        "metadata": {"payment_id": "7"},
        "merchant_customer_id": "7",
    }


async def test_a_payment_needs_no_more_than_a_sum(merchant: Merchant) -> None:
    status, payment = await merchant.post("/payments", {"amount": roubles("1.00"), "description": None})
    assert (status, payment["status"], payment["metadata"]) == (200, "pending", {})
    assert not payment.keys() & {"confirmation", "description", "payment_method"}


async def test_a_paid_payment(bank: Bank, bank_clock: HandClock, merchant: Merchant) -> None:
    payment_id = (await merchant.create("1000.00"))["id"]
    bank_clock.advance(minutes=5)
    await bank.pay(payment_id)
    payment = await merchant.payment(payment_id)
    assert (payment["status"], payment["paid"], payment["refundable"]) == ("succeeded", True, True)
    assert payment["captured_at"] == "2026-11-23T07:19:00.000Z"
    assert payment["income_amount"] == roubles("965.84")  # 2.8 % and 22 % of VAT on that
    card = payment["payment_method"]["card"]
    assert (card["first6"], card["last4"], card["expiry_year"], card["card_type"]) == (
        *("555555", "4444", "2027"),
        "MasterCard",
    )
    assert payment["payment_method"]["type"] == "bank_card"
    assert payment["authorization_details"]["three_d_secure"] == {"applied": False}
    assert not payment.keys() & {"confirmation", "cancellation_details", "refunded_amount", "expires_at"}
    assert "5555555555554444" not in str(payment)


@pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.number)
async def test_every_test_card(bank: Bank, merchant: Merchant, card: Any) -> None:
    payment = await bank.pay((await merchant.create())["id"], card.number)
    found = await merchant.payment(payment.id)
    if card.refusal is None:
        assert found["status"] == "succeeded"
    else:
        assert (found["status"], found["paid"]) == ("canceled", False)
        assert found["cancellation_details"] == {"party": "payment_network", "reason": card.refusal}
    assert found["payment_method"]["card"]["last4"] == card.number[-4:]


async def test_a_payment_by_sbp(bank: Bank, merchant: Merchant) -> None:
    payment = await merchant.create(**SBP)
    assert payment["payment_method"] == {"type": "sbp", "id": payment["id"], "saved": False, "status": "inactive"}
    await bank.pay(payment["id"], sbp=True)
    paid = await merchant.payment(payment["id"])
    assert paid["status"] == "succeeded"
    assert len(paid["payment_method"]["sbp_operation_id"]) == 32
    assert paid["payment_method"]["payer_bank_details"] == {"bank_id": "100000000111", "bic": "044525225"}
    assert "authorization_details" not in paid


async def test_a_final_payment_stays_as_it_is(bank: Bank, bank_clock: HandClock, merchant: Merchant) -> None:
    paid, declined = [(await merchant.create())["id"] for _ in range(2)]
    await bank.pay(paid)
    await bank.decline(declined, "insufficient_funds")
    before = [await merchant.payment(one) for one in (paid, declined)]
    bank_clock.advance(days=30)
    for one in (paid, declined):
        with pytest.raises(Refused):
            await bank.pay(one)
        with pytest.raises(Refused):
            await bank.decline(one)
    assert [await merchant.payment(one) for one in (paid, declined)] == before
    assert before[1]["cancellation_details"] == {"party": "payment_network", "reason": "insufficient_funds"}


async def test_only_the_chosen_way_to_pay(bank: Bank, merchant: Merchant) -> None:
    by_sbp, by_card = await merchant.create(**SBP), await merchant.create(payment_method_data={"type": "bank_card"})
    two_stages, dear = await merchant.create(capture=False), await merchant.create("700000.01")
    with pytest.raises(Refused):
        await bank.pay(by_sbp["id"])
    for one in (by_card, two_stages, dear):
        with pytest.raises(Refused):
            await bank.pay(one["id"], sbp=True)
        await bank.pay(one["id"])


# Time


async def test_an_unpaid_payment_expires_after_an_hour(bank: Bank, bank_clock: HandClock, merchant: Merchant) -> None:
    payment_id = (await merchant.create())["id"]
    bank_clock.advance(minutes=59, seconds=59)
    assert (await merchant.payment(payment_id))["status"] == "pending"
    bank_clock.advance(seconds=1)
    payment = await merchant.payment(payment_id)
    assert (payment["status"], payment["paid"]) == ("canceled", False)
    assert payment["cancellation_details"] == {"party": "yoo_money", "reason": "expired_on_confirmation"}
    with pytest.raises(Refused):
        await bank.pay(payment_id)


async def test_held_money_goes_back_after_a_week(bank: Bank, bank_clock: HandClock, merchant: Merchant) -> None:
    payment = await bank.pay((await merchant.create(capture=False))["id"])
    held = await merchant.payment(payment.id)
    assert (held["status"], held["paid"], held["refundable"]) == ("waiting_for_capture", True, False)
    assert held["expires_at"] == "2026-11-30T07:14:00.000Z"
    bank_clock.advance(days=7)
    found = await merchant.payment(payment.id)
    assert found["cancellation_details"] == {"party": "yoo_money", "reason": "expired_on_capture"}


async def test_time_passes_without_anybody_asking() -> None:
    """With a clock that runs."""
    sandbox, bank = Sandbox(), Bank(shop=Shop(page_lifetime=timedelta(milliseconds=50)))
    bank.add_routes(sandbox.app)
    async with sandbox:
        payment = bank.till.create(asked(), sandbox.url)
        bank.till.create(asked(), sandbox.url)
        expired = asyncio.Event()
        notify = bank.notifications.send

        def send(event: str, about: Json) -> Any:
            expired.set()
            return notify(event, about)

        bank.notifications.send = send  # type: ignore[method-assign]
        bank._changed()
        await asyncio.wait_for(expired.wait(), 10)
        assert payment.status == "canceled"


# Two stages


async def test_two_stages_are_the_default(bank: Bank, merchant: Merchant) -> None:
    payment = await bank.pay((await merchant.create("500.00", capture=None))["id"])
    assert (await merchant.payment(payment.id))["status"] == "waiting_for_capture"
    status, answer = await merchant.post(f"/payments/{payment.id}/capture", {"amount": roubles("500.01")})
    assert (status, answer["parameter"]) == (400, "amount")
    status, answer = await merchant.post(f"/payments/{payment.id}/capture", {"sum": 1})
    assert (status, answer["parameter"]) == (400, "sum")
    wrong = {"amount": roubles("400.00"), "receipt": receipt(item("500.00"))}
    assert (await merchant.post(f"/payments/{payment.id}/capture", wrong))[0] == 400
    status, answer = await merchant.post(f"/payments/{payment.id}/capture", {"amount": roubles("400.00")})
    assert (status, answer["status"], answer["amount"]) == (200, "succeeded", roubles("400.00"))
    assert answer["captured_at"]


async def test_all_that_is_held_without_a_body(bank: Bank, merchant: Merchant) -> None:
    payment = await bank.pay((await merchant.create("500.00", capture=False))["id"])
    status, answer = await merchant.post(f"/payments/{payment.id}/capture")
    assert (status, answer["status"], answer["amount"]) == (200, "succeeded", roubles("500.00"))


async def test_held_money_is_given_back(bank: Bank, merchant: Merchant) -> None:
    payment = await bank.pay((await merchant.create(capture=False))["id"])
    assert (await merchant.post(f"/payments/{payment.id}/cancel", {"why": "?"}))[0] == 400
    status, answer = await merchant.post(f"/payments/{payment.id}/cancel")
    assert (status, answer["status"], answer["paid"]) == (200, "canceled", False)
    assert answer["cancellation_details"] == {"party": "merchant", "reason": "canceled_by_merchant"}


@pytest.mark.parametrize("verb", ["capture", "cancel"])
async def test_only_held_money_can_be_taken_or_given_back(bank: Bank, merchant: Merchant, verb: str) -> None:
    pending, paid = [(await merchant.create())["id"] for _ in range(2)]
    await bank.pay(paid)
    for one in (pending, paid):
        status, answer = await merchant.post(f"/payments/{one}/{verb}", {})
        assert (status, answer["code"]) == (400, "invalid_request")
    assert (await merchant.payment(pending))["status"] == "pending"
    assert (await merchant.payment(paid))["status"] == "succeeded"


# Money back


async def test_money_goes_back_in_parts(bank: Bank, merchant: Merchant) -> None:
    payment_id = (await bank.pay((await merchant.create("100.00"))["id"])).id
    part = {"payment_id": payment_id, "amount": roubles("30.00"), "description": "Ошибка", "metadata": {"a": "b"}}
    status, refund = await merchant.post("/refunds", part)
    assert (status, refund["status"], refund["amount"]) == (200, "succeeded", roubles("30.00"))
    assert (refund["payment_id"], refund["description"]) == (payment_id, "Ошибка")
    assert await merchant.get(f"/refunds/{refund['id']}") == (200, refund)
    payment = await merchant.payment(payment_id)
    assert (payment["status"], payment["refunded_amount"]) == ("succeeded", roubles("30.00"))
    assert payment["refundable"] is True
    status, answer = await merchant.post("/refunds", {**part, "amount": roubles("70.01")})
    assert (status, answer["parameter"]) == (400, "amount")
    assert (await merchant.post("/refunds", {**part, "amount": roubles("70.00")}))[0] == 200
    payment = await merchant.payment(payment_id)
    assert (payment["refundable"], payment["refunded_amount"]) == (False, roubles("100.00"))
    assert [one.amount for one in bank.refunds] == [30_00, 70_00]


async def test_a_repeated_refund_moves_money_once(bank: Bank, merchant: Merchant) -> None:
    payment_id = (await bank.pay((await merchant.create())["id"])).id
    body = {"payment_id": payment_id, "amount": roubles("40.00")}
    first = await merchant.post("/refunds", body, "key")
    assert await merchant.post("/refunds", body, "key") == first
    assert (await merchant.payment(payment_id))["refunded_amount"] == roubles("40.00")


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"payment_id": "1"}, "payment_id"),
        ({"amount": roubles("0.00")}, "amount.value"),
        ({"description": "о" * 251}, "description"),
        ({"reason": "?"}, "reason"),
        ({"receipt": receipt(item("99.00"))}, "receipt.items"),
    ],
)
async def test_a_wrong_refund(bank: Bank, merchant: Merchant, changes: Json, parameter: str) -> None:
    payment_id = (await bank.pay((await merchant.create())["id"])).id
    body = {"payment_id": payment_id, "amount": roubles("100.00"), **changes}
    status, answer = await merchant.post("/refunds", body)
    assert (status, answer["parameter"]) == (400, parameter)
    assert bank.refunds == []


async def test_only_taken_money_goes_back(bank: Bank, merchant: Merchant) -> None:
    payment_id = (await merchant.create())["id"]
    body = {"payment_id": payment_id, "amount": roubles("1.00")}
    assert (await merchant.post("/refunds", body))[0] == 400
    await bank.decline(payment_id)
    assert (await merchant.post("/refunds", body))[0] == 400
    body["payment_id"] = "22d6d597-000f-5000-9000-145f6df21d6f"
    assert (await merchant.post("/refunds", body))[0] == 404


# The list


async def page(merchant: Merchant, **query: str) -> tuple[list[str], str | None]:
    status, answer = await merchant.get("/payments", **query)
    assert (status, answer.get("type")) == (200, "list"), answer
    return [one["description"] for one in answer["items"]], answer.get("next_cursor")


async def test_payments_come_newest_first_page_by_page(bank_clock: HandClock, merchant: Merchant) -> None:
    for number in range(12):
        await merchant.create(description=f"{number:02}")
        bank_clock.advance(seconds=number % 2)  # some at one moment
    everything = [f"{number:02}" for number in reversed(range(12))]
    assert await page(merchant, limit="100") == (everything, None)
    first, cursor = await page(merchant)
    assert (first, bool(cursor)) == (everything[:10], True)
    await merchant.create(description="later")
    assert await page(merchant, cursor=str(cursor)) == (everything[10:], None)
    assert (await page(merchant, limit="1"))[0] == ["later"]


async def test_the_list_is_narrowed(bank: Bank, bank_clock: HandClock, merchant: Merchant) -> None:
    for name in ("first", "second", "third"):
        payment = await merchant.create(description=name)
        if name == "second":
            await bank.pay(payment["id"], sbp=True)
        bank_clock.advance(minutes=1)
    middle = "2026-11-23T07:15:00.000Z"
    for query, expected in (
        ({"created_at.gte": middle}, ["third", "second"]),
        ({"created_at.gt": middle}, ["third"]),
        ({"created_at.lte": middle}, ["second", "first"]),
        ({"created_at.lt": "2026-11-23T10:15:00+03:00"}, ["first"]),
        ({"created_at.gte": middle, "created_at.lt": "2026-11-23T07:16:00Z"}, ["second"]),
        ({"status": "succeeded"}, ["second"]),
        ({"status": "pending"}, ["third", "first"]),
        ({"status": "pending", "created_at.gt": middle}, ["third"]),
        ({"captured_at.gte": middle}, ["second"]),
        ({"payment_method": "sbp"}, ["second"]),
    ):
        assert (await page(merchant, **query))[0] == expected
    bank_clock.advance(hours=1)
    assert (await page(merchant, status="canceled"))[0] == ["third", "first"]


@pytest.mark.parametrize(
    "query",
    [
        *({"limit": value} for value in ("0", "101", "-1", "1.5", "all", "²", "")),
        *({"created_at.gte": value} for value in ("yesterday", "", "2026-11-23T07:15:00", "23.11.2026")),
        *({name: "2026-11-23T07:15:00Z"} for name in ("created_at", "created_at.ge", "expires_at.gte", "gte")),
        {"status": "paid"},
        {"cursor": "22d6d597-000f-5000-9000-145f6df21d6f"},
        {"page": "2"},
    ],
)
async def test_a_wrong_question(merchant: Merchant, query: dict[str, str]) -> None:
    await merchant.create()
    status, answer = await merchant.get("/payments", **query)
    assert (status, answer["code"], answer["parameter"]) == (400, "invalid_request", next(iter(query)))
