"""Paying while everything goes wrong: one confirmation is one payment, and only the provider's word makes it paid."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any, Final

import httpx
import orjson
import pytest

from sandbox.bank import Payment
from sandbox.bank.payments import Shop
from services.payments.models import Order
from services.payments.settling import Settlement
from services.payments.states import EXPIRED
from tests.conftest import SAMPLES, TWO_ZONES
from tests.flows.payer import invoice, order_row
from tests.harness import PATIENCE, BotHarness
from tests.people import Someone

OTHER: Final = "360000200017"
SLOW: Final = "Платёжная система отвечает медленно"
UNKNOWN: Final[dict[str, dict[str, Any]]] = {
    "reset before": {"kind": "reset_before"},
    "reset after": {"kind": "reset_after"},
    "500 before": {"kind": "server_error"},
    "500 after": {"kind": "server_error_after"},
    "502 of a gateway": {"kind": "http_status"},
    "hang": {"kind": "hang"},
    "401": {"kind": "unauthorized"},
    "429": {"kind": "too_many_requests"},
    "cut short": {"kind": "truncated_body"},
    "garbled": {"kind": "garbled_body"},
}


def posts(harness: BotHarness) -> list[Any]:
    return [call for call in harness.bank.calls if call.method == "POST"]


def one_payment(harness: BotHarness) -> Payment:
    """All attempts had the order's key and equal bodies, and made one payment."""
    payment = harness.bank.payments[-1]
    assert {call.key for call in posts(harness)} == {order_row(harness)["key"]}
    assert len({call.digest for call in posts(harness)}) == 1
    return payment


def told_paid(someone: Someone) -> int:
    return sum("получена" in text for text in someone.screens)


async def answered(harness: BotHarness, body: bytes | dict[str, Any], content_type: str = "application/json") -> str:
    """The bot's answer to a notification."""
    notification = harness.bank.notifications.forge(
        body if isinstance(body, bytes) else orjson.dumps(body), content_type
    )
    await asyncio.wait_for(notification.tried.wait(), PATIENCE)
    [answer] = notification.answers
    return answer


def about(payment_id: str, key: str | None = None, event: str = "payment.succeeded", **more: Any) -> dict[str, Any]:
    found = {"id": payment_id, "status": "succeeded", "paid": True, **more}
    return {"type": "notification", "event": event, "object": found | ({"metadata": {"order": key}} if key else {})}


@pytest.fixture
def impatient(idle_harness: BotHarness) -> None:
    """An answer that does not come is not waited for."""
    idle_harness.limit(provider={"live": timedelta(milliseconds=300), "retries": ()})


@pytest.fixture
def quick_tries(idle_harness: BotHarness) -> None:
    idle_harness.limit(provider={"retries": (timedelta(), timedelta())})


# One confirmation, one payment


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", UNKNOWN)
async def test_an_answer_that_is_lost_is_asked_for_under_the_same_key(
    harness: BotHarness, maria: Someone, name: str
) -> None:
    harness.bank.faults.add(method="POST /payments", count=1, **UNKNOWN[name])
    await invoice(maria, "100")
    assert SLOW in maria.screen
    assert order_row(harness)["status"] == "new"
    await harness.tick()
    assert len(posts(harness)) == 1, "the conversation is left alone that is just making the order"
    harness.clock.advance(seconds=21)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "Ссылка", before)
    payment = one_payment(harness)
    assert len(posts(harness)) == 2
    assert maria.url("Перейти к оплате") == payment.page
    assert order_row(harness)["shown_in"] is None, "what the old message says is not the end of this link"
    before = harness.world.cursor
    await harness.bank.pay(payment.id)
    await harness.told(maria, "получена", before)
    assert told_paid(maria) == 1
    harness.alerts()


@pytest.mark.usefixtures("quick_tries")
@pytest.mark.parametrize("name", sorted(UNKNOWN.keys() - {"hang"}))
async def test_one_bad_answer_does_not_delay_the_link(harness: BotHarness, maria: Someone, name: str) -> None:
    """The same key may be tried again at once: the customer hears nothing of it."""
    harness.bank.faults.add(method="POST /payments", count=2, **UNKNOWN[name])
    await invoice(maria, "100")
    assert SLOW not in maria.seen
    assert maria.url("Картой или СБП") == one_payment(harness).page
    assert len(posts(harness)) == 3
    assert order_row(harness)["shown_in"] == maria.last_id
    harness.bank.faults.add("notification_loss")
    harness.bank.faults.add(method="GET /payments/*", count=1, **UNKNOWN[name])
    await maria.press("Проверить")
    assert "пока не поступила" in (maria.toast or "")


@pytest.mark.usefixtures("single_try")
async def test_other_settings_do_not_change_what_was_asked_for(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts stay equal when requisites and codes change, the bot starts anew, the month and the language change."""
    harness.bank.faults.add("server_error_after", method="POST /payments", count=1)
    harness.clock.set("2026-11-30 23:50")
    await invoice(maria, "100")
    profile = harness.database.with_name("supplier.toml")
    words = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
    profile.write_text(words.replace('purpose = "Электроэнергия"', 'purpose = "Другие слова"'), encoding="utf-8")
    for setting, value in {
        "SUPPLIER_PROFILE": str(profile),
        "YOOKASSA_RECEIPT": "true",
        "YOOKASSA_VAT_CODE": "3",
    }.items():
        monkeypatch.setenv(setting, value)
    await harness.restart()
    harness.clock.advance(minutes=15)
    await maria.send("/language")
    await harness.tick()
    assert len(posts(harness)) == 2
    assert one_payment(harness).asked["payment_order"]["payment_purpose"].startswith("Электроэнергия")
    harness.alerts()


@pytest.mark.usefixtures("single_try")
@pytest.mark.parametrize("paid", [True, False], ids=["paid", "not paid"])
async def test_after_an_hour_a_lost_order_is_looked_for_and_not_made_again(
    harness: BotHarness, maria: Someone, paid: bool
) -> None:
    """Among more than one page of others."""
    harness.bank.faults.add("reset_after", method="POST /payments", count=1)
    await invoice(maria, "100")
    payment = one_payment(harness)
    foreign = {"amount": {"value": "5.00", "currency": "RUB"}, "payment_order": payment.asked["payment_order"]}
    foreign["payment_order"] = foreign["payment_order"] | {"amount": foreign["amount"]}
    for _ in range(120):
        harness.bank.till.create(foreign, harness.sandbox.url)
    if paid:
        harness.bank.faults.add("notification_loss")
        await harness.bank.pay(payment.id)
    harness.clock.advance(minutes=61)
    before = harness.world.cursor
    await harness.tick()
    if paid:
        await harness.told(maria, "получена", before)
    else:
        await harness.outbox_becomes("kind, state", [("order_expired", "sent")])
        assert "больше не действует" in maria.screen
    assert len(posts(harness)) == 1
    assert order_row(harness)["external_id"] == payment.id
    harness.alerts()


@pytest.mark.usefixtures("single_try")
async def test_an_order_that_the_provider_never_made_ends_after_an_hour(harness: BotHarness, maria: Someone) -> None:
    harness.bank.faults.add("reset_before")
    await invoice(maria, "100")
    for _ in range(3):
        harness.clock.advance(minutes=18)
        await harness.tick()
    attempts = len(posts(harness))
    assert attempts == 4
    harness.clock.advance(minutes=10)
    await harness.tick()
    assert order_row(harness)["status"] == "new", "the list could not be had"
    harness.bank.faults.clear()
    harness.clock.advance(minutes=10)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "так и не ответила", before)
    assert len(posts(harness)) == attempts
    assert harness.bank.payments == []
    assert (order_row(harness)["reason"], order_row(harness)["request"]) == ("never_made", "{}")
    harness.alerts()


@pytest.mark.usefixtures("single_try")
@pytest.mark.parametrize("hours", [2, 30])
async def test_a_sum_that_is_worked_off_late_shows_one_link_that_is_good(
    harness: BotHarness, maria: Someone, hours: int
) -> None:
    """The process was killed after the request and came back later; the provider forgets a key after a day."""
    harness.bank.faults.add("reset_after", method="POST /payments", count=1)
    await invoice(maria, "100")
    harness.clock.advance(hours=hours)
    await invoice(maria, "100")
    first, second = harness.bank.payments
    assert maria.url("Картой или СБП") == second.page
    await harness.tick()
    await harness.until("SELECT status, reason FROM orders ORDER BY number LIMIT 1", [("canceled", EXPIRED)])
    assert first.status == "canceled"
    harness.alerts()


async def test_a_clear_no_ends_the_order_and_tells_the_operator(harness: BotHarness, maria: Someone) -> None:
    harness.bank.shop.fiscalization = True  # and the bot does not know
    await invoice(maria, "100")
    assert "не приняла запрос" in maria.screen
    assert (order_row(harness)["status"], order_row(harness)["reason"]) == ("canceled", "refused")
    harness.clock.advance(minutes=5)
    await harness.tick()
    assert len(posts(harness)) == 1
    [alert] = harness.alerts()
    assert "400 invalid_request receipt" in alert


@pytest.mark.usefixtures("single_try")
async def test_an_order_that_gave_way_and_whose_answer_was_lost_is_paid_all_the_same(
    harness: BotHarness, maria: Someone
) -> None:
    harness.bank.faults.add("reset_after", method="POST /payments", count=1)
    await invoice(maria, "100")
    lost = one_payment(harness)
    await invoice(maria, "200")
    before = harness.world.cursor
    await harness.bank.pay(lost.id)
    await harness.told(maria, "Оплата 100", before)
    harness.alerts()


# Only the provider's own word


GARBAGE: Final = [
    b"", b"{", b"null", b"[]", b"5", b'"text"', b"\xff\xfe", b"{}", b'{"object": null}', b'{"object": []}',
    b'{"object": "x"}', b'{"object": {}}', b'{"object": {"id": 5}}', b'{"object": {"id": null}}',
    b'{"object": {"id": ""}}', b'{"object": {"id": "../me"}}', b'{"object": {"id": "a?b"}}',
    b'{"object": {"id": "\\u0000"}}', b'{"object": {"id": "' + b"a" * 65 + b'"}}',
    '{"object": {"id": "²"}}'.encode(), b'{"object": {"id": "x", "metadata": "y"}}',
    b'{"object": {"id": "x", "metadata": [1]}}', b'{"event": "refund.succeeded", "object": {"id": "x"}}',
    b'{"event": 5, "object": {"id": "../me"}}', b"[" * 5000, b'{"a":' * 2000,
]  # fmt: skip
STRANGE: Final = [
    b'{"object": {"id": "x"}}', b'{"object": {"id": "x", "metadata": {"order": 5}}}',
    b'{"event": 5, "object": {"id": "x"}}',
    b'{"object": {"id": "x", "metadata": {"order": "' + b"k" * 100_000 + b'"}}}',
    b'{"event": "refund.succeeded", "object": {"id": "x", "payment_id": "y"}}',
    b'{"object": {"id": "x", "metadata": {"order": "\\u0000"}}}',
]  # fmt: skip


async def test_garbage_changes_nothing_and_is_answered(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    before, calls, said = order_row(harness), len(harness.bank.calls), len(harness.world.calls)
    for body in GARBAGE:
        assert await answered(harness, body) == "400", body[:60]
    for body in STRANGE:
        assert await answered(harness, body, "text/plain") == "200", body[:60]
    async with httpx.AsyncClient() as client:
        huge = await client.post(f"{harness.app.web.url}/yookassa", content=b'{"object": {"id": "' + b"a" * 2_000_000)
    assert huge.status_code == 413
    assert order_row(harness) == before
    assert len(harness.bank.calls) == calls, "the provider is asked about orders of ours only"
    assert [call.method for call in list(harness.world.calls)[said:] if call.method != "getUpdates"] == []


async def test_a_notification_alone_proves_nothing(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    payment, key = harness.bank.payments[-1], order_row(harness)["key"]
    lie = about(payment.id, key, amount={"value": "100.00", "currency": "RUB"}, test=True)
    for event in ("payment.succeeded", "payment.canceled", "payment.waiting_for_capture", "nonsense"):
        assert await answered(harness, lie | {"event": event}) == "200"
    assert order_row(harness)["status"] == "pending"
    assert harness.outbox("key") == []
    assert len([call for call in harness.bank.calls if call.path == f"/payments/{payment.id}"]) == 1


async def test_somebody_else_s_payment_does_not_pay(harness: BotHarness, maria: Someone) -> None:
    oleg = await harness.customer("Олег", OTHER)
    await invoice(maria, "100")
    hers = order_row(harness)
    await invoice(oleg, "100")
    his = harness.bank.payments[1]
    harness.bank.faults.add("notification_loss")
    before = harness.world.cursor
    await harness.bank.pay(his.id)
    assert await answered(harness, about(his.id, hers["key"])) == "200"
    await harness.told(oleg, "получена", before)
    assert told_paid(maria) == 0
    assert harness.rows("SELECT status FROM orders WHERE key = ?", hers["key"]) == [("pending",)]


@pytest.mark.usefixtures("single_try")
@pytest.mark.parametrize("answer", ["known", "lost"])
@pytest.mark.parametrize(
    ("change", "alert"),
    [
        ({"amount": {"value": "1.00", "currency": "RUB"}}, "is not what its provider says"),
        ({"metadata": {"order": "another"}}, "for orders unknown here"),
        ({"metadata": {}}, None),
    ],
    ids=["another sum", "another order", "no order"],
)
async def test_a_payment_of_the_shop_that_is_not_this_one_does_not_pay(
    harness: BotHarness, maria: Someone, change: dict[str, Any], alert: str | None, answer: str
) -> None:
    """Made by somebody else in the shop's name, for whatever reason. Where the order has an id already, the provider is
    not asked about another one: its list tells."""
    if answer == "lost":
        harness.bank.faults.add("reset_before", method="POST /payments", count=1)
    await invoice(maria, "100")
    kept = order_row(harness)
    asked = json.loads(kept["request"]) | change
    asked["payment_order"] = asked["payment_order"] | {"amount": asked["amount"]}
    foreign = harness.bank.till.create(asked, harness.sandbox.url)
    harness.bank.faults.add("notification_loss")
    await harness.bank.pay(foreign.id)
    alert = "is not what its provider says" if answer == "lost" else alert
    questions = len(harness.bank.calls)
    assert await answered(harness, about(foreign.id, kept["key"])) == "200"
    assert len(harness.bank.calls) == questions + (answer == "lost")
    await harness.app.use(Settlement).reconcile()
    assert order_row(harness) == kept
    assert harness.outbox("key") == []
    told = harness.alerts()
    assert any(alert in one for one in told) if alert else told == []


async def test_a_second_payment_with_all_our_marks_is_not_ours(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    kept = order_row(harness)
    twin = harness.bank.till.create(harness.bank.payments[-1].asked, harness.sandbox.url)
    await harness.bank.pay(twin.id)
    await harness.app.use(Settlement).reconcile()
    assert order_row(harness) == kept
    assert any("is not what its provider says" in alert for alert in harness.alerts())


async def test_money_for_an_order_that_is_unknown_is_told_to_the_operator(harness: BotHarness, maria: Someone) -> None:
    """As after a restored copy of the database."""
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    await harness.run("DELETE FROM orders")
    await harness.app.use(Settlement).reconcile()
    assert harness.alerts() == [], "nobody has paid"
    await harness.bank.pay(payment.id)
    await harness.app.use(Settlement).reconcile()
    [alert] = harness.alerts()
    assert payment.id in alert
    assert TWO_ZONES not in alert
    await harness.bank.refund(payment.id)
    await harness.app.use(Settlement).reconcile()
    assert harness.alerts() == [], "the money went back"


async def test_play_money_is_not_believed(harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    await invoice(maria, "100")
    monkeypatch.setattr(Shop, "test", False)  # the bot's key is one of a test shop
    await harness.bank.pay(harness.bank.payments[-1].id)
    harness.clock.advance(minutes=1)
    await harness.tick()
    await maria.press("Проверить")
    assert "сейчас не отвечает" in (maria.toast or "") + maria.screen
    await harness.app.use(Settlement).reconcile()
    assert order_row(harness)["status"] == "pending"
    assert told_paid(maria) == 0
    harness.alerts()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", UNKNOWN)
async def test_while_the_provider_is_down_a_notification_is_taken_and_found_out_later(
    harness: BotHarness, maria: Someone, name: str
) -> None:
    await invoice(maria, "100")
    harness.bank.notifications.timeout = 1.0
    if name != "hang":
        harness.bank.faults.add(method="GET *", **UNKNOWN[name])
        await harness.bank.pay(harness.bank.payments[-1].id)
        assert [one.state for one in harness.bank.notifications.all] == ["delivered"]
        await maria.press("Проверить")
    else:
        harness.bank.faults.add("notification_loss")
        harness.bank.faults.add("hang", method="GET *", count=1)
        await harness.bank.pay(harness.bank.payments[-1].id)
        await maria.press("Проверить")
    assert "второй раз платить не нужно" in maria.screen + (maria.toast or "")
    assert order_row(harness)["status"] == "pending"
    harness.bank.faults.clear()
    harness.clock.advance(seconds=16)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "получена", before)
    harness.alerts()


@pytest.mark.limits(lock_wait=50)
async def test_a_notification_while_the_database_is_locked(harness: BotHarness) -> None:
    maria = await harness.customer("Мария", TWO_ZONES)
    await invoice(maria, "100")
    with closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await harness.bank.pay(harness.bank.payments[-1].id)
        assert harness.bank.notifications.all[-1].answers == ["200"]
    assert any("database is locked" in error for error in harness.journal.take())
    assert order_row(harness)["status"] == "pending"
    harness.clock.advance(seconds=6)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "получена", before)


async def test_notifications_repeated_delayed_and_out_of_order(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    harness.bank.faults.add("notification_repeat", times=3, method="refund.*")
    harness.bank.faults.add("notification_reorder", method="payment.succeeded")
    payment = harness.bank.payments[-1]
    before = harness.world.cursor
    await harness.bank.pay(payment.id)
    assert order_row(harness)["status"] == "pending"
    await harness.bank.refund(payment.id, 3000)
    await asyncio.wait_for(harness.bank.notifications.settled(), PATIENCE)
    await harness.told(maria, "Возвращено", before)
    assert told_paid(maria) == 1
    assert sum("Возвращено" in text for text in maria.screens) == 1
    assert (order_row(harness)["status"], order_row(harness)["refunded"]) == ("paid", 3000)
    assert harness.rows("SELECT kopecks FROM refunds") == [(3000,)]


async def test_a_refund_announced_while_the_provider_is_down_is_learnt_later(
    harness: BotHarness, maria: Someone
) -> None:
    """Of an old payment, with which nobody compares any more."""
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    await harness.bank.pay(payment.id)
    harness.clock.advance(days=40)
    harness.bank.faults.add("server_error", method="GET *")
    await harness.bank.refund(payment.id, 3000)
    assert harness.bank.notifications.all[-1].answers == ["200"]
    for _ in range(2):
        harness.clock.advance(hours=13)
        await harness.tick()
    harness.bank.faults.clear()
    harness.clock.advance(hours=13)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "Возвращено 30,00", before)
    assert order_row(harness)["ask_at"] is None


# Once, and never back


async def test_everybody_finding_out_at_once_tells_it_once(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    harness.bank.faults.add("notification_repeat", times=3)
    harness.clock.advance(seconds=30)
    before = harness.world.cursor
    maria.taps("Проверить")
    await asyncio.gather(
        harness.bank.pay(payment.id),
        harness.app.use(Settlement).watch(),
        harness.app.use(Settlement).reconcile(),
        harness.app.use(Settlement).watch(),
    )
    await asyncio.gather(
        harness.app.use(Settlement).take_notification(payment.id, ""),
        harness.app.use(Settlement).reconcile(),
        harness.bank.notifications.settled(),
        maria.press("Проверить") if "Проверить" in maria.labels else harness.quiet(),
    )
    await harness.told(maria, "получена", before)
    await harness.quiet()
    assert told_paid(maria) == 1
    told = harness.outbox("kind", edits=None)
    assert told == [("order_paid",)]


async def test_paid_stays_paid_whatever_the_provider_says_later(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    await harness.bank.pay(payment.id)
    kept = order_row(harness)
    for status in ("pending", "canceled", "waiting_for_capture"):
        payment.status = status
        payment.cancellation = {"party": "yoo_money", "reason": "expired_on_confirmation"}
        await answered(harness, about(payment.id, event="payment.canceled"))
        await harness.app.use(Settlement).reconcile()
    assert {**order_row(harness), "url": kept["url"]} == kept


async def test_an_order_that_was_given_up_and_is_paid_all_the_same_is_told(harness: BotHarness, maria: Someone) -> None:
    """The provider took the request and said no."""
    harness.bank.faults.add("http_status", status=403, method="POST /payments")
    await invoice(maria, "100")
    assert order_row(harness)["status"] == "canceled"
    [call] = posts(harness)
    payment = harness.bank.till.create(call.body, harness.sandbox.url)
    harness.bank.faults.add("notification_loss")
    await harness.bank.pay(payment.id)
    before = harness.world.cursor
    await harness.app.use(Settlement).reconcile()
    await harness.told(maria, "получена", before)
    assert order_row(harness)["status"] == "paid"
    harness.alerts()


# One's trouble holds up no other


async def copies(harness: BotHarness, count: int) -> None:
    """Orders that the provider knows nothing of, all due before the real one."""
    for number in range(count):
        await harness.run(
            "INSERT INTO orders (key, number, user_id, account, kopecks, created_at, request, status, external_id,"
            " ask_at) SELECT 'k' || ?, 'X-' || ?, user_id, account, kopecks, created_at, '{}', 'pending', 'x' || ?,"
            " datetime(created_at, '-1 hour') FROM orders WHERE number LIKE 'О%' LIMIT 1",
            *(number, number, number),
        )


async def test_orders_that_nobody_can_explain_keep_no_other_waiting(harness: BotHarness, maria: Someone) -> None:
    harness.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    await copies(harness, 25)
    await harness.bank.pay(harness.bank.payments[-1].id)
    harness.clock.advance(seconds=6)
    before = harness.world.cursor
    for _ in range(2):
        await harness.tick()
    await harness.told(maria, "получена", before)
    assert len(harness.alerts()) == 25


@pytest.fixture
def one_at_a_time(idle_harness: BotHarness) -> None:
    idle_harness.limit(provider={"at_once": 1})


@pytest.mark.usefixtures("one_at_a_time")
async def test_a_payment_that_contradicts_its_order_keeps_no_other_waiting(harness: BotHarness, maria: Someone) -> None:
    harness.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    harness.bank.payments[-1].amount = 1
    harness.clock.advance(seconds=1)
    oleg = await harness.customer("Олег", OTHER)
    await invoice(oleg, "200")
    await harness.bank.pay(harness.bank.payments[1].id)
    harness.clock.advance(seconds=6)
    before = harness.world.cursor
    for _ in range(2):
        await harness.tick()
    await harness.told(oleg, "получена", before)
    assert len(harness.alerts()) == 1


async def test_an_error_of_ours_about_one_order_is_told_and_the_others_go_on(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    oleg = await harness.customer("Олег", OTHER)
    await invoice(oleg, "200")
    first, second = harness.bank.payments
    for payment in (first, second):
        await harness.bank.pay(payment.id)
    real = harness.app.use(Settlement)._apply

    async def broken(order: Order, *given: Any, **named: Any) -> Order:
        if order.external_id == first.id:
            raise ZeroDivisionError("a bug")
        return await real(order, *given, **named)

    monkeypatch.setattr(harness.app.use(Settlement), "_apply", broken)
    harness.clock.advance(seconds=6)
    before = harness.world.cursor
    await harness.tick()
    await harness.tick()
    await harness.told(oleg, "получена", before)
    [alert] = harness.alerts()
    assert "ZeroDivisionError" in alert
    assert "in broken" in alert, "the log says where"
    monkeypatch.undo()
    harness.clock.advance(seconds=6)
    await harness.tick()
    await harness.told(maria, "получена", before)


async def test_a_payment_that_cannot_be_written_down_keeps_no_other_from_being_compared(
    harness: BotHarness, maria: Someone
) -> None:
    """Another order has the provider's id of the newest one, which the database refuses to keep twice."""
    harness.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    harness.clock.advance(seconds=1)
    oleg = await harness.customer("Олег", OTHER)
    await invoice(oleg, "200")
    behind, strange = harness.bank.payments
    for payment in (behind, strange):
        await harness.bank.pay(payment.id)
    await copies(harness, 1)
    await harness.run("UPDATE orders SET external_id = NULL WHERE user_id = ?", oleg.id)
    await harness.run("UPDATE orders SET external_id = ? WHERE key = 'k0'", strange.id)
    before = harness.world.cursor
    await harness.app.use(Settlement).reconcile()
    await harness.told(maria, "получена", before)
    [alert] = harness.alerts()
    assert f"payment {strange.id}: IntegrityError" in alert
    await harness.run("DELETE FROM orders WHERE key = 'k0'")
    before = harness.world.cursor
    await harness.app.use(Settlement).reconcile()
    await harness.told(oleg, "получена", before)


@pytest.mark.usefixtures("single_try")
async def test_asking_becomes_rarer_and_ends(harness: BotHarness, maria: Someone) -> None:
    harness.bank.faults.add("reset_before")
    await invoice(maria, "100")
    for _ in range(40):
        harness.clock.advance(days=1)
        await harness.tick()
    assert order_row(harness)["ask_at"] is None
    assert len(posts(harness)) == 1
    assert 25 <= len(harness.bank.calls) <= 35
    harness.alerts()
