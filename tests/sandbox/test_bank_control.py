"""The provider's cabinet and its control API; payments that outlive the process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.bank import Bank
from sandbox.server import Sandbox
from tests.sandbox.merchant import HandClock, Json, Merchant, Receiver, asked, roubles


class Operator:
    """Acts over the control API and presses buttons in the cabinet."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http

    async def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        async with self.http.request(method, f"{self.url}/sandbox/bank/{path}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def press(self, path: str, **fields: str) -> str:
        """The page that is shown then."""
        async with self.http.post(f"{self.url}/bank/{path}", data=fields) as answer:
            assert answer.status == 200
            return await answer.text()

    async def page(self, path: str = "") -> str:
        async with self.http.get(f"{self.url}/bank{path}") as answer:
            assert answer.status == 200
            return await answer.text()


@pytest.fixture
def operator(bank_url: str, http: aiohttp.ClientSession) -> Operator:
    return Operator(bank_url, http)


# Over the control API


async def test_people_act_on_payments(merchant: Merchant, operator: Operator) -> None:
    ids = [(await merchant.create())["id"] for _ in range(5)]
    acts: list[tuple[str, Json]] = [
        ("pay", {}),
        ("pay", {"card": "5555555555554600"}),
        ("sbp", {}),
        ("decline", {"reason": "fraud_suspected"}),
        ("cancel", {}),
    ]
    found = [
        await operator.call("POST", f"payments/{one}/{verb}", body) for one, (verb, body) in zip(ids, acts, strict=True)
    ]
    assert [one["status"] for one in found] == ["succeeded", "canceled", "succeeded", "canceled", "canceled"]
    reasons = [one["cancellation_details"]["reason"] for one in found if one["status"] == "canceled"]
    assert reasons == ["insufficient_funds", "fraud_suspected", "expired_on_confirmation"]
    back = await operator.call("POST", f"payments/{ids[0]}/refund", {"amount": 30_00})
    assert back["refunded_amount"] == roubles("30.00")
    back = await operator.call("POST", f"payments/{ids[0]}/refund")
    assert back["refunded_amount"] == roubles("100.00")
    listed = await operator.call("GET", "payments")
    assert [one["id"] for one in listed] == ids
    assert listed[0]["asked"] == asked()
    for path, body in (
        (f"payments/{ids[0]}/pay", {}),
        ("payments/1/pay", {}),
        (f"payments/{ids[0]}/pay", {"card": "1"}),
    ):
        assert (await operator.call("POST", path, body, status=400))["error"]


async def test_faults_over_the_control_api(bank: Bank, merchant: Merchant, operator: Operator) -> None:
    found = await operator.call("PUT", "faults", [{"kind": "server_error", "method": "POST /payments", "count": 2}])
    assert found == await operator.call("GET", "faults")
    assert (await merchant.post("/payments", asked()))[0] == 500
    assert (await operator.call("GET", "faults"))[0]["hits"] == 1
    wrong: Any
    for wrong in ({"kind": "delay"}, [{}], [{"kind": "no_such"}], [{"kind": "delay", "second": 1}]):
        await operator.call("PUT", "faults", wrong, status=400)
    assert await operator.call("DELETE", "faults") == []
    assert (await merchant.post("/payments", asked()))[0] == 200


async def test_the_log_over_the_control_api(merchant: Merchant, operator: Operator) -> None:
    await merchant.post("/payments", asked(), "key")
    await merchant.get("/me")
    first, second = await operator.call("GET", "calls")
    assert (first["method"], first["path"], first["key"], first["status"]) == ("POST", "/payments", "key", 200)
    assert (first["body"], len(first["digest"]), first["done"]) == (asked(), 64, True)
    assert await operator.call("GET", "calls?after=1") == [second]
    assert await operator.call("GET", "calls?after=2") == []
    await operator.call("GET", "calls?after=x", status=400)


async def test_settings_over_the_control_api(merchant: Merchant, operator: Operator, receiver: Receiver) -> None:
    assert (await operator.call("GET", "settings"))["url"] == receiver.url
    found = await operator.call("PUT", "settings", {"url": None, "backoff": 0.5, "tries": 2, "utility": True})
    assert (found["url"], found["backoff"], found["tries"], found["utility"]) == (None, 0.5, 2, True)
    assert (await merchant.post("/payments", asked()))[1]["parameter"] == "payment_orders"
    await operator.call("PUT", "settings", {"uri": "?"}, status=400)
    await operator.call("PUT", "settings", [], status=400)


async def test_forging_over_the_control_api(bank: Bank, operator: Operator, receiver: Receiver) -> None:
    lie = {"type": "notification", "event": "payment.succeeded", "object": {"id": "1"}}
    sent = await operator.call("POST", "notifications", lie)
    assert (sent["answers"], sent["forged"]) == (["200"], True)
    assert receiver.got == [lie]
    assert [one["forged"] for one in await operator.call("GET", "notifications")] == [True]


async def test_letting_held_ones_go(bank: Bank, merchant: Merchant, operator: Operator, receiver: Receiver) -> None:
    await operator.call("PUT", "faults", [{"kind": "notification_reorder"}])
    await bank.pay((await merchant.create())["id"])
    await operator.call("POST", "notifications/release")
    await bank.notifications.settled()
    assert receiver.events == ["payment.succeeded"]


# In the cabinet


async def test_an_empty_cabinet_says_so(operator: Operator) -> None:
    assert "Платежей пока нет" in await operator.page()


async def test_buttons_of_the_cabinet(
    bank: Bank, bank_clock: HandClock, merchant: Merchant, operator: Operator, receiver: Receiver
) -> None:
    payment_id = (await merchant.create("1234.56", capture=False, description="<b>Счёт</b>"))["id"]
    shown = await operator.page()
    assert "1\xa0234,56\xa0₽ · ждёт оплаты" in shown
    assert "&lt;b&gt;Счёт" in shown
    assert ("Вернуть деньги" in shown, "Отменить" in shown, "ещё раз" in shown) == (False, True, False)
    await bank.pay(payment_id)
    shown = await operator.press(f"{payment_id}/notify")
    assert "payment.waiting_for_capture: доставлено (200)" in shown
    await merchant.post(f"/payments/{payment_id}/capture")
    shown = await operator.press(f"{payment_id}/refund")
    assert "оплачен, возвращено 1\xa0234,56\xa0₽" in shown
    assert ("Вернуть деньги" in shown, "Отменить" in shown) == (False, False)
    await operator.press(f"{payment_id}/refund")  # pressed in an old page
    await operator.press("1/refund")
    await bank.notifications.settled()
    expected = ["payment.waiting_for_capture"] * 2 + ["payment.succeeded", "refund.succeeded"]
    assert receiver.events == expected
    assert receiver.bodies[0] == receiver.bodies[1]


async def test_the_operator_cancels(bank: Bank, merchant: Merchant, operator: Operator) -> None:
    pending, held = (await merchant.create())["id"], (await merchant.create(capture=False))["id"]
    await bank.pay(held)
    await operator.press(f"{pending}/cancel")
    assert "отменён: canceled_by_merchant" in await operator.press(f"{held}/cancel")
    assert (await merchant.payment(pending))["cancellation_details"]["reason"] == "expired_on_confirmation"


async def test_settings_of_notifications(
    bank: Bank, merchant: Merchant, operator: Operator, receiver: Receiver
) -> None:
    bank.faults.add("server_error", method="GET /me")
    shown = await operator.press("settings", url=receiver.url, notification_reorder="on")
    assert receiver.url in shown
    assert 'name="notification_reorder" checked' in shown
    assert 'name="notification_loss">' in shown
    await bank.pay((await merchant.create())["id"])
    assert receiver.events == []
    await operator.press("settings", url=receiver.url)
    await bank.notifications.settled()
    assert receiver.events == ["payment.succeeded"]
    assert [one["kind"] for one in bank.faults.json()] == ["server_error"]
    assert bank.notifications.url == receiver.url
    await operator.press("settings", url=" ")
    assert bank.notifications.url is None


# After a restart


async def test_payments_outlive_the_process(tmp_path: Path, bank_clock: HandClock, http: aiohttp.ClientSession) -> None:
    file = tmp_path / "payments.json"

    async def run(act: Any) -> Any:
        sandbox, bank = Sandbox(), Bank(clock=bank_clock.now, file=file)
        bank.add_routes(sandbox.app)
        async with sandbox:
            return await act(bank, Merchant(f"{sandbox.url}/yookassa/v3", bank.shop, http))

    async def first(bank: Bank, merchant: Merchant) -> list[Json]:
        for key in ("paid", "held", "pending", "declined"):
            payment = (await merchant.post("/payments", asked(capture=key != "held"), key))[1]
            if key in {"paid", "held"}:
                await bank.pay(payment["id"])
        await bank.refund(bank.payments[0].id, 30_00)
        await bank.decline(payment["id"])
        return [await merchant.payment(one.id) for one in bank.payments]

    async def second(bank: Bank, merchant: Merchant) -> list[Json]:
        found = [await merchant.payment(one.id) for one in bank.payments]
        again = (await merchant.post("/payments", asked(), "pending"))[1]
        assert again["id"] == found[2]["id"]
        assert len(bank.payments) == 4
        assert bank.refunds[0].amount == 30_00
        assert (await merchant.post(f"/payments/{found[1]['id']}/capture"))[1]["status"] == "succeeded"
        return found

    before = await run(first)
    assert [one["status"] for one in before] == ["succeeded", "waiting_for_capture", "pending", "canceled"]
    assert await run(second) == before
    bank_clock.advance(hours=1)
    assert [one["status"] for one in await run(first_look)] == ["succeeded", "succeeded", "canceled", "canceled"]


async def first_look(bank: Bank, merchant: Merchant) -> list[Json]:
    return [await merchant.payment(one.id) for one in bank.payments]
