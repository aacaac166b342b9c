"""Imports on record, withdrawing one, and lines of the future."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.db.engine import Database
from services.db.migrate import migrate
from services.db.orders import orders
from services.ledger import tables
from services.ledger.horizon import Horizon
from services.ledger.imports import KEEP, CannotUndo, Undone, forget, on_record, undo
from services.ledger.layout import LAYOUTS
from services.ledger.registry import ImportOptions, import_registry
from services.supplier.periods import ReadingDays
from services.supplier.profile import Region, SupplierProfile
from tests.ledger.registry_files import (
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

NOW = datetime(2026, 11, 27, 20, 30, tzinfo=UTC)  # 28 November in Omsk


async def everything(database: Database) -> dict[str, Sequence[Any]]:
    return {layout.name: await rows(database, layout.table, *layout.table.c.keys()) for layout in LAYOUTS}


async def take(database: Database, folder: Path, **texts: str) -> int:
    """The import's id."""
    (name,) = texts
    report = await imported(database, write_files(folder, **texts) / f"{name}.csv")
    assert not report.refusal
    return report.import_id


@pytest.fixture
async def filled(database: Database, tmp_path: Path) -> Database:
    await import_registry(database, [write_files(tmp_path)])
    return database


async def test_an_import_is_on_record(filled: Database, tmp_path: Path) -> None:
    path = write_files(tmp_path, payments=PAYMENTS + "x;y;z;;\n") / "payments.csv"
    report = await imported(filled, path)
    latest, *earlier = await on_record(filled)
    assert len(earlier) == 6
    assert (latest.id, latest.file, latest.kind, latest.encoding) == (
        report.import_id,
        "payments.csv",
        "payments",
        "UTF-8",
    )
    assert (latest.size, latest.checksum) == (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    assert (latest.added, latest.changed, latest.unchanged, latest.rejected) == (0, 0, 2, 1)
    assert latest.began_at <= latest.ended_at
    assert latest.undone_at is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("accounts", "account;address;status\n360000123456;г. Азов;closed\n360000000009;г. Бор;\n"),
        ("meters", METERS.replace("day_night", "single") + "360000123456;5;single;5;1;;;active\n"),
        ("tariffs", "tariff;valid_from;zone;tier;price\n36-gas;2026-10-01;day;1;9\nnew;2026-10-01;day;1;1\n"),
        ("readings", READINGS.replace(";1\n", ";0\n").replace("2026-10-24;1500", "2026-10-25;1500")),
        ("charges", CHARGES.replace("1234.56", "0") + "360000123456;2026-11;1;1;1;1;9\n"),
        ("payments", PAYMENTS.replace("СБП", "банк") + "360000123456;2026-10-11;5;;\n360000123456;2026-10-11;5;;\n"),
    ],
)
async def test_a_withdrawn_import_leaves_what_was_before(
    filled: Database, tmp_path: Path, name: str, text: str
) -> None:
    before = await everything(filled)
    import_id = await take(filled, tmp_path, **{name: text})
    changed = await everything(filled)
    assert changed != before
    undone = await undo(filled, import_id, NOW)
    assert undone.removed > 0
    assert undone.restored > 0
    assert (undone.covered, undone.needed) == (0, 0)
    assert await everything(filled) == before
    assert await rows(filled, tables.replaced) == []
    assert (await on_record(filled))[0].undone_at == NOW
    assert await undo(filled, import_id, NOW) == Undone(0, 0, 0, (), 0)
    await take(filled, tmp_path, **{name: text})
    assert without_ids(await everything(filled)) == without_ids(changed)


def without_ids(tables: dict[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    return {name: [row[:-1] for row in rows] for name, rows in tables.items()}


def charge(closing: str, period: str = "2026-10") -> str:
    return f"account;period;closing\n360000123456;{period};{closing}\n"


async def closing(database: Database) -> list[int]:
    return [kopecks // 100 for _, kopecks in await rows(database, tables.charges, "period", "closing")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (0, 2, 1), (2, 0, 1)])
async def test_layers_are_taken_out_in_any_order(filled: Database, tmp_path: Path, order: tuple[int, ...]) -> None:
    before = await everything(filled)
    layers = {await take(filled, tmp_path, charges=charge(value)): int(value) for value in ("1", "2", "3")}
    ids = list(layers)
    for place in order:
        below = ids.index(max(layers)) > place
        undone = await undo(filled, ids[place], NOW)
        del layers[ids[place]]
        assert (undone.covered, undone.restored) == ((1, 0) if below and layers else (0, 1))
        assert await closing(filled) == [layers[max(layers)] if layers else 1234]
    assert await everything(filled) == before


async def test_a_row_that_was_new_and_changed_later_goes_with_the_later_import(
    filled: Database, tmp_path: Path
) -> None:
    first = await take(filled, tmp_path, charges=charge("1", "2026-11"))
    second = await take(filled, tmp_path, charges=charge("2", "2026-11"))
    assert await undo(filled, first, NOW) == Undone(0, 0, 1, (second,), 0)
    assert await closing(filled) == [1234, 2]
    assert (await undo(filled, second, NOW)).removed == 1
    assert await closing(filled) == [1234]


async def test_what_others_need_stays_until_they_are_withdrawn(database: Database, tmp_path: Path) -> None:
    reports = {report.kind: report.import_id for report in await import_registry(database, [write_files(tmp_path)])}
    assert await undo(database, reports["accounts"], NOW) == Undone(0, 0, 0, (), 2)
    for kind in ("payments", "charges", "readings", "meters", "accounts"):
        undone = await undo(database, reports[kind], NOW)
        assert undone.needed == 0
    assert await rows(database, tables.accounts) == []


async def test_a_line_that_comes_twice_in_a_file_is_one_layer(filled: Database, tmp_path: Path) -> None:
    before = await everything(filled)
    lines = [charge(value).splitlines()[1] for value in ("1", "2", "3")]
    more = [charge(value, "2026-11").splitlines()[1] for value in ("4", "5")]
    text = "\n".join(["account;period;closing", *lines, *more])
    report = await imported(filled, write_files(tmp_path, charges=text) / "charges.csv", chunk=10)
    assert await closing(filled) == [3, 5]
    await undo(filled, report.import_id, NOW)
    assert await everything(filled) == before


async def test_what_was_long_ago_cannot_be_withdrawn(filled: Database, tmp_path: Path) -> None:
    import_id = await take(filled, tmp_path, charges=charge("1"))
    await forget(filled, datetime.now(UTC) + timedelta(minutes=1))
    assert await rows(filled, tables.replaced) == []
    with pytest.raises(CannotUndo, match=f"older than {KEEP.days} days"):
        await undo(filled, import_id, NOW)
    with pytest.raises(CannotUndo, match=r"There is no import 99\."):
        await undo(filled, 99, NOW)
    assert await closing(filled) == [1]


async def test_a_killed_import_can_be_withdrawn(filled: Database, tmp_path: Path) -> None:
    lines = [charge(str(number), f"{2015 + number // 12}-{number % 12 + 1:02}").splitlines()[1] for number in range(90)]
    path = write_files(tmp_path, charges="\n".join(["account;period;closing", *lines])) / "charges.csv"
    steps = 0

    class Stop(Exception):
        pass

    def stop(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise Stop

    with pytest.raises(Stop):
        await import_registry(filled, [path], stop, ImportOptions(chunk=200))
    killed = (await on_record(filled))[0]
    assert killed.ended_at is None
    assert killed.added > 0
    assert (await undo(filled, killed.id, NOW)).removed == killed.added
    assert await closing(filled) == [1234]


async def test_an_import_that_is_withdrawn_while_it_runs_ends(filled: Database, tmp_path: Path) -> None:
    before = await everything(filled)
    lines = [charge("1", f"2020-{month:02}").splitlines()[1] for month in range(1, 10)]
    path = write_files(tmp_path, charges="\n".join(["account;period;closing", *lines])) / "charges.csv"
    undone: list[asyncio.Task[Undone]] = []

    def withdraw(*_: object) -> None:
        undone.append(asyncio.ensure_future(undo(filled, 7, NOW)))

    (report,) = await import_registry(filled, [path], withdraw, ImportOptions(chunk=40))
    await asyncio.gather(*undone)
    assert report.refusal == "Загрузку отменили, пока она шла."
    assert await everything(filled) == before


# The future

OMSK = Region("Омск", ("55",), ZoneInfo("Asia/Omsk"), ReadingDays(23, 25))
ELSEWHERE = Region("", (), ZoneInfo("Europe/Moscow"), ReadingDays(23, 25))
PROFILE = SupplierProfile("", "", "", "", (OMSK,), (), ELSEWHERE)


@pytest.mark.parametrize(
    ("name", "line", "taken"),
    [
        ("charges", "360000123456;2026-12;1", True),
        ("charges", "360000123456;2027-01;1", False),
        ("charges", "360000123456;2036-11;1", False),
        ("payments", "360000123456;2026-11-27;1", True),
        ("payments", "360000123456;2026-11-28;1", False),
        ("payments", "550000123456;2026-11-28;1", True),
        ("payments", "550000123456;2026-11-29;1", False),
        ("readings", "360000123456;1;single;2026-11-27;1", True),
        ("readings", "360000123456;1;single;2026-11-28;1", False),
        ("tariffs", "36-gas;2036-01-01;day;1;6", True),
        ("meters", "360000123456;1;single;2099-01-01", True),
    ],
)
async def test_the_future_is_refused_in_the_regions_zone(
    database: Database, tmp_path: Path, name: str, line: str, taken: bool
) -> None:
    headers = {
        "charges": "account;period;closing",
        "payments": "account;date;amount",
        "readings": "account;meter;zone;date;value",
        "tariffs": "tariff;valid_from;zone;tier;price",
        "meters": "account;meter;zones;verification_due",
    }
    accounts = "account;address\n360000123456;a\n550000123456;b\n"
    meters = "account;meter;zones\n360000123456;1;single\n"
    await import_registry(database, [write_files(tmp_path / "before", accounts=accounts, meters=meters)])
    path = write_files(tmp_path, **{name: f"{headers[name]}\n{line}\n"}) / f"{name}.csv"
    (report,) = await import_registry(database, [path], options=ImportOptions(horizon=Horizon(NOW, PROFILE)))
    assert counts(report)[3] == (not taken)
    if not taken:
        assert "последнего возможного" in rejected(report)[0][1]


async def test_payments_of_older_tables_are_known_again(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    await migrate(database, "0009")
    async with database.writing() as connection:
        await connection.exec_driver_sql("INSERT INTO ledger_accounts (account, address) VALUES (360000123456, 'x')")
        await connection.exec_driver_sql(
            "INSERT INTO ledger_payments (account, date, amount, reference, source) VALUES "
            "(360000123456, '2026-11-10', 50000, '', 'касса'), (360000123456, '2026-11-10', 50000, 'A-1', 'банк')"
        )
        await connection.commit()
    await migrate(database)
    lines = [
        "account;date;amount;source;reference",
        "360000123456;2026-11-10;500;касса;",
        "360000123456;2026-11-10;500;банк;A-1",
    ]
    report = await imported(database, write_files(tmp_path, payments="\n".join(lines)) / "payments.csv")
    assert counts(report) == (0, 0, 2, 0)
    await database.close()


async def test_payments_through_the_bot_are_credited_anew(filled: Database, tmp_path: Path) -> None:
    async with filled.writing() as connection:
        for key, account in (("ours", "360000123456"), ("other", "360000200017")):
            await connection.exec_driver_sql(
                "INSERT INTO orders "
                "(key, number, account, kopecks, created_at, request, status, settled_at, credited_on) VALUES "
                "(?1, ?1, ?2, 500, '2026-11-20 10:00:00', '{}', 'paid', '2026-11-20 10:00:00', '2026-11-21')",
                (key, account),
            )
        await connection.commit()
    line = "account;date;amount;reference\n360000123456;2026-11-21;5;ours\n"
    await undo(filled, await take(filled, tmp_path, payments=line), NOW)
    assert await rows(filled, orders, "key", "credited_on") == [("other", date(2026, 11, 21)), ("ours", None)]
