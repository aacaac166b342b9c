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
from tests.people import Someone
from tests.town import Town


async def paid_unheard(town: Town, someone: Someone, typed: str) -> Payment:
    """The money was taken, and the bot ended before it could hear of it."""
    town.bank.faults.add("notification_loss")
    await invoice(someone, typed)
    await town.stop()
    [payment] = town.bank.payments
    await town.bank.pay(payment.id)
    return payment


async def heard(town: Town, someone: Someone) -> None:
    before = town.world.cursor
    await town.start()
    await town.tick()
    await town.told(someone, "получена", before)


async def exported(town: Town, file: Path, first: date, last: date) -> list[str]:
    url, profile = f"sqlite+aiosqlite:///{town.database}", town.app.settings.profile
    await export_payments(url, profile, file, first, last)
    return [line.split(";")[1] for line in file.read_text(encoding="utf-8").splitlines()[1:]]


async def test_an_outage_of_three_days_credits_nothing_twice(town: Town, maria: Someone) -> None:
    """Billing has the payment by then, without a reference of ours."""
    town.clock.set("2026-11-20 12:00")
    await paid_unheard(town, maria, "1000")
    town.clock.advance(days=3)
    await book(town, int(TWO_ZONES), "2026-11-20", 100000, "")
    await heard(town, maria)
    assert "Оплата 1 000,00 ₽ от 20.11.2026 получена" in maria.screen
    await maria.send("/menu")
    assert "К оплате 234,56 ₽" in maria.screen
    assert order_row(town)["credited_on"] == "2026-11-20"
    [alert] = town.alerts()
    assert "payments of 2026-11-20 became known on 2026-11-23" in alert


async def test_the_last_minute_of_a_month_is_exported_in_that_month(town: Town, maria: Someone, tmp_path: Path) -> None:
    """The month ends at the region's midnight: in UTC it is 20:59."""
    town.clock.set("2026-11-30 23:59")
    await paid_unheard(town, maria, "100")
    town.clock.set("2026-12-01 00:10")
    await heard(town, maria)
    november = (date(2026, 11, 1), date(2026, 11, 30))
    assert await exported(town, tmp_path / "11.csv", *november) == ["2026-11-30"]
    assert await exported(town, tmp_path / "12.csv", date(2026, 12, 1), date(2026, 12, 31)) == []
    assert len(town.alerts()) == 1


async def test_the_first_minute_of_a_month_is_exported_in_the_next_one(
    town: Town, maria: Someone, tmp_path: Path
) -> None:
    town.clock.set("2026-12-01 00:01")
    await paid_unheard(town, maria, "100")
    town.clock.advance(seconds=6)
    await heard(town, maria)
    assert await exported(town, tmp_path / "11.csv", date(2026, 11, 1), date(2026, 11, 30)) == []
    assert await exported(town, tmp_path / "12.csv", date(2026, 12, 1), date(2026, 12, 31)) == ["2026-12-01"]


async def test_the_two_weeks_begin_with_the_payment(town: Town, maria: Someone) -> None:
    town.clock.set("2026-11-10 12:00")
    await paid_unheard(town, maria, "1000")
    town.clock.advance(days=10)
    await heard(town, maria)
    await maria.send("/pay")
    assert "10.11.2026 вы уже оплатили 1 000,00 ₽." in maria.screen
    town.clock.advance(days=5)
    await maria.send("/menu")
    assert "К оплате 1 234,56 ₽" in maria.screen
    town.alerts()


async def test_what_was_heard_of_on_its_own_day_has_no_day_in_its_message(town: Town, maria: Someone) -> None:
    await paid_unheard(town, maria, "1000")
    town.clock.advance(hours=3)
    await heard(town, maria)
    assert "Оплата 1 000,00 ₽ получена" in maria.screen


async def test_a_payment_that_proves_nothing_is_found_by_the_day_it_was_made(town: Town, maria: Someone) -> None:
    """Another person's payment through the bot, in billing without a reference."""
    town.clock.set("2026-11-10 12:00")
    await paid_unheard(town, maria, "777,77")
    town.clock.advance(days=8)
    await book(town, int(TWO_ZONES), "2026-11-10", 77777, "")
    await heard(town, maria)
    stranger = await town.customer("Глеб", TWO_ZONES)
    await stranger.send("/menu")
    await stranger.press("Подтвердить")
    await stranger.send("777,77")
    assert "Такой оплаты мы не нашли" in stranger.screen
    town.alerts()


async def test_what_another_has_paid_before_and_was_heard_of_since_is_not_paid_again(
    town: Town, maria: Someone
) -> None:
    """«Повторить» looks at payments that the customer could not know of when they chose their sum."""
    town.bank.faults.add("notification_loss")
    oleg = await town.customer("Олег", TWO_ZONES)
    await invoice(oleg, "1500")
    await town.bank.pay(town.bank.payments[0].id)
    town.clock.advance(seconds=1)
    await invoice(maria, "1500")
    before = town.world.cursor
    await town.bank.decline(town.bank.payments[1].id)
    town.clock.advance(seconds=10)
    await town.tick()
    await town.told(oleg, "получена", before)
    await town.told(maria, "не прошла", before)
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
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch, captured: dict[str, Any], day: str
) -> None:
    """Without one it is the moment at which the bot heard; one outside the order's life is its nearest end."""
    town.clock.set("2026-11-20 12:00")
    payment = await paid_unheard(town, maria, "1000")
    real = Payment.json

    def shown(self: Payment, shop: Any) -> Any:
        found = real(self, shop)
        found.pop("captured_at", None)
        return found | captured

    monkeypatch.setattr(Payment, "json", shown)
    assert payment.status == "succeeded"
    town.clock.set("2026-11-23 12:00")
    await heard(town, maria)
    zone = timedelta(hours=3)
    at = datetime.fromisoformat(order_row(town)["settled_at"]).replace(tzinfo=UTC) + zone
    assert str(at.date()) == day
    assert order_row(town)["learned_at"].startswith("2026-11-23 09:00")
    town.alerts()
