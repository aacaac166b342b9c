"""Paying, from the person's side to the provider's and back."""

from __future__ import annotations

import pytest

from services.documents import TypstDocuments
from services.payments.checkout import Checkout
from services.payments.ports import OrderRepository
from services.payments.settling import Settlement
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.payer import invoice, order_row, paying
from tests.harness import BotHarness
from tests.people import Someone

ACCOUNT = int(TWO_ZONES)


async def gone_out(harness: BotHarness, *kinds: str) -> None:
    """Return when these have gone out, in this order, and nothing else."""
    await harness.outbox_becomes("kind, state", [(kind, "sent") for kind in kinds])


async def test_the_sum_is_filled_in_and_leads_to_a_link_and_to_one_message_of_success(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.press("Оплатить")
    assert "К оплате" in maria.screen
    await maria.press("Другая сумма")
    await maria.send("1 000,50")
    assert "Сумма 1 000,50 ₽" in maria.screen
    assert "…3456" in maria.screen
    payment = harness.bank.payments[-1]
    assert payment.amount == 1000_50
    assert maria.url("Картой или СБП") == payment.page
    assert "Ссылка действует до 11:14" in maria.screen
    before = harness.world.cursor
    await harness.bank.pay(payment.id)
    await harness.told(maria, "Оплата 1", before)
    assert [text for text in maria.screens if "получена" in text] == [
        f"✅ Оплата 1 000,50 ₽ получена, зачислим за 1–3 дня.\n№ {order_row(harness)['number']}, счёт …3456"
    ]
    assert order_row(harness)["status"] == "paid"


async def test_what_is_asked_of_the_provider_is_what_the_law_and_the_shop_want(
    harness: BotHarness, maria: Someone
) -> None:
    await invoice(maria, "1234,56")
    payment = harness.bank.payments[-1]
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
    harness: BotHarness, maria: Someone, typed: str, words: str
) -> None:
    await maria.press("Оплатить")
    await maria.press("Другая сумма")
    begun = len(harness.bank.payments)
    await maria.send(typed)
    assert words in maria.screen
    assert len(harness.bank.payments) == begun
    await maria.send("1")
    assert "Сумма 1,00 ₽" in maria.screen
    assert harness.bank.payments[-1].amount == 1_00


async def test_from_home_to_the_providers_page_it_takes_two_taps(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Оплатить 1")
    [payment] = harness.bank.payments
    assert maria.main_buttons == ["Картой или СБП · 1\xa0975,74\xa0₽"]
    assert maria.url("Картой или СБП") == payment.page
    assert payment.amount == 1975_74


async def test_pressing_twice_and_looking_again_later_is_one_payment(harness: BotHarness, maria: Someone) -> None:
    message_id, data = maria.find("Оплатить 1")
    harness.world.press(maria.person, maria.id, message_id, data)
    harness.world.press(maria.person, maria.id, message_id, data)
    await harness.quiet()
    await maria.send("/pay")
    harness.clock.advance(minutes=40)
    await maria.send("/pay")
    assert len(harness.bank.payments) == len(harness.rows("SELECT key FROM orders")) == 1
    assert "Ссылка действует" in maria.screen
    assert paying(maria) == ["Картой или СБП · 1\xa0975,74\xa0₽", "Проверить"]


async def test_a_link_that_soon_ends_is_not_shown_again(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    harness.clock.advance(minutes=51)
    await maria.send("/pay")
    assert len(harness.bank.payments) == 2
    assert maria.url("Картой или СБП") == harness.bank.payments[-1].page


async def test_a_link_gives_way_to_that_of_another_sum_and_comes_back_with_its_own(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("/pay")
    await maria.press("Предварительно за")
    await maria.press("Предварительно за")
    first, second = harness.bank.payments
    assert (first.amount, second.amount) == (1975_74, 1234_56)
    assert maria.url("Картой или СБП") == first.page
    assert harness.rows("SELECT kopecks, dropped, shown_in FROM orders ORDER BY number") == [
        (1975_74, 0, maria.last_id),
        (1234_56, 1, None),
    ]


async def test_only_the_newest_sum_has_a_link(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    await maria.press("Другая сумма")
    await maria.send("200")
    assert paying(maria) == ["Картой или СБП · 200,00\xa0₽", "Проверить"]
    assert maria.url("Картой или СБП") == harness.bank.payments[-1].page


async def test_a_refused_card_is_explained_and_can_be_tried_again(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    before = harness.world.cursor
    await harness.bank.decline(harness.bank.payments[-1].id, "insufficient_funds")
    await harness.told(maria, "на карте не хватает денег", before)
    assert order_row(harness)["status"] == "canceled"
    again = maria.find("Повторить")
    for _ in range(2):
        await maria.press_data(*again)
        assert "Сумма 100,00 ₽" in maria.screen
        assert maria.url("Картой или СБП") == harness.bank.payments[-1].page
    assert len(harness.bank.payments) == 2
    assert {call.key for call in harness.bank.calls if call.method == "POST"} == {
        row[0] for row in harness.rows("SELECT key FROM orders")
    }


async def test_trying_again_what_is_above_the_present_limit_says_so(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invoice(maria, "100")
    before = harness.world.cursor
    await harness.bank.decline(harness.bank.payments[-1].id)
    await harness.told(maria, "не прошла", before)
    again = maria.find("Повторить")
    monkeypatch.setenv("PAYMENT_MAX", "50")
    await harness.restart()
    await maria.press_data(*again)
    assert "За один раз можно оплатить не больше 50,00 ₽." in maria.screen
    assert maria.main_buttons == ["Картой или СБП · 50,00\xa0₽"]
    await invoice(maria, "100")
    assert "За один раз можно оплатить не больше 50,00 ₽." in maria.screen


async def test_checking_asks_the_provider_when_its_notification_is_lost(harness: BotHarness, maria: Someone) -> None:
    harness.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    await maria.press("Проверить")
    assert "пока не поступила" in (maria.toast or "")
    await harness.bank.pay(harness.bank.payments[-1].id)
    before = harness.world.cursor
    await maria.press("Проверить")
    await harness.told(maria, "получена", before)
    assert len([text for text in maria.screens if "получена" in text]) == 1
    assert "✅ Оплачено, зачислим" in maria.screens[-2]


async def test_without_notifications_the_clock_finds_out(harness: BotHarness, maria: Someone) -> None:
    harness.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    await harness.bank.pay(harness.bank.payments[-1].id)
    harness.clock.advance(seconds=6)
    before = harness.world.cursor
    await harness.tick()
    await harness.told(maria, "получена", before)


async def test_coming_back_by_the_link_proves_nothing_and_asks(harness: BotHarness, maria: Someone) -> None:
    harness.bank.faults.add("notification_loss")
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    start = payment.asked["confirmation"]["return_url"].partition("start=")[2]
    await maria.send(f"/start {start}")
    assert "Ссылка действует" in maria.screen
    assert order_row(harness)["status"] == "pending"
    assert order_row(harness)["shown_in"] == maria.last_id
    await harness.bank.pay(payment.id)
    before = harness.world.cursor
    await maria.send(f"/start {start}")
    await harness.told(maria, "получена", before)
    assert order_row(harness)["status"] == "paid"


async def test_a_link_that_nobody_used_ends_where_it_stands(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    said, at = len(maria.screens), maria.last_id
    harness.clock.advance(minutes=61)
    await harness.bank.expire_due()
    await harness.outbox_becomes("state", [("sent",)])
    assert (len(maria.screens), maria.last_id) == (said, at), "nobody is called to their phone for that"
    assert "больше не действует" in maria.screen
    assert order_row(harness)["reason"] == "expired_on_confirmation"
    await maria.press("Повторить")
    assert "Сумма 100,00 ₽" in maria.screen


async def test_a_link_whose_message_is_gone_ends_in_a_new_one(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    harness.world.remove(harness.world.find_chat(maria.id), [maria.last_id])
    harness.clock.advance(minutes=61)
    before = harness.world.cursor
    await harness.bank.expire_due()
    await harness.told(maria, "больше не действует", before)


async def test_the_link_stays_where_it_is_while_the_conversation_goes_on(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    await maria.press("На главную")
    harness.clock.advance(minutes=61)
    await harness.bank.expire_due()
    await harness.outbox_becomes("state", [("sent",)])
    assert "Показания за ноябрь" in maria.screen
    assert "больше не действует" in maria.screens[-2]


async def test_what_was_paid_cannot_be_paid_again_where_its_link_was(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(maria, "получена", before)
    await gone_out(harness, "order_paid", "order_was_paid")
    number = order_row(harness)["number"]
    assert maria.screens[-2:] == [
        f"💳 Счёт …3456\n№ {number}, 100,00 ₽\n\n✅ Оплачено, зачислим за 1–3 дня.",
        f"✅ Оплата 100,00 ₽ получена, зачислим за 1–3 дня.\n№ {number}, счёт …3456",
    ]
    assert paying(maria) == []


async def test_what_was_refused_is_told_once_and_offered_again_in_one_place(
    harness: BotHarness, maria: Someone
) -> None:
    await invoice(maria, "100")
    await harness.bank.decline(harness.bank.payments[-1].id, "insufficient_funds")
    await gone_out(harness, "order_declined", "order_was_declined")
    assert maria.screens[-2].endswith("100,00 ₽\n\nСсылка больше не действует.")
    assert ["не хватает денег" in text for text in maria.screens[-2:]] == [False, True]
    assert paying(maria) == []
    assert maria.labels.count("Повторить") == 1


async def test_a_payment_whose_message_is_gone_is_told_once(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    harness.world.remove(harness.world.find_chat(maria.id), [maria.last_id])
    said = len(maria.screens)
    await harness.bank.pay(harness.bank.payments[-1].id)
    await gone_out(harness, "order_paid", "order_was_paid")
    assert len(maria.screens) == said + 1
    assert "получена" in maria.screen


async def test_a_link_that_is_shown_anew_is_offered_there_alone(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    start = harness.bank.payments[-1].asked["confirmation"]["return_url"].partition("start=")[2]
    await maria.send(f"/start {start}")
    await maria.send("/pay")
    assert paying(maria) == ["Картой или СБП · 1\xa0975,74\xa0₽", "Проверить"]
    await harness.bank.pay(harness.bank.payments[-1].id)
    await gone_out(harness, "order_paid", "order_was_paid")
    assert "✅ Оплачено" in maria.screens[-2]
    assert paying(maria) == []


async def test_money_that_comes_while_its_link_is_being_shown_takes_the_buttons_away(
    harness: BotHarness, maria: Someone
) -> None:
    await invoice(maria, "100")
    async with harness.app.store.reading() as unit:
        order = await unit.of(OrderRepository).get(order_row(harness)["key"])
    assert order is not None
    await harness.bank.pay(harness.bank.payments[-1].id)
    await gone_out(harness, "order_paid", "order_was_paid")
    await maria.send("/menu")
    await harness.app.use(Checkout).show_in(order, maria.last_id)
    await gone_out(harness, "order_paid", "order_was_paid", "order_was_paid")
    assert "✅ Оплачено" in maria.screen
    assert order_row(harness)["shown_in"] is None


async def test_a_link_that_ran_out_and_was_paid_all_the_same_says_so(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    harness.clock.advance(minutes=61)
    await harness.bank.expire_due()
    await gone_out(harness, "order_expired")
    payment.status = "succeeded"
    await harness.app.use(Settlement).reconcile()
    await gone_out(harness, "order_expired", "order_paid", "order_was_paid")
    assert "Повторить" not in maria.labels


async def test_a_link_that_gave_way_and_is_paid_all_the_same_is_told(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    dropped = harness.bank.payments[-1]
    await invoice(maria, "200")
    before = harness.world.cursor
    await harness.bank.pay(dropped.id, sbp=True)
    await harness.told(maria, "Оплата 100", before)


async def test_links_that_gave_way_and_end_by_themselves_are_not_mentioned(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    await maria.send("/pay")
    harness.clock.advance(minutes=61)
    await harness.bank.expire_due()
    await harness.until("SELECT DISTINCT status FROM orders", [("canceled",)])
    assert harness.outbox("kind") == [("order_expired",)], "of the last one alone"


async def test_the_sum_to_pay_counts_what_was_paid_and_is_not_credited_yet(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/menu")
    assert "К оплате 1 975,74 ₽" in maria.screen
    await invoice(maria, "1000")
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(maria, "получена", before)
    await maria.send("/menu")
    assert "К оплате 975,74 ₽\nПо счёту 234,56 ₽ (срок был 15.11.2026) + предварительно" in maria.screen
    assert "вы уже оплатили 1 000,00 ₽" in maria.screen


async def test_a_refund_is_recorded_and_told_once(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    await harness.bank.pay(payment.id)
    before = harness.world.cursor
    await harness.bank.refund(payment.id, 40_00)
    await harness.told(maria, "Возвращено", before)
    assert "Возвращено 40,00 ₽" in maria.screen
    await harness.app.use(Settlement).reconcile()
    assert order_row(harness)["refunded"] == 40_00
    assert len([text for text in maria.screens if "Возвращено" in text]) == 1


async def test_a_refund_without_a_notification_is_found_for_a_month(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    before = harness.world.cursor
    await harness.bank.pay(payment.id)
    await harness.told(maria, "получена", before)
    harness.clock.advance(days=30)
    harness.bank.faults.add("notification_loss")
    before = harness.world.cursor
    await harness.bank.refund(payment.id, 40_00)
    await harness.app.use(Settlement).reconcile()
    await harness.told(maria, "Возвращено 40,00", before)


@pytest.mark.parametrize(
    ("kopecks", "words"), [(40_00, "Возвращено 40,00 ₽ из 100,00 ₽"), (100_00, "Деньги возвращены: 100,00 ₽")]
)
async def test_what_was_given_back_is_said_of_a_payment(
    harness: BotHarness, maria: Someone, kopecks: int, words: str
) -> None:
    await invoice(maria, "100")
    check = maria.find("Проверить")
    payment = harness.bank.payments[-1]
    before = harness.world.cursor
    await harness.bank.pay(payment.id)
    await harness.bank.refund(payment.id, kopecks)
    await harness.told(maria, "Возвращено", before)
    await maria.press_data(*check)
    assert any(words in text for text in maria.screens)


async def test_a_sum_above_the_limit_is_offered_up_to_it(
    idle_harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = idle_harness
    monkeypatch.setenv("PAYMENT_MAX", "1000")
    await harness.start()
    maria = await harness.customer("Мария", TWO_ZONES)
    await maria.send("/pay")
    assert "К оплате 1 975,74 ₽" in maria.screen
    assert "За один раз можно оплатить не больше 1 000,00 ₽." in maria.screen
    assert maria.main_buttons == ["Картой или СБП · 1\xa0000,00\xa0₽"]
    assert harness.bank.payments[-1].amount == 1000_00


async def test_the_preliminary_charge_is_left_out_for_good_where_a_customer_wants_that(
    harness: BotHarness, maria: Someone
) -> None:
    await maria.send("/pay")
    await maria.press("Предварительно за ноябрь: 741,18\xa0₽")
    assert "К оплате 1 234,56 ₽ — срок был 15.11.2026" in maria.screen
    assert "Предварительно за ноябрь: 741,18\xa0₽" in maria.buttons
    anna = await harness.customer("Анна", TWO_ZONES)
    assert "Оплатить 1\xa0975,74\xa0₽" in anna.buttons
    await harness.restart()
    await maria.send("/menu")
    assert "К оплате 1 234,56 ₽ — срок был 15.11.2026" in maria.screen
    await maria.press("Оплатить 1\xa0234,56\xa0₽")
    assert harness.bank.payments[-1].amount == 1234_56


async def test_readings_that_count_later_are_not_denied_by_the_explanation(harness: BotHarness, maria: Someone) -> None:
    await harness.run("UPDATE links SET trust = 'verified'")
    harness.clock.advance(days=4)
    await maria.send("3655 1585")
    await maria.press("Передать")
    await maria.send("/pay")
    await maria.press("Из чего сумма")
    assert "показаний за этот месяц нет, среднее за месяц: 123 кВт·ч" in maria.screen


async def test_what_is_paid_already_is_said_beside_another_sum(harness: BotHarness, maria: Someone) -> None:
    await paid(harness, maria, "100")
    await invoice(maria, "100")
    assert "23.11.2026 вы уже оплатили 100,00 ₽." in maria.screen


async def test_what_others_have_paid_is_told_to_those_who_see_everything(harness: BotHarness, maria: Someone) -> None:
    anna = await harness.customer("Анна", TWO_ZONES)
    await paid(harness, anna, "100")
    await maria.send("/pay")
    assert "К оплате 1 875,74 ₽" in maria.screen
    assert "оплатили" not in maria.screen
    assert "Оплачено" not in maria.screen
    await harness.run("UPDATE links SET trust = 'verified'")
    await maria.send("/pay")
    assert "Оплачено через бота и ещё не зачислено: 100,00 ₽, уже вычтено" in maria.screen
    assert "вы уже" not in maria.screen


async def pay_link(harness: BotHarness, someone: Someone) -> None:
    """The money for the newest link comes."""
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(someone, "получена", before)


async def paid(harness: BotHarness, someone: Someone, typed: str) -> None:
    await invoice(someone, typed)
    await pay_link(harness, someone)


async def test_an_old_button_does_not_offer_what_is_paid_already(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    old = maria.find("Оплатить 2")
    await maria.press("Оплатить 2")
    await pay_link(harness, maria)
    await harness.outbox_becomes("1", [(1,)], kind="order_was_paid", state="sent")
    await maria.press_data(*old)
    assert paying(maria) == []
    assert "Переплата 1 371,80 ₽, платить сейчас не нужно" in maria.screen
    assert "23.11.2026 вы уже оплатили 2 606,36 ₽." in maria.screen


async def test_the_pay_button_of_replaced_readings_leads_to_the_sum_of_now(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    old = maria.find("Оплатить 2")
    await maria.send("3600 1550")
    await maria.press("Передать")
    await maria.press_data(*old)
    assert "К оплате 2 133,56 ₽" in maria.screen
    assert harness.bank.payments[-1].amount == 2133_56


async def test_what_failed_is_not_tried_again_once_another_payment_has_come(
    harness: BotHarness, maria: Someone
) -> None:
    await invoice(maria, "1500")
    before = harness.world.cursor
    await harness.bank.decline(harness.bank.payments[-1].id)
    await harness.told(maria, "не прошла", before)
    again = maria.find("Повторить")
    await maria.press_data(*again)
    assert "Сумма 1 500,00 ₽" in maria.screen
    await pay_link(harness, maria)
    await maria.press_data(*again)
    assert "изменилась" in (maria.toast or "")
    assert "Сумма" not in maria.screen
    assert "вы уже оплатили 1 500,00 ₽" in maria.screen


async def test_what_failed_days_ago_is_tried_again_only_while_it_is_due(harness: BotHarness, maria: Someone) -> None:
    for sum_, words in (("1234,56", "Сумма 1 234,56 ₽"), ("1500", "К оплате 1 975,74 ₽")):
        await invoice(maria, sum_)
        before = harness.world.cursor
        await harness.bank.decline(harness.bank.payments[-1].id)
        await harness.told(maria, "не прошла", before)
        again = maria.find("Повторить")
        harness.clock.advance(days=1)
        await maria.press_data(*again)
        assert words in maria.screen


async def test_the_sum_to_pay_is_made_up_of_the_one_at_home(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    assert "По счёту 1 234,56 ₽ (срок был 15.11.2026) + предварительно за ноябрь 741,18 ₽" in maria.screen
    await harness.run("UPDATE links SET trust = 'verified'")
    await maria.send("/pay")
    await paid(harness, maria, "1500")
    await maria.send("/pay")
    assert (
        "К оплате 475,74 ₽\nПредварительно за ноябрь 741,18 ₽ по среднему расходу − переплата 265,44 ₽" in maria.screen
    )


async def test_trying_again_what_was_paid_after_all_shows_that(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "100")
    payment = harness.bank.payments[-1]
    before = harness.world.cursor
    await harness.bank.decline(payment.id)
    await harness.told(maria, "не прошла", before)
    again = maria.find("Повторить")
    await harness.run("UPDATE orders SET status = 'paid', settled_at = created_at")
    await maria.press_data(*again)
    assert "✅ Оплачено" in maria.screen
    await harness.run("UPDATE orders SET status = 'pending', settled_at = NULL")
    await maria.press_data(*again)
    assert "Ссылка действует" in maria.screen


async def test_nothing_is_paid_for_an_account_that_the_supplier_has_no_more(
    harness: BotHarness, maria: Someone
) -> None:
    pay = maria.find("Оплатить 1")
    harness.supplier.trouble = SupplierUnavailable()
    await maria.send("/pay")
    assert "Оплатить можно любую сумму" in maria.screen
    await maria.press("Другая сумма")
    await maria.send("100")
    code = maria.find("QR-код")
    begun = len(harness.bank.payments)
    harness.supplier.trouble = None
    await harness.run("DELETE FROM ledger_accounts WHERE account = ?", int(TWO_ZONES))
    for pressed in (pay, code):
        await maria.press_data(*pressed)
        assert "больше нет в базе" in maria.screen
    assert (len(harness.bank.payments), maria.pictures) == (begun, [])


async def test_the_payment_code_comes_as_a_picture_with_requisites_to_copy(idle_harness: BotHarness) -> None:
    harness = idle_harness
    harness.documents = TypstDocuments()
    await harness.start()
    maria = await harness.customer("Мария", TWO_ZONES)
    await invoice(maria, "1234,56")
    await maria.press("QR-код для приложения банка")
    assert "1 234,56 ₽" in maria.screen
    await maria.press("Реквизиты")
    assert maria.copies["Лицевой счёт"] == TWO_ZONES
    assert maria.copies["Сумма"] == "1234.56"
    from tests.flows.payer import read_code  # zxing-cpp: only here

    assert f"PersAcc={TWO_ZONES}|" in read_code(maria.pictures[-1])
    assert "|Sum=123456|" in read_code(maria.pictures[-1])


async def test_who_may_not_pay_is_told_so(harness: BotHarness, maria: Someone) -> None:
    message_id, data = maria.find("Оплатить 1")
    await harness.run("INSERT INTO controls (account, anyone_submits, closed, locked) VALUES (?, 1, 1, 0)", TWO_ZONES)
    await maria.press_data(message_id, data)
    assert "не разрешает оплачивать" in maria.screen
    await maria.send("/pay")
    assert "не разрешает оплачивать" in maria.screen
    assert harness.bank.payments == []


async def test_after_readings_the_payment_is_one_press_away(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    await maria.press("Передать")
    assert "К оплате 2 606,36 ₽\nПо счёту 1 234,56 ₽" in maria.screen
    await maria.press("Оплатить 2\xa0606,36")
    assert harness.bank.payments[-1].amount == 2606_36


async def test_english_people_pay_in_english(harness: BotHarness) -> None:
    mary = await harness.customer("Mary", TWO_ZONES, language="en")
    await mary.press("Pay")
    await mary.press("Another sum")
    await mary.send("1000.50")
    assert mary.url("Card or SBP") == harness.bank.payments[-1].page
    assert harness.bank.payments[-1].asked["confirmation"]["locale"] == "en_US"
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(mary, "received", before)


async def test_a_form_of_readings_outlives_a_payment(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650")
    await invoice(maria, "100")
    await maria.send("/menu")
    await maria.press("Продолжить передачу показаний")
    await maria.send("1580")
    await maria.press("Передать")
    assert harness.rows("SELECT status FROM submissions") == [("accepted",)]


async def test_the_way_back_does_not_forget_whether_the_estimate_is_paid(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    await maria.press("Предварительно за")
    without = maria.screen
    for way in ("Другая сумма", "Из чего сумма"):
        await maria.press(way)
        await maria.press("Назад")
        assert maria.screen == without
    await maria.press("Другая сумма")
    await maria.send("500")
    await maria.press("Назад")
    assert maria.screen == without


async def test_numbers_typed_below_a_sum_are_readings(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    await maria.press("Другая сумма")
    await maria.send("500")
    await maria.send("3650 1580")
    assert "По этим показаниям 1 371,80 ₽" in maria.screen


async def test_nobody_collects_links_without_end(harness: BotHarness, maria: Someone) -> None:
    for roubles in range(1, 12):
        await invoice(maria, str(roubles))
    assert "несколько неоплаченных ссылок" in maria.screen
    assert "QR-код для приложения банка" in maria.buttons
    assert len(harness.bank.payments) == 10


async def test_links_that_ran_out_are_deleted_when_nothing_can_come_of_them(
    harness: BotHarness, maria: Someone
) -> None:
    await invoice(maria, "100")
    before = harness.world.cursor
    await harness.bank.decline(harness.bank.payments[-1].id)
    await harness.told(maria, "не прошла", before)
    await invoice(maria, "200")
    harness.clock.advance(minutes=61)
    await harness.bank.expire_due()
    await harness.until(
        "SELECT kopecks, status FROM orders ORDER BY number", [(10000, "canceled"), (20000, "canceled")]
    )
    for days, left in ((31, [(10000,), (20000,)]), (2, [(10000,)])):
        harness.clock.advance(days=days)
        await harness.app.use(Settlement).forget()
        assert harness.rows("SELECT kopecks FROM orders ORDER BY number") == left


async def test_a_link_goes_when_the_supplier_says_that_nothing_is_due(harness: BotHarness, maria: Someone) -> None:
    await maria.send("/pay")
    assert len(paying(maria)) == 2
    await harness.run("UPDATE ledger_charges SET closing = -500000 WHERE account = ? AND period = '2026-10'", ACCOUNT)
    await maria.send("/pay")
    assert "платить сейчас не нужно" in maria.screen
    assert paying(maria) == []
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(maria, "получена", before)
