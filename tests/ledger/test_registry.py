"""Registry files as suppliers really send them."""

from __future__ import annotations

import codecs
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from samples.generate import HOME
from services.db.engine import Database
from services.ledger import tables
from services.ledger.layout import LAYOUTS
from services.ledger.registry import ImportOptions, import_registry
from services.ledger.supplier import LedgerSupplier
from services.ports import Clock
from services.supplier.models import Access
from tests.ledger.registry_files import (
    ACCOUNTS,
    CHARGES,
    METERS,
    PAYMENTS,
    READINGS,
    counts,
    imported,
    rejected,
    rows,
    write_files,
)

TABLES = {layout.name: layout.table for layout in LAYOUTS}


@pytest.fixture
async def filled(database: Database, tmp_path: Path) -> Database:
    """The small registry is imported already."""
    for report in await import_registry(database, [write_files(tmp_path / "before")]):
        assert report.rejected == 0, report
    return database


async def everything(database: Database) -> dict[str, Any]:
    return {name: await rows(database, table) for name, table in TABLES.items()}


async def test_all_six_files_arrive_in_the_right_order(database: Database, tmp_path: Path) -> None:
    reports = await import_registry(database, [write_files(tmp_path)])
    assert [report.kind for report in reports] == ["tariffs", "accounts", "meters", "readings", "charges", "payments"]
    assert [report.added for report in reports] == [2, 2, 2, 2, 1, 2]
    assert [counts(report)[1:] for report in reports] == [(0, 0, 0)] * 6
    found = await everything(database)
    address, holder = "г. Воронеж, ул. Лизюкова, д. 12, кв. 45", "Ромашкина Мария"
    assert found["accounts"] == [
        (360000123456, address, holder, "+7 900 000-00-00", 2, "54.3", "0.9", "50", "36-gas", "active"),
        (360000200017, "с. Ямное, ул. Тихая, д. 31", "", "", None, None, None, None, "36-rural", "closed"),
    ]
    assert found["meters"] == [
        (360000123456, "10000001", "day_night", 6, 1, date(2038, 5, 1), "кухня", "active"),
        (360000200017, "20000002", "single", 5, 20, None, "", "closed"),
    ]
    assert found["tariffs"] == [
        ("36-gas", date(2026, 10, 1), "day", 1, 1100, 66600),
        ("36-gas", date(2026, 10, 1), "day", 2, None, 92567),
    ]
    assert found["readings"] == [
        (360000123456, "10000001", "day", date(2026, 10, 24), "", 3500, "телефон", True),
        (360000123456, "10000001", "night", date(2026, 10, 24), "", 1500, "телефон", False),
    ]
    assert found["charges"] == [(360000123456, "2026-10", 10000, 137180, -5050, 0, 123456, None)]
    assert found["payments"] == [
        (360000123456, date(2026, 10, 10), 18674, "A-1", "СБП", "active"),
        (360000123456, date(2026, 10, 10), 18674, "A-2", "СБП", "active"),
    ]


async def test_twice_changes_nothing(filled: Database, tmp_path: Path) -> None:
    before = await everything(filled)
    reports = await import_registry(filled, [tmp_path / "before"])
    assert [(report.added, report.changed, report.rejected) for report in reports] == [(0, 0, 0)] * 6
    assert sum(report.unchanged for report in reports) == 11
    assert await everything(filled) == before


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ACCOUNTS.encode(), id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + ACCOUNTS.encode(), id="utf-8 with a mark"),
        pytest.param(ACCOUNTS.encode("cp1251"), id="cp1251"),
        pytest.param(ACCOUNTS.replace("\n", "\r\n").encode("cp1251"), id="cp1251 with CRLF"),
        pytest.param(ACCOUNTS.rstrip("\n").encode(), id="no end of the last line"),
        pytest.param(ACCOUNTS.replace("\n", "\r\n").rstrip("\n").encode(), id="a lone CR at the end"),
        pytest.param(ACCOUNTS.encode("cp866"), id="cp866"),
        pytest.param(ACCOUNTS.encode("koi8-r"), id="koi8-r"),
        pytest.param(ACCOUNTS.encode("mac-cyrillic"), id="mac-cyrillic"),
        pytest.param(ACCOUNTS.encode("iso8859-5"), id="iso8859-5"),
        pytest.param(ACCOUNTS.encode("utf-16"), id="utf-16"),
        pytest.param(ACCOUNTS.encode("utf-16-le"), id="utf-16 without a mark"),
        pytest.param(ACCOUNTS.encode("utf-16-be"), id="utf-16, high bytes first, without a mark"),
        pytest.param(2 * codecs.BOM_UTF8 + ACCOUNTS.encode(), id="two marks"),
        pytest.param(ACCOUNTS.replace("\n", "\r").encode(), id="CR"),
        pytest.param(ACCOUNTS.replace("\n", "\r").encode("cp1251"), id="cp1251 with CR"),
        pytest.param(ACCOUNTS.replace("\n", "\r", 1).encode(), id="lines that end each in its way"),
        pytest.param(f"\n \r\n;;\n{ACCOUNTS}".encode(), id="empty lines in front"),
        pytest.param(f"sep=;\r\n{ACCOUNTS}".encode("cp1251"), id="sep=;"),
        pytest.param(f'"sep=\t"\n{ACCOUNTS}'.replace(";", "\t").encode(), id="tabs with sep="),
        pytest.param(ACCOUNTS.replace(";", "\t").encode(), id="tabs"),
        pytest.param(ACCOUNTS.replace(";", "|").encode(), id="bars"),
        pytest.param(ACCOUNTS.replace("\n", ";\n").encode(), id="; at all ends"),
        pytest.param(ACCOUNTS.replace("\n", ";\n").replace("status;", "status").encode(), id="; at the ends of lines"),
        pytest.param((ACCOUNTS + "\x1a").encode(), id="Ctrl-Z"),
        pytest.param((ACCOUNTS.rstrip() + "\r\n\x1a\r\n").encode("cp866"), id="Ctrl-Z in a line of its own"),
        pytest.param(ACCOUNTS.replace("360000123456", "'360000123456").encode(), id="apostrophe"),
        pytest.param(ACCOUNTS.replace("360000123456", '="360000123456"').encode(), id="formula of a text"),
        pytest.param(ACCOUNTS.replace("360000123456", "360000123456.0").encode(), id="whole number of a spreadsheet"),
        pytest.param(ACCOUNTS.replace("\n", "\n\n").encode(), id="empty lines"),
        pytest.param((ACCOUNTS + ";;;;;;;;;\n\n  \n").encode(), id="what a spreadsheet leaves"),
        pytest.param(ACCOUNTS.replace("address", " ADDRESS ").encode(), id="header in any case"),
        pytest.param(ACCOUNTS.replace("account", '"Account"', 1).encode(), id="header in quotes"),
        pytest.param(ACCOUNTS.replace(";", " ; ").encode(), id="spaces around"),
        pytest.param(ACCOUNTS.replace("54.3", '"54,30"').encode(), id="decimal comma"),
        pytest.param(ACCOUNTS.replace("360000123456", "36 0000 123456").encode(), id="spaces in numbers"),
    ],
)
async def test_encodings_and_habits(filled: Database, tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(text)
    assert counts(await imported(filled, path)) == (0, 0, 2, 0)


def commas(text: str) -> str:
    """The same table with `,` between cells, those with a comma in quotes."""
    lines = [line.split(";") for line in text.splitlines()]
    return "\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in line) for line in lines)


@pytest.mark.parametrize("name", TABLES)
async def test_commas_between_cells(filled: Database, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(commas((tmp_path / "before" / f"{name}.csv").read_text(encoding="utf-8")), encoding="utf-8")
    report = await imported(filled, path)
    assert (report.added, report.changed, report.rejected) == (0, 0, 0)
    assert report.unchanged > 0


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("meters", "2038-05-01", "01.05.2038"),
        ("meters", "2038-05-01", "1.5.2038"),
        ("meters", "2038-05-01", "01.05.2038 0:00:00"),
        ("meters", "day_night", "Day_Night"),
        ("readings", "3500", "3500,9"),
        ("readings", "3500", "3500.000"),
        ("charges", "1371.80", "1371,8"),
        ("charges", "1371.80", "1 371,80"),
        ("charges", "1371.80", "1\u00a0371.80"),
        ("charges", "-50.50", "-50,5"),
        ("charges", "2026-10", "10.2026"),
        ("charges", "2026-10", "01.10.2026 0:00:00"),
        ("charges", "2026-10", "1.10.2026"),
        ("charges", "2026-10", "2026-10-01"),
        ("charges", "2026-10", "2026-10-01 00:00:00.000"),
        ("charges", "-50.50", "\u221250,50"),
        ("charges", "1371.80", "0000000000001371.80"),
        ("readings", "2026-10-24", "24.10.2026 13:05:59.123"),
        ("readings", "2026-10-24", "2026-10-24T13:05:59.1234567"),
        ("charges", "1234.56", "1234.5600"),
        ("tariffs", "9.2567", "9,2567"),
        ("payments", "2026-10-10", "10.10.2026"),
    ],
)
async def test_the_same_value_written_otherwise(
    filled: Database, tmp_path: Path, name: str, old: str, new: str
) -> None:
    text = (tmp_path / "before" / f"{name}.csv").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / f"{name}.csv"
    path.write_text(text.replace(old, new), encoding="utf-8")
    report = await imported(filled, path)
    assert (report.added, report.changed, report.rejected) == (0, 0, 0)


async def test_columns_in_any_order_and_unknown_ones_beside(database: Database, tmp_path: Path) -> None:
    text = "holder;SUM;address;account\nРомашкина;77;г. Воронеж;360000123456\n"
    assert counts(await imported(database, write_files(tmp_path, accounts=text) / "accounts.csv")) == (1, 0, 0, 0)
    known = await rows(database, tables.accounts, "account", "address", "holder", "status")
    assert known == [(360000123456, "г. Воронеж", "Ромашкина", "active")]


async def test_a_column_that_is_not_there_keeps_its_values(filled: Database, tmp_path: Path) -> None:
    text = "account;address\n360000123456;г. Воронеж, ул. Новая, д. 1\n"
    assert counts(await imported(filled, write_files(tmp_path, accounts=text) / "accounts.csv")) == (0, 1, 0, 0)
    (known, _) = await rows(filled, tables.accounts, "address", "holder", "tariff")
    assert known == ("г. Воронеж, ул. Новая, д. 1", "Ромашкина Мария", "36-gas")


async def test_cells_in_quotes(database: Database, tmp_path: Path) -> None:
    text = (
        "account;address;holder\n"
        '360000000001;"г. Азов; ул. Мира";"ООО ""Ромашка"""\n'
        '360000000002;г. Азов, ул. Мира;ООО "Ромашка"\r\n'
        '360000000003;дом 5" слева;5" труба\n'
        '360000000004;"г. Азов";"ООО "Ромашка" и сыновья"\n'
    )
    report = await imported(database, write_files(tmp_path, accounts=text) / "accounts.csv")
    assert counts(report) == (4, 0, 0, 0)
    assert await rows(database, tables.accounts, "address", "holder") == [
        ("г. Азов", 'ООО "Ромашка" и сыновья'),
        ("г. Азов, ул. Мира", 'ООО "Ромашка"'),
        ("г. Азов; ул. Мира", 'ООО "Ромашка"'),
        ('дом 5" слева', '5" труба'),
    ]


async def test_a_stray_quote_spoils_its_own_line_alone(database: Database, tmp_path: Path) -> None:
    text = (
        "account;address;holder\n"
        '360000000001;"г. Азов, ул. Мира, кв. 1;Первый\n'
        "360000000002;г. Азов, ул. Мира, кв. 2;Вторая\n"
        '360000000003;г. Азов, ул. Мира, кв. 3";Третий\n'
        '360000000004;"г. Азов,\n'
        'ул. Мира";Четвёртый\n'
        '360000000005;г. Азов, ул. Мира, кв. 5;"Пятый\n'
    )
    report = await imported(database, write_files(tmp_path, accounts=text) / "accounts.csv")
    assert counts(report) == (2, 0, 0, 4)
    assert [(number, why) for number, why, _ in rejected(report)] == [
        (2, "кавычка в начале ячейки не закрыта"),
        (5, "кавычка в начале ячейки не закрыта"),
        (6, "ячеек 2, а в заголовке столбцов 3"),
        (7, "кавычка в начале ячейки не закрыта"),
    ]
    assert await rows(database, tables.accounts, "account", "address", "holder") == [
        (360000000002, "г. Азов, ул. Мира, кв. 2", "Вторая"),
        (360000000003, 'г. Азов, ул. Мира, кв. 3"', "Третий"),
    ]


BAD_LINES = [
    ("accounts", "36000012345;г. Воронеж;;;;;;;;", "account: нужно 12 цифр"),
    ("accounts", "3600001234567;г. Воронеж;;;;;;;;", "account: нужно 12 цифр"),
    ("accounts", "36000012345²;г. Воронеж;;;;;;;;", "account: нужно 12 цифр"),
    ("accounts", "３６００００１２３４５６;г. Воронеж;;;;;;;;", "account: нужно 12 цифр"),
    ("accounts", "٣٦٠٠٠٠١٢٣٤٥٦;г. Воронеж;;;;;;;;", "знаки чужих письменностей"),
    ("accounts", "3,6E+11;г. Воронеж;;;;;;;;", "account: нужно 12 цифр"),
    ("accounts", ";г. Воронеж;;;;;;;;", "account: нужно 12 цифр"),
    ("accounts", "360000999999;  ;;;;;;;;", "address: пусто"),
    ("accounts", "360000999999;г. Воронеж;;;двое;;;;;", "residents: нужно целое число"),
    ("accounts", "360000999999;г. Воронеж;;;-1;;;;;", "residents: нужно целое число"),
    ("accounts", "360000999999;г. Воронеж;;;;1e5;;;;", "area: нужно число"),
    ("accounts", "360000999999;г. Воронеж;;;;;;;;gone", "status: нужно одно из: active, closed"),
    ("accounts", "360000999999;г. Воронеж", "ячеек 2, а в заголовке столбцов 10"),
    ("accounts", "360000999999;г. Воронеж;;;;;;;;active;", "ячеек 11, а в заголовке столбцов 10"),
    ("accounts", "3,60000E+11;г. Воронеж;;;;;;;;", "Excel сократил номер и потерял цифры"),
    ("accounts", "36000012345;г. Воронеж;;;;;;;;", "их 11: не потеряны ли нули в начале"),
    ("accounts", f"360000999999;{'г. Воронеж ' * 50};;;;;;;;", "address: длиннее 500 знаков"),
    ("accounts", "360000999999;?. ???????;;;;;;;;", "address: вместо букв вопросительные знаки"),
    ("accounts", "360000999999;г. Воронеж;;;;1234567890;;;;", "area: нужно число"),
    ("meters", "360000123456;1,23457E+14;single;6;1;;;active", "meter: Excel сократил номер"),
    ("meters", "360000123456;1;single;6;1,000;;;active", "coefficient: нужно целое число"),
    (
        "meters",
        "360000123456;1;single;6;1;50526;;active",
        "verification_due: нужна дата вида 2026-11-23 или 23.11.2026, а не",
    ),
    ("tariffs", "36-gas;2026-10-01;day;1;9999999999;6", "up_to_kwh: нужно целое число"),
    ("tariffs", "36-gas;2026-10-01;day;1;;1000000", "price: нужна цена"),
    ("readings", "360000123456;10000001;day;2026-10-24;1234567890;;1", "value: нужно целое число от 0 до 999999999"),
    ("charges", "360000123456;2026-09-30;0;0;0;0;0", "period: нужен месяц вида 2026-10"),
    ("charges", "360000123456;2026-09;0;0;0;0;10000000000", "closing: нужна сумма меньше 10 миллиардов"),
    ("charges", "360000123456;2026-09;0;0;0;0;1,200", "closing: нужна сумма вида 1234.56: непонятно, тысячи"),
    ("payments", "360000123456;2026-10-10;99999999999999999999;;", "amount: нужна сумма меньше"),
    ("accounts", "360000999999;г. \0Воронеж;;;;;;;;", "нулевой байт"),
    ("accounts", '360000999999;"г. Воронеж;;;;;;;;', "кавычка в начале ячейки не закрыта"),
    ("meters", "360000999999;1;single;6;1;;;active", "account: нет такого лицевого счёта"),
    ("meters", "360000123456;;single;6;1;;;active", "meter: пусто"),
    ("meters", "360000123456;1;double;6;1;;;active", "zones: нужно одно из: single, day_night, peak_half_night"),
    ("meters", "360000123456;1;single;0;1;;;active", "digits: нужно целое число от 3 до 9"),
    ("meters", "360000123456;1;single;6;1,5;;;active", "coefficient: нужно целое число"),
    ("meters", "360000123456;1;single;6;1;31.02.2027;;active", "verification_due: такой даты нет"),
    ("meters", "360000123456;1;single;6;1;2027/02/01;;active", "verification_due: нужна дата вида"),
    ("tariffs", "36-gas;2026-10-01;dawn;1;;6", "zone: нужно одно из"),
    ("tariffs", "36-gas;2026-10-01;day;0;;6", "tier: нужно целое число"),
    ("tariffs", "36-gas;2026-10-01;day;1;;-6", "price: нужна цена"),
    ("tariffs", "36-gas;2026-10-01;day;1;;6.66666", "price: нужна цена"),
    ("readings", "360000999999;1;day;2026-10-24;1;;1", "account: нет такого лицевого счёта"),
    ("readings", "360000123456;77;day;2026-10-24;1;;1", "meter, zone: у счёта нет счётчика с такой зоной"),
    ("readings", "360000123456;10000001;peak;2026-10-24;1;;1", "meter, zone: у счёта нет счётчика с такой зоной"),
    ("readings", "360000123456;10000001;day;2026-10-24;-1;;1", "value: нужно целое число"),
    ("readings", "360000123456;10000001;day;2026-10-24;;;1", "value: нужно целое число"),
    ("readings", "360000123456;10000001;day;2026-10-24;1;;2", "counted: нужно целое число от 0 до 1"),
    ("readings", "360000123456;10000001;day;24.10.26;1;;1", "date: нужна дата"),
    ("readings", "360000123456;10000001;day;2206-10-24;1;;1", "date: такой даты нет"),
    ("charges", "360000999999;2026-10;0;0;0;0;0", "account: нет такого лицевого счёта"),
    ("charges", "360000123456;2026-13;0;0;0;0;0", "period: такого месяца нет"),
    ("charges", "360000123456;октябрь;0;0;0;0;0", "period: нужен месяц вида 2026-10"),
    ("charges", "360000123456;2026-11;0;1.234;0;0;0", "charged: нужна сумма"),
    ("charges", "360000123456;2026-11;0;0;0;0;", "closing: нужна сумма"),
    ("payments", "360000999999;2026-10-10;1;;", "account: нет такого лицевого счёта"),
    ("payments", "360000123456;2026-10-10;сто;;", "amount: нужна сумма"),
    ("payments", "x;y;z;;", "account: нужно 12 цифр, а здесь «x»; date: нужна дата"),
]


@pytest.mark.parametrize(("name", "line", "reason"), BAD_LINES)
async def test_a_bad_line_is_reported_and_the_others_are_taken(
    filled: Database, tmp_path: Path, name: str, line: str, reason: str
) -> None:
    before = await everything(filled)
    header, *good = (tmp_path / "before" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    path = tmp_path / f"{name}.csv"
    path.write_text("\n".join([header, good[0], line, *good[1:], ""]), encoding="utf-8")
    report = await imported(filled, path)
    assert counts(report) == (0, 0, len(good), 1)
    assert report.rejected_path == tmp_path / f"{name}.rejected.csv"
    ((number, why, content),) = rejected(report)
    assert (number, content) == (3, line)
    assert reason in why
    assert await everything(filled) == before


async def test_a_damaged_line_does_not_turn_utf8_into_something_else(filled: Database, tmp_path: Path) -> None:
    header, good, other = ACCOUNTS.encode().splitlines()
    path = tmp_path / "accounts.csv"
    path.write_bytes(b"\n".join([header, good, b"360000999999;\xd0\xff;;;;;;;;", other]))
    report = await imported(filled, path)
    assert counts(report) == (0, 0, 2, 1)
    assert "знаки не из кодировки файла" in rejected(report)[0][1]


async def test_a_key_that_comes_twice_counts_once_as_it_was_last(filled: Database, tmp_path: Path) -> None:
    text = PAYMENTS + "360000123456;10.10.2026;186,74;касса;A-1\n"
    path = write_files(tmp_path, payments=text) / "payments.csv"
    report = await imported(filled, path)
    assert counts(report) == (0, 1, 1, 1)
    assert rejected(report)[0][0] == 2
    assert "ещё раз в строке 4" in rejected(report)[0][1]
    assert counts(await imported(filled, path)) == (0, 0, 2, 1)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("accounts.csv", "account;holder\n360000123456;x\n", "Не хватает столбцов: address."),
        ("readings.csv", "account;value\n", "Не хватает столбцов: meter, zone, date."),
        ("accounts.csv", "account;address;Account\n", "Столбец «account» назван в заголовке дважды."),
        ("accounts.csv", "", "Файл пуст"),
        ("accounts.csv", "\n\n", "Файл пуст"),
        ("acounts.csv", ACCOUNTS, "Не знаю такого файла"),
        ("accounts.txt", ACCOUNTS, "Не знаю такого файла"),
        ("accounts.rejected.csv", ACCOUNTS, "Не знаю такого файла"),
        ("accounts.csv", None, "Файл не читается"),
        ("accounts.csv", ACCOUNTS.split("\n", 1)[1], "Нет строки с названиями столбцов"),
        ("accounts.csv", '"account;address', "открыта кавычка"),
        ("accounts.csv", b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml", "книга Excel (xlsx)"),
        ("accounts.csv", b"PK\x03\x04\x14\0\x06\0\x08\0accounts.csv", "архив ZIP"),
        ("accounts.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(400), "книга Excel (xls)"),
        ("accounts.csv", b"\x89PNG\r\n\x1a\n" + bytes(40), "картинка PNG"),
        ("accounts.csv", "\ufeff  <html><body>Вход</body></html>", "HTML"),
        ("accounts.csv", bytes(range(256)) * 20, "двоичный файл"),
        ("accounts.csv", "account;address\n360000123456;кухня\n".encode("koi8-r"), "--encoding"),
        ("accounts.csv", ACCOUNTS.encode("cp866").decode("cp1251", "replace"), "CP866 когда-то прочитали как CP1251"),
        ("accounts.csv", ACCOUNTS.encode().decode("cp1251", "replace"), "UTF-8 когда-то прочитали как CP1251"),
    ],
)
async def test_refused_files(
    database: Database, tmp_path: Path, name: str, text: str | bytes | None, sentence: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    report = await imported(database, path)
    assert sentence in report.refusal
    assert await rows(database, tables.accounts) == []


async def test_a_refused_file_does_not_hold_up_the_others(database: Database, tmp_path: Path) -> None:
    folder = write_files(tmp_path, accounts=ACCOUNTS, meters="account\n", notes="x")
    reports = {report.path.name: report for report in await import_registry(database, [folder])}
    assert reports["accounts.csv"].added == 2
    assert reports["meters.csv"].refusal
    assert reports["notes.csv"].refusal


async def test_a_registry_in_pieces(database: Database, tmp_path: Path) -> None:
    header, first, second = ACCOUNTS.splitlines()
    (tmp_path / "ACCOUNTS_2026-11.CSV").write_text(f"{header}\n{first}\n", encoding="utf-8")
    (tmp_path / "accounts-36.csv").write_text(f"{header}\n{second}\n", encoding="cp1251")
    (tmp_path / "meters.csv").write_text(METERS, encoding="utf-8")
    (tmp_path / "accounts.rejected.csv").write_text("line;reason;content\n", encoding="utf-8")
    reports = await import_registry(database, [tmp_path / "meters.csv", tmp_path / "accounts-36.csv", tmp_path])
    assert sorted(report.kind for report in reports) == ["accounts"] * 3 + ["meters"] * 2
    assert sum(report.added for report in reports) == 4
    assert not any(report.refusal or report.rejected for report in reports)


async def test_rejected_lines_of_an_earlier_import_go(database: Database, tmp_path: Path) -> None:
    path = write_files(tmp_path, accounts=ACCOUNTS + "1;x;;;;;;;;\n") / "accounts.csv"
    report = await imported(database, path)
    assert report.rejected_path is not None
    write_files(tmp_path, accounts=ACCOUNTS)
    assert (await imported(database, path)).rejected_path is None
    assert not report.rejected_path.exists()


async def test_rejected_lines_are_kept_elsewhere_when_the_folder_cannot_be_written(
    database: Database, tmp_path: Path
) -> None:
    path = write_files(tmp_path, accounts=ACCOUNTS + "1;x;;;;;;;;\n") / "accounts.csv"
    (tmp_path / "accounts.rejected.csv").mkdir()
    report = await imported(database, path)
    assert rejected(report)[0][0] == 4
    assert report.rejected_path is not None
    assert report.rejected_path.parent != tmp_path
    assert report.rejected_path.stat().st_mode & 0o077 == 0
    report.rejected_path.unlink()


async def test_what_customers_submitted_stays_beside_the_import(filled: Database, tmp_path: Path, clock: Clock) -> None:
    async with filled.writing() as connection:
        key = {"account": 360000123456, "meter": "10000001", "zone": "day", "date": date(2026, 10, 24)}
        mine = key | {"submission": "k1", "value": 9}
        await connection.execute(tables.readings.insert().values(mine | {"source": "bot"}))
        await connection.commit()
    text = READINGS.replace("3500", "3501")
    assert counts(await imported(filled, write_files(tmp_path, readings=text) / "readings.csv")) == (0, 1, 1, 0)
    values = await rows(filled, tables.readings, "zone", "value", "submission")
    assert values == [("day", 3501, ""), ("day", 9, "k1"), ("night", 1500, "")]


async def test_progress_is_told_in_bytes(database: Database, tmp_path: Path) -> None:
    told: list[tuple[Path, int, int]] = []
    path = write_files(tmp_path, accounts=ACCOUNTS) / "accounts.csv"
    await import_registry(database, [path], lambda *step: told.append(step))
    size = path.stat().st_size
    assert told == [(path, size, size)]


async def test_the_sample_registry_is_taken_whole(database: Database, clock: Clock) -> None:
    reports = await import_registry(database, [HOME])
    assert [report.rejected for report in reports] == [0] * 6
    supplier = LedgerSupplier(database, clock)
    access = Access.of_bot("360000123456")
    assert (await supplier.bill(access, date(2026, 11, 23))).owed == 123456
    metering = await supplier.metering(access)
    assert [(item.zone, item.value) for item in metering.meters[0].readings[:2]] == [("day", 3500), ("night", 1500)]
    assert len(metering.meters[0].readings) == 50
    assert not list(HOME.glob("*.rejected.csv"))


async def test_penalties_may_be_missing(filled: Database, tmp_path: Path) -> None:
    lines = [",".join(line.split(";")[:2] + line.split(";")[6:]) for line in CHARGES.splitlines()]
    path = write_files(tmp_path, charges="\n".join(lines)) / "charges.csv"
    assert counts(await imported(filled, path)) == (0, 0, 1, 0)


@pytest.mark.parametrize("sum_", ["0", "-5"])
async def test_a_recommended_payment_is_a_sum_to_pay(filled: Database, tmp_path: Path, sum_: str) -> None:
    text = f"account;period;closing;recommended\n360000123456;2026-09;1;{sum_}\n360000123456;2026-08;1;2\n"
    report = await imported(filled, write_files(tmp_path, charges=text) / "charges.csv")
    assert counts(report) == (1, 0, 0, 1)
    [(_, reason, _line)] = rejected(report)
    assert reason.startswith("recommended: нужна сумма больше нуля")


@pytest.mark.parametrize("encoding", ["cp866", "koi8-r", "mac-cyrillic", "iso8859-5", "cp1251"])
@pytest.mark.parametrize("line", ACCOUNTS.splitlines()[1:], ids=["long", "short"])
async def test_no_encoding_is_taken_for_another(database: Database, tmp_path: Path, encoding: str, line: str) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(
        f"account;address;holder;phone;{ACCOUNTS.split(';', 4)[4].split(chr(10))[0]}\n{line}\n".encode(encoding)
    )
    report = await imported(database, path)
    assert counts(report) == (1, 0, 0, 0)
    assert report.encoding.replace(" ", "").replace("-", "").lower() == encoding.replace("-", "")
    assert await rows(database, tables.accounts, "address") == [(line.split(";")[1],)]


@pytest.mark.parametrize("other", ["utf-8", "cp866"])
async def test_a_line_in_another_encoding_is_left_out(filled: Database, tmp_path: Path, other: str) -> None:
    before = await everything(filled)
    path = tmp_path / "accounts.csv"
    header, first, second = ACCOUNTS.splitlines(keepends=True)
    path.write_bytes((header + first * 40).encode("cp1251") + second.encode(other))
    report = await imported(filled, path)
    assert (report.added, report.changed, report.encoding) == (0, 0, "CP1251")
    assert rejected(report)[-1][1].startswith("строка в кодировке")
    assert await everything(filled) == before


async def test_an_operator_names_the_encoding(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes("account;address\n360000123456;кухня\n".encode("koi8-r"))
    (report,) = await import_registry(database, [path], options=ImportOptions(encoding="koi8-r"))
    assert (counts(report), report.encoding) == ((1, 0, 0, 0), "KOI8-R")
    assert await rows(database, tables.accounts, "address") == [("кухня",)]


async def test_nothing_is_no_success(database: Database, tmp_path: Path) -> None:
    (empty := tmp_path / "share").mkdir()
    (tmp_path / "accounts.csv").write_text("account;address\n\n", encoding="utf-8")
    reports = await import_registry(database, [empty, tmp_path / "accounts.csv"])
    assert [report.doubt for report in reports] == [
        "В папке нет файлов реестров. Подключена ли она?",
        "Из файла не взято ни одной строки.",
    ]


async def test_what_is_called_like_a_registry_file_is_not_passed_over(database: Database, tmp_path: Path) -> None:
    (tmp_path / "meters.xlsx").write_bytes(b"PK")
    (tmp_path / "notes.txt").write_bytes(b"x")
    (report,) = await import_registry(database, [tmp_path])
    assert report.refusal.startswith("Не знаю такого файла")


async def test_a_line_without_end_is_read_in_little_memory(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    with path.open("wb") as file:
        file.write(b"account;address\n360000123456;A street\n")
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b"\n360000123457;B street\n")
    tracemalloc.start()
    report = await imported(database, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counts(report) == (2, 0, 0, 1)
    assert rejected(report)[0][:2] == (3, "слишком длинная строка")
    assert peak < 20 << 20
