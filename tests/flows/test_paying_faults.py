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

import services.db.engine
from sandbox.bank import Payment
from sandbox.bank.payments import Shop
from services.customers.models import Customer
from services.customers.ports import CustomerRepository
from services.payments.checkout import Checkout, Confirmation
from services.payments.models import Order
from services.payments.settling import ProviderLimits, Settlement
from tests.conftest import SAMPLES, TWO_ZONES
from tests.flows.payer import invoice, order_row
from tests.people import Someone
from tests.town import PATIENCE, Town

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


def posts(town: Town) -> list[Any]:
    return [call for call in town.bank.calls if call.method == "POST"]


def one_payment(town: Town) -> Payment:
    """All attempts had the order's key and equal bodies, and made one payment."""
    [payment] = town.bank.payments
    assert {call.key for call in posts(town)} == {order_row(town)["key"]}
    assert len({call.digest for call in posts(town)}) == 1
    return payment


def told_paid(someone: Someone) -> int:
    return sum("получена" in text for text in someone.screens)


async def answered(town: Town, body: bytes | dict[str, Any], content_type: str = "application/json") -> str:
    """What the bot says to a notification."""
    notification = town.bank.notifications.forge(body if isinstance(body, bytes) else orjson.dumps(body), content_type)
    await asyncio.wait_for(notification.tried.wait(), PATIENCE)
    [answer] = notification.answers
    return answer


def about(payment_id: str, key: str | None = None, event: str = "payment.succeeded", **more: Any) -> dict[str, Any]:
    found = {"id": payment_id, "status": "succeeded", "paid": True, **more}
    return {"type": "notification", "event": event, "object": found | ({"metadata": {"order": key}} if key else {})}


@pytest.fixture
def impatient(silent_town: Town) -> None:
    """An answer that does not come is not waited for."""
    silent_town.provider_limits = ProviderLimits(live=timedelta(milliseconds=300), retries=())


@pytest.fixture
def quick_tries(silent_town: Town) -> None:
    silent_town.provider_limits = ProviderLimits(retries=(timedelta(), timedelta()))


# One confirmation, one payment


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", UNKNOWN)
async def test_an_answer_that_is_lost_is_asked_for_under_the_same_key(town: Town, maria: Someone, name: str) -> None:
    town.bank.faults.add(method="POST /payments", count=1, **UNKNOWN[name])
    await invoice(maria, "100")
    assert SLOW in maria.screen
    assert order_row(town)["status"] == "new"
    await town.tick()
    assert len(posts(town)) == 1, "the conversation is left alone that is just making the order"
    town.clock.advance(seconds=21)
    before = town.world.cursor
    await town.tick()
    await town.told(maria, "Ссылка", before)
    payment = one_payment(town)
    assert len(posts(town)) == 2
    assert maria.url("Перейти к оплате") == payment.page
    assert order_row(town)["shown_in"] is None, "what the old message says is not the end of this link"
    before = town.world.cursor
    await town.bank.pay(payment.id)
    await town.told(maria, "получена", before)
    assert told_paid(maria) == 1
    town.alerts()


@pytest.mark.usefixtures("quick_tries")
@pytest.mark.parametrize("name", sorted(UNKNOWN.keys() - {"hang"}))
async def test_one_bad_answer_does_not_delay_the_link(town: Town, maria: Someone, name: str) -> None:
    """The same key may be tried again at once: the customer hears nothing of it."""
    town.bank.faults.add(method="POST /payments", count=2, **UNKNOWN[name])
    await invoice(maria, "100")
    assert SLOW not in maria.seen
    assert maria.url("Перейти к оплате") == one_payment(town).page
    assert len(posts(town)) == 3
    assert order_row(town)["shown_in"] == maria.last_id
    town.bank.faults.add("notification_loss")
    town.bank.faults.add(method="GET /payments/*", count=1, **UNKNOWN[name])
    await maria.press("Проверить")
    assert "пока не поступила" in (maria.toast or "")


@pytest.mark.usefixtures("single_try")
async def test_other_settings_do_not_change_what_was_asked_for(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts stay equal when requisites and codes change, the bot starts anew, the month and the language change."""
    town.bank.faults.add("server_error_after", method="POST /payments", count=1)
    town.clock.set("2026-11-30 23:50")
    await invoice(maria, "100")
    profile = town.database.with_name("supplier.toml")
    words = (SAMPLES / "supplier.toml").read_text(encoding="utf-8")
    profile.write_text(words.replace('purpose = "Электроэнергия"', 'purpose = "Другие слова"'), encoding="utf-8")
    for setting, value in {
        "SUPPLIER_PROFILE": str(profile),
        "YOOKASSA_RECEIPT": "true",
        "YOOKASSA_VAT_CODE": "3",
    }.items():
        monkeypatch.setenv(setting, value)
    await town.restart()
    town.clock.advance(minutes=15)
    await maria.send("/language")
    await town.tick()
    assert len(posts(town)) == 2
    assert one_payment(town).asked["payment_order"]["payment_purpose"].startswith("Электроэнергия")
    town.alerts()


@pytest.mark.usefixtures("single_try")
@pytest.mark.parametrize("paid", [True, False], ids=["paid", "not paid"])
async def test_after_an_hour_a_lost_order_is_looked_for_and_not_made_again(
    town: Town, maria: Someone, paid: bool
) -> None:
    """Among more than one page of others."""
    town.bank.faults.add("reset_after", method="POST /payments", count=1)
    await invoice(maria, "100")
    payment = one_payment(town)
    foreign = {"amount": {"value": "5.00", "currency": "RUB"}, "payment_order": payment.asked["payment_order"]}
    foreign["payment_order"] = foreign["payment_order"] | {"amount": foreign["amount"]}
    for _ in range(120):
        town.bank.till.create(foreign, town.sandbox.url)
    if paid:
        town.bank.faults.add("notification_loss")
        await town.bank.pay(payment.id)
    town.clock.advance(minutes=61)
    before = town.world.cursor
    await town.tick()
    if paid:
        await town.told(maria, "получена", before)
    else:
        await town.until("SELECT kind, state FROM outbox", [("order_expired", "sent")])
        assert "больше не действует" in maria.screen
    assert len(posts(town)) == 1
    assert order_row(town)["external_id"] == payment.id
    town.alerts()


@pytest.mark.usefixtures("single_try")
async def test_an_order_that_the_provider_never_made_ends_after_an_hour(town: Town, maria: Someone) -> None:
    town.bank.faults.add("reset_before")
    await invoice(maria, "100")
    for _ in range(3):
        town.clock.advance(minutes=18)
        await town.tick()
    attempts = len(posts(town))
    assert attempts == 4
    town.clock.advance(minutes=10)
    await town.tick()
    assert order_row(town)["status"] == "new", "the list could not be had"
    town.bank.faults.clear()
    town.clock.advance(minutes=10)
    before = town.world.cursor
    await town.tick()
    await town.told(maria, "так и не ответила", before)
    assert len(posts(town)) == attempts
    assert town.bank.payments == []
    assert (order_row(town)["reason"], order_row(town)["request"]) == ("never_made", "{}")
    town.alerts()


@pytest.mark.usefixtures("single_try")
@pytest.mark.parametrize("hours", [2, 30])
async def test_a_confirmation_that_is_worked_off_late_makes_no_second_payment(
    town: Town, maria: Someone, hours: int
) -> None:
    """The process was killed after the request and came back later; the provider forgets a key after a day."""
    town.bank.faults.add("reset_after", method="POST /payments", count=1)
    await invoice(maria, "100")
    kept = order_row(town)
    town.clock.advance(hours=hours)
    customer = await customer_of(town, maria)
    link = customer.links[0].id
    order = await town.app.use(Checkout).confirm(customer, Confirmation(kept["key"], link, 10000, "https://t.me/x"))
    assert len(posts(town)) == len(town.bank.payments) == 1
    assert order.reason == "expired_on_confirmation"
    town.alerts()


async def customer_of(town: Town, someone: Someone) -> Customer:
    async with town.app.store.reading() as unit:
        found = await unit.of(CustomerRepository).get(someone.id)
    assert found is not None
    return found


async def test_a_clear_no_ends_the_order_and_tells_the_operator(town: Town, maria: Someone) -> None:
    town.bank.shop.fiscalization = True  # and the bot does not know
    await invoice(maria, "100")
    assert "не приняла запрос" in maria.screen
    assert (order_row(town)["status"], order_row(town)["reason"]) == ("canceled", "refused")
    town.clock.advance(minutes=5)
    await town.tick()
    assert len(posts(town)) == 1
    [alert] = town.alerts()
    assert "400 invalid_request receipt" in alert


@pytest.mark.usefixtures("single_try")
async def test_a_dropped_order_whose_answer_was_lost_is_paid_all_the_same(town: Town, maria: Someone) -> None:
    town.bank.faults.add("reset_after", method="POST /payments", count=1)
    await invoice(maria, "100")
    await maria.press("Отменить")
    assert "Оплата отменена" in maria.screen
    before = town.world.cursor
    await town.bank.pay(one_payment(town).id)
    await town.told(maria, "получена", before)
    town.alerts()


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


async def test_garbage_changes_nothing_and_is_answered(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    before, calls, said = order_row(town), len(town.bank.calls), len(town.world.calls)
    for body in GARBAGE:
        assert await answered(town, body) == "400", body[:60]
    for body in STRANGE:
        assert await answered(town, body, "text/plain") == "200", body[:60]
    async with httpx.AsyncClient() as client:
        huge = await client.post(f"{town.app.web.url}/yookassa", content=b'{"object": {"id": "' + b"a" * 2_000_000)
    assert huge.status_code == 413
    assert order_row(town) == before
    assert len(town.bank.calls) == calls, "the provider is asked about orders of ours only"
    assert [call.method for call in list(town.world.calls)[said:] if call.method != "getUpdates"] == []


async def test_a_notification_alone_proves_nothing(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    payment, key = town.bank.payments[0], order_row(town)["key"]
    lie = about(payment.id, key, amount={"value": "100.00", "currency": "RUB"}, test=True)
    for event in ("payment.succeeded", "payment.canceled", "payment.waiting_for_capture", "nonsense"):
        assert await answered(town, lie | {"event": event}) == "200"
    assert order_row(town)["status"] == "pending"
    assert town.rows("SELECT key FROM outbox") == []
    assert len([call for call in town.bank.calls if call.path == f"/payments/{payment.id}"]) == 1


async def test_somebody_else_s_payment_does_not_pay(town: Town, maria: Someone) -> None:
    oleg = await town.customer("Олег", OTHER)
    await invoice(maria, "100")
    hers = order_row(town)
    await invoice(oleg, "100")
    his = town.bank.payments[1]
    town.bank.faults.add("notification_loss")
    before = town.world.cursor
    await town.bank.pay(his.id)
    assert await answered(town, about(his.id, hers["key"])) == "200"
    await town.told(oleg, "получена", before)
    assert told_paid(maria) == 0
    assert town.rows("SELECT status FROM orders WHERE key = ?", hers["key"]) == [("pending",)]


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
    town: Town, maria: Someone, change: dict[str, Any], alert: str | None, answer: str
) -> None:
    """Made by somebody else in the shop's name, for whatever reason. Where the order has an id already, the provider is
    not asked about another one: its list tells."""
    if answer == "lost":
        town.bank.faults.add("reset_before", method="POST /payments", count=1)
    await invoice(maria, "100")
    kept = order_row(town)
    asked = json.loads(kept["request"]) | change
    asked["payment_order"] = asked["payment_order"] | {"amount": asked["amount"]}
    foreign = town.bank.till.create(asked, town.sandbox.url)
    town.bank.faults.add("notification_loss")
    await town.bank.pay(foreign.id)
    alert = "is not what its provider says" if answer == "lost" else alert
    questions = len(town.bank.calls)
    assert await answered(town, about(foreign.id, kept["key"])) == "200"
    assert len(town.bank.calls) == questions + (answer == "lost")
    await town.app.use(Settlement).reconcile()
    assert order_row(town) == kept
    assert town.rows("SELECT key FROM outbox") == []
    told = town.alerts()
    assert any(alert in one for one in told) if alert else told == []


async def test_a_second_payment_with_all_our_marks_is_not_ours(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    kept = order_row(town)
    twin = town.bank.till.create(town.bank.payments[0].asked, town.sandbox.url)
    await town.bank.pay(twin.id)
    await town.app.use(Settlement).reconcile()
    assert order_row(town) == kept
    assert any("is not what its provider says" in alert for alert in town.alerts())


async def test_money_for_an_order_that_is_unknown_is_told_to_the_operator(town: Town, maria: Someone) -> None:
    """As after a restored copy of the database."""
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    await town.run("DELETE FROM orders")
    await town.app.use(Settlement).reconcile()
    assert town.alerts() == [], "nobody has paid"
    await town.bank.pay(payment.id)
    await town.app.use(Settlement).reconcile()
    [alert] = town.alerts()
    assert payment.id in alert
    assert TWO_ZONES not in alert
    await town.bank.refund(payment.id)
    await town.app.use(Settlement).reconcile()
    assert town.alerts() == [], "the money went back"


async def test_play_money_is_not_believed(town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    await invoice(maria, "100")
    monkeypatch.setattr(Shop, "test", False)  # the bot's key is one of a test shop
    await town.bank.pay(town.bank.payments[0].id)
    town.clock.advance(minutes=1)
    await town.tick()
    await maria.press("Проверить")
    assert "сейчас не отвечает" in (maria.toast or "") + maria.screen
    await town.app.use(Settlement).reconcile()
    assert order_row(town)["status"] == "pending"
    assert told_paid(maria) == 0
    town.alerts()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", UNKNOWN)
async def test_while_the_provider_is_down_a_notification_is_taken_and_found_out_later(
    town: Town, maria: Someone, name: str
) -> None:
    await invoice(maria, "100")
    town.bank.notifications.timeout = 1.0
    if name != "hang":
        town.bank.faults.add(method="GET *", **UNKNOWN[name])
        await town.bank.pay(town.bank.payments[0].id)
        assert [one.state for one in town.bank.notifications.all] == ["delivered"]
        await maria.press("Проверить")
    else:
        town.bank.faults.add("notification_loss")
        town.bank.faults.add("hang", method="GET *", count=1)
        await town.bank.pay(town.bank.payments[0].id)
        await maria.press("Проверить")
    assert "второй раз платить не нужно" in maria.screen + (maria.toast or "")
    assert order_row(town)["status"] == "pending"
    town.bank.faults.clear()
    town.clock.advance(seconds=16)
    before = town.world.cursor
    await town.tick()
    await town.told(maria, "получена", before)
    town.alerts()


async def test_a_notification_while_the_database_is_locked(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = silent_town
    quick = [one.replace("5000", "50") for one in services.db.engine._PRAGMAS]
    monkeypatch.setattr(services.db.engine, "_PRAGMAS", quick)
    await town.start()
    maria = await town.customer("Мария", TWO_ZONES)
    await invoice(maria, "100")
    with closing(sqlite3.connect(town.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await town.bank.pay(town.bank.payments[0].id)
        assert town.bank.notifications.all[-1].answers == ["200"]
    assert any("database is locked" in error for error in town.journal.take())
    assert order_row(town)["status"] == "pending"
    town.clock.advance(seconds=6)
    before = town.world.cursor
    await town.tick()
    await town.told(maria, "получена", before)


async def test_notifications_repeated_delayed_and_out_of_order(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    town.bank.faults.add("notification_repeat", times=3, method="refund.*")
    town.bank.faults.add("notification_reorder", method="payment.succeeded")
    payment = town.bank.payments[0]
    before = town.world.cursor
    await town.bank.pay(payment.id)
    assert order_row(town)["status"] == "pending"
    await town.bank.refund(payment.id, 3000)
    await asyncio.wait_for(town.bank.notifications.settled(), PATIENCE)
    await town.told(maria, "Возвращено", before)
    assert told_paid(maria) == 1
    assert sum("Возвращено" in text for text in maria.screens) == 1
    assert (order_row(town)["status"], order_row(town)["refunded"]) == ("paid", 3000)
    assert town.rows("SELECT kopecks FROM refunds") == [(3000,)]


async def test_a_refund_announced_while_the_provider_is_down_is_learnt_later(town: Town, maria: Someone) -> None:
    """Of an old payment, with which nobody compares any more."""
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    await town.bank.pay(payment.id)
    town.clock.advance(days=40)
    town.bank.faults.add("server_error", method="GET *")
    await town.bank.refund(payment.id, 3000)
    assert town.bank.notifications.all[-1].answers == ["200"]
    for _ in range(2):
        town.clock.advance(hours=13)
        await town.tick()
    town.bank.faults.clear()
    town.clock.advance(hours=13)
    before = town.world.cursor
    await town.tick()
    await town.told(maria, "Возвращено 30,00", before)
    assert order_row(town)["ask_at"] is None


# Once, and never back


async def test_everybody_finding_out_at_once_tells_it_once(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    town.bank.faults.add("notification_repeat", times=3)
    town.clock.advance(seconds=30)
    before = town.world.cursor
    maria.taps("Проверить")
    await asyncio.gather(
        town.bank.pay(payment.id),
        town.app.use(Settlement).watch(),
        town.app.use(Settlement).reconcile(),
        town.app.use(Settlement).watch(),
    )
    await asyncio.gather(
        town.app.use(Settlement).take_notification(payment.id, ""),
        town.app.use(Settlement).reconcile(),
        town.bank.notifications.settled(),
        maria.press("Проверить") if "Проверить" in maria.labels else town.quiet(),
    )
    await town.told(maria, "получена", before)
    await town.quiet()
    assert told_paid(maria) == 1
    told = town.rows("SELECT kind FROM outbox WHERE edits IS NULL")
    assert told == [("order_paid",)]


async def test_paid_stays_paid_whatever_the_provider_says_later(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    await town.bank.pay(payment.id)
    kept = order_row(town)
    for status in ("pending", "canceled", "waiting_for_capture"):
        payment.status = status
        payment.cancellation = {"party": "yoo_money", "reason": "expired_on_confirmation"}
        await answered(town, about(payment.id, event="payment.canceled"))
        await town.app.use(Settlement).reconcile()
    assert {**order_row(town), "url": kept["url"]} == kept


async def test_an_order_that_was_given_up_and_is_paid_all_the_same_is_told(town: Town, maria: Someone) -> None:
    """The provider took the request and said no."""
    town.bank.faults.add("http_status", status=403, method="POST /payments")
    await invoice(maria, "100")
    assert order_row(town)["status"] == "canceled"
    [call] = posts(town)
    payment = town.bank.till.create(call.body, town.sandbox.url)
    town.bank.faults.add("notification_loss")
    await town.bank.pay(payment.id)
    before = town.world.cursor
    await town.app.use(Settlement).reconcile()
    await town.told(maria, "получена", before)
    assert order_row(town)["status"] == "paid"
    town.alerts()


# Nobody waits for another's trouble


async def copies(town: Town, count: int) -> None:
    """Orders that the provider knows nothing of, all due before the real one."""
    for number in range(count):
        await town.run(
            "INSERT INTO orders (key, number, user_id, account, kopecks, created_at, request, status, external_id,"
            " ask_at) SELECT 'k' || ?, 'X-' || ?, user_id, account, kopecks, created_at, '{}', 'pending', 'x' || ?,"
            " datetime(created_at, '-1 hour') FROM orders WHERE number LIKE 'О%' LIMIT 1",
            *(number, number, number),
        )


async def test_orders_that_nobody_can_explain_keep_no_other_waiting(town: Town, maria: Someone) -> None:
    town.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    await copies(town, 25)
    await town.bank.pay(town.bank.payments[0].id)
    town.clock.advance(seconds=6)
    before = town.world.cursor
    for _ in range(2):
        await town.tick()
    await town.told(maria, "получена", before)
    assert len(town.alerts()) == 25


@pytest.fixture
def one_at_a_time(silent_town: Town) -> None:
    silent_town.provider_limits = ProviderLimits(at_once=1)


@pytest.mark.usefixtures("one_at_a_time")
async def test_a_payment_that_contradicts_its_order_keeps_no_other_waiting(town: Town, maria: Someone) -> None:
    town.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    town.bank.payments[0].amount = 1
    town.clock.advance(seconds=1)
    oleg = await town.customer("Олег", OTHER)
    await invoice(oleg, "200")
    await town.bank.pay(town.bank.payments[1].id)
    town.clock.advance(seconds=6)
    before = town.world.cursor
    for _ in range(2):
        await town.tick()
    await town.told(oleg, "получена", before)
    assert len(town.alerts()) == 1


async def test_an_error_of_ours_about_one_order_is_told_and_the_others_go_on(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    oleg = await town.customer("Олег", OTHER)
    await invoice(oleg, "200")
    first, second = town.bank.payments
    for payment in (first, second):
        await town.bank.pay(payment.id)
    real = town.app.use(Settlement)._apply

    async def broken(order: Order, *given: Any, **named: Any) -> Order:
        if order.external_id == first.id:
            raise ZeroDivisionError("a bug")
        return await real(order, *given, **named)

    monkeypatch.setattr(town.app.use(Settlement), "_apply", broken)
    town.clock.advance(seconds=6)
    before = town.world.cursor
    await town.tick()
    await town.tick()
    await town.told(oleg, "получена", before)
    [alert] = town.alerts()
    assert "ZeroDivisionError" in alert
    assert "in broken" in alert, "the log says where"
    monkeypatch.undo()
    town.clock.advance(seconds=6)
    await town.tick()
    await town.told(maria, "получена", before)


async def test_a_payment_that_cannot_be_written_down_keeps_no_other_from_being_compared(
    town: Town, maria: Someone
) -> None:
    """Another order has the provider's id of the newest one, which the database refuses to keep twice."""
    town.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    town.clock.advance(seconds=1)
    oleg = await town.customer("Олег", OTHER)
    await invoice(oleg, "200")
    behind, strange = town.bank.payments
    for payment in (behind, strange):
        await town.bank.pay(payment.id)
    await copies(town, 1)
    await town.run("UPDATE orders SET external_id = NULL WHERE user_id = ?", oleg.id)
    await town.run("UPDATE orders SET external_id = ? WHERE key = 'k0'", strange.id)
    before = town.world.cursor
    await town.app.use(Settlement).reconcile()
    await town.told(maria, "получена", before)
    [alert] = town.alerts()
    assert f"payment {strange.id}: IntegrityError" in alert
    await town.run("DELETE FROM orders WHERE key = 'k0'")
    before = town.world.cursor
    await town.app.use(Settlement).reconcile()
    await town.told(oleg, "получена", before)


@pytest.mark.usefixtures("single_try")
async def test_asking_becomes_rarer_and_ends(town: Town, maria: Someone) -> None:
    town.bank.faults.add("reset_before")
    await invoice(maria, "100")
    for _ in range(40):
        town.clock.advance(days=1)
        await town.tick()
    assert order_row(town)["ask_at"] is None
    assert len(posts(town)) == 1
    assert 25 <= len(town.bank.calls) <= 35
    town.alerts()
