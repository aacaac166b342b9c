"""What is kept of payments, for whom, and how they come back from billing."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

import bot.inbox.intake
from bot.cli.registry import export_payments, import_files
from services.payments.crediting import Crediting
from services.supplier.errors import AccountUnknown, SupplierUnavailable
from services.supplier.models import Access
from tests.conftest import TWO_ZONES
from tests.flows.mailed import confirm
from tests.flows.payer import invoice, order_row, pay_sum
from tests.flows.test_erasure import erase, gone, places
from tests.flows.test_privacy import download
from tests.people import Someone
from tests.town import Town

EMAIL: Final = "maria.sinichkina@mail.ru"


async def paid(town: Town, someone: Someone, typed: str) -> dict[str, Any]:
    """Money that has come; the order."""
    await invoice(someone, typed)
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[-1].id)
    await town.told(someone, "получена", before)
    return order_row(town)


async def book(town: Town, account: int, day: str, kopecks: int, reference: str) -> None:
    """The supplier has credited it."""
    columns = "account, date, amount, reference, source"
    await town.run(f"INSERT INTO ledger_payments ({columns}) VALUES (?, ?, ?, ?, '')", account, day, kopecks, reference)


# Credited


async def test_from_paying_to_the_supplier_s_books(town: Town, maria: Someone, tmp_path: Path) -> None:
    """The sum to pay is the same before and after billing has taken the payment over from the bot's own file."""
    order = await paid(town, maria, "1000")
    await maria.send("/menu")
    assert "К оплате 234,56 ₽" in maria.screen
    await town.app.use(Crediting).credit()
    assert order_row(town)["credited_on"] is None
    url, file = f"sqlite+aiosqlite:///{town.database}", tmp_path / "payments_bot.csv"
    profile = town.app.settings.profile
    assert await export_payments(url, profile, file, date(2026, 11, 23), date(2026, 11, 23)) == 1
    assert file.read_text(encoding="utf-8") == (
        f"account;date;amount;source;reference\n{TWO_ZONES};2026-11-23;1000.00;bot;{order['number']}\n"
    )
    assert await import_files(url, profile, [file], now=town.clock.now) == 0
    await town.app.use(Crediting).credit()
    assert order_row(town)["credited_on"] == "2026-11-23"
    assert town.rows("SELECT kopecks FROM orders WHERE credited_on IS NULL") == []
    await maria.send("/menu")
    assert "К оплате 234,56 ₽" in maria.screen
    await maria.press("Оплатить")
    await maria.press("Предварительный расчёт")
    assert "К оплате 234,56 ₽" in maria.screen
    assert "не зачислено" not in maria.screen


async def test_what_was_imported_is_taken_off_once_without_waiting_for_the_hour(town: Town, maria: Someone) -> None:
    order = await paid(town, maria, "1000")
    await book(town, int(TWO_ZONES), "2026-11-23", 100000, order["number"])
    await maria.send("/menu")
    assert "К оплате 234,56 ₽" in maria.screen
    assert order_row(town)["credited_on"] == "2026-11-23"


async def test_who_has_paid_nothing_costs_the_supplier_no_question(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def counted(number: str, since: date) -> tuple[Any, ...]:
        asked.append(number)
        return ()

    monkeypatch.setattr(town.supplier, "payments", counted)
    for command in ("/menu", "/pay"):
        await maria.send(command)
    assert asked == []
    await paid(town, maria, "1000")
    await maria.send("/menu")
    assert "К оплате 234,56 ₽" in maria.screen
    assert asked


async def test_refunds_are_lines_of_their_own_day(town: Town, maria: Someone, tmp_path: Path) -> None:
    await paid(town, maria, "1000")
    payment = town.bank.payments[0]
    for kopecks in (30000, 10050):
        town.clock.advance(days=1)
        before = town.world.cursor
        await town.bank.refund(payment.id, kopecks)
        await town.told(maria, "Возвращено", before)
    url, file = f"sqlite+aiosqlite:///{town.database}", tmp_path / "out.csv"
    profile = town.app.settings.profile
    assert await export_payments(url, profile, file, date(2026, 11, 1), date(2026, 11, 30)) == 3
    lines = [line.split(";")[1:3] for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    assert lines == [["2026-11-23", "1000.00"], ["2026-11-24", "-300.00"], ["2026-11-25", "-100.50"]]
    assert await export_payments(url, profile, file, date(2026, 11, 24), date(2026, 11, 24)) == 1
    assert await export_payments(url, profile, file, date.min, date.max) == 3
    await maria.send("/menu")
    assert "К оплате 635,06 ₽" in maria.screen


async def test_only_what_was_paid_is_exported(town: Town, maria: Someone, tmp_path: Path) -> None:
    await invoice(maria, "100")
    await town.bank.decline(town.bank.payments[0].id)
    await invoice(maria, "200")
    url = f"sqlite+aiosqlite:///{town.database}"
    days = (date(2026, 11, 1), date(2026, 11, 30))
    assert await export_payments(url, town.app.settings.profile, tmp_path / "out.csv", *days) == 0


async def test_where_nothing_was_ever_paid_nothing_is_exported(town: Town, tmp_path: Path) -> None:
    url, profile = f"sqlite+aiosqlite:///{town.database}", town.app.settings.profile
    for days in ((date.min, date.max), (date.max, date.max)):
        assert await export_payments(url, profile, tmp_path / "out.csv", *days) == 0


async def test_a_payment_that_is_never_credited_is_told_and_no_longer_taken_off(town: Town, maria: Someone) -> None:
    order = await paid(town, maria, "1000")
    town.clock.advance(days=6)
    await town.app.use(Crediting).credit()
    [alert] = town.alerts()
    assert order["number"] in alert
    town.clock.advance(days=9)
    await maria.send("/menu")
    assert "К оплате 1 234,56 ₽" in maria.screen
    await town.bank.refund(town.bank.payments[0].id)
    await town.app.use(Crediting).credit()
    assert town.alerts() == [], "what was given back is not waited for"


async def test_one_that_is_credited_late_is_not_told_as_missing(town: Town, maria: Someone) -> None:
    order = await paid(town, maria, "1000")
    town.clock.advance(days=6)
    await book(town, int(TWO_ZONES), "2026-11-28", 100000, order["number"])
    await town.app.use(Crediting).credit()
    assert town.alerts() == []
    assert order_row(town)["credited_on"] == "2026-11-28"


async def test_a_refund_that_comes_while_the_supplier_is_asked_is_kept(town: Town, maria: Someone) -> None:
    order = await paid(town, maria, "1000")
    await book(town, int(TWO_ZONES), "2026-11-23", 100000, order["number"])
    town.supplier.called.clear()
    town.supplier.gate.clear()
    crediting = asyncio.ensure_future(town.app.use(Crediting).credit())
    await town.supplier.called.wait()
    await town.bank.refund(town.bank.payments[0].id, 30000)
    town.supplier.gate.set()
    await crediting
    assert (order_row(town)["refunded"], order_row(town)["credited_on"]) == (30000, "2026-11-23")


async def test_an_account_with_which_something_is_wrong_keeps_no_other_waiting(town: Town, maria: Someone) -> None:
    await paid(town, maria, "1000")
    oleg = await town.customer("Олег", "360000200017")
    order = await paid(town, oleg, "500")
    await book(town, 360000200017, "2026-11-23", 50000, order["number"])
    town.supplier.trouble, town.supplier.times = ZeroDivisionError("a bug"), 1
    await town.app.use(Crediting).credit()
    assert len(town.alerts()) == 1
    assert town.rows("SELECT account FROM orders WHERE credited_on IS NOT NULL") == [("360000200017",)]


async def test_an_account_that_cannot_be_asked_about_keeps_no_other_waiting(town: Town, maria: Someone) -> None:
    await paid(town, maria, "1000")
    oleg = await town.customer("Олег", "360000200017")
    order = await paid(town, oleg, "500")
    await book(town, 360000200017, "2026-11-23", 50000, order["number"])
    town.supplier.trouble, town.supplier.about = SupplierUnavailable(), frozenset({TWO_ZONES})
    await town.app.use(Crediting).credit()
    assert town.rows("SELECT account FROM orders WHERE credited_on IS NOT NULL") == [("360000200017",)]


async def test_an_account_that_has_vanished_keeps_no_other_waiting(town: Town, maria: Someone) -> None:
    missing = await paid(town, maria, "1000")
    oleg = await town.customer("Олег", "360000200017")
    order = await paid(town, oleg, "500")
    await book(town, 360000200017, "2026-11-23", 50000, order["number"])
    town.supplier.trouble, town.supplier.about = AccountUnknown(), frozenset({TWO_ZONES})
    await town.app.use(Crediting).credit()
    assert town.alerts() == []
    assert town.rows("SELECT account FROM orders WHERE credited_on IS NOT NULL") == [("360000200017",)]
    town.clock.advance(days=6)
    await town.app.use(Crediting).credit()
    [alert] = town.alerts()
    assert missing["number"] in alert


# In whose name


async def test_the_supplier_is_asked_in_the_name_of_the_customer(town: Town, maria: Someone) -> None:
    """Theirs is the login session, also where no message of theirs is answered."""
    await paid(town, maria, "1000")
    for text in ("/menu", "3650 1580"):
        await maria.send(text)
    await maria.press("Передать")
    await maria.send("/history")
    await town.app.use(Crediting).credit()
    assert set(town.supplier.accesses) == {Access(TWO_ZONES, maria.id)}
    newcomer = await town.customer("Олег")
    await newcomer.send("360000200017")
    assert town.supplier.accesses[-1] == Access("360000200017", newcomer.id)


# Erased


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.inbox.intake, "PAUSES", (0,))


@pytest.mark.usefixtures("no_pauses")
async def test_money_that_comes_after_its_payer_was_erased_is_kept_and_told_to_nobody(
    town: Town, maria: Someone
) -> None:
    await invoice(maria, "100")
    await erase(maria)
    said = len(maria.screens)
    await town.bank.pay(town.bank.payments[0].id)
    await town.until("SELECT status, user_id, request FROM orders", [("paid", None, "{}")])
    await town.bank.refund(town.bank.payments[0].id, 3000)
    await town.until("SELECT refunded FROM orders", [(3000,)])
    assert town.rows("SELECT * FROM outbox") == []
    assert len(maria.screens) == said
    gone(town, maria)


@pytest.mark.usefixtures("no_pauses", "single_try")
@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
async def test_an_order_in_doubt_whose_payer_was_erased_is_looked_for(town: Town, maria: Someone, fault: str) -> None:
    town.bank.faults.add(fault, method="POST /payments", count=1)
    await invoice(maria, "100")
    await erase(maria)
    town.clock.advance(seconds=30)
    await town.tick()
    made = fault == "reset_after"
    assert town.rows("SELECT status, user_id FROM orders") == [("pending" if made else "canceled", None)]
    if made:
        await town.bank.pay(town.bank.payments[0].id)
        await town.until("SELECT status FROM orders", [("paid",)])
    assert len([call for call in town.bank.calls if call.method == "POST"]) == 1
    assert town.rows("SELECT * FROM outbox") == []
    gone(town, maria)
    town.alerts()


@pytest.mark.usefixtures("no_pauses")
async def test_the_way_back_from_the_page_leads_nobody_to_an_erased_order(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    key = order_row(town)["key"]
    await erase(maria)
    asked = len(town.bank.calls)
    await maria.send(f"/start pay_{key}")
    await maria.press("Даю оба согласия")
    await maria.send(f"/start pay_{key}")
    assert len(town.bank.calls) == asked
    assert "100,00" not in "\n".join(maria.screens[-2:])


async def test_one_s_payments_are_in_the_file_of_one_s_data(town: Town, maria: Someone) -> None:
    order = await paid(town, maria, "100")
    found = await download(maria)
    [payment] = found["payments"]
    assert (payment["number"], payment["kopecks"], payment["status"]) == (order["number"], 10000, "paid")
    assert order["key"] not in json.dumps(found["payments"])
    oleg = await town.customer("Олег", TWO_ZONES)
    assert (await download(oleg))["payments"] == []


# The receipt of the cash register law


@pytest.fixture
async def shop_with_receipts(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("YOOKASSA_RECEIPT", "true")
    silent_town.bank.shop.fiscalization = True
    await silent_town.start()
    return silent_town


@pytest.mark.usefixtures("single_try")
@pytest.mark.parametrize("end", ["paid", "declined", "never made"])
async def test_the_address_for_the_receipt_is_asked_sent_and_forgotten(shop_with_receipts: Town, end: str) -> None:
    town = shop_with_receipts
    maria = await town.customer("Мария", TWO_ZONES)
    await pay_sum(maria, "100")
    await maria.press("Картой или через СБП")
    assert town.bank.payments == []
    await maria.send("без собаки")
    await maria.send(EMAIL)
    assert EMAIL not in maria.seen
    if end == "never made":
        town.bank.faults.add("reset_before", method="POST *")
    await maria.press("Картой или через СБП")
    assert "orders.request" in places(town, EMAIL)
    before = town.world.cursor
    if end == "never made":
        town.clock.advance(hours=2)
        await town.tick()
        await town.told(maria, "так и не ответила", before)
        town.alerts()
    else:
        [payment] = town.bank.payments
        assert payment.asked["receipt"]["customer"] == {"email": EMAIL}
        assert payment.asked["receipt"]["items"][0]["amount"] == payment.asked["amount"]
        await (town.bank.pay(payment.id) if end == "paid" else town.bank.decline(payment.id))
        await town.told(maria, "получена" if end == "paid" else "отклонили оплату", before)
    assert places(town, EMAIL) == set()
    assert not [line for line in town.journal.lines if EMAIL in line or "sinichkina" in line]


async def test_the_receipt_goes_to_the_confirmed_address_unless_another_is_wanted(shop_with_receipts: Town) -> None:
    town = shop_with_receipts
    maria = await town.customer("Мария", TWO_ZONES)
    await confirm(town, maria, EMAIL)
    await pay_sum(maria, "100")
    assert f"Чек придёт на {EMAIL[0]}•••" in maria.screen
    await maria.press("Картой или через СБП")
    await pay_sum(maria, "200")
    await maria.press("Чек на другую почту")
    await maria.press("Назад")
    assert "Сумма 200,00 ₽" in maria.screen
    await maria.press("Чек на другую почту")
    await maria.send("oleg@mail.ru")
    await maria.press("Картой или через СБП")
    addresses = [payment.asked["receipt"]["customer"]["email"] for payment in town.bank.payments]
    assert addresses == [EMAIL, "oleg@mail.ru"]


async def test_an_address_of_before_is_not_kept_for_the_next_payment(shop_with_receipts: Town) -> None:
    town = shop_with_receipts
    maria = await town.customer("Мария", TWO_ZONES)
    await pay_sum(maria, "100")
    await maria.press("Картой или через СБП")
    await maria.send(EMAIL)
    await maria.press("Картой или через СБП")
    await pay_sum(maria, "200")
    await maria.press("Картой или через СБП")
    assert len(town.bank.payments) == 1
    assert "На какую почту" in maria.screen
