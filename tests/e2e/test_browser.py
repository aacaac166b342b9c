"""A person with a browser: the sandbox's page, the real bot behind it, and what the database holds afterwards."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser import chromium
from tests.flows.kept import submitted, values
from tests.harness import BotHarness

WAIT = 30_000  # milliseconds that a busy machine may take for an answer


async def _say(page: Page, text: str) -> None:
    await page.get_by_test_id("composer-input").fill(text)
    await page.keyboard.press("Enter")


async def _press(page: Page, label: str) -> None:
    await page.get_by_role("button", name=label).last.click(timeout=WAIT)


async def _sees(page: Page, words: str) -> None:
    await expect(page.get_by_test_id("conversation")).to_contain_text(words, timeout=WAIT)


@pytest.mark.timeout(180)
async def test_a_person_links_an_account_and_submits_day_and_night(harness: BotHarness) -> None:
    maria = harness.person("Мария")
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 390, "height": 844}, locale="ru-RU")
        await page.goto(harness.sandbox.url)
        await page.get_by_test_id("start-button").click(timeout=WAIT)
        await _press(page, "Согласен с обоими")
        await _sees(page, "12 цифр")
        await _say(page, "36 0000 123 456")
        await _sees(page, "г. Воронеж, ул. Лизюкова, д. 12, кв. ••")
        await _say(page, "45")
        await _sees(page, "Показания за ноябрь не переданы, осталось 3 дня")
        await _press(page, "Передать показания")
        await _sees(page, "было 3")
        await _say(page, "3650 1580")
        await _sees(page, "1-й диапазон, до 2-го — 870")
        await _press(page, "Передать")
        await _sees(page, "№ П-2611-00001, 23.11.2026")
        await expect(page.get_by_test_id("conversation")).not_to_contain_text("Проверьте показания")
        await _press(page, "На главную")
        await _sees(page, "Показания за ноябрь переданы 23.11.2026, ждут расчёта")
    await harness.quiet()
    assert values(harness) == [{"day": 3650, "night": 1580}]
    assert submitted(harness)[0]["status"] == "accepted"
    assert harness.rows("SELECT user_id, account FROM links") == [(maria.id, "360000123456")]
    assert harness.rows("SELECT count(*) FROM consents") == [(2,)]
