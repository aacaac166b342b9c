"""Receipts in the chat: years, months, files, and the ways back from paper."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from bot.cli.registry import import_files
from services.documents import TypstDocuments
from services.ledger.imports import undo
from services.ledger.registry import import_registry
from services.receipts.archive import ReceiptArchive
from services.supplier.errors import SupplierUnavailable
from tests.conftest import TWO_ZONES
from tests.flows.subscribed import Jammed
from tests.harness import BotHarness, link_of
from tests.people import Someone

OTHER = "360000200017"


@pytest.fixture
async def owner(harness: BotHarness, maria: Someone) -> Someone:
    await harness.run("UPDATE links SET trust = 'verified'")
    return maria


def uploads(harness: BotHarness) -> int:
    """Files that the bot has brought to Telegram, not those that it named."""
    return len(harness.world.files)


async def test_the_last_receipt_is_two_taps_from_home(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/menu")
    await owner.press("Квитанции")
    assert "Квитанций: 24. Какую прислать?" in owner.screen
    assert owner.buttons == ["Последняя: октябрь 2026", "2026", "2025", "2024", "Доставка квитанций", "На главную"]
    await owner.press("Последняя")
    assert owner.documents[-1][0] == "Квитанция …3456, октябрь 2026.pdf"
    assert owner.screen == (
        "🧾 Счёт …3456, квитанция за октябрь 2026\n"
        "К оплате по квитанции 1 234,56 ₽ до 15.11.2026\n"
        "Сейчас к оплате 1 975,74 ₽\n"
        "По счёту 1 234,56 ₽ (срок был 15.11.2026) + предварительно за ноябрь 741,18 ₽ по среднему расходу"
    )
    assert owner.main_buttons == ["Оплатить 1\xa0975,74\xa0₽"]
    await owner.press("Оплатить")
    assert "По счёту 1 234,56 ₽" in owner.screen


async def test_years_lead_to_their_months(harness: BotHarness, owner: Someone) -> None:
    await owner.send("квитанция")
    await owner.press("2024")
    assert owner.buttons == ["Декабрь", "Ноябрь", "Весь год одним файлом", "Назад", "На главную"]
    await owner.press("Ноябрь")
    assert owner.documents[-1][0] == "Квитанция …3456, ноябрь 2024.pdf"
    assert "Оплатить" not in "".join(owner.buttons)
    await owner.press("Другой месяц")
    assert "Какую прислать?" in owner.screen


async def test_a_whole_year_is_one_file(idle_harness: BotHarness) -> None:
    harness = idle_harness
    harness.documents = TypstDocuments()
    await harness.start()
    maria = await harness.customer("Мария", TWO_ZONES)
    await harness.run("UPDATE links SET trust = 'verified'")
    await maria.send("/receipts")
    await maria.press("2024")
    await maria.press("Весь год")
    assert maria.documents[-1][0] == "Квитанции …3456, 2024 год.zip"
    with zipfile.ZipFile(io.BytesIO(maria.documents[-1][1])) as archive:
        assert archive.namelist() == ["Квитанция …3456, 2024-12.pdf", "Квитанция …3456, 2024-11.pdf"]
        assert all(archive.read(name).startswith(b"%PDF-1.7") for name in archive.namelist())


async def test_the_second_time_nothing_is_uploaded(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/receipts")
    await owner.press("Последняя")
    brought = uploads(harness)
    anna = await harness.customer("Анна", TWO_ZONES)
    await harness.run("UPDATE links SET trust = 'verified'")
    await harness.restart()
    for someone in (owner, anna):
        await someone.send("/receipts")
        await someone.press("Последняя")
        assert someone.documents[-1][0] == "Квитанция …3456, октябрь 2026.pdf"
    assert uploads(harness) == brought


async def test_a_file_that_another_bot_has_sent_is_brought_anew(harness: BotHarness, owner: Someone) -> None:
    """Its id means nothing to this one."""
    await owner.send("/receipts")
    await owner.press("Последняя")
    await harness.run("UPDATE uploads SET bot_id = bot_id + 1")
    brought = uploads(harness)
    await owner.send("/receipts")
    await owner.press("Последняя")
    assert uploads(harness) == brought + 1
    bots = harness.rows("SELECT bot_id FROM uploads ORDER BY bot_id")
    assert bots == [(harness.world.bot["id"],), (harness.world.bot["id"] + 1,)]


@pytest.mark.parametrize("asked", ["Последняя", "Весь год"])
async def test_while_a_file_is_made_that_is_seen(harness: BotHarness, owner: Someone, asked: str) -> None:
    await owner.send("/receipts")
    if asked == "Весь год":
        await owner.press("2026")
    before = harness.world.cursor
    await owner.press(asked)
    [action, *said] = [event for event in harness.world.events[before:] if event["type"] in {"chat_action", "message"}]
    assert (action.get("action"), action["chat_id"]) == ("upload_document", owner.id)
    assert [event["message"]["document"]["file_name"] for event in said] == [owner.documents[-1][0]]


@pytest.mark.limits(intake={"pauses": (0,)})
@pytest.mark.parametrize("asked", ["Последняя", "Весь год"])
async def test_one_that_cannot_be_made_is_told_and_nothing_of_it_is_sent(idle_harness: BotHarness, asked: str) -> None:
    harness = idle_harness
    harness.documents = jammed = Jammed()
    await harness.start()
    maria = await harness.customer("Мария", TWO_ZONES)
    await harness.run("UPDATE links SET trust = 'verified'")
    await maria.send("/receipts")
    if asked == "Весь год":
        await maria.press("2026")
    before, receipt = harness.world.cursor, maria.find(asked)
    await maria.press_data(*receipt)
    await harness.told(maria, "Это наша ошибка", before)
    await harness.quiet()
    assert (len(harness.alerts()), maria.documents, uploads(harness), maria.unanswered) == (1, [], 0, 0)
    assert harness.rows("SELECT * FROM uploads") == []
    harness.journal.take()
    await harness.drop_dead_letters()
    jammed.mended = True
    await maria.press_data(*receipt)
    assert len(maria.documents) == 1


async def test_a_corrected_bill_is_another_file(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/receipts")
    await owner.press("Последняя")
    brought = uploads(harness)
    await harness.run("UPDATE ledger_charges SET closing = closing + 100 WHERE period = '2026-10'")
    await owner.send("/receipts")
    await owner.press("Последняя")
    assert "1 235,56 ₽" in owner.screen
    assert uploads(harness) == brought + 1


async def test_a_file_that_telegram_has_lost_is_brought_again(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/receipts")
    await owner.press("Последняя")
    await harness.run("UPDATE uploads SET file_id = 'BQACAgIAAxkBAAIB'")
    brought = uploads(harness)
    for _ in range(2):
        await owner.send("/receipts")
        await owner.press("Последняя")
    assert uploads(harness) == brought + 1


async def test_files_of_no_use_are_forgotten(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/receipts")
    await owner.press("Последняя")
    for days, left in ((179, 1), (2, 0)):
        harness.clock.advance(days=days)
        await harness.app.use(ReceiptArchive).forget()
        assert len(harness.rows("SELECT 1 FROM uploads")) == left


async def test_receipts_are_for_owners(harness: BotHarness, maria: Someone) -> None:
    await maria.press("Квитанции")
    assert "Это доступно, когда подтверждено, что счёт ваш" in maria.screen
    link = link_of(maria, TWO_ZONES)
    for data in (f"rc1:{link}:0", f"ry1:{link}:2026", f"rg1:{link}:202610", f"ra1:{link}:2026"):
        harness.world.forge_press(maria.person, maria.id, maria.last_id, data)
    await harness.quiet()
    assert maria.documents == []


async def test_another_persons_account_has_no_receipts(harness: BotHarness, owner: Someone) -> None:
    pyotr = await harness.customer("Пётр", OTHER)
    await harness.run("UPDATE links SET trust = 'verified'")
    link = link_of(owner, TWO_ZONES)
    for data in (f"rc1:{link}:0", f"ry1:{link}:2026", f"rg1:{link}:202610", f"ra1:{link}:2026"):
        await pyotr.press_data(pyotr.last_id, data)
        assert "больше не привязан" in (pyotr.toast or "") + pyotr.screen
    assert pyotr.documents == []


@pytest.mark.parametrize("month", ["202611", "201412", "999912", "202613", "202600", "0", "1"])
async def test_a_month_without_a_receipt_is_said(harness: BotHarness, owner: Someone, month: str) -> None:
    harness.world.forge_press(owner.person, owner.id, owner.last_id, f"rg1:{link_of(owner, TWO_ZONES)}:{month}")
    await harness.quiet()
    assert "Квитанции за этот месяц нет" in (owner.toast or "") + owner.screen
    assert owner.documents == []


async def test_an_account_without_charges_has_none(harness: BotHarness, owner: Someone) -> None:
    await harness.run("DELETE FROM ledger_charges")
    await owner.send("/receipts")
    assert "Квитанций пока нет" in owner.screen


async def test_while_the_supplier_is_away_that_is_said(harness: BotHarness, owner: Someone) -> None:
    await owner.send("/receipts")
    last = owner.find("Последняя")
    harness.supplier.trouble = SupplierUnavailable()
    await owner.press_data(*last)
    assert "не отвечает" in (owner.toast or "") + owner.screen
    assert owner.documents == []
    harness.alerts()


# From paper


async def paper(harness: BotHarness, someone: Someone) -> str:
    await someone.send("/receipts")
    await someone.press("Последняя")
    [(token,)] = harness.rows("SELECT token FROM paper_tokens WHERE account = ?", TWO_ZONES)
    return str(token)


async def test_paper_leads_its_owner_on(harness: BotHarness, owner: Someone) -> None:
    token = await paper(harness, owner)
    await owner.send(f"/start rcp_{token}")
    assert "К оплате 1 975,74 ₽" in owner.screen
    await owner.send(f"/start rcr_{token}")
    assert "было 3 500" in owner.screen
    await owner.send(f"/start rcb_{token}")
    assert "Показания за ноябрь" in owner.screen


async def test_paper_opens_an_account_to_those_alone_who_know_the_flat(harness: BotHarness, owner: Someone) -> None:
    token = await paper(harness, owner)
    stranger = await harness.customer("Олег")
    for prefix in ("rcb_", "rcp_", "rcr_"):
        await stranger.send(f"/start {prefix}{token}")
        assert "кв. ••" in stranger.screen
        assert "К оплате" not in stranger.screen
    await stranger.send("46")
    linked = "SELECT account FROM links WHERE user_id = ?"
    assert harness.rows(linked, stranger.id) == []
    await stranger.send("45")
    assert harness.rows(linked, stranger.id) == [(TWO_ZONES,)]


@pytest.mark.parametrize("token", ["", "x", TWO_ZONES, "x" * 60])
async def test_an_unknown_address_is_said(harness: BotHarness, owner: Someone, token: str) -> None:
    await owner.send(f"/start rcp_{token}")
    assert "квитанция не найдена" in owner.screen


async def test_the_suppliers_own_receipts_are_sent_as_they_are(
    harness: BotHarness, owner: Someone, tmp_path: Path
) -> None:
    """Alone and among a year's; a corrected one anew, a withdrawn one no more."""
    folder, old = tmp_path / "receipts", b"%PDF-1.4\nold\n%%EOF"
    folder.mkdir()
    october = folder / f"{TWO_ZONES}-2026-10.pdf"
    october.write_bytes(b"%PDF-1.4\nown\n%%EOF")
    (folder / f"{TWO_ZONES}-2016-03.pdf").write_bytes(old)
    url, profile = os.environ["DATABASE_URL"], harness.app.settings.profile
    assert await import_files(url, profile, sorted(folder.iterdir()), now=harness.clock.now) == 0
    assert [line for line in harness.journal.lines if "imported" in line]  # and no account in it
    await owner.send("квитанция")
    assert owner.buttons == [
        "Последняя: октябрь 2026",
        "2026",
        "2025",
        "2024",
        "2016",
        "Доставка квитанций",
        "На главную",
    ]
    await owner.press("Последняя")
    assert owner.documents[-1] == ("Квитанция …3456, октябрь 2026.pdf", b"%PDF-1.4\nown\n%%EOF")
    assert owner.screen.startswith("🧾 Счёт …3456, квитанция за октябрь 2026\nСейчас к оплате 1 975,74 ₽\nПо счёту")
    assert owner.main_buttons == ["Оплатить 1\xa0975,74\xa0₽"]
    sent = uploads(harness)
    await owner.press("Другой месяц")
    await owner.press("Последняя")
    assert uploads(harness) == sent
    october.write_bytes(b"%PDF-1.4\nnew\n%%EOF")
    [report] = await import_registry(harness.app.database, [folder])
    await owner.press("Другой месяц")
    await owner.press("Последняя")
    assert owner.documents[-1][1] == b"%PDF-1.4\nnew\n%%EOF"
    await owner.send("квитанция")
    await owner.press("2026")
    await owner.press("Весь год")
    packed = zipfile.ZipFile(io.BytesIO(owner.documents[-1][1]))
    assert packed.read("Квитанция …3456, 2026-10.pdf") == b"%PDF-1.4\nnew\n%%EOF"
    assert packed.read("Квитанция …3456, 2026-09.pdf") == b"%PDF-1.7 a receipt"
    await harness.run("UPDATE ledger_receipts SET size = 50000000")
    await owner.send("квитанция")
    await owner.press("2016")
    await owner.press("Март")
    assert owner.documents[-1][1] == old
    await harness.run(
        "INSERT INTO ledger_receipts SELECT account, '2016-04', digest, size, import_id FROM "
        "ledger_receipts WHERE period = '2016-03'"
    )
    await owner.send("квитанция")
    await owner.press("2016")
    await owner.press("Весь год")
    assert "не помещаются в один файл" in owner.screen + (owner.toast or "")
    await undo(harness.app.database, report.import_id, harness.clock.now())
    await owner.send("квитанция")
    await owner.press("Последняя")
    assert owner.documents[-1][1] == b"%PDF-1.4\nown\n%%EOF"
