"""`python -m tests.picture`: the README's pictures, taken by a real browser from a running demo."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page, ViewportSize, expect

from tests.browser import chromium
from tests.e2e.children import ROOT, demo
from tests.services.printed import pictures
from tests.services.receipt_examples import example

DOCS = ROOT / "docs"
DESKTOP: ViewportSize = {"width": 1080, "height": 760}
PHONE: ViewportSize = {"width": 390, "height": 844}
RESOLUTION = 110  # points an inch, of a receipt
WAIT = 30_000  # milliseconds for an answer of the bot on a busy machine


async def say(page: Page, text: str) -> None:
    await page.get_by_test_id("composer-input").fill(text)
    await page.keyboard.press("Enter")


async def press(page: Page, label: str) -> None:
    await page.get_by_role("button", name=label).last.click(timeout=WAIT)


async def sees(page: Page, words: str) -> None:
    await expect(page.get_by_test_id("conversation")).to_contain_text(words, timeout=WAIT)


async def submit_readings(page: Page, desktop: Path) -> None:
    """From the first greeting to a submission; the preview before it is the picture for the desktop."""
    await page.get_by_test_id("start-button").click()
    await press(page, "Согласен с обоими")
    await sees(page, "12 цифр")
    await say(page, "36 0000 123 456")
    await sees(page, "кв. ••")
    await say(page, "45")
    await press(page, "Передать показания")
    await sees(page, "было 3")
    await say(page, "3650 1580")
    await expect(page.get_by_role("button", name="Передать").last).to_be_visible(timeout=WAIT)
    await page.screenshot(path=desktop)
    await press(page, "Передать")
    await expect(page.get_by_role("button", name="Сохранить PDF")).to_be_visible(timeout=WAIT)


async def take(url: str) -> None:
    DOCS.mkdir(exist_ok=True)
    async with chromium() as browser:
        page = await browser.new_page(viewport=DESKTOP, locale="ru-RU")
        await page.goto(url)
        await submit_readings(page, DOCS / "demo.png")
        await page.set_viewport_size(PHONE)
        await page.reload()
        await expect(page.get_by_role("button", name="Сохранить PDF")).to_be_visible(timeout=WAIT)
        await page.screenshot(path=DOCS / "phone.png")


def main() -> None:
    pictures(example(), RESOLUTION)[0].quantize(64).save(DOCS / "receipt.png", optimize=True)
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder) / "demo") as (_, url):
        asyncio.run(take(url))


if __name__ == "__main__":
    main()
