"""Receipts that the supplier has set itself: files of a folder, taken whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.db.engine import Database
from services.ledger import tables
from services.ledger.horizon import Horizon
from services.ledger.imports import on_record, undo
from services.ledger.papers import LedgerPapers, folder_of, sweep
from services.ledger.registry import Imported, ImportOptions, import_registry
from services.receipts.errors import ReceiptMissing
from services.supplier.models import Month
from services.supplier.periods import ReadingDays
from services.supplier.profile import Region, SupplierProfile
from tests.ledger.registry_files import counts, rejected, rows, write_files

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
REGION = Region("Воронеж", (), ZoneInfo("Europe/Moscow"), ReadingDays(23, 25))
PROFILE = SupplierProfile("", "", "", "", (REGION,), (), REGION)
ACCOUNT, OCTOBER, NOVEMBER = "360000123456", Month(2026, 10), Month(2026, 11)
NAME = f"{ACCOUNT}-2026-10.pdf"


def pdf(words: bytes = b"a receipt") -> bytes:
    return b"%PDF-1.7\n" + words + b"\n%%EOF\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The registry's own, with an empty folder for receipts."""
    registry = write_files(tmp_path / "registry")
    (registry / "receipts").mkdir()
    return registry


@pytest.fixture
def papers(database: Database, tmp_path: Path) -> LedgerPapers:
    return LedgerPapers(database, folder_of(tmp_path / "data" / "bot.db"))


async def take(database: Database, path: Path, now: datetime = NOW) -> Imported:
    """The report of the receipts."""
    options = ImportOptions(horizon=Horizon(now, PROFILE), now=lambda: now)
    reports = await import_registry(database, [path], options=options)
    [report] = [one for one in reports if one.kind == "receipts"]
    return report


async def given(papers: LedgerPapers, month: Month = OCTOBER) -> bytes | None:
    found = await papers.find(ACCOUNT, month)
    return await papers.read(found) if found else None


async def test_files_beside_the_registry_are_taken_and_kept(
    database: Database, folder: Path, papers: LedgerPapers
) -> None:
    (folder / "receipts" / NAME).write_bytes(pdf())
    (folder / "receipts" / f"{ACCOUNT}-2015-01.PDF").write_bytes(pdf(b"old"))
    (folder / "receipts" / ".DS_Store").write_bytes(b"x")
    report = await take(database, folder)
    assert (counts(report), report.doubt, report.rejected_path) == ((2, 0, 0, 0), "", None)
    assert await papers.months(ACCOUNT) == (Month(2015, 1), OCTOBER)
    first = await papers.find(ACCOUNT, OCTOBER)
    for file in (folder / "receipts").iterdir():  # the operator tidies up
        file.unlink()
    assert (await given(papers), await given(papers, Month(2015, 1))) == (pdf(), pdf(b"old"))
    assert await given(papers, Month(2026, 9)) is None
    (folder / "receipts" / NAME).write_bytes(pdf(b"corrected"))
    again = await take(database, folder / "receipts" / NAME)
    assert counts(again) == (0, 1, 0, 0)
    assert counts(await take(database, folder / "receipts")) == (0, 0, 1, 0)
    assert (await given(papers), await papers.find(ACCOUNT, OCTOBER) == first) == (pdf(b"corrected"), False)
    assert [(one.kind, one.added, one.changed, one.encoding) for one in await on_record(database)][:3] == [
        ("receipts", 0, 0, "PDF"),
        ("receipts", 0, 1, "PDF"),
        ("receipts", 2, 0, "PDF"),
    ]


async def test_an_import_is_withdrawn(database: Database, folder: Path, papers: LedgerPapers) -> None:
    file = folder / "receipts" / NAME
    file.write_bytes(pdf())
    first = await take(database, folder)
    file.write_bytes(pdf(b"wrong"))
    second = await take(database, folder)
    store = folder_of(Path(str(database.url.database)))
    await sweep(database, store, before=datetime.now(UTC) + timedelta(days=1))
    undone = await undo(database, second.import_id, NOW)
    assert (undone.restored, undone.removed, await given(papers)) == (1, 0, pdf())
    undone = await undo(database, first.import_id, NOW)
    assert (undone.restored, undone.removed, await given(papers)) == (0, 1, None)
    assert len([one for one in store.rglob("*") if one.is_file()]) == 2
    await take(database, folder)  # a new one may still run that has copied its files: younger ones stay
    await sweep(database, store, before=datetime.now(UTC) + timedelta(days=1))
    assert [one.read_bytes() for one in store.rglob("*") if one.is_file()] == [pdf(b"wrong")]


async def test_files_that_nothing_names_may_be_removed_twice(
    database: Database, go_when_seen: Callable[[Path], None]
) -> None:
    store = folder_of(Path(str(database.url.database)))
    store.mkdir(parents=True)
    (store / "ab").write_bytes(pdf())
    go_when_seen(store / "ab")
    await sweep(database, store, before=datetime.now(UTC) + timedelta(days=1))
    assert list(store.iterdir()) == []


def link(path: Path) -> None:
    other = path.parent.parent / "secret.pdf"
    other.write_bytes(pdf(b"secret"))
    path.symlink_to(other)


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.write(pdf())
        file.truncate(60_000_000)


def written(content: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        (NAME, large, "больше 50 МБ"),
        (NAME, written(b""), "это не PDF"),
        (NAME, written(b"PK\x03\x04 a word document %%EOF"), "это не PDF"),
        (NAME, written(b"%PDF-1.7\n" + b"x" * 5000), "PDF обрывается"),
        (NAME, link, "это ссылка, а не файл"),
        (NAME, Path.mkdir, "это не обычный файл"),
        (NAME, os.mkfifo, "это не обычный файл"),
        ("360000123456-2026-13.pdf", written(pdf()), "имя должно быть вида"),
        ("36000012345-2026-10.pdf", written(pdf()), "имя должно быть вида"),
        ("..-2026-10.pdf", written(pdf()), None),
        ("٣60000123456-2026-10.pdf", written(pdf()), "имя должно быть вида"),
        ("..%2f..%2fetc-2026-10.pdf", written(pdf()), None),
        ("360000123456-2026-10.pdf.exe", written(pdf()), "имя должно быть вида"),
        ("360000123456-2014-12.pdf", written(pdf()), "раньше января 2015 года"),
        ("360000123456-2026-12.pdf", written(pdf()), "period: позже 2026-11-27"),
        ("360000999999-2026-10.pdf", written(pdf()), "account: нет такого лицевого счёта"),
    ],
)
async def test_what_is_no_receipt_is_rejected_with_its_reason(
    database: Database, folder: Path, name: str, make: Callable[[Path], Any], reason: str | None
) -> None:
    make(folder / "receipts" / name)
    (folder / "receipts" / f"{ACCOUNT}-2026-09.pdf").write_bytes(pdf())
    report = await take(database, folder)
    assert [one[1] for one in await rows(database, tables.receipts)] == ["2026-09"]
    if reason is None:  # hidden files are not meant
        assert report.rejected_path is None
        return
    assert counts(report) == (1, 0, 0, 1)
    [(number, said, content)] = rejected(report)
    assert number in (1, 2)
    assert content == name
    assert reason in said
    store = folder_of(Path(str(database.url.database)))
    assert list(store.rglob("*.part")) == []
    assert (await take(database, folder)).taken == 1


async def test_two_files_of_one_month_are_both_left_alone(database: Database, folder: Path) -> None:
    (folder / "receipts" / NAME).write_bytes(pdf())
    (folder / "receipts" / NAME.upper()).write_bytes(pdf(b"another"))
    report = await take(database, folder)
    assert (report.taken, report.doubt) == (0, "Из папки не взято ни одного файла.")
    assert {reason for _, reason, _ in rejected(report)} == {"за этот месяц в папке несколько файлов: оставьте один"}


async def test_a_file_that_changes_while_it_is_read_is_not_taken(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, real = folder / "receipts" / NAME, os.fsync
    file.write_bytes(pdf())

    def grow(number: int) -> None:
        file.write_bytes(pdf(b"more"))
        real(number)

    monkeypatch.setattr(os, "fsync", grow)
    report = await take(database, folder)
    assert [reason for _, reason, _ in rejected(report)] == ["файл изменился, пока читался: загрузите его ещё раз"]
    assert await rows(database, tables.receipts) == []


async def test_a_folder_that_is_a_link_and_one_that_is_empty(database: Database, folder: Path, tmp_path: Path) -> None:
    assert (await take(database, folder)).doubt == "Из папки не взято ни одного файла."
    (folder / "receipts").rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / NAME).write_bytes(pdf())
    (folder / "receipts").symlink_to(elsewhere)
    assert (await take(database, folder)).refusal == "Это ссылка на папку: укажите саму папку."
    assert await rows(database, tables.receipts) == []


async def test_another_holder_is_given_no_paper_with_the_former_ones_name(
    database: Database, folder: Path, papers: LedgerPapers
) -> None:
    """Also one of the month of the change that lay there before it."""
    november = f"{ACCOUNT}-2026-11.pdf"
    for name in (NAME, november):
        (folder / "receipts" / name).write_bytes(pdf(b"Sinichkina"))
    await take(database, folder)
    assert (await given(papers), await papers.months(ACCOUNT)) == (pdf(b"Sinichkina"), (OCTOBER, NOVEMBER))
    anew = f"account;address;holder\n{ACCOUNT};г. Воронеж, ул. Лизюкова, д. 12, кв. 45;Васильев Пётр Сергеевич\n"
    (folder / "accounts.csv").write_text(anew, encoding="utf-8")
    later = NOW + timedelta(hours=1)
    assert counts(await take(database, folder, later)) == (0, 0, 2, 0)
    assert (await given(papers), await given(papers, NOVEMBER), await papers.months(ACCOUNT)) == (None, None, ())
    (folder / "receipts" / NAME).write_bytes(pdf(b"Sinichkina, corrected"))
    (folder / "receipts" / november).write_bytes(pdf(b"Vasilyev"))
    await take(database, folder, later)
    assert (await given(papers), await given(papers, NOVEMBER)) == (None, pdf(b"Vasilyev"))
    assert await papers.months(ACCOUNT) == (NOVEMBER,)


async def test_a_file_that_is_gone_is_no_receipt(database: Database, folder: Path, papers: LedgerPapers) -> None:
    """The database was restored, and the folder beside it was not."""
    (folder / "receipts" / NAME).write_bytes(pdf())
    await take(database, folder)
    found = await papers.find(ACCOUNT, OCTOBER)
    assert found is not None
    for one in folder_of(Path(str(database.url.database))).rglob("*.pdf"):
        assert one.stat().st_mode & 0o077 == 0
        one.unlink()
    assert await papers.find(ACCOUNT, OCTOBER) is None
    with pytest.raises(ReceiptMissing):
        await papers.read(found)
    await take(database, folder)
    assert await given(papers) == pdf()
