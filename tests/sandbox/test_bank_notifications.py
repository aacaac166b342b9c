"""Notifications tell the shop what happened: repeated until a 200, late, doubled, out of order, lost, and forged."""

from __future__ import annotations

import asyncio
import json

import pytest

from sandbox.bank import Bank
from tests.sandbox.merchant import HandClock, Merchant, Receiver, roubles

UNHEARD = "http://127.0.0.1:9/yookassa"  # the port «discard», where nobody listens


async def test_every_event_comes_with_its_object(
    bank: Bank, bank_clock: HandClock, merchant: Merchant, receiver: Receiver
) -> None:
    held = (await merchant.create(capture=False))["id"]
    await bank.pay(held)
    assert receiver.got == [
        {
            "type": "notification",
            "event": "payment.waiting_for_capture",
            "object": await merchant.payment(held),
        }
    ]
    await merchant.post(f"/payments/{held}/capture")
    refund = await bank.refund(held, 30_00)
    await bank.notifications.settled()
    assert receiver.events[1:] == ["payment.succeeded", "refund.succeeded"]
    assert receiver.got[2]["object"] == (await merchant.get(f"/refunds/{refund.id}"))[1]
    assert receiver.got[2]["object"]["payment_id"] == held
    declined, expiring = [(await merchant.create())["id"] for _ in range(2)]
    await bank.decline(declined)
    bank_clock.advance(hours=1)
    await bank.expire_due()
    canceled = [one["object"] for one in receiver.got if one["event"] == "payment.canceled"]
    assert canceled == [await merchant.payment(one) for one in (declined, expiring)]
    assert len(receiver.got) == 5


async def test_the_body_is_that_of_its_moment(bank: Bank, merchant: Merchant, receiver: Receiver) -> None:
    receiver.answers.extend([500])
    payment = await bank.pay((await merchant.create())["id"])
    await bank.refund(payment.id)
    await bank.notifications.settled()
    told = [one["object"] for one in receiver.got if one["event"] == "payment.succeeded"]
    assert len(told) == 2
    assert "refunded_amount" not in told[0]
    assert told[0] == told[1]


@pytest.mark.parametrize("status", [201, 204, 302, 400, 404, 500])
async def test_anything_but_200_is_tried_again(bank: Bank, merchant: Merchant, receiver: Receiver, status: int) -> None:
    receiver.answers.extend([status, status])
    await bank.pay((await merchant.create())["id"])
    await bank.notifications.settled()
    assert receiver.events == ["payment.succeeded"] * 3
    assert bank.notifications.all[0].answers == [str(status), str(status), "200"]
    assert bank.notifications.all[0].state == "delivered"


async def test_tries_are_limited(bank: Bank, merchant: Merchant) -> None:
    bank.notifications.tries = 3
    bank.notify_to(UNHEARD)
    await bank.pay((await merchant.create())["id"])
    await bank.notifications.settled()
    found = bank.notifications.all[0]
    assert (found.state, len(found.answers)) == ("given up", 3)
    assert "200" not in found.answers


async def test_pauses_grow(bank: Bank, merchant: Merchant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    bank.notifications.backoff, bank.notifications.tries = 100.0, 6
    receiver.answers.extend([500] * 6)
    await bank.pay((await merchant.create())["id"])
    await bank.notifications.settled()
    assert [one for one in pauses if one >= 1] == [100.0, 200.0, 400.0, 600.0, 600.0]


async def test_without_a_url_nothing_is_sent(bank: Bank, merchant: Merchant) -> None:
    await bank.pay((await merchant.create())["id"])
    assert [one.state for one in bank.notifications.all] == ["nowhere"]


# Faults


async def test_lost(bank: Bank, merchant: Merchant, receiver: Receiver) -> None:
    bank.faults.add("notification_loss", method="payment.*", count=1)
    payment = await bank.pay((await merchant.create())["id"])
    await bank.refund(payment.id)
    assert receiver.events == ["refund.succeeded"]


async def test_repeated(bank: Bank, merchant: Merchant, receiver: Receiver) -> None:
    bank.faults.add("notification_repeat", times=3)
    await bank.pay((await merchant.create())["id"])
    await bank.notifications.settled()
    assert receiver.events == ["payment.succeeded"] * 3
    assert len(set(receiver.bodies)) == 1


async def test_delayed(bank: Bank, merchant: Merchant, receiver: Receiver) -> None:
    bank.faults.add("notification_delay", seconds=0.05, count=1)
    payment = await bank.pay((await merchant.create())["id"])
    assert receiver.events == []
    await bank.refund(payment.id)
    await bank.notifications.settled()
    assert receiver.events == ["refund.succeeded", "payment.succeeded"]


async def test_reordered(bank: Bank, merchant: Merchant, receiver: Receiver) -> None:
    bank.faults.add("notification_reorder", count=1)
    payment = await bank.pay((await merchant.create(capture=False))["id"])
    assert (receiver.events, bank.notifications.all[0].state) == ([], "held")
    await merchant.post(f"/payments/{payment.id}/capture")
    await bank.notifications.settled()
    assert receiver.events == ["payment.succeeded", "payment.waiting_for_capture"]


async def test_held_until_let_go(bank: Bank, merchant: Merchant, receiver: Receiver) -> None:
    bank.faults.add("notification_reorder", count=1)
    await bank.pay((await merchant.create())["id"])
    await bank.notifications.settled()
    assert receiver.events == []
    bank.notifications.release()
    await bank.notifications.settled()
    assert receiver.events == ["payment.succeeded"]


async def test_forged(bank: Bank, merchant: Merchant, receiver: Receiver) -> None:
    payment = await merchant.create()
    lie = {"type": "notification", "event": "payment.succeeded", "object": {**payment, "amount": roubles("1.00")}}
    receiver.answers.append(500)
    for body in (json.dumps(lie).encode(), b"\x00garbage", b"", b"{" + b"a" * 5_000_000):
        await bank.notifications.forge(body).tried.wait()
        assert receiver.bodies[-1] == body
    assert receiver.got[0] == lie
    await bank.notifications.settled()
    assert len(receiver.bodies) == 4  # a forged one is not sent again
    assert (await merchant.payment(payment["id"]))["status"] == "pending"


async def test_a_stopped_provider_leaves_nothing_behind(bank: Bank, merchant: Merchant) -> None:
    bank.notifications.backoff = 1000.0
    bank.notify_to(UNHEARD)
    await bank.pay((await merchant.create())["id"])
    await bank.notifications.close()
    assert bank.notifications.all[0].state == "waiting"
