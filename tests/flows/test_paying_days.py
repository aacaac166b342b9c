"""The day of a payment is the day on which the provider took the money, whenever the bot hears of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.registry import export_payments
from sandbox.bank import Payment
from tests.conftest import TWO_ZONES
from tests.flows.payer import invoice, order_row
from tests.flows.test_paying_data import book
from tests.harness import BotHarness
from tests.people import Someone


async def paid_unheard(harness: BotHarness, someone: Someone, typed: str) -> Payment:
    """The money was taken, and the bot ended before it could hear of it."""
    harness.bank.faults.add("notification_loss")
    await invoice(someone, typed)
    await harness.stop()
    payment = harness.bank.payments[-1]
    await harness.bank.pay(payment.id)
    return payment


async def heard(harness: BotHarness, someone: Someone) -> None:
    before = harness.world.cursor
    await harness.start()
    await harness.tick()
    await harness.told(someone, "получена", before)


async def exported(harness: BotHarness, file: Path, first: date, last: date) -> list[str]:
    url, profile = f"sqlite+aiosqlite:///{harness.database}", harness.app.settings.profile
    await export_payments(url, profile, file, first, last)
    return [line.split(";")[1] for line in file.read_text(encoding="utf-8").splitlines()[1:]]


async def test_an_outage_of_three_days_credits_nothing_twice(harness: BotHarness, maria: Someone) -> None:
    """Billing has the payment by then, without a reference of ours."""
    harness.clock.set("2026-11-20 12:00")
    await paid_unheard(harness, maria, "1000")
    harness.clock.advance(days=3)
    await book(harness, int(TWO_ZONES), "2026-11-20", 100000, "")
    await heard(harness, maria)
    assert "Оплата 1 000,00 ₽ от 20.11.2026 получена" in maria.screen
    await maria.send("/menu")
    assert "По счёту 234,56 ₽" in maria.screen
    assert order_row(harness)["credited_on"] == "2026-11-20"
    [alert] = harness.alerts()
    assert "payments of 2026-11-20 became known on 2026-11-23" in alert


async def test_the_last_minute_of_a_month_is_exported_in_that_month(
    harness: BotHarness, maria: Someone, tmp_path: Path
) -> None:
    """The month ends at the region's midnight: in UTC it is 20:59."""
    harness.clock.set("2026-11-30 23:59")
    await paid_unheard(harness, maria, "100")
    harness.clock.set("2026-12-01 00:10")
    await heard(harness, maria)
    november = (date(2026, 11, 1), date(2026, 11, 30))
    assert await exported(harness, tmp_path / "11.csv", *november) == ["2026-11-30"]
    assert await exported(harness, tmp_path / "12.csv", date(2026, 12, 1), date(2026, 12, 31)) == []
    assert len(harness.alerts()) == 1


async def test_the_first_minute_of_a_month_is_exported_in_the_next_one(
    harness: BotHarness, maria: Someone, tmp_path: Path
) -> None:
    harness.clock.set("2026-12-01 00:01")
    await paid_unheard(harness, maria, "100")
    harness.clock.advance(seconds=6)
    await heard(harness, maria)
    assert await exported(harness, tmp_path / "11.csv", date(2026, 11, 1), date(2026, 11, 30)) == []
    assert await exported(harness, tmp_path / "12.csv", date(2026, 12, 1), date(2026, 12, 31)) == ["2026-12-01"]


async def test_the_two_weeks_begin_with_the_payment(harness: BotHarness, maria: Someone) -> None:
    harness.clock.set("2026-11-10 12:00")
    await paid_unheard(harness, maria, "1000")
    harness.clock.advance(days=10)
    await heard(harness, maria)
    await maria.send("/pay")
    assert "10.11.2026 вы уже оплатили 1 000,00 ₽." in maria.screen
    harness.clock.advance(days=5)
    await maria.send("/menu")
    assert "По счёту 1 234,56 ₽" in maria.screen
    harness.alerts()


async def test_what_was_heard_of_on_its_own_day_has_no_day_in_its_message(harness: BotHarness, maria: Someone) -> None:
    await paid_unheard(harness, maria, "1000")
    harness.clock.advance(hours=3)
    await heard(harness, maria)
    assert "Оплата 1 000,00 ₽ получена" in maria.screen


async def test_a_payment_that_proves_nothing_is_found_by_the_day_it_was_made(
    harness: BotHarness, maria: Someone
) -> None:
    """Another person's payment through the bot, in billing without a reference."""
    harness.clock.set("2026-11-10 12:00")
    await paid_unheard(harness, maria, "777,77")
    harness.clock.advance(days=8)
    await book(harness, int(TWO_ZONES), "2026-11-10", 77777, "")
    await heard(harness, maria)
    stranger = await harness.customer("Глеб", TWO_ZONES)
    await stranger.send("/menu")
    await stranger.press("Подтвердить")
    await stranger.send("777,77")
    assert "Такой оплаты мы не нашли" in stranger.screen
    harness.alerts()


async def test_what_another_has_paid_before_and_was_heard_of_since_is_not_paid_again(
    harness: BotHarness, maria: Someone
) -> None:
    """«Повторить» looks at payments that the customer could not know of when they chose their sum."""
    harness.bank.faults.add("notification_loss")
    oleg = await harness.customer("Олег", TWO_ZONES)
    await invoice(oleg, "1500")
    await harness.bank.pay(harness.bank.payments[-1].id)
    harness.clock.advance(seconds=1)
    await invoice(maria, "1500")
    before = harness.world.cursor
    await harness.bank.decline(harness.bank.payments[1].id)
    harness.clock.advance(seconds=10)
    await harness.tick()
    await harness.told(oleg, "получена", before)
    await harness.told(maria, "не прошла", before)
    await maria.press("Повторить")
    assert "Как заплатить" not in maria.screen
    assert "К оплате 475,74 ₽" in maria.screen


@pytest.mark.parametrize(
    ("captured", "day"),
    [
        ({}, "2026-11-23"),
        ({"captured_at": None}, "2026-11-23"),
        ({"captured_at": "yesterday"}, "2026-11-23"),
        ({"captured_at": 1763798400}, "2026-11-23"),
        ({"captured_at": "2026-11-21T07:14:00"}, "2026-11-23"),
        ({"captured_at": "2036-11-21T07:14:00.000Z"}, "2026-11-23"),
        ({"captured_at": "1970-01-01T00:00:00.000Z"}, "2026-11-20"),
        ({"captured_at": "2026-11-21T20:59:59.999Z"}, "2026-11-21"),
        ({"captured_at": "2026-11-21T21:00:00.000Z"}, "2026-11-22"),
    ],
    ids=["missing", "null", "words", "a number", "no zone", "future", "before it was made", "a moment", "midnight"],
)
async def test_a_moment_that_cannot_be_is_not_believed(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch, captured: dict[str, Any], day: str
) -> None:
    """Without one it is the moment at which the bot heard; one outside the order's life is its nearest end."""
    harness.clock.set("2026-11-20 12:00")
    payment = await paid_unheard(harness, maria, "1000")
    real = Payment.json

    def shown(self: Payment, shop: Any) -> Any:
        found = real(self, shop)
        found.pop("captured_at", None)
        return found | captured

    monkeypatch.setattr(Payment, "json", shown)
    assert payment.status == "succeeded"
    harness.clock.set("2026-11-23 12:00")
    await heard(harness, maria)
    zone = timedelta(hours=3)
    at = datetime.fromisoformat(order_row(harness)["settled_at"]).replace(tzinfo=UTC) + zone
    assert str(at.date()) == day
    assert order_row(harness)["learned_at"].startswith("2026-11-23 09:00")
    harness.alerts()
