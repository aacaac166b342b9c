"""Spellings of one holder and of two, and the spelling that the ledger keeps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.db.engine import Database
from services.db.proofs import renewals
from services.ledger import tables
from services.ledger.holders import same_holder
from services.ledger.imports import undo
from services.ledger.registry import ImportOptions, import_registry
from tests.ledger.registry_files import ACCOUNTS, counts, imported, rows

FULL = "Ромашкина Мария Ивановна"
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FULL, "РОМАШКИНА МАРИЯ ИВАНОВНА"),
        (FULL, "  ромашкина   мария\u00a0ивановна "),
        (FULL, "Ромашкина, Мария Ивановна."),
        (FULL, "Мария Ивановна Ромашкина"),
        (FULL, "Ромашкина М.И."),
        (FULL, "Ромашкина М. И."),
        (FULL, "М.И. Ромашкина"),
        (FULL, "Ромашкина Мария И."),
        (FULL, "Ромашкина Мария"),
        (FULL, "Мария Ромашкина"),
        (FULL, "Ромашкина М."),
        ("Ромашкина М", "Ромашкина М.И."),
        ("Ромашкина М.И.", "Ромашкина Мария И."),
        ("Алёшин Фёдор Ильич", "Алешин Федор Ильич"),
        ("Алёшин Фёдор", "Алешин Федор Ильич"),
        ("Петрова-Водкина Анна", "Петрова - Водкина Анна"),
        ("Ромашкина Mapия Ивановна", FULL),  # Latin letters in it
        ("ООО «Ромашка»", 'ООО "РОМАШКА"'),
        ("ООО «Ромашка»", "Ромашка ООО"),
        ("ТСЖ «На улице Лизюкова, 12»", "ТСЖ На улице Лизюкова 12"),
        ("John Smith", "SMITH JOHN"),
        (FULL, ""),
        (FULL, " - "),
        ("", FULL),
    ],
)
def test_one_holder_spelled_in_two_ways(one: str, other: str) -> None:
    assert same_holder(one, other)
    assert same_holder(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FULL, "Ромашкин Иван Петрович"),
        (FULL, "Ромашкина Мария Петровна"),
        (FULL, "Ромашкина Дарья Ивановна"),
        (FULL, "Васильева Мария Ивановна"),  # married, or somebody else
        (FULL, "Ромашкина"),  # anybody of the family
        (FULL, "Ромашкина И.М."),
        (FULL, "Мария Ивановна"),
        (FULL, "М.И."),
        (FULL, "Ромашкина Д.И."),
        ("Ромашкина Мария", "Ромашкина Мария, Ромашкин Иван"),
        ("Ромашкина Мария", "Ромашкина-Васильева Мария"),
        ("Иванов А.", "Иванова А."),
        ("Ромашкина Анна Ивановна", "Ромашкина Инна Ивановна"),
        ("Ромашкин Александр", "Ромашкина Александра"),
        ("Ромашкин Пётр Иванович", "Ромашкин Иван Петрович"),
        (FULL, "Рамашкина Мария Ивановна"),  # a slip, perhaps: the line has to be somewhere
        ("ТСЖ «Лизюкова, 12»", "ТСЖ «Лизюкова, 14»"),
        ("ООО «Ромашка»", "АО «Ромашка»"),
        ("Р. М.", "Р. М. И."),
    ],
)
def test_two_holders(one: str, other: str) -> None:
    assert not same_holder(one, other)
    assert not same_holder(other, one)


async def take(database: Database, folder: Path, *holders: str) -> int:
    """How many accounts got another holder; the files come one after another."""
    path, others = folder / "accounts.csv", 0
    for holder in holders:
        path.write_text(ACCOUNTS.replace("Ромашкина Мария", holder), encoding="utf-8")
        others += (await imported(database, path)).handed_over
    return others


async def holder(database: Database) -> str:
    return str((await rows(database, tables.accounts, "account", "holder"))[0][1])


async def renewed(database: Database) -> list[str]:
    return [account for (account,) in await rows(database, renewals, "account")]


async def test_another_holder_is_counted_and_remembered_also_where_nobody_has_the_account(
    database: Database, tmp_path: Path
) -> None:
    assert await take(database, tmp_path, "Ромашкина Мария") == 0
    assert await renewed(database) == []
    assert await take(database, tmp_path, "Васильев Пётр") == 1
    assert await renewed(database) == ["360000123456"]
    assert await take(database, tmp_path, "Васильев Пётр", "Васильев П.") == 0


async def test_an_empty_cell_between_two_holders_hides_nothing(database: Database, tmp_path: Path) -> None:
    assert await take(database, tmp_path, "Ромашкина Мария", "") == 0
    assert await holder(database) == "Ромашкина Мария"
    assert await take(database, tmp_path, "Васильев Пётр") == 1


async def test_initials_between_two_holders_hide_nothing(database: Database, tmp_path: Path) -> None:
    assert await take(database, tmp_path, FULL, "Ромашкина М.И.") == 0
    assert await take(database, tmp_path, "Ромашкина Майя Игоревна") == 1


async def test_a_holder_that_becomes_known_is_no_other_one(database: Database, tmp_path: Path) -> None:
    assert await take(database, tmp_path, "", "Ромашкина М.", FULL, "ромашкина мария ивановна") == 0
    assert await renewed(database) == []
    assert await holder(database) == "ромашкина мария ивановна"


async def test_a_spelling_that_says_less_changes_nothing(database: Database, tmp_path: Path) -> None:
    await take(database, tmp_path, FULL)
    path = tmp_path / "accounts.csv"
    path.write_text(ACCOUNTS.replace("Ромашкина Мария", "Ромашкина М.И."), encoding="utf-8")
    assert counts(await imported(database, path)) == (0, 0, 2, 0)


async def test_a_file_without_holders_says_nothing_of_them(database: Database, tmp_path: Path) -> None:
    await take(database, tmp_path, FULL)
    path = tmp_path / "accounts.csv"
    path.write_text("account;address\n360000123456;г. Воронеж, ул. Мира, д. 1\n", encoding="utf-8")
    assert (await imported(database, path)).handed_over == 0
    assert await holder(database) == FULL


async def test_a_column_that_holds_something_else_ends_nobodys_proofs(database: Database, tmp_path: Path) -> None:
    """Phones where holders were: all accounts would begin anew."""
    path = tmp_path / "accounts.csv"

    def write(holders: Iterable[str]) -> None:
        lines = (f"36{number:010};ул. Первая, д. {number};{holder}" for number, holder in enumerate(holders))
        path.write_text("\n".join(["account;address;holder", *lines]), encoding="utf-8")

    write(f"Жилец{chr(0x430 + number)} Мария" for number in range(30))
    await import_registry(database, [path])
    write(f"+7 900 111-22-{number:02}" for number in range(30))
    [report] = await import_registry(database, [path])
    assert "Другой владелец у 30 из 30 счетов" in report.refusal
    assert await renewed(database) == []
    assert {name[:5] for _, name in await rows(database, tables.accounts, "account", "holder")} == {"Жилец"}
    [report] = await import_registry(database, [path], options=ImportOptions(new_holders=True))
    assert (report.refusal, report.handed_over) == ("", 30)


async def test_a_file_that_is_refused_on_the_way_says_what_was_taken(database: Database, tmp_path: Path) -> None:
    """The lines before are in the books, and the operator has to be able to withdraw them."""
    path = tmp_path / "accounts.csv"

    def write(holder: str, count: int) -> None:
        lines = (f"36{number:010};ул. Первая, д. {number};{holder}" for number in range(count))
        others = (f"36{number:010};ул. Первая, д. {number};Жилец Мария" for number in range(count, 100))
        path.write_text("\n".join(["account;address;holder", *others, *lines]), encoding="utf-8")

    write("", 0)
    await import_registry(database, [path])
    write("8 900", 50)
    [report] = await import_registry(database, [path], options=ImportOptions(chunk=1000))
    assert "Другой владелец" in report.refusal
    assert report.unchanged == 50
    assert (await undo(database, report.import_id, NOW)).restored == report.changed
