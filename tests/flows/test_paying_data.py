"""Payments in storage: which, for whom, and how they come back from billing."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from bot.cli.registry import export_payments, import_files
from services.payments.crediting import Crediting
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Access
from tests.conftest import TWO_ZONES
from tests.flows.mailed import confirm
from tests.flows.payer import invoice, order_row, paying
from tests.flows.test_erasure import erase, gone, places
from tests.flows.test_privacy import download
from tests.harness import BotHarness
from tests.people import Someone

EMAIL: Final = "maria.sinichkina@mail.ru"


async def paid(harness: BotHarness, someone: Someone, typed: str) -> dict[str, Any]:
    """Money that has come; the order."""
    await invoice(someone, typed)
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(someone, "получена", before)
    return order_row(harness)


async def book(harness: BotHarness, account: int, day: str, kopecks: int, reference: str) -> None:
    """The supplier has credited it."""
    columns = "account, date, amount, reference, source"
    await harness.run(
        f"INSERT INTO ledger_payments ({columns}) VALUES (?, ?, ?, ?, '')", account, day, kopecks, reference
    )


# Credited


async def test_from_paying_to_the_supplier_s_books(harness: BotHarness, maria: Someone, tmp_path: Path) -> None:
    """The sum to pay is the same before and after billing has taken the payment over from the bot's own file."""
    order = await paid(harness, maria, "1000")
    await maria.send("/menu")
    assert "По счёту 234,56 ₽" in maria.screen
    await harness.app.use(Crediting).credit()
    assert order_row(harness)["credited_on"] is None
    url, file = f"sqlite+aiosqlite:///{harness.database}", tmp_path / "payments_bot.csv"
    profile = harness.app.settings.profile
    assert await export_payments(url, profile, file, date(2026, 11, 23), date(2026, 11, 23)) == 1
    assert file.read_text(encoding="utf-8") == (
        f"account;date;amount;source;reference\n{TWO_ZONES};2026-11-23;1000.00;bot;{order['number']}\n"
    )
    assert await import_files(url, profile, [file], now=harness.clock.now) == 0
    await harness.app.use(Crediting).credit()
    assert order_row(harness)["credited_on"] == "2026-11-23"
    assert harness.rows("SELECT kopecks FROM orders WHERE credited_on IS NULL") == []
    await maria.send("/menu")
    assert "По счёту 234,56 ₽" in maria.screen
    await maria.press("Оплатить")
    await maria.press("Предварительно за")
    assert "К оплате 234,56 ₽" in maria.screen
    assert "не зачислено" not in maria.screen


async def test_what_was_imported_is_taken_off_once_without_waiting_for_the_hour(
    harness: BotHarness, maria: Someone
) -> None:
    order = await paid(harness, maria, "1000")
    await book(harness, int(TWO_ZONES), "2026-11-23", 100000, order["number"])
    await maria.send("/menu")
    assert "По счёту 234,56 ₽" in maria.screen
    assert order_row(harness)["credited_on"] == "2026-11-23"


async def test_who_has_paid_nothing_costs_the_supplier_no_question(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def counted(number: str, since: date) -> tuple[Any, ...]:
        asked.append(number)
        return ()

    monkeypatch.setattr(harness.supplier, "payments", counted)
    for command in ("/menu", "/pay"):
        await maria.send(command)
    assert asked == []
    await paid(harness, maria, "1000")
    await maria.send("/menu")
    assert "По счёту 234,56 ₽" in maria.screen
    assert asked


async def test_refunds_are_lines_of_their_own_day(harness: BotHarness, maria: Someone, tmp_path: Path) -> None:
    await paid(harness, maria, "1000")
    payment = harness.bank.payments[-1]
    for kopecks in (30000, 10050):
        harness.clock.advance(days=1)
        before = harness.world.cursor
        await harness.bank.refund(payment.id, kopecks)
        await harness.told(maria, "Возвращено", before)
    url, file = f"sqlite+aiosqlite:///{harness.database}", tmp_path / "out.csv"
    profile = harness.app.settings.profile
    assert await export_payments(url, profile, file, date(2026, 11, 1), date(2026, 11, 30)) == 3
    lines = [line.split(";")[1:3] for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    assert lines == [["2026-11-23", "1000.00"], ["2026-11-24", "-300.00"], ["2026-11-25", "-100.50"]]
    assert await export_payments(url, profile, file, date(2026, 11, 24), date(2026, 11, 24)) == 1
    assert await export_payments(url, profile, file, date.min, date.max) == 3
    await maria.send("/menu")
    assert "По счёту 635,06 ₽" in maria.screen


async def test_only_what_was_paid_is_exported(harness: BotHarness, maria: Someone, tmp_path: Path) -> None:
    await invoice(maria, "100")
    await harness.bank.decline(harness.bank.payments[-1].id)
    await invoice(maria, "200")
    url = f"sqlite+aiosqlite:///{harness.database}"
    days = (date(2026, 11, 1), date(2026, 11, 30))
    assert await export_payments(url, harness.app.settings.profile, tmp_path / "out.csv", *days) == 0


async def test_where_nothing_was_ever_paid_nothing_is_exported(harness: BotHarness, tmp_path: Path) -> None:
    url, profile = f"sqlite+aiosqlite:///{harness.database}", harness.app.settings.profile
    for days in ((date.min, date.max), (date.max, date.max)):
        assert await export_payments(url, profile, tmp_path / "out.csv", *days) == 0


async def test_a_payment_that_is_never_credited_is_told_and_no_longer_taken_off(
    harness: BotHarness, maria: Someone
) -> None:
    order = await paid(harness, maria, "1000")
    harness.clock.advance(days=6)
    await harness.app.use(Crediting).credit()
    [alert] = harness.alerts()
    assert order["number"] in alert
    harness.clock.advance(days=9)
    await maria.send("/menu")
    assert "По счёту 1 234,56 ₽" in maria.screen
    await harness.bank.refund(harness.bank.payments[-1].id)
    await harness.app.use(Crediting).credit()
    assert harness.alerts() == [], "what was given back is not waited for"


async def test_one_that_is_credited_late_is_not_told_as_missing(harness: BotHarness, maria: Someone) -> None:
    order = await paid(harness, maria, "1000")
    harness.clock.advance(days=6)
    await book(harness, int(TWO_ZONES), "2026-11-28", 100000, order["number"])
    await harness.app.use(Crediting).credit()
    assert harness.alerts() == []
    assert order_row(harness)["credited_on"] == "2026-11-28"


async def test_a_refund_that_comes_while_the_supplier_is_asked_is_kept(harness: BotHarness, maria: Someone) -> None:
    order = await paid(harness, maria, "1000")
    await book(harness, int(TWO_ZONES), "2026-11-23", 100000, order["number"])
    harness.supplier.called.clear()
    harness.supplier.gate.clear()
    crediting = asyncio.ensure_future(harness.app.use(Crediting).credit())
    await harness.supplier.called.wait()
    await harness.bank.refund(harness.bank.payments[-1].id, 30000)
    harness.supplier.gate.set()
    await crediting
    assert (order_row(harness)["refunded"], order_row(harness)["credited_on"]) == (30000, "2026-11-23")


async def test_an_account_with_which_something_is_wrong_keeps_no_other_waiting(
    harness: BotHarness, maria: Someone
) -> None:
    await paid(harness, maria, "1000")
    oleg = await harness.customer("Олег", "360000200017")
    order = await paid(harness, oleg, "500")
    await book(harness, 360000200017, "2026-11-23", 50000, order["number"])
    harness.supplier.trouble, harness.supplier.times = ZeroDivisionError("a bug"), 1
    await harness.app.use(Crediting).credit()
    assert len(harness.alerts()) == 1
    assert harness.rows("SELECT account FROM orders WHERE credited_on IS NOT NULL") == [("360000200017",)]


async def test_an_account_that_cannot_be_asked_about_keeps_no_other_waiting(
    harness: BotHarness, maria: Someone
) -> None:
    await paid(harness, maria, "1000")
    oleg = await harness.customer("Олег", "360000200017")
    order = await paid(harness, oleg, "500")
    await book(harness, 360000200017, "2026-11-23", 50000, order["number"])
    harness.supplier.trouble, harness.supplier.about = SupplierUnavailable(), frozenset({TWO_ZONES})
    await harness.app.use(Crediting).credit()
    assert harness.rows("SELECT account FROM orders WHERE credited_on IS NOT NULL") == [("360000200017",)]


async def test_an_account_that_has_vanished_keeps_no_other_waiting(harness: BotHarness, maria: Someone) -> None:
    missing = await paid(harness, maria, "1000")
    oleg = await harness.customer("Олег", "360000200017")
    order = await paid(harness, oleg, "500")
    await book(harness, 360000200017, "2026-11-23", 50000, order["number"])
    harness.supplier.trouble, harness.supplier.about = AccountUnknown(), frozenset({TWO_ZONES})
    await harness.app.use(Crediting).credit()
    assert harness.alerts() == []
    assert harness.rows("SELECT account FROM orders WHERE credited_on IS NOT NULL") == [("360000200017",)]
    harness.clock.advance(days=6)
    await harness.app.use(Crediting).credit()
    [alert] = harness.alerts()
    assert missing["number"] in alert


# In whose name


async def test_the_supplier_is_asked_in_the_name_of_the_customer(harness: BotHarness, maria: Someone) -> None:
    """Theirs is the login session, also where no message of theirs is answered."""
    await paid(harness, maria, "1000")
    for text in ("/menu", "3650 1580"):
        await maria.send(text)
    await maria.press("Передать")
    await maria.send("/submissions")
    await harness.app.use(Crediting).credit()
    assert set(harness.supplier.accesses) == {Access(TWO_ZONES, maria.id)}
    newcomer = await harness.customer("Олег")
    await newcomer.send("360000200017")
    assert harness.supplier.accesses[-1] == Access("360000200017", newcomer.id)


# Erased


@pytest.mark.limits(intake={"pauses": (0,)})
async def test_money_that_comes_after_its_payer_was_erased_is_kept_and_told_to_nobody(
    harness: BotHarness, maria: Someone
) -> None:
    await invoice(maria, "100")
    await erase(maria)
    said = len(maria.screens)
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.until("SELECT status, user_id, request FROM orders", [("paid", None, "{}")])
    await harness.bank.refund(harness.bank.payments[-1].id, 3000)
    await harness.until("SELECT refunded FROM orders", [(3000,)])
    assert harness.outbox("key") == []
    assert len(maria.screens) == said
    gone(harness, maria)


@pytest.mark.limits(intake={"pauses": (0,)})
@pytest.mark.usefixtures("single_try")
@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
async def test_an_order_in_doubt_whose_payer_was_erased_is_looked_for(
    harness: BotHarness, maria: Someone, fault: str
) -> None:
    harness.bank.faults.add(fault, method="POST /payments", count=1)
    await invoice(maria, "100")
    await erase(maria)
    harness.clock.advance(seconds=30)
    await harness.tick()
    made = fault == "reset_after"
    assert harness.rows("SELECT status, user_id FROM orders") == [("pending" if made else "canceled", None)]
    if made:
        await harness.bank.pay(harness.bank.payments[-1].id)
        await harness.until("SELECT status FROM orders", [("paid",)])
    assert len([call for call in harness.bank.calls if call.method == "POST"]) == 1
    assert harness.outbox("key") == []
    gone(harness, maria)
    harness.alerts()


@pytest.mark.limits(intake={"pauses": (0,)})
async def test_the_way_back_from_the_page_leads_nobody_to_an_erased_order(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    key = order_row(harness)["key"]
    await erase(maria)
    asked = len(harness.bank.calls)
    await maria.send(f"/start pay_{key}")
    await maria.press("Согласен с обоими")
    await maria.send(f"/start pay_{key}")
    assert len(harness.bank.calls) == asked
    assert "100,00" not in "\n".join(maria.screens[-2:])


async def test_one_s_payments_are_in_the_file_of_one_s_data(harness: BotHarness, maria: Someone) -> None:
    order = await paid(harness, maria, "100")
    found = await download(maria)
    [payment] = found["payments"]
    assert (payment["number"], payment["kopecks"], payment["status"]) == (order["number"], 10000, "paid")
    assert order["key"] not in json.dumps(found["payments"])
    oleg = await harness.customer("Олег", TWO_ZONES)
    assert (await download(oleg))["payments"] == []


# The receipt of the cash register law


@pytest.fixture
async def shop_with_receipts(idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> BotHarness:
    monkeypatch.setenv("YOOKASSA_RECEIPT", "true")
    idle_harness.bank.shop.fiscalization = True
    await idle_harness.start()
    return idle_harness


@pytest.mark.usefixtures("single_try")
@pytest.mark.parametrize("end", ["paid", "declined", "never made"])
async def test_the_address_for_the_receipt_is_asked_sent_and_forgotten(
    shop_with_receipts: BotHarness, end: str
) -> None:
    harness = shop_with_receipts
    maria = await harness.customer("Мария", TWO_ZONES)
    await invoice(maria, "100")
    assert harness.bank.payments == []
    await maria.press("Картой или СБП")
    await maria.send("без собаки")
    if end == "never made":
        harness.bank.faults.add("reset_before", method="POST *")
    await maria.send(EMAIL)
    assert EMAIL not in maria.seen
    assert "orders.request" in places(harness, EMAIL)
    before = harness.world.cursor
    if end == "never made":
        harness.clock.advance(hours=2)
        await harness.tick()
        await harness.told(maria, "так и не ответила", before)
        harness.alerts()
    else:
        payment = harness.bank.payments[-1]
        assert payment.asked["receipt"]["customer"] == {"email": EMAIL}
        assert payment.asked["receipt"]["items"][0]["amount"] == payment.asked["amount"]
        await (harness.bank.pay(payment.id) if end == "paid" else harness.bank.decline(payment.id))
        await harness.told(maria, "получена" if end == "paid" else "отклонили оплату", before)
    assert places(harness, EMAIL) == set()
    assert not [line for line in harness.journal.lines if EMAIL in line or "sinichkina" in line]


async def test_the_receipt_goes_to_the_confirmed_address_unless_another_is_wanted(
    shop_with_receipts: BotHarness,
) -> None:
    harness = shop_with_receipts
    maria = await harness.customer("Мария", TWO_ZONES)
    await confirm(harness, maria, EMAIL)
    await invoice(maria, "100")
    assert f"Чек придёт на {EMAIL[0]}•••" in maria.screen
    await invoice(maria, "200")
    await maria.press("Чек на другую почту")
    await maria.press("Назад")
    assert "Сумма 200,00 ₽" in maria.screen
    await maria.press("Чек на другую почту")
    await maria.send("oleg@mail.ru")
    asked = [(one.amount, one.asked["receipt"]["customer"]["email"]) for one in harness.bank.payments]
    assert asked == [(100_00, EMAIL), (200_00, EMAIL), (200_00, "oleg@mail.ru")]
    assert len(paying(maria)) == 2, "the link with the other address is gone"


async def test_an_address_of_before_is_not_kept_for_the_next_payment(shop_with_receipts: BotHarness) -> None:
    harness = shop_with_receipts
    maria = await harness.customer("Мария", TWO_ZONES)
    await invoice(maria, "100")
    await maria.press("Картой или СБП")
    await maria.send(EMAIL)
    await invoice(maria, "200")
    assert len(harness.bank.payments) == 1
    await maria.press("Картой или СБП")
    assert "На какую почту" in maria.screen
