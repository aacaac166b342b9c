"""Several people pay one account: a sum that the bot offers is due at the last press, too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.accounts.models import Link
from services.documents import TypstDocuments
from services.payments.due import Due, Dues
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.payer import invoice, pay_sum
from tests.people import Someone
from tests.town import Town

WAYS = ("Картой или через СБП", "QR-код")


async def paid(town: Town, someone: Someone) -> None:
    """The newest link is paid."""
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[-1].id)
    await town.told(someone, "получена", before)


@pytest.fixture
def silent_town(silent_town: Town) -> Town:
    """With pictures that Telegram takes."""
    silent_town.documents = TypstDocuments()
    return silent_town


@pytest.fixture
async def anna(town: Town) -> Someone:
    """Somebody else who only knows the account's address, as Maria does."""
    return await town.customer("Анна", TWO_ZONES)


async def offered(someone: Someone) -> None:
    """Up to the question how to pay the sum due."""
    await someone.send("/pay")
    await someone.press("Оплатить 1\xa0975,74")
    assert "Как заплатить?" in someone.screen


def nothing_new(town: Town, someone: Someone) -> None:
    assert len(town.bank.payments) == 1
    assert len(town.rows("SELECT key FROM orders")) == 1
    assert someone.pictures == []


@pytest.mark.parametrize("way", WAYS)
async def test_what_another_has_paid_meanwhile_is_not_paid_again(
    town: Town, maria: Someone, anna: Someone, way: str
) -> None:
    for someone in (maria, anna):
        await offered(someone)
    await anna.press("Картой или через СБП")
    await paid(town, anna)
    await maria.press(way)
    assert maria.toast == "Сумма к оплате с тех пор изменилась."
    assert "платить сейчас не нужно" in maria.screen
    assert "Как заплатить?" not in maria.screen
    nothing_new(town, maria)


@pytest.mark.parametrize("way", WAYS)
async def test_of_a_part_that_another_has_paid_the_rest_is_offered(
    town: Town, maria: Someone, anna: Someone, way: str
) -> None:
    await offered(maria)
    await invoice(anna, "1000")
    await paid(town, anna)
    await maria.press(way)
    assert maria.toast == "Сумма к оплате с тех пор изменилась."
    assert "К оплате 975,74 ₽" in maria.screen
    nothing_new(town, maria)
    await maria.press("Оплатить 975,74")
    await maria.press("Картой или через СБП")
    assert [payment.amount for payment in town.bank.payments] == [100000, 97574]


@pytest.mark.parametrize("way", WAYS)
async def test_an_import_that_changes_the_sum_counts_as_well(town: Town, maria: Someone, way: str) -> None:
    await offered(maria)
    await town.run("UPDATE ledger_charges SET closing = closing + 100 WHERE account = ?", int(TWO_ZONES))
    await maria.press(way)
    assert "К оплате 1 976,74 ₽" in maria.screen
    assert (town.bank.payments, maria.pictures) == ([], [])


@pytest.mark.parametrize("way", WAYS)
async def test_a_sum_of_one_s_own_is_nobody_s_business(town: Town, maria: Someone, anna: Someone, way: str) -> None:
    await pay_sum(maria, "500")
    await invoice(anna, "500")
    await paid(town, anna)
    await maria.press(way)
    assert len(town.bank.payments) + len(maria.pictures) == 2


@pytest.mark.parametrize("way", WAYS)
async def test_typing_what_is_due_is_meant_as_what_is_due(town: Town, maria: Someone, anna: Someone, way: str) -> None:
    await pay_sum(maria, "1234,56")
    await offered(anna)
    await anna.press("Картой или через СБП")
    await paid(town, anna)
    await maria.press(way)
    assert "платить сейчас не нужно" in maria.screen
    nothing_new(town, maria)
    await pay_sum(maria, "1234,56")
    await maria.press("Картой или через СБП")
    assert len(town.bank.payments) == 2, "now it is a sum of her own"


async def test_an_old_screen_with_the_code_does_not_offer_what_is_paid(
    town: Town, maria: Someone, anna: Someone
) -> None:
    await offered(maria)
    old = maria.find("QR-код")
    await maria.press_data(*old)
    assert len(maria.pictures) == 1, "before that it does"
    await pay_sum(maria, "50")
    await invoice(anna, "1000")
    await paid(town, anna)
    await maria.press_data(*old)
    assert len(maria.pictures) == 1
    assert any("К оплате 975,74 ₽" in screen for screen in maria.screens)


async def test_trying_again_is_looked_at_again_at_the_last_press(town: Town, maria: Someone, anna: Someone) -> None:
    await offered(maria)
    await maria.press("Картой или через СБП")
    before = town.world.cursor
    await town.bank.decline(town.bank.payments[0].id)
    await town.told(maria, "не прошла", before)
    await maria.press("Повторить")
    assert "Как заплатить?" in maria.screen
    await invoice(anna, "1975,74")
    await paid(town, anna)
    await maria.press("Картой или через СБП")
    assert "платить сейчас не нужно" in maria.screen
    assert len(town.bank.payments) == 2


async def test_while_the_supplier_is_away_any_sum_may_be_chosen(town: Town, maria: Someone) -> None:
    """As at the first press: the sum due is not known, so it is not offered."""
    await offered(maria)
    town.supplier.trouble = SupplierUnavailable()
    await maria.press("Картой или через СБП")
    assert "Оплатить можно любую сумму" in maria.screen
    assert town.bank.payments == []
    await invoice(maria, "1975,74")
    assert len(town.bank.payments) == 1


async def test_money_that_comes_between_the_look_and_the_order_is_seen(
    town: Town, maria: Someone, anna: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await offered(maria)
    await offered(anna)
    await anna.press("Картой или через СБП")
    looked, go_on = asyncio.Event(), asyncio.Event()
    dues = town.app.use(Dues)
    monkeypatch.setattr(dues, "of", held(dues.of, looked, go_on))
    maria.taps("Картой или через СБП")
    await looked.wait()
    await paid(town, anna)
    go_on.set()
    await town.quiet()
    assert "платить сейчас не нужно" in maria.screen
    nothing_new(town, maria)


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


async def test_both_press_at_once_and_pay_one_after_the_other(town: Town, maria: Someone, anna: Someone) -> None:
    """A link keeps no other customer from paying, so both get one. The payment of one changes the other's."""
    for someone in (maria, anna):
        await offered(someone)
    for someone in (maria, anna):
        someone.taps("Картой или через СБП")
    await town.quiet()
    first, second = town.bank.payments
    payer, other = (maria, anna) if first.id in url_of(maria) else (anna, maria)
    said, before = len(other.screens), town.world.cursor
    await town.bank.pay(first.id)
    await town.told(payer, "получена", before)
    await town.until("SELECT count(*) FROM outbox WHERE kind = 'order_overtaken' AND state = 'sent'", [(1,)])
    assert "Сумма к оплате с тех пор изменилась. Прежде чем платить" in other.screen
    assert "Перейти к оплате" not in other.labels
    assert len(other.screens) == said, "nobody is called to their phone for that"
    before = town.world.cursor
    await town.bank.pay(second.id)
    await town.told(other, "получена", before)


async def test_a_link_of_before_does_not_stand_out_when_nothing_is_due_any_more(
    town: Town, maria: Someone, anna: Someone
) -> None:
    for someone in (maria, anna):
        await offered(someone)
        await someone.press("Картой или через СБП")
    await paid(town, anna)
    await maria.send("/pay")
    assert "платить сейчас не нужно" in maria.screen
    assert "Открыть начатую оплату" in maria.labels
    assert maria.main_buttons == []


def url_of(someone: Someone) -> str:
    return someone.url("Перейти к оплате")


async def test_an_own_sum_is_not_called_changed(town: Town, maria: Someone, anna: Someone) -> None:
    await invoice(maria, "300")
    await invoice(anna, "500")
    await paid(town, anna)
    assert town.rows("SELECT count(*) FROM outbox WHERE kind = 'order_overtaken'") == [(0,)]
    assert url_of(maria)


async def test_the_receipt_s_address_does_not_make_an_offered_sum_one_s_own(
    silent_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = silent_town
    monkeypatch.setenv("YOOKASSA_RECEIPT", "true")
    town.bank.shop.fiscalization = True
    await town.start()
    maria, anna = await town.customer("Мария", TWO_ZONES), await town.customer("Анна", TWO_ZONES)
    await offered(maria)
    await maria.press("Картой или через СБП")
    assert "На какую почту" in maria.screen
    await invoice(anna, "1000")
    await anna.send("anna@mail.ru")
    await anna.press("Картой или через СБП")
    await paid(town, anna)
    await maria.send("maria@mail.ru")
    assert "К оплате 975,74 ₽" in maria.screen
    assert len(town.bank.payments) == 1


async def test_a_share_that_ends_while_the_supplier_is_asked_begins_no_payment(town: Town, maria: Someone) -> None:
    await pay_sum(maria, "100")
    town.supplier.called.clear()
    town.supplier.gate.clear()
    pressing = asyncio.ensure_future(maria.press("Картой или через СБП"))
    await town.supplier.called.wait()
    await town.run("DELETE FROM links")
    town.supplier.gate.set()
    await pressing
    assert town.rows("SELECT key FROM orders") == []
    assert "больше не привязан к вам" in (maria.toast or "") + maria.screen
