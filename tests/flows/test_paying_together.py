"""Several people pay one account: a link to a sum that was due goes when another payment has come, and the payment
code is worked out again at the last press."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.accounts.models import Link
from services.documents import TypstDocuments
from services.payments.due import Due, Dues
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.payer import invoice
from tests.harness import BotHarness
from tests.people import Someone


async def paid(harness: BotHarness, someone: Someone) -> None:
    """The newest link is paid."""
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(someone, "получена", before)


@pytest.fixture
def idle_harness(idle_harness: BotHarness) -> BotHarness:
    """With pictures that Telegram takes."""
    idle_harness.documents = TypstDocuments()
    return idle_harness


@pytest.fixture
async def anna(harness: BotHarness) -> Someone:
    """Another person who only knows the account's address, as Maria does."""
    return await harness.customer("Анна", TWO_ZONES)


async def offered(someone: Someone) -> None:
    """Up to the link to the sum due."""
    await someone.send("/pay")
    assert url_of(someone)


async def overtaken(harness: BotHarness) -> None:
    await harness.outbox_becomes("1", [(1,)], kind="order_overtaken", state="sent")


async def test_what_another_has_paid_meanwhile_is_not_paid_again(
    harness: BotHarness, maria: Someone, anna: Someone
) -> None:
    for someone in (maria, anna):
        await offered(someone)
    await paid(harness, anna)
    await overtaken(harness)
    assert "Сумма к оплате с тех пор изменилась" in maria.screen
    assert [label for label in maria.labels if label.startswith("Картой")] == []


async def test_of_a_part_that_another_has_paid_the_rest_is_offered(
    harness: BotHarness, maria: Someone, anna: Someone
) -> None:
    await offered(maria)
    await invoice(anna, "1000")
    await paid(harness, anna)
    await overtaken(harness)
    await maria.send("/pay")
    assert "К оплате 975,74 ₽" in maria.screen
    assert harness.bank.payments[-1].amount == 975_74


async def test_a_code_of_a_sum_that_another_has_paid_is_not_given(
    harness: BotHarness, maria: Someone, anna: Someone
) -> None:
    for someone in (maria, anna):
        await offered(someone)
    code = maria.find("QR-код")
    await paid(harness, anna)
    await maria.press_data(*code)
    assert maria.toast == "Сумма к оплате с тех пор изменилась."
    assert "платить сейчас не нужно" in maria.screen
    assert maria.pictures == []


async def test_what_was_to_be_said_of_a_link_does_not_cover_a_newer_screen(
    harness: BotHarness, maria: Someone, anna: Someone
) -> None:
    for someone in (maria, anna):
        await offered(someone)
    code = maria.find("QR-код")
    harness.limiter.hold(maria.id, 3600)
    await paid(harness, anna)
    await maria.press_data(*code)
    assert "платить сейчас не нужно" in maria.screen
    assert harness.outbox("state", kind="order_overtaken") == [("failed",)]


async def test_an_import_that_changes_the_sum_counts_as_well(harness: BotHarness, maria: Someone) -> None:
    await offered(maria)
    await harness.run("UPDATE ledger_charges SET closing = closing + 100 WHERE account = ?", int(TWO_ZONES))
    await maria.press("QR-код")
    assert "К оплате 1 976,74 ₽" in maria.screen
    assert maria.pictures == []
    assert url_of(maria) == harness.bank.payments[-1].page
    assert [payment.amount for payment in harness.bank.payments] == [1975_74, 1976_74]


async def test_a_sum_of_one_s_own_is_nobody_s_business(harness: BotHarness, maria: Someone, anna: Someone) -> None:
    await invoice(maria, "500")
    await invoice(anna, "500")
    await paid(harness, anna)
    await maria.press("QR-код")
    assert len(maria.pictures) == 1
    assert url_of(maria)


async def test_typing_what_is_due_is_meant_as_what_is_due(harness: BotHarness, maria: Someone, anna: Someone) -> None:
    await invoice(maria, "1234,56")
    await offered(anna)
    await paid(harness, anna)
    await overtaken(harness)
    assert "Сумма к оплате с тех пор изменилась" in maria.screen
    await invoice(maria, "1234,56")
    assert url_of(maria), "now it is a sum of her own"


async def test_an_old_screen_with_the_code_does_not_offer_what_is_paid(
    harness: BotHarness, maria: Someone, anna: Someone
) -> None:
    await offered(maria)
    old = maria.find("QR-код")
    await maria.press_data(*old)
    assert len(maria.pictures) == 1, "before that it does"
    await invoice(maria, "50")
    await invoice(anna, "1000")
    await paid(harness, anna)
    await maria.press_data(*old)
    assert len(maria.pictures) == 1
    assert any("К оплате 975,74 ₽" in screen for screen in maria.screens)


async def test_trying_again_is_looked_at_again_at_the_last_press(
    harness: BotHarness, maria: Someone, anna: Someone
) -> None:
    await offered(maria)
    before = harness.world.cursor
    await harness.bank.decline(harness.bank.payments[-1].id)
    await harness.told(maria, "не прошла", before)
    again = maria.find("Повторить")
    await invoice(anna, "1975,74")
    await paid(harness, anna)
    await maria.press_data(*again)
    assert maria.toast == "Сумма к оплате с тех пор изменилась."
    assert "платить сейчас не нужно" in maria.screen


async def test_while_the_supplier_is_away_any_sum_may_be_chosen(harness: BotHarness, maria: Someone) -> None:
    """As at the first press: the sum due is not known, so it is not offered."""
    harness.supplier.trouble = SupplierUnavailable()
    await maria.send("/pay")
    assert "Оплатить можно любую сумму" in maria.screen
    assert harness.bank.payments == []
    await invoice(maria, "1975,74")
    assert len(harness.bank.payments) == 1


async def test_money_that_comes_between_the_look_and_the_order_is_seen(
    harness: BotHarness, maria: Someone, anna: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await offered(anna)
    looked, go_on = asyncio.Event(), asyncio.Event()
    dues = harness.app.use(Dues)
    monkeypatch.setattr(dues, "of", held(dues.of, looked, go_on))
    maria.taps("Оплатить 1")
    await looked.wait()
    await paid(harness, anna)
    go_on.set()
    await harness.quiet()
    assert "изменилась" in (maria.toast or "") + maria.screen
    assert len(harness.bank.payments) == len(harness.rows("SELECT key FROM orders")) == 1


def held(
    real: Callable[[Link], Awaitable[Due]], looked: asyncio.Event, go_on: asyncio.Event
) -> Callable[[Link], Awaitable[Due]]:
    """The real answer, which is given when a test says so."""

    async def due(link: Link) -> Due:
        found = await real(link)
        looked.set()
        await go_on.wait()
        return found

    return due


async def test_both_press_at_once_and_pay_one_after_the_other(
    harness: BotHarness, maria: Someone, anna: Someone
) -> None:
    """A link keeps no other customer from paying, so both get one. The payment of one changes the other's."""
    for someone in (maria, anna):
        someone.taps("Оплатить 1")
    await harness.quiet()
    first, second = harness.bank.payments
    payer, other = (maria, anna) if first.id in url_of(maria) else (anna, maria)
    said, before = len(other.screens), harness.world.cursor
    await harness.bank.pay(first.id)
    await harness.told(payer, "получена", before)
    await overtaken(harness)
    assert "Сумма к оплате с тех пор изменилась. Прежде чем платить" in other.screen
    assert [label for label in other.labels if label.startswith("Картой")] == []
    assert len(other.screens) == said, "nobody is called to their phone for that"
    before = harness.world.cursor
    await harness.bank.pay(second.id)
    await harness.told(other, "получена", before)


def url_of(someone: Someone) -> str:
    return someone.url("Картой или СБП")


async def test_an_own_sum_is_not_called_changed(harness: BotHarness, maria: Someone, anna: Someone) -> None:
    await invoice(maria, "300")
    await invoice(anna, "500")
    await paid(harness, anna)
    assert harness.outbox("key", kind="order_overtaken") == []
    assert url_of(maria)


async def test_the_receipt_s_address_does_not_make_an_offered_sum_one_s_own(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = idle_harness
    monkeypatch.setenv("YOOKASSA_RECEIPT", "true")
    harness.bank.shop.fiscalization = True
    await harness.start()
    maria, anna = await harness.customer("Мария", TWO_ZONES), await harness.customer("Анна", TWO_ZONES)
    await maria.send("/pay")
    await maria.press("Картой или СБП")
    assert "На какую почту" in maria.screen
    await invoice(anna, "1000")
    await anna.press("Картой или СБП")
    await anna.send("anna@mail.ru")
    await paid(harness, anna)
    await maria.send("maria@mail.ru")
    assert "К оплате 975,74 ₽" in maria.screen
    assert [payment.amount for payment in harness.bank.payments] == [1000_00, 975_74]


async def test_a_share_that_ends_while_the_supplier_is_asked_begins_no_payment(
    harness: BotHarness, maria: Someone
) -> None:
    harness.supplier.called.clear()
    harness.supplier.gate.clear()
    pressing = asyncio.ensure_future(maria.press("Оплатить 1"))
    await harness.supplier.called.wait()
    await harness.run("DELETE FROM links")
    harness.supplier.gate.set()
    await pressing
    assert harness.rows("SELECT key FROM orders") == []
    assert "больше не привязан к вам" in (maria.toast or "") + maria.screen
