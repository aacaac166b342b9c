"""The provider refuses what the real one refuses: keys, types, lengths, values, sums."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.bank import Bank
from tests.sandbox.merchant import RETURN_URL, HandClock, Json, Merchant, asked, item, order, receipt, roubles

REDIRECT = {"type": "redirect", "return_url": RETURN_URL}


async def refused(merchant: Merchant, body: Any, parameter: str | None) -> Json:
    status, answer = await merchant.post("/payments", body)
    assert (status, answer["type"], answer.get("parameter")) == (400, "error", parameter), answer
    assert answer["code"] in {"invalid_request", "not_supported"}
    assert len(answer["id"]) == 36
    assert answer["description"]
    return answer


# The shop that asks


@pytest.mark.parametrize(
    "authorization", [None, "", "Basic", "Basic ???", "Bearer abc", "Basic MTAwNTAwOndyb25n", "Basic пароль"]
)
async def test_only_the_shop_is_let_in(bank: Bank, merchant: Merchant, authorization: str | None) -> None:
    merchant.headers = {} if authorization is None else {"Authorization": authorization}
    for method, path in (("GET", "/me"), ("POST", "/payments"), ("GET", "/payments/1")):
        async with merchant.http.request(method, merchant.root + path, headers=merchant.headers) as answer:
            assert answer.status == 401
            assert (await answer.json())["code"] == "invalid_credentials"
    assert bank.payments == []


async def test_what_is_not_there(merchant: Merchant) -> None:
    for path in ("/payments/22d6d597-000f-5000-9000-145f6df21d6f", "/refunds/1", "/nothing", "/payments/1/2"):
        status, answer = await merchant.get(path)
        assert (status, answer["code"]) == (404, "not_found")
    status, answer = await merchant.post("/payments/1/capture", {})
    assert (status, answer["code"]) == (404, "not_found")


async def test_the_shop_reads_its_settings(bank: Bank, merchant: Merchant) -> None:
    status, answer = await merchant.get("/me")
    assert (status, answer["status"], answer["test"]) == (200, "enabled", True)
    assert answer["payment_methods"] == ["bank_card", "sbp"]
    assert answer["fiscalization"] == {"enabled": False}
    bank.shop.secret_key, bank.shop.fiscalization = "live_abc", True
    again = Merchant(merchant.root, bank.shop, merchant.http)
    answer = (await again.get("/me"))[1]
    assert (answer["test"], answer["fiscalization"]["enabled"]) == (False, True)
    assert (await again.create(receipt=receipt(item(measure="piece"))))["test"] is False


# Idempotence


@pytest.mark.parametrize("key", ["", "x" * 65, "ключ", "a b", "a/b"])
async def test_a_key_is_needed_and_has_its_form(bank: Bank, merchant: Merchant, key: str) -> None:
    headers = {"Idempotence-Key": key} if key else {}
    for path in ("/payments", "/refunds", "/payments/1/capture", "/payments/1/cancel"):
        status, answer = await merchant.post(path, asked(), "", **headers)
        assert (status, answer["code"], answer["parameter"]) == (400, "invalid_request", "Idempotence-Key")
    assert bank.payments == []


async def test_the_longest_key_with_every_kind_of_character(merchant: Merchant) -> None:
    assert (await merchant.post("/payments", asked(), "aZ09+-_." * 8))[0] == 200


async def test_the_same_key_with_the_same_body_is_the_first_result(bank: Bank, merchant: Merchant) -> None:
    first = await merchant.post("/payments", asked(), "key")
    await bank.pay(first[1]["id"])
    turned = dict(reversed(asked().items()))  # the order of fields says nothing
    assert await merchant.post("/payments", turned, "key") == first
    assert first[1]["status"] == "pending"
    assert len(bank.payments) == 1
    assert (await merchant.create())["id"] != first[1]["id"]


async def test_the_same_key_with_another_request_is_refused(bank: Bank, merchant: Merchant) -> None:
    payment = (await merchant.post("/payments", asked(), "key"))[1]
    for path, body in (
        ("/payments", asked("100.01")),
        ("/refunds", asked()),
        (f"/payments/{payment['id']}/cancel", {}),
    ):
        status, answer = await merchant.post(path, body, "key")
        assert (status, answer["description"]) == (400, "Idempotence key duplicated")
    assert len(bank.payments) == 1


async def test_a_refused_request_does_not_use_its_key_up(bank: Bank, merchant: Merchant) -> None:
    assert (await merchant.post("/payments", asked("0.00"), "key"))[0] == 400
    assert (await merchant.post("/payments", asked(), "key"))[0] == 200


async def test_a_key_is_forgotten_after_a_day(bank: Bank, bank_clock: HandClock, merchant: Merchant) -> None:
    await merchant.post("/payments", asked(), "key")
    bank_clock.advance(hours=23, minutes=59)
    await merchant.post("/payments", asked(), "key")
    assert len(bank.payments) == 1
    bank_clock.advance(minutes=1)
    assert (await merchant.post("/payments", asked("5.00"), "key"))[0] == 200
    assert len(bank.payments) == 2


# Bodies


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'"a"', b"\xff", b"{}"])
async def test_a_body_is_an_object_with_a_sum(bank: Bank, merchant: Merchant, body: bytes) -> None:
    headers = merchant.headers | {"Idempotence-Key": "key", "Content-Type": "application/json"}
    async with merchant.http.post(f"{merchant.root}/payments", data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "invalid_request")
    headers["Content-Type"] = "text/plain"
    async with merchant.http.post(f"{merchant.root}/payments", data=json.dumps(asked()), headers=headers) as answer:
        assert answer.status == 400
    assert bank.payments == []


@pytest.mark.parametrize(
    "value", ["0.00", "-1.00", "1", "1.0", "1.000", "01.00", "1,00", "1e2", " 1.00", "1.00\n", "", "١.٠٠", "1 000.00"]
)
async def test_a_sum_is_a_text_with_two_decimals(merchant: Merchant, value: str) -> None:
    await refused(merchant, asked(value), "amount.value")


@pytest.mark.parametrize(
    ("amount", "parameter"),
    [
        (100, "amount"),
        ("100.00", "amount"),
        ({"value": 100.0, "currency": "RUB"}, "amount.value"),
        ({"value": 100, "currency": "RUB"}, "amount.value"),
        ({"value": "100.00"}, "amount.currency"),
        ({"value": "100.00", "currency": "USD"}, "amount.currency"),
        ({"value": "100.00", "currency": "rub"}, "amount.currency"),
        ({"currency": "RUB"}, "amount.value"),
        ({**roubles("1.00"), "kopecks": 100}, "amount.kopecks"),
    ],
)
async def test_a_sum_has_its_currency(merchant: Merchant, amount: Any, parameter: str) -> None:
    await refused(merchant, {**asked(), "amount": amount}, parameter)


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"note": "?"}, "note"),
        ({"payment_orders": [order()]}, "payment_orders"),
        ({"capture": "true"}, "capture"),
        ({"capture": 1}, "capture"),
        ({"description": "о" * 129}, "description"),
        ({"description": 5}, "description"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"metadata": {"a": "x" * 513}}, "metadata.a"),
        ({"metadata": {"k" * 33: "x"}}, f"metadata.{'k' * 33}.[key]"),
        ({"metadata": {str(number): "x" for number in range(17)}}, "metadata"),
        ({"merchant_customer_id": "x" * 201}, "merchant_customer_id"),
        ({"client_ip": "localhost"}, "client_ip"),
        ({"confirmation": "redirect"}, "confirmation"),
        ({"confirmation": {"type": "magic"}}, "confirmation"),
        ({"confirmation": {"return_url": RETURN_URL}}, "confirmation"),
        ({"confirmation": {"type": "redirect"}}, "confirmation.return_url"),
        ({"confirmation": {**REDIRECT, "return_url": "t.me/bot"}}, "confirmation.return_url"),
        ({"confirmation": {**REDIRECT, "return_url": "https://t.me/a b"}}, "confirmation.return_url"),
        ({"confirmation": {**REDIRECT, "return_url": "https://t.me/" + "x" * 2036}}, "confirmation.return_url"),
        ({"confirmation": {**REDIRECT, "locale": "ru"}}, "confirmation.locale"),
        ({"confirmation": {**REDIRECT, "confirmation_url": "https://x.ru"}}, "confirmation.confirmation_url"),
        ({"confirmation": {"type": "embedded"}}, "confirmation.type"),
        ({"confirmation": {"type": "qr"}}, "confirmation.type"),
        ({"payment_method_data": {"type": "magic"}}, "payment_method_data.type"),
        ({"payment_method_data": {"type": "yoo_money"}}, "payment_method_data.type"),
        ({"payment_method_data": {"type": "bank_card", "card": {"number": "1"}}}, "payment_method_data.card"),
        ({"payment_method_data": {}}, "payment_method_data.type"),
    ],
)
async def test_fields_out_of_their_limits(
    bank: Bank, merchant: Merchant, changes: dict[str, Any], parameter: str
) -> None:
    await refused(merchant, asked(**changes), parameter)
    assert bank.payments == []


async def test_fields_at_their_limits(merchant: Merchant) -> None:
    metadata = {f"{'k' * 30}{number:02}": "з" * 512 for number in range(15)} | {"none": None}
    url = "https://t.me/" + "x" * 2035
    limits = {"description": "о" * 128, "metadata": metadata, "merchant_customer_id": "x" * 200, "client_ip": "::1"}
    confirmation = {"type": "redirect", "return_url": url, "locale": "en_US"}
    payment = await merchant.create("9999999999.99", **limits, confirmation=confirmation)
    assert payment["metadata"] == metadata
    assert payment["description"] == "о" * 128
    assert payment["confirmation"]["return_url"] == url


async def test_saving_a_card_needs_an_agreement(merchant: Merchant) -> None:
    status, answer = await merchant.post("/payments", asked(save_payment_method=True))
    assert (status, answer["code"]) == (403, "forbidden")


# СБП

SBP: dict[str, Any] = {"payment_method_data": {"type": "sbp"}}


@pytest.mark.parametrize(("value", "taken"), [("0.99", 400), ("1.00", 200), ("700000.00", 200), ("700000.01", 400)])
async def test_sbp_has_its_limits(merchant: Merchant, value: str, taken: int) -> None:
    assert (await merchant.post("/payments", asked(value, **SBP)))[0] == taken
    assert (await merchant.post("/payments", asked(value)))[0] == 200


async def test_sbp_has_one_stage(merchant: Merchant) -> None:
    await refused(merchant, asked(**SBP, capture=False), "capture")
    await refused(merchant, asked(**SBP, capture=None), "capture")


async def test_sbp_by_a_code_to_scan(merchant: Merchant, bank_url: str) -> None:
    payment = await merchant.create(**SBP, confirmation={"type": "qr"})
    expected = {"type": "qr", "confirmation_data": f"{bank_url}/pay/{payment['id']}/sbp"}
    assert payment["confirmation"] == expected
    await merchant.create(**SBP, confirmation={"type": "qr", "return_url": RETURN_URL})


async def test_a_shop_without_sbp(bank: Bank, merchant: Merchant) -> None:
    bank.shop.methods = ("bank_card",)
    await refused(merchant, asked(**SBP), "payment_method_data.type")


# Payments of utilities


async def test_a_utility_shop_needs_the_order(bank: Bank, merchant: Merchant) -> None:
    bank.shop.utility = True
    answer = await refused(merchant, asked(), "payment_orders")
    assert answer["description"] == "Не указано платежное поручение для передачи в ГИС ЖКХ"
    assert "payment_order" not in await merchant.create(payment_order=order())


@pytest.mark.parametrize(
    "identifier",
    [
        {"payment_document_id": "34СТ185329-01-2352"},
        {"payment_document_number": "1"},
        {"account_number": "3" * 30},
        {"unified_account_number": "60АА000593"},
        {"service_id": "34СТ185329-01"},
    ],
)
async def test_any_one_identifier_will_do(merchant: Merchant, identifier: Json) -> None:
    await merchant.create(payment_order=order(**{"account_number": None, **identifier}))


def with_recipient(**changes: Any) -> Json:
    return order(recipient={**order()["recipient"], **changes})


def with_bank(**changes: Any) -> Json:
    return with_recipient(bank={**order()["recipient"]["bank"], **changes})


@pytest.mark.parametrize(
    ("wrong", "parameter"),
    [
        (order("99.99"), "amount"),
        (order(account_number=None), ""),
        (order(type="utility"), "type"),
        (order(type=None), "type"),
        (order(amount=None), "amount"),
        (order(payment_purpose="о" * 211), "payment_purpose"),
        (order(payment_purpose=""), "payment_purpose"),
        (order(recipient=None), "recipient"),
        (order(payee="?"), "payee"),
        (order(account_number=""), "account_number"),
        (order(account_number="3" * 31), "account_number"),
        (order(account_number=360000123456), "account_number"),
        (order(payment_document_id="x" * 17), "payment_document_id"),
        (order(payment_document_number="x" * 31), "payment_document_number"),
        (order(unified_account_number="x" * 11), "unified_account_number"),
        (order(service_id="x" * 12), "service_id"),
        (order(kbk="1"), "kbk"),
        (order(oktmo="1234567"), "oktmo"),
        (order(payment_period={"month": 13, "year": 2026}), "payment_period.month"),
        (order(payment_period={"month": 1, "year": 2051}), "payment_period.year"),
        (order(payment_period={"month": "11", "year": 2026}), "payment_period.month"),
        (order(payment_period={"month": 11}), "payment_period.year"),
        (with_recipient(inn="770000000900"), "recipient.inn"),
        (with_recipient(inn="٧٧٠٠٠٠٠٠٠٩"), "recipient.inn"),
        (with_recipient(kpp="77000100"), "recipient.kpp"),
        (with_recipient(name=""), "recipient.name"),
        (with_bank(name="о" * 46), "recipient.bank.name"),
        (with_bank(bic="04452522"), "recipient.bank.bic"),
        (with_bank(account="4070281013825012301"), "recipient.bank.account"),
        (with_bank(correspondent_account="3010181040000000022A"), "recipient.bank.correspondent_account"),
    ],
)
async def test_a_wrong_order(bank: Bank, merchant: Merchant, wrong: Json, parameter: str) -> None:
    bank.shop.utility = True
    await refused(merchant, asked(payment_order=wrong), f"payment_order.{parameter}".rstrip("."))
    assert bank.payments == []


async def test_an_order_with_everything(bank: Bank, merchant: Merchant) -> None:
    period = {"month": 11, "year": 2026}
    await merchant.create(payment_order=order(kbk="0", oktmo="20701000", payment_period=period))


# Receipts of 54-ФЗ


async def test_items_add_up_to_the_sum(merchant: Merchant) -> None:
    await merchant.create("100.50", receipt=receipt(item("33.50", "3.000")))
    await merchant.create("100.50", receipt=receipt(item("50.00", 2), item("1.00", 0.5)))
    await merchant.create("0.34", receipt=receipt(item("1.01", "0.335")))  # 0.33835, half up
    await refused(merchant, asked("100.50", receipt=receipt(item("100.49"))), "receipt.items")
    await refused(merchant, asked("100.50", receipt=receipt(item("100.50", 2))), "receipt.items")


@pytest.mark.parametrize(
    ("wrong", "parameter"),
    [
        (receipt(), "items"),
        (receipt(*[item("1.00")] * 101), "items"),
        ({"items": [item()]}, "customer"),
        ({**receipt(item()), "customer": {}}, "customer"),
        (receipt(item(), email="maria"), "customer.email"),
        (receipt(item(), email="м@я.рф" + "x" * 250), "customer.email"),
        (receipt(item(), phone="+79000000000"), "customer.phone"),
        (receipt(item(), phone="7" * 16), "customer.phone"),
        (receipt(item(), email="a@b.ru", inn="12345"), "customer.inn"),
        ({**receipt(item()), "tax_system_code": 7}, "tax_system_code"),
        ({**receipt(item()), "internet": "yes"}, "internet"),
        (receipt(item(description="")), "items.0.description"),
        (receipt(item(description="о" * 129)), "items.0.description"),
        (receipt(item(quantity=0)), "items.0.quantity"),
        (receipt(item(quantity=-1)), "items.0.quantity"),
        (receipt(item(quantity="много")), "items.0.quantity"),
        (receipt(item(quantity=True)), "items.0.quantity"),
        (receipt(item(quantity="NaN")), "items.0.quantity"),
        (receipt(item(quantity="1.0001")), "items.0.quantity"),
        (receipt(item(quantity=100_000)), "items.0.quantity"),
        (receipt(item("0.00")), "items.0.amount.value"),
        (receipt(item(vat_code=0)), "items.0.vat_code"),
        (receipt(item(vat_code=13)), "items.0.vat_code"),
        (receipt(item(vat_code="11")), "items.0.vat_code"),
        (receipt(item(measure="kwh")), "items.0.measure"),
        (receipt(item(payment_subject="energy")), "items.0.payment_subject"),
        (receipt(item(payment_mode="full")), "items.0.payment_mode"),
        (receipt(item(total="1.00")), "items.0.total"),
    ],
)
async def test_a_wrong_receipt(merchant: Merchant, wrong: Json, parameter: str) -> None:
    await refused(merchant, asked(receipt=wrong), f"receipt.{parameter}")


async def test_a_receipt_with_everything(merchant: Merchant) -> None:
    full = item(measure="kilowatt_hour", payment_subject="service", payment_mode="full_prepayment")
    wanted = receipt(full, email="maria@example.org", phone="79000000000", full_name="Мария", inn="123456789012")
    payment = await merchant.create(receipt={**wanted, "internet": True, "tax_system_code": 1})
    assert payment["receipt_registration"] == "pending"


async def test_a_shop_whose_receipts_the_provider_makes(bank: Bank, merchant: Merchant) -> None:
    bank.shop.fiscalization = True
    await refused(merchant, asked(), "receipt")
    await refused(
        merchant, asked(receipt=receipt(item(measure="piece"), phone="79000000000")), "receipt.customer.email"
    )
    await refused(merchant, asked(receipt=receipt(item())), "receipt.items.0.measure")
    many = [item("1.00", measure="piece")] * 81
    await refused(merchant, asked("81.00", receipt=receipt(*many)), "receipt.items")
    payment = await merchant.create("80.00", receipt=receipt(*many[:80]))
    await bank.pay(payment["id"])
    assert (await merchant.payment(payment["id"]))["receipt_registration"] == "succeeded"
