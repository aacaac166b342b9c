"""The paper of a payment: as PDF, by mail, and as true later as on the day."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from handlers.payments.callbacks import OnOrder, OrderAction
from handlers.payments.paper import paper
from locales import speak
from services.documents import TypstDocuments
from services.notices.errors import MailRefused
from services.notices.models import Refusal
from services.payments.models import Order, OrderStatus
from services.payments.papers import PaidOrder
from services.ports import Sheet
from tests.conftest import TWO_ZONES
from tests.flows.payer import invoice, order_row
from tests.harness import MOSCOW, BotHarness
from tests.people import Someone
from tests.services.receipt_examples import PROFILE


async def pay(harness: BotHarness, someone: Someone, roubles: str = "1000,50") -> str:
    """The key of the order, whose success has been told."""
    await invoice(someone, roubles)
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(someone, "Оплата 1", before)
    return str(order_row(harness)["key"])


def papers(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> list[Sheet]:
    """Sheets that are set from now on."""
    kept: list[Sheet] = []

    async def sheet(_: object, one: Sheet) -> bytes:
        kept.append(one)
        return b"%PDF-1.4 a sheet"

    monkeypatch.setattr(type(harness.documents), "sheet", sheet)
    return kept


async def test_a_payment_is_kept_as_pdf_and_sent_by_mail(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = papers(harness, monkeypatch)
    await pay(harness, maria)
    number = order_row(harness)["number"]
    await maria.press("Сохранить PDF")
    assert maria.documents == [(f"Оплата {number} от 23.11.2026.pdf", b"%PDF-1.4 a sheet")]
    assert made[0].facts == (
        ("Номер", number),
        ("Лицевой счёт", "оканчивается на 3456"),
        ("Сумма", "1\xa0000,50\xa0₽"),
        ("Оплачено", "23.11.2026 10:14"),
        ("Способ", "онлайн, через платёжную систему"),
        ("Состояние", "получено, зачислим за 1–3 дня"),
    )
    assert made[0].note == "Это подтверждение оплаты, а не кассовый чек."
    await maria.press("На e-mail")
    assert f"подтверждение оплаты № {number}" in maria.screen
    await maria.send("not an address")
    await maria.send("Maria@example.org")
    letter = await harness.letterbox.letter()
    assert (letter.to, letter.subject) == ("Maria@example.org", f"Оплата № {number} от 23.11.2026")
    assert "Сумма: 1\xa0000,50\xa0₽" in letter.text
    assert letter.attachment == (f"Оплата {number} от 23.11.2026.pdf", b"%PDF-1.4 a sheet")
    harness.letterbox.trouble = MailRefused(Refusal.FULL)
    await maria.press("На e-mail")
    before = harness.world.cursor
    await maria.send("full@example.org")
    await harness.told(maria, "Письмо на f•••@example.org не доставлено: ящик переполнен", before)
    harness.letterbox.trouble = None
    await maria.press("Отправить на другой адрес")
    await maria.send("other@example.org")
    assert (await harness.letterbox.letter()).to == "other@example.org"


async def test_a_paper_says_what_was_given_back_and_when_it_was_credited(
    harness: BotHarness, maria: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by the button of the day on which it was paid. A verified owner reads the whole number."""
    await harness.run("UPDATE links SET trust = 'verified'")
    made = papers(harness, monkeypatch)
    key = await pay(harness, maria)
    message_id, button = maria.find("Сохранить PDF")
    for statement, state in (
        ("credited_on = '2026-11-24'", "зачислено 24.11.2026"),
        ("refunded = 3000", "возвращено 30,00\xa0₽ из 1\xa0000,50\xa0₽"),
        ("refunded = 100050", "деньги возвращены: 1\xa0000,50\xa0₽"),
    ):
        await harness.run(f"UPDATE orders SET {statement} WHERE key = ?", key)
        await maria.press_data(message_id, button)
        assert dict(made[-1].facts)["Состояние"] == state
        assert dict(made[-1].facts)["Лицевой счёт"] == TWO_ZONES


async def test_a_paper_is_for_the_payer_alone_and_for_what_was_paid(harness: BotHarness, maria: Someone) -> None:
    await invoice(maria, "1")
    key = str(order_row(harness)["key"])
    waiting = [OnOrder(action=action, key=key).pack() for action in (OrderAction.PDF, OrderAction.MAIL)]
    for data in waiting:
        await maria.press_data(maria.last_id, data)
        assert "Эта оплата ещё не прошла, подтверждения пока нет." in maria.screen
    before = harness.world.cursor
    await harness.bank.pay(harness.bank.payments[-1].id)
    await harness.told(maria, "Оплата 1", before)
    stranger = await harness.customer("Олег", TWO_ZONES)
    for data in waiting:
        await stranger.press_data(stranger.last_id, data)
    assert stranger.documents == []
    assert order_row(harness)["number"] not in stranger.seen
    await maria.press("На e-mail")
    await harness.run("DELETE FROM links WHERE user_id = ?", maria.id)
    await maria.send("maria@example.org")
    assert harness.letterbox.letters.empty()
    await maria.press_data(maria.last_id, waiting[0])
    assert maria.documents == []


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_the_page_holds_all_its_facts(language: str) -> None:
    speak(language)
    order = Order("k", "О-2611-00001", 1, TWO_ZONES, 100050, datetime.now(UTC), status=OrderStatus.PAID, refunded=3000)
    sheet = paper(PaidOrder(order, TWO_ZONES, MOSCOW, fiscal=True), PROFILE)
    pdf = PdfReader(io.BytesIO(await TypstDocuments().sheet(sheet)))
    assert len(pdf.pages) == 1
    text = " ".join(pdf.pages[0].extract_text().split())
    for words in (*(value for _, value in sheet.facts), sheet.note, sheet.footer):
        assert " ".join(words.split()) in text
