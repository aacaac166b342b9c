"""The past of an account as files and as a chart. Other programs read the files than those that wrote them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import openpyxl
import pytest
from PIL import Image

from services.documents import TypstDocuments
from tests.flows.test_history import METERLESS, MONTHS, ONE_ZONE, THREE_ZONES, ZONES, lines, owner_of
from tests.flows.test_proofs import ACCOUNT
from tests.harness import BotHarness, link_of
from tests.people import Someone

XLSX: Final = "История …3456, 2015-01–2026-11.xlsx"


@pytest.fixture
async def owner(harness: BotHarness) -> Someone:
    return await owner_of(harness)


async def download(someone: Someone, label: str, period: str | None = "всё") -> tuple[str, bytes]:
    await someone.send("/history")
    await someone.press("Скачать")
    if period:
        await someone.press("Период")
        await someone.send(period)
    await someone.press(label)
    return someone.documents[-1]


def sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def number(text: str) -> float:
    return float(Decimal(text))


# Workbooks


async def test_a_workbook_has_the_registrys_charges(owner: Someone) -> None:
    name, content = await download(owner, "Файл Excel")
    assert name == XLSX
    head, *rows, total = sheets(content)["Начисления и оплаты"]
    assert head == (
        "Год", "Месяц", "Входящее сальдо, ₽", "Начислено, ₽", "Перерасчёт, ₽", "Пени, ₽",
        "Дата платежа", "Сумма платежа, ₽", "Исходящее сальдо, ₽", "Источник оплаты",
    )  # fmt: skip
    charges = [row for row in rows if row[2] is not None]
    own = sorted(lines("charges", ACCOUNT), key=lambda row: row["period"], reverse=True)
    names = ("opening", "charged", "recalculated", "penalty", "closing")
    assert [(row[0], *row[2:6], row[8]) for row in charges] == [
        (int(row["period"][:4]), *(number(row[name]) for name in names)) for row in own
    ]
    assert [row[1] for row in charges[:2]] == ["октябрь", "сентябрь"]
    assert paid_in(rows) == paid_to(ACCOUNT)
    assert total[0] == "Итого"
    assert round(total[3], 2) == round(sum(row[3] for row in charges), 2)
    assert round(total[7], 2) == round(sum(row[7] for row in rows if row[7]), 2)


def paid_in(rows: list[tuple[Any, ...]]) -> list[tuple[datetime, float, str]]:
    return sorted((row[6], row[7], row[9]) for row in rows if row[6])


def paid_to(account: str) -> list[tuple[datetime, float, str]]:
    own = ((row["date"], number(row["amount"]), row["source"]) for row in lines("payments", account))
    return sorted((datetime.fromisoformat(day), amount, source) for day, amount, source in own)


async def test_a_workbook_has_the_registrys_readings_and_payments(harness: BotHarness) -> None:
    someone = await owner_of(harness, THREE_ZONES)
    _, content = await download(someone, "Файл Excel")
    book = sheets(content)
    assert list(book) == ["Начисления и оплаты", "Показания", "Платежи"]
    head, *rows = book["Показания"]
    assert head == ("Счётчик", "Зона", "Дата", "Тип ввода", "Показание", "Расход, кВт·ч", "Учтено в расчёте")
    own = [
        (row["meter"], ZONES[row["zone"]], datetime.fromisoformat(row["date"]), row["source"], int(row["value"]))
        for row in lines("readings", THREE_ZONES)
    ]
    assert sorted(row[:5] for row in rows) == sorted(own)
    assert {row[6] for row in rows} == {"✓"}
    by_zone: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_zone.setdefault(row[1], []).append(row)
    for newest_first in by_zone.values():
        steps = [newer[4] - older[4] for newer, older in pairwise(newest_first)]
        assert [row[5] for row in newest_first] == [*steps, None]
    _, *paid, total = book["Платежи"]
    assert sorted(tuple(row) for row in paid) == paid_to(THREE_ZONES)
    assert round(total[1], 2) == round(sum(amount for _, amount, _ in paid_to(THREE_ZONES)), 2)


async def test_a_workbook_is_pleasant_to_look_at(owner: Someone) -> None:
    _, content = await download(owner, "Файл Excel")
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        assert sheet.freeze_panes == "A2"
        assert all(sheet.column_dimensions[letter].width >= 10 for letter in "ABC")
    charges = openpyxl.load_workbook(io.BytesIO(content))["Начисления и оплаты"]
    assert charges["D2"].number_format == "#,##0.00"
    assert charges["G2"].number_format == "dd.mm.yyyy"


async def test_the_period_that_is_in_view_is_downloaded(owner: Someone) -> None:
    name, content = await download(owner, "Файл Excel", None)
    assert name == "История …3456, 2026-06–2026-11.xlsx"
    assert [row[1] for row in sheets(content)["Начисления и оплаты"][1:-1]] == [
        "октябрь", "сентябрь", "август", "июль", "июнь",
    ]  # fmt: skip


async def test_an_account_without_anything_gives_empty_tables(harness: BotHarness) -> None:
    someone = await owner_of(harness, METERLESS)
    for table in ("charges", "payments"):
        await harness.run(f"DELETE FROM ledger_{table} WHERE account = ?", int(METERLESS))
    _, content = await download(someone, "Файл Excel")
    assert [len(rows) for rows in sheets(content).values()] == [2, 1, 2]


# CSV


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


async def test_csv_files_say_the_same(owner: Someone) -> None:
    name, content = await download(owner, "CSV: платежи")
    assert name == "Платежи …3456, 2015-01–2026-11.csv"
    head, *rows, total = table(content)
    assert head == ["Дата платежа", "Сумма платежа, ₽", "Источник платежа"]
    own = sorted(lines("payments", ACCOUNT), key=lambda row: row["date"], reverse=True)
    assert rows == [[f"{day_of(row):%d.%m.%Y}", row["amount"].replace(".", ","), row["source"]] for row in own]
    assert total[0] == "Итого"
    name, content = await download(owner, "CSV: показания")
    assert name == "Показания …3456, 2015-01–2026-11.csv"
    assert len(table(content)) == 1 + len(lines("readings", ACCOUNT))
    name, content = await download(owner, "CSV: начисления")
    assert name == "Начисления …3456, 2015-01–2026-11.csv"
    assert table(content)[1] == [
        "2026", "октябрь", "666,29", "790,46", "0,00", "0,00", "10.10.2026", "222,19", "1234,56", "автоплатёж",
    ]  # fmt: skip


def day_of(row: dict[str, str]) -> date:
    return date.fromisoformat(row["date"])


# Cells that would be formulas

FORMULAS: Final = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")')


@pytest.fixture
async def poisoned(harness: BotHarness) -> Someone:
    someone = await owner_of(harness, ONE_ZONE)
    for number_, words in enumerate(FORMULAS):
        await harness.run(
            "INSERT INTO ledger_payments (account, date, amount, source) VALUES (?, ?, 100, ?)",
            int(ONE_ZONE), f"2026-11-{number_ + 1:02}", words,
        )  # fmt: skip
        await harness.run(
            "INSERT INTO ledger_meters (account, meter, zones) VALUES (?, ?, 'single')", int(ONE_ZONE), words
        )
        await harness.run(
            "INSERT INTO ledger_readings (account, meter, zone, date, value, source) "
            "VALUES (?, ?, 'single', '2026-11-01', 5, ?)",
            int(ONE_ZONE), words, words,
        )  # fmt: skip
    return someone


@pytest.mark.parametrize("label", ["CSV: платежи", "CSV: показания", "CSV: начисления"])
async def test_no_cell_of_a_csv_file_is_a_formula(poisoned: Someone, label: str) -> None:
    _, content = await download(poisoned, label)
    cells = [cell for row in table(content) for cell in row]
    assert f"'{FORMULAS[0]}" in cells
    for cell in cells:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


async def test_no_cell_of_a_workbook_is_a_formula_or_a_link(poisoned: Someone) -> None:
    _, content = await download(poisoned, "Файл Excel")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/"):
                text = book.read(name).decode()
                assert "<f>" not in text
                assert "hyperlink" not in text
    shown = {cell for rows in sheets(content).values() for row in rows for cell in row}
    assert set(FORMULAS[:4]) <= shown


# The chart


async def test_a_chart_is_a_picture_and_a_sentence(idle_harness: BotHarness) -> None:
    harness = idle_harness
    harness.documents = TypstDocuments()
    await harness.start()
    owner = await owner_of(harness)
    await owner.press("График")
    kwh, before, most = consumption_of(ACCOUNT)
    percent = round(100 * abs(kwh - before) / before)
    word = "меньше" if kwh < before else "больше"
    assert owner.screen == (
        f"📈 Счёт …3456\nЗа 12 месяцев {spaced(kwh)} кВт·ч, на {percent} % {word}, чем год назад; "
        f"больше всего — {most}."
    )
    [picture] = owner.pictures
    with Image.open(io.BytesIO(picture)) as image:
        assert image.width == 1080
        colours = {colour for count, colour in image.convert("RGB").getcolors(1_000_000) or () if count > 2_000}
    assert {(233, 150, 12), (47, 79, 158)} <= colours, "day and night"
    await owner.press("История")
    assert owner.screen.startswith("📊 Счёт …3456\nИстория")


def spaced(kwh: int) -> str:
    return f"{kwh:,}".replace(",", " ")


def consumption_of(account: str) -> tuple[int, int, str]:
    """Of the last year and of the one before; the month with most of it. Every month has a reading of its own."""
    months = dict(steps(account))
    last = sorted(months)[-24:]
    most = max(last[12:], key=lambda month: months[month])
    year, number_ = map(int, most.split("-"))
    words = f"{MONTHS[number_ - 1].lower()} {year}, {months[most]}"
    return sum(months[month] for month in last[12:]), sum(months[month] for month in last[:12]), words


def steps(account: str) -> Iterator[tuple[str, int]]:
    totals: dict[str, int] = {}
    for row in lines("readings", account):
        totals[row["date"][:7]] = totals.get(row["date"][:7], 0) + int(row["value"])
    months = sorted(totals)
    for earlier, later in pairwise(months):
        yield later, totals[later] - totals[earlier]


async def test_a_name_of_ones_own_stands_on_the_chart(harness: BotHarness, owner: Someone) -> None:
    await harness.run("UPDATE links SET label = 'Дача' WHERE id = ?", link_of(owner, ACCOUNT))
    await owner.press("График")
    assert owner.screen.startswith("📈 Дача · счёт …3456\nЗа 12 месяцев ")


async def test_an_account_without_a_meter_has_no_chart(harness: BotHarness) -> None:
    someone = await owner_of(harness, METERLESS)
    await someone.press("График")
    assert someone.screen.startswith("Для графика нужны показания хотя бы двух месяцев")
    assert someone.pictures == []
