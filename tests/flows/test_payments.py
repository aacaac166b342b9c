"""Paying, from the person's side to the provider's and back."""

from __future__ import annotations

from typing import Final

import pytest

from services.documents import TypstDocuments
from services.payments.checkout import Checkout
from services.payments.ports import OrderRepository
from services.payments.settling import Settlement
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.payer import invoice, order_row, pay_sum
from tests.people import Someone
from tests.town import Town

PAYING: Final = {"Перейти к оплате", "Проверить", "Отменить"}


async def gone_out(town: Town, *kinds: str) -> None:
    """Return when these have gone out, in this order, and nothing else."""
    await town.until("SELECT kind, state FROM outbox ORDER BY id", [(kind, "sent") for kind in kinds])


async def test_the_sum_is_filled_in_and_leads_to_a_link_and_to_one_message_of_success(
    town: Town, maria: Someone
) -> None:
    await maria.press("Оплатить")
    assert "К оплате" in maria.screen
    await maria.press("Другая сумма")
    await maria.send("1 000,50")
    assert "Сумма 1 000,50 ₽" in maria.screen
    assert "…3456" in maria.screen
    await maria.press("Картой или через СБП")
    [payment] = town.bank.payments
    assert payment.amount == 1000_50
    assert maria.url("Перейти к оплате") == payment.page
    assert "Ссылка действует до 11:14" in maria.screen
    before = town.world.cursor
    await town.bank.pay(payment.id)
    await town.told(maria, "Оплата 1", before)
    assert [text for text in maria.screens if "получена" in text] == [
        f"✅ Оплата 1 000,50 ₽ получена, зачислим за 1–3 дня.\n№ {order_row(town)['number']}, счёт …3456"
    ]
    assert order_row(town)["status"] == "paid"


async def test_what_is_asked_of_the_provider_is_what_the_law_and_the_shop_want(town: Town, maria: Someone) -> None:
    await invoice(maria, "1234,56")
    [payment] = town.bank.payments
    asked = payment.asked
    assert asked["capture"] is True
    assert asked["confirmation"]["locale"] == "ru_RU"
    assert asked["confirmation"]["return_url"].startswith("https://t.me/")
    assert TWO_ZONES not in asked["confirmation"]["return_url"]
    assert asked["payment_order"]["account_number"] == TWO_ZONES
    assert asked["payment_order"]["amount"] == asked["amount"] == {"value": "1234.56", "currency": "RUB"}
    assert asked["payment_order"]["recipient"]["inn"] == "7700000009"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0,99", "Меньше 1 рубля"),
        ("100000,01", "За один раз можно оплатить не больше 100 000,00 ₽. Пришлите сумму поменьше."),
        ("-5", "без минуса"),
        ("пять", "Здесь нет суммы"),
        ("1,234", "Не понял сумму"),
    ],
)
async def test_a_sum_that_cannot_be_paid_is_explained_and_asked_for_again(
    town: Town, maria: Someone, typed: str, words: str
) -> None:
    await maria.press("Оплатить")
    await maria.press("Другая сумма")
    await maria.send(typed)
    assert words in maria.screen
    await maria.send("1")
    assert "Сумма 1,00 ₽" in maria.screen
    assert town.bank.payments == []


async def test_pressing_twice_and_pressing_again_later_is_one_payment(town: Town, maria: Someone) -> None:
    await pay_sum(maria, "100")
    message_id, data = maria.find("Картой или через СБП")
    town.world.press(maria.person, maria.id, message_id, data)
    town.world.press(maria.person, maria.id, message_id, data)
    await town.quiet()
    await maria.press_data(message_id, data)
    assert len(town.bank.payments) == 1
    assert len(town.rows("SELECT key FROM orders")) == 1
    assert "Ссылка действует" in maria.screen


async def test_a_button_of_an_earlier_sum_does_not_pay_it(town: Town, maria: Someone) -> None:
    await pay_sum(maria, "100")
    message_id, data = maria.find("Картой или через СБП")
    await maria.press("Другая сумма")
    await maria.send("200")
    await maria.press_data(message_id, data)
    assert "устарела" in (maria.toast or "")
    assert town.bank.payments == []


async def test_a_refused_card_is_explained_and_can_be_tried_again(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    before = town.world.cursor
    await town.bank.decline(town.bank.payments[0].id, "insufficient_funds")
    await town.told(maria, "на карте не хватает денег", before)
    assert order_row(town)["status"] == "canceled"
    await maria.press("Повторить")
    assert "Сумма 100,00 ₽" in maria.screen
    await maria.press("Картой или через СБП")
    assert len(town.bank.payments) == 2
    assert {call.key for call in town.bank.calls if call.method == "POST"} == {
        row[0] for row in town.rows("SELECT key FROM orders")
    }


async def test_trying_again_what_is_above_the_present_limit_says_so(
    town: Town, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invoice(maria, "100")
    before = town.world.cursor
    await town.bank.decline(town.bank.payments[0].id)
    await town.told(maria, "не прошла", before)
    again = maria.find("Повторить")
    monkeypatch.setenv("PAYMENT_MAX", "50")
    await town.restart()
    await maria.press_data(*again)
    assert "За один раз можно оплатить не больше 50,00 ₽." in maria.screen
    assert "Картой или через СБП" not in maria.labels
    await pay_sum(maria, "100")
    assert "За один раз можно оплатить не больше 50,00 ₽." in maria.screen


async def test_checking_asks_the_provider_when_its_notification_is_lost(town: Town, maria: Someone) -> None:
    town.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    await maria.press("Проверить")
    assert "пока не поступила" in (maria.toast or "")
    await town.bank.pay(town.bank.payments[0].id)
    before = town.world.cursor
    await maria.press("Проверить")
    await town.told(maria, "получена", before)
    assert len([text for text in maria.screens if "получена" in text]) == 1
    assert "✅ Оплачено, зачислим" in maria.screens[-2]


async def test_without_notifications_the_clock_finds_out(town: Town, maria: Someone) -> None:
    town.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    await town.bank.pay(town.bank.payments[0].id)
    town.clock.advance(seconds=6)
    before = town.world.cursor
    await town.tick()
    await town.told(maria, "получена", before)


async def test_coming_back_by_the_link_proves_nothing_and_asks(town: Town, maria: Someone) -> None:
    town.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    start = payment.asked["confirmation"]["return_url"].partition("start=")[2]
    await maria.send(f"/start {start}")
    assert "Ссылка действует" in maria.screen
    assert order_row(town)["status"] == "pending"
    assert order_row(town)["shown_in"] == maria.last_id
    await town.bank.pay(payment.id)
    before = town.world.cursor
    await maria.send(f"/start {start}")
    await town.told(maria, "получена", before)
    assert order_row(town)["status"] == "paid"


async def test_a_link_that_nobody_used_ends_where_it_stands(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    said, at = len(maria.screens), maria.last_id
    town.clock.advance(minutes=61)
    await town.bank.expire_due()
    await town.until("SELECT state FROM outbox", [("sent",)])
    assert (len(maria.screens), maria.last_id) == (said, at), "nobody is called to their phone for that"
    assert "больше не действует" in maria.screen
    assert order_row(town)["reason"] == "expired_on_confirmation"
    await maria.press("Повторить")
    assert "Сумма 100,00 ₽" in maria.screen


async def test_a_link_whose_message_is_gone_ends_in_a_new_one(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    town.world.remove(town.world.find_chat(maria.id), [maria.last_id])
    town.clock.advance(minutes=61)
    before = town.world.cursor
    await town.bank.expire_due()
    await town.told(maria, "больше не действует", before)


async def test_the_link_stays_where_it_is_while_the_conversation_goes_on(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    await maria.press("На главную")
    town.clock.advance(minutes=61)
    await town.bank.expire_due()
    await town.until("SELECT state FROM outbox", [("sent",)])
    assert "Показания за ноябрь" in maria.screen
    assert "больше не действует" in maria.screens[-2]


async def test_what_was_paid_cannot_be_paid_again_where_its_link_was(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[0].id)
    await town.told(maria, "получена", before)
    await gone_out(town, "order_paid", "order_was_paid")
    number = order_row(town)["number"]
    assert maria.screens[-2:] == [
        f"💳 Счёт …3456\n№ {number}, 100,00 ₽\n\n✅ Оплачено, зачислим за 1–3 дня.",
        f"✅ Оплата 100,00 ₽ получена, зачислим за 1–3 дня.\n№ {number}, счёт …3456",
    ]
    assert PAYING.isdisjoint(maria.labels)


async def test_what_was_refused_is_offered_again_in_one_place(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    await town.bank.decline(town.bank.payments[0].id, "insufficient_funds")
    await gone_out(town, "order_declined", "order_was_declined")
    assert "❌ Не оплачено: на карте не хватает денег. Деньги не списаны." in maria.screens[-2]
    assert PAYING.isdisjoint(maria.labels)
    assert maria.labels.count("Повторить") == 1


async def test_a_payment_whose_message_is_gone_is_told_once(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    town.world.remove(town.world.find_chat(maria.id), [maria.last_id])
    said = len(maria.screens)
    await town.bank.pay(town.bank.payments[0].id)
    await gone_out(town, "order_paid", "order_was_paid")
    assert len(maria.screens) == said + 1
    assert "получена" in maria.screen


async def test_a_link_that_is_shown_anew_is_offered_there_alone(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    start = town.bank.payments[0].asked["confirmation"]["return_url"].partition("start=")[2]
    await maria.send(f"/start {start}")
    await maria.send("/pay")
    await maria.press("Открыть начатую оплату")
    assert [maria.labels.count(label) for label in PAYING] == [1, 1, 1]
    assert "Перейти к оплате" in maria.buttons
    await town.bank.pay(town.bank.payments[0].id)
    await gone_out(town, "order_paid", "order_was_paid")
    assert "✅ Оплачено" in maria.screens[-2]
    assert PAYING.isdisjoint(maria.labels)


async def test_money_that_comes_while_its_link_is_being_shown_takes_the_buttons_away(
    town: Town, maria: Someone
) -> None:
    await invoice(maria, "100")
    async with town.app.store.reading() as unit:
        order = await unit.of(OrderRepository).get(order_row(town)["key"])
    assert order is not None
    await town.bank.pay(town.bank.payments[0].id)
    await gone_out(town, "order_paid", "order_was_paid")
    await maria.send("/menu")
    await town.app.use(Checkout).show_in(order, maria.last_id)
    await gone_out(town, "order_paid", "order_was_paid", "order_was_paid")
    assert "✅ Оплачено" in maria.screen
    assert order_row(town)["shown_in"] is None


async def test_a_link_that_ran_out_and_was_paid_all_the_same_says_so(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    town.clock.advance(minutes=61)
    await town.bank.expire_due()
    await gone_out(town, "order_expired")
    payment.status = "succeeded"
    await town.app.use(Settlement).reconcile()
    await gone_out(town, "order_expired", "order_paid", "order_was_paid")
    assert "Повторить" not in maria.labels


async def test_a_dropped_payment_that_is_paid_all_the_same_is_told(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    await maria.press("Отменить")
    assert "Оплата отменена" in maria.screen
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[0].id, sbp=True)
    await town.told(maria, "получена", before)


async def test_a_dropped_payment_that_ends_by_itself_is_not_mentioned(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    await maria.press("Отменить")
    town.clock.advance(minutes=61)
    await town.bank.expire_due()
    await town.until("SELECT status FROM orders", [("canceled",)])
    assert town.rows("SELECT key FROM outbox") == []


async def test_the_sum_to_pay_counts_what_was_paid_and_is_not_credited_yet(town: Town, maria: Someone) -> None:
    await maria.send("/menu")
    assert "К оплате 1 234,56 ₽" in maria.screen
    await invoice(maria, "1000")
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[0].id)
    await town.told(maria, "получена", before)
    await maria.send("/menu")
    assert "К оплате 234,56 ₽" in maria.screen


async def test_a_refund_is_recorded_and_told_once(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    await town.bank.pay(payment.id)
    before = town.world.cursor
    await town.bank.refund(payment.id, 40_00)
    await town.told(maria, "Возвращено", before)
    assert "Возвращено 40,00 ₽" in maria.screen
    await town.app.use(Settlement).reconcile()
    assert order_row(town)["refunded"] == 40_00
    assert len([text for text in maria.screens if "Возвращено" in text]) == 1


async def test_a_refund_without_a_notification_is_found_for_a_month(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    before = town.world.cursor
    await town.bank.pay(payment.id)
    await town.told(maria, "получена", before)
    town.clock.advance(days=30)
    town.bank.faults.add("notification_loss")
    before = town.world.cursor
    await town.bank.refund(payment.id, 40_00)
    await town.app.use(Settlement).reconcile()
    await town.told(maria, "Возвращено 40,00", before)


@pytest.mark.parametrize(
    ("kopecks", "words"), [(40_00, "Возвращено 40,00 ₽ из 100,00 ₽"), (100_00, "Деньги возвращены: 100,00 ₽")]
)
async def test_what_was_given_back_is_said_of_a_payment(town: Town, maria: Someone, kopecks: int, words: str) -> None:
    await invoice(maria, "100")
    check = maria.find("Проверить")
    payment = town.bank.payments[0]
    before = town.world.cursor
    await town.bank.pay(payment.id)
    await town.bank.refund(payment.id, kopecks)
    await town.told(maria, "Возвращено", before)
    await maria.press_data(*check)
    assert any(words in text for text in maria.screens)


async def test_a_sum_above_the_limit_is_offered_up_to_it(silent_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = silent_town
    monkeypatch.setenv("PAYMENT_MAX", "1000")
    await town.start()
    maria = await town.customer("Мария", TWO_ZONES)
    await maria.send("/pay")
    assert "К оплате 1 975,74 ₽" in maria.screen
    assert "За один раз можно оплатить не больше 1 000,00 ₽." in maria.screen
    assert "Только" not in "".join(maria.labels)
    await maria.press("Оплатить 1\xa0000,00")
    assert "Сумма 1 000,00 ₽" in maria.screen


async def test_the_sum_without_the_preliminary_charge_is_a_debt_for_those_alone_who_may_see_it(
    town: Town, maria: Someone
) -> None:
    await maria.send("/pay")
    assert "По счёту 1 234,56 ₽ + предварительно" in maria.screen
    assert "Только по счёту: 1\xa0234,56\xa0₽" in maria.labels
    await town.run("UPDATE links SET trust = 'verified'")
    await maria.send("/pay")
    assert "Долг 1 234,56 ₽ + предварительно" in maria.screen
    assert "Только долг: 1\xa0234,56\xa0₽" in maria.labels


async def test_readings_that_count_later_are_not_denied_by_the_explanation(town: Town, maria: Someone) -> None:
    await town.run("UPDATE links SET trust = 'verified'")
    town.clock.advance(days=4)
    await maria.send("3655 1585")
    await maria.press("Передать")
    await maria.send("/pay")
    await maria.press("Из чего сложилась сумма")
    assert "показаний за этот месяц нет, среднее за месяц: 123 кВт·ч" in maria.screen


async def test_an_unfinished_payment_is_offered_instead_of_a_second_one(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    await maria.send("/pay")
    assert "Вы уже начали платить 100,00 ₽" in maria.screen
    assert maria.main_buttons == ["Открыть начатую оплату"]
    await maria.press("Открыть начатую оплату")
    assert "Ссылка действует" in maria.screen
    assert len(town.bank.payments) == 1


async def test_the_way_to_pay_is_asked_beside_what_is_begun_and_paid_already(town: Town, maria: Someone) -> None:
    await town.run("UPDATE links SET trust = 'verified'")
    await invoice(maria, "100")
    await maria.send("/pay")
    await maria.press("Оплатить ")
    assert "Вы уже начали платить 100,00 ₽" in maria.screen
    await maria.press("Открыть начатую оплату")
    assert "Ссылка действует" in maria.screen
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[0].id)
    await town.told(maria, "получена", before)
    await pay_sum(maria, "100")
    assert "23.11.2026 вы уже оплатили 100,00 ₽." in maria.screen
    assert "Вы уже начали" not in maria.screen
    await town.run("UPDATE links SET trust = 'confirmed'")
    await pay_sum(maria, "100")
    assert "23.11.2026 вы уже оплатили 100,00 ₽." in maria.screen


async def test_what_others_have_paid_is_told_to_those_who_see_everything(town: Town, maria: Someone) -> None:
    anna = await town.customer("Анна", TWO_ZONES)
    await paid(town, anna, "100")
    await maria.send("/pay")
    assert "К оплате 1 875,74 ₽" in maria.screen
    assert "оплатили" not in maria.screen
    assert "Оплачено" not in maria.screen
    await town.run("UPDATE links SET trust = 'verified'")
    await maria.send("/pay")
    assert "Оплачено через бота и ещё не зачислено: 100,00 ₽, уже вычтено" in maria.screen
    assert "вы уже" not in maria.screen


async def pay_link(town: Town, someone: Someone) -> None:
    """The money for the newest link comes."""
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[-1].id)
    await town.told(someone, "получена", before)


async def paid(town: Town, someone: Someone, typed: str) -> None:
    await invoice(someone, typed)
    await pay_link(town, someone)


async def test_an_old_button_does_not_offer_what_is_paid_already(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    old = maria.find("Оплатить 2")
    await maria.press("Оплатить 2")
    await maria.press("Картой или через СБП")
    await pay_link(town, maria)
    await maria.press_data(*old)
    assert "изменилась" in (maria.toast or "")
    assert "Как заплатить" not in maria.screen
    assert "Переплата 1 371,80 ₽, платить сейчас не нужно" in maria.screen
    assert "23.11.2026 вы уже оплатили 2 606,36 ₽." in maria.screen


async def test_the_pay_button_of_replaced_readings_leads_to_the_sum_of_now(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    old = maria.find("Оплатить 2")
    await maria.send("3600 1550")
    await maria.press("Передать")
    await maria.press_data(*old)
    assert "Как заплатить" not in maria.screen
    assert "К оплате" in maria.screen
    await maria.press("Оплатить ")
    assert "Как заплатить" in maria.screen


async def test_a_sum_of_an_older_screen_is_asked_about_when_another_has_been_paid(town: Town, maria: Someone) -> None:
    await maria.send("/pay")
    at, old = maria.find("Только по счёту")
    await paid(town, maria, "1234,56")
    await maria.press_data(at, old)
    assert "изменилась" in (maria.toast or "")
    assert not [screen for screen in maria.screens if "Как заплатить" in screen]


async def test_what_failed_is_not_tried_again_once_another_payment_has_come(town: Town, maria: Someone) -> None:
    await invoice(maria, "1500")
    before = town.world.cursor
    await town.bank.decline(town.bank.payments[0].id)
    await town.told(maria, "не прошла", before)
    again = maria.find("Повторить")
    await maria.press_data(*again)
    assert "Сумма 1 500,00 ₽" in maria.screen
    await maria.press("Картой или через СБП")
    await pay_link(town, maria)
    await maria.press_data(*again)
    assert "Как заплатить" not in maria.screen
    assert "вы уже оплатили 1 500,00 ₽" in maria.screen


async def test_what_failed_days_ago_is_tried_again_only_while_it_is_due(town: Town, maria: Someone) -> None:
    for sum_, words in (("1234,56", "Как заплатить"), ("1500", "К оплате 1 975,74 ₽")):
        await invoice(maria, sum_)
        before = town.world.cursor
        await town.bank.decline(town.bank.payments[-1].id)
        await town.told(maria, "не прошла", before)
        again = maria.find("Повторить")
        town.clock.advance(days=1)
        await maria.press_data(*again)
        assert words in maria.screen


async def test_the_sum_to_pay_is_made_up_of_the_one_at_home(town: Town, maria: Someone) -> None:
    await maria.send("/pay")
    assert "По счёту 1 234,56 ₽ + предварительно за ноябрь 741,18 ₽" in maria.screen
    await town.run("UPDATE links SET trust = 'verified'")
    await maria.send("/pay")
    assert "Долг 1 234,56 ₽ + предварительно за ноябрь 741,18 ₽" in maria.screen
    await paid(town, maria, "1500")
    await maria.send("/pay")
    assert "К оплате 475,74 ₽\nПредварительно за ноябрь 741,18 ₽ − переплата 265,44 ₽" in maria.screen


async def test_trying_again_what_was_paid_after_all_shows_that(town: Town, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = town.bank.payments[0]
    before = town.world.cursor
    await town.bank.decline(payment.id)
    await town.told(maria, "не прошла", before)
    again = maria.find("Повторить")
    await town.run("UPDATE orders SET status = 'paid', settled_at = created_at")
    await maria.press_data(*again)
    assert "✅ Оплачено" in maria.screen
    await town.run("UPDATE orders SET status = 'pending', settled_at = NULL")
    await maria.press_data(*again)
    assert "Ссылка действует" in maria.screen


async def test_nothing_is_paid_for_an_account_that_the_supplier_has_no_more(town: Town, maria: Someone) -> None:
    await pay_sum(maria, "100")
    link, code = maria.find("Картой или через СБП"), maria.find("QR-код")
    town.supplier.trouble = SupplierUnavailable()
    await maria.send("/pay")
    assert "Оплатить можно любую сумму" in maria.screen
    town.supplier.trouble = None
    await town.run("DELETE FROM ledger_accounts WHERE account = ?", int(TWO_ZONES))
    await maria.send("/pay")
    assert "больше нет в базе" in maria.screen
    for pressed in (link, code):
        await maria.press_data(*pressed)
        assert "больше нет в базе" in maria.screen
    assert (town.bank.payments, town.rows("SELECT key FROM orders"), maria.pictures) == ([], [], [])


async def test_the_payment_code_comes_as_a_picture_with_requisites_to_copy(silent_town: Town) -> None:
    town = silent_town
    town.documents = TypstDocuments()
    await town.start()
    maria = await town.customer("Мария", TWO_ZONES)
    await pay_sum(maria, "1234,56")
    await maria.press("QR-код для приложения банка")
    assert "1 234,56 ₽" in maria.screen
    assert maria.copies["Лицевой счёт"] == TWO_ZONES
    assert maria.copies["Сумма"] == "1234.56"
    from tests.flows.payer import read_code  # zxing-cpp: only here

    assert f"PersAcc={TWO_ZONES}|" in read_code(maria.pictures[-1])
    assert "|Sum=123456|" in read_code(maria.pictures[-1])
    assert town.bank.payments == []


async def test_who_may_not_pay_is_told_so(town: Town, maria: Someone) -> None:
    await pay_sum(maria, "100")
    message_id, data = maria.find("Картой или через СБП")
    await town.run("INSERT INTO controls (account, anyone_submits, closed, locked) VALUES (?, 1, 1, 0)", TWO_ZONES)
    await maria.press_data(message_id, data)
    assert "не разрешает оплачивать" in maria.screen
    await maria.send("/pay")
    assert "не разрешает оплачивать" in maria.screen
    assert town.bank.payments == []


async def test_after_readings_the_payment_is_one_press_away(town: Town, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    await maria.press("Оплатить ")
    assert "Как заплатить" in maria.screen


async def test_english_people_pay_in_english(town: Town) -> None:
    mary = await town.customer("Mary", TWO_ZONES, language="en")
    await mary.press("Pay")
    await mary.press("Another sum")
    await mary.send("1000.50")
    await mary.press("By card or SBP")
    assert town.bank.payments[0].asked["confirmation"]["locale"] == "en_US"
    before = town.world.cursor
    await town.bank.pay(town.bank.payments[0].id)
    await town.told(mary, "received", before)


async def test_a_form_of_readings_outlives_a_payment(town: Town, maria: Someone) -> None:
    await maria.send("3650")
    await invoice(maria, "100")
    await maria.send("/menu")
    await maria.press("Продолжить передачу показаний")
    await maria.send("1580")
    await maria.press("Передать")
    assert town.rows("SELECT status FROM submissions") == [("accepted",)]


async def test_the_way_back_does_not_forget_whether_the_estimate_is_paid(town: Town, maria: Someone) -> None:
    await maria.send("/pay")
    await maria.press("Предварительный расчёт")
    without = maria.screen
    for way in ("Оплатить", "Другая сумма"):
        await maria.press(way)
        await maria.press("Назад")
        assert maria.screen == without
    await maria.press("Другая сумма")
    await maria.send("500")
    await maria.press("Назад")
    assert maria.screen == without


async def test_a_number_typed_where_the_way_is_asked_is_another_sum(town: Town, maria: Someone) -> None:
    await pay_sum(maria, "100")
    await maria.send("250")
    assert "Сумма 250,00 ₽" in maria.screen


async def test_nobody_collects_links_without_end(town: Town, maria: Someone) -> None:
    for _ in range(6):
        await invoice(maria, "100")
    assert "несколько неоплаченных ссылок" in maria.screen
    assert len(town.bank.payments) == 5
