"""The payment page in a real browser, on a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from sandbox.bank import Bank, Payment
from sandbox.bank.cards import CARDS
from sandbox.server import Sandbox
from tests.browser import chromium
from tests.sandbox.merchant import HandClock, Json, Merchant, Receiver
from tests.sandbox.test_page import PAGE_SCROLLS

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE: ViewportSize = {"width": 390, "height": 844}
TARGETS = "button, summary, main a, input:not([type=hidden])"
SMALL_TARGETS = """(targets) => [...document.querySelectorAll(targets)].filter((e) => {
    const { width, height } = e.getBoundingClientRect();
    return e.checkVisibility() && (width < 44 || height < 44);
}).map((e) => e.outerHTML.slice(0, 120))"""
UNNAMED = """() => [...document.querySelectorAll("input:not([type=hidden])")].filter((e) => !e.labels.length).length"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A phone that asks nobody but this machine; an exception fails the test."""
    context = await browser.new_context(viewport=PHONE, locale="ru-RU")
    page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    await context.close()
    assert failures == []
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []


@pytest_asyncio.fixture(loop_scope="module")
async def merchant(bank: Bank) -> AsyncIterator[Merchant]:
    sandbox = Sandbox()
    sandbox.world.send_text(sandbox.world.add_person("Мария"), "/start")
    bank.add_routes(sandbox.app)
    async with sandbox, aiohttp.ClientSession() as http:
        yield Merchant(f"{sandbox.url}/yookassa/v3", bank.shop, http)


async def opened(page: Page, merchant: Merchant, value: str = "1234.56", **changes: Any) -> Json:
    """A new payment, in view."""
    payment = await merchant.create(value, **changes)
    await page.goto(payment["confirmation"]["confirmation_url"])
    return payment


async def pay(page: Page, number: str, expiry: str = "12/30", csc: str = "123") -> None:
    await page.get_by_label("Номер карты").fill(number)
    await page.get_by_label("Срок действия").fill(expiry)
    await page.get_by_label("Код с оборота").fill(csc)
    await page.get_by_role("button", name="Оплатить", exact=False).click()


async def assert_fits(page: Page) -> None:
    assert not await page.evaluate(PAGE_SCROLLS)
    assert await page.evaluate(SMALL_TARGETS, TARGETS) == []
    assert await page.evaluate(UNNAMED) == 0


def found(bank: Bank) -> Payment:
    return bank.payments[-1]


async def test_a_card_pays_and_the_way_back_opens_the_chat(page: Page, bank: Bank, merchant: Merchant) -> None:
    async with Receiver() as receiver:
        bank.notify_to(receiver.url)
        await opened(page, merchant, description="Счёт …3456 <i>")
        await expect(page.get_by_role("heading", name=bank.shop.name)).to_be_visible()
        await expect(page.locator(".sum")).to_have_text("1\xa0234,56\xa0₽")
        await expect(page.get_by_text("Счёт …3456 <i>")).to_be_visible()
        await assert_fits(page)
        await pay(page, "5555 5555 5555 4444")
        await expect(page.get_by_role("status")).to_have_text("Оплачено")
        await expect(page.get_by_text("Карта •••• 4444")).to_be_visible()
        await assert_fits(page)
        await bank.notifications.settled()
        assert receiver.events == ["payment.succeeded"]
    await page.get_by_role("link", name="Вернуться в магазин").click()
    await expect(page.locator(".message.out").last).to_contain_text("/start pay_abc")


async def test_the_bank_asks_for_a_confirmation(page: Page, bank: Bank, merchant: Merchant) -> None:
    for word, status in (("Подтвердить", "succeeded"), ("Отклонить", "canceled")):
        await opened(page, merchant)
        await pay(page, "5555555555554477")
        await expect(page.get_by_text("Карта •••• 4477")).to_be_visible()
        await assert_fits(page)
        assert found(bank).status == "pending"
        await page.get_by_role("button", name=word).click()
        await expect(page.get_by_role("status")).to_be_visible()
        assert found(bank).status == status
    assert (found(bank).cancellation or {})["reason"] == "3d_secure_failed"


@pytest.mark.parametrize(
    ("number", "words"),
    [("5555555555554592", "не подтвердил, что платите вы"), ("5555555555554600", "не хватает денег")],
)
async def test_a_card_that_is_declined(page: Page, bank: Bank, merchant: Merchant, number: str, words: str) -> None:
    await opened(page, merchant)
    await pay(page, number)
    await expect(page.get_by_role("status")).to_have_text("Оплата не прошла")
    await expect(page.get_by_text(words)).to_be_visible()
    await expect(page.get_by_text("Деньги не списаны")).to_be_visible()
    assert (found(bank).cancellation or {})["reason"] == CARDS[number].refusal


async def test_what_is_typed_wrong_is_said_at_its_field(page: Page, bank: Bank, merchant: Merchant) -> None:
    await opened(page, merchant)
    await pay(page, "4276 0000 0000 0000", "10/26", "12")
    for label, words in (
        ("Номер карты", "Такой карты нет среди карт для пробы"),
        ("Срок действия", "Срок действия карты истёк"),
        ("Код с оборота", "Нужны 3 или 4 цифры"),
    ):
        field = page.get_by_label(label)
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(page.locator(f"#{await field.get_attribute('aria-describedby')}")).to_contain_text(words)
    await expect(page.get_by_label("Номер карты")).to_have_value("4276 0000 0000 0000")
    await assert_fits(page)
    assert found(bank).status == "pending"
    await page.get_by_role("link", name="4111 1111 1111 1111").click()  # the list of test cards is open now
    await page.get_by_role("button", name="Оплатить").click()
    await expect(page.get_by_role("status")).to_have_text("Оплачено")


async def test_nothing_typed(page: Page, merchant: Merchant) -> None:
    await opened(page, merchant)
    await page.get_by_role("button", name="Оплатить").click()
    await expect(page.get_by_role("alert")).to_have_count(3)


async def test_sbp(page: Page, bank: Bank, merchant: Merchant) -> None:
    for word, status in (("Подтвердить", "succeeded"), ("Отклонить", "canceled")):
        await opened(page, merchant)
        await page.get_by_role("link", name="Оплатить через СБП").click()
        await expect(page.get_by_role("heading", name="Приложение вашего банка")).to_be_visible()
        await assert_fits(page)
        await page.get_by_role("button", name=word).click()
        await expect(page.get_by_role("status")).to_be_visible()
        assert found(bank).status == status
    await expect(page.get_by_text("Платёж отклонён")).to_be_visible()


async def test_only_what_the_payment_allows_is_offered(page: Page, merchant: Merchant) -> None:
    sbp, card = page.get_by_role("link", name="Оплатить через СБП"), page.get_by_label("Номер карты")
    cases: list[tuple[str, Json, tuple[int, int]]] = [
        ("100.00", {}, (1, 1)),
        ("100.00", {"payment_method_data": {"type": "sbp"}}, (1, 0)),
        ("100.00", {"payment_method_data": {"type": "bank_card"}}, (0, 1)),
        ("100.00", {"capture": False}, (0, 1)),
        ("700000.01", {}, (0, 1)),
    ]
    for value, changes, expected in cases:
        payment = await opened(page, merchant, value, **changes)
        assert (await sbp.count(), await card.count()) == expected
        if not expected[0]:  # nor by address
            await page.goto(f"{payment['confirmation']['confirmation_url']}/sbp")
            await expect(card).to_be_visible()


async def test_a_person_declines_or_leaves(page: Page, bank: Bank, merchant: Merchant) -> None:
    await opened(page, merchant)
    await page.get_by_role("link", name="Вернуться в магазин без оплаты").click()
    await expect(page.locator(".message.out").last).to_contain_text("/start pay_abc")
    assert found(bank).status == "pending"
    await opened(page, merchant)
    await page.get_by_role("button", name="Отказаться от оплаты").click()
    await expect(page.get_by_role("status")).to_have_text("Оплата не прошла")
    assert found(bank).status == "canceled"


async def test_a_payment_that_is_over_says_so(
    page: Page, bank: Bank, bank_clock: HandClock, merchant: Merchant
) -> None:
    payment = await opened(page, merchant)
    late = payment["confirmation"]["confirmation_url"]
    held = await opened(page, merchant, capture=False)
    await bank.pay(held["id"])
    await page.reload()
    await expect(page.get_by_role("status")).to_have_text("Деньги зарезервированы")
    await merchant.post(f"/payments/{held['id']}/capture")
    await bank.refund(held["id"], 200_00)
    await page.reload()
    await expect(page.get_by_text("Возвращено 200,00\xa0₽")).to_be_visible()
    await page.goto(late)
    bank_clock.moment += timedelta(hours=1)
    await pay(page, "5555555555554444")  # in a page that was loaded in time
    await expect(page.get_by_role("status")).to_have_text("Срок оплаты истёк")
    await page.goto(f"{late}/3ds")
    await expect(page.get_by_role("status")).to_have_text("Срок оплаты истёк")
    assert [one.status for one in bank.payments] == ["canceled", "succeeded"]


async def test_an_unknown_payment_says_so(page: Page, merchant: Merchant) -> None:
    root = merchant.root.removesuffix("/yookassa/v3")
    answer = await page.goto(f"{root}/pay/22d6d597-000f-5000-9000-145f6df21d6f")
    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("status")).to_have_text("Такого платежа нет")


async def test_a_dark_phone(browser: Browser, merchant: Merchant) -> None:
    context = await browser.new_context(viewport=PHONE, color_scheme="dark")
    page = await context.new_page()
    await opened(page, merchant)
    dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(14, 20, 27)"
    await context.close()


async def test_the_cabinet_fits_a_phone(page: Page, bank: Bank, merchant: Merchant) -> None:
    payment = await opened(page, merchant)
    await bank.pay(payment["id"])
    for path in ("/bank", "/bank/settings"):
        await page.goto(merchant.root.removesuffix("/yookassa/v3") + path)
        assert not await page.evaluate(PAGE_SCROLLS)
    await page.get_by_label("Адрес, куда слать").fill("http://127.0.0.1:9/yookassa")
    await page.get_by_label("Терять").check()
    await page.get_by_role("button", name="Сохранить").click()
    await expect(page.get_by_label("Терять")).to_be_checked()
    await page.goto(merchant.root.removesuffix("/yookassa/v3") + "/bank")
    await page.get_by_role("button", name="Вернуть деньги").click()
    await expect(page.get_by_text("refund.succeeded: потеряно")).to_be_visible()
