"""Payments of several files: which are known already, which are new, which may be either."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest

from services.db.engine import Database
from services.ledger import tables
from services.ledger.lines import CHUNK
from services.ledger.registry import import_registry
from services.ledger.supplier import LedgerSupplier
from services.ports import Clock
from services.supplier.models import Access
from tests.ledger.registry_files import ACCOUNTS, counts, imported, rejected, rows, write_files

HEADER = "account;date;amount;source;reference"
ACCOUNT = "360000123456"

Take = Callable[..., Awaitable[tuple[int, int, int, int]]]


def line(amount: str = "500", source: str = "касса", reference: str = "", status: str = "") -> str:
    return f"{ACCOUNT};2026-11-10;{amount};{source};{reference}" + (f";{status}" if status else "")


@pytest.fixture
async def take(database: Database, tmp_path: Path) -> Take:
    """Imports a payments.csv of these lines; its counts."""
    await import_registry(database, [write_files(tmp_path, accounts=ACCOUNTS) / "accounts.csv"])

    async def run(*lines: str, header: str = HEADER, chunk: int = CHUNK) -> tuple[int, int, int, int]:
        path = write_files(tmp_path, payments="\n".join([header, *lines])) / "payments.csv"
        return counts(await imported(database, path, chunk))

    return run


@pytest.fixture
def paid(database: Database, clock: Clock) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        bill = await LedgerSupplier(database, clock).bill(Access.of_bot(ACCOUNT), clock.now().date())
        return -bill.owed // 100

    return ask


Paid = Callable[[], Awaitable[int]]


async def test_two_equal_lines_are_two_payments_and_the_same_file_is_the_same_payments(take: Take, paid: Paid) -> None:
    assert await take(line(), line()) == (2, 0, 0, 0)
    assert await paid() == 1000
    assert await take(line(), line()) == (0, 0, 2, 0)
    assert await paid() == 1000


async def test_a_longer_file_later_adds_what_is_new(take: Take, paid: Paid) -> None:
    assert await take(line()) == (1, 0, 0, 0)
    assert await take(line(), line("7"), line(), line(source="банк")) == (3, 0, 1, 0)
    assert await paid() == 1507


async def test_another_order_changes_nothing(take: Take, paid: Paid) -> None:
    lines = [line(), line(source="банк"), line(), line("7", reference="A-1")]
    assert await take(*lines) == (4, 0, 0, 0)
    assert await take(*reversed(lines)) == (0, 0, 4, 0)
    assert await paid() == 1507


async def test_the_parts_of_a_file_are_known_payments(take: Take, paid: Paid) -> None:
    assert await take(line(), line(), line("7")) == (3, 0, 0, 0)
    assert await take(line()) == (0, 0, 1, 0)
    assert await take(line(), line("7")) == (0, 0, 2, 0)
    assert await paid() == 1007


async def test_equal_lines_without_columns_for_source_and_reference(take: Take, paid: Paid) -> None:
    bare = f"{ACCOUNT};2026-11-10;500"
    assert await take(bare, bare, header="account;date;amount") == (2, 0, 0, 0)
    assert await take(bare, bare, header="account;date;amount") == (0, 0, 2, 0)
    assert await paid() == 1000


async def test_another_source_overwrites_nothing_and_is_told(
    database: Database, tmp_path: Path, take: Take, paid: Paid
) -> None:
    assert await take(line()) == (1, 0, 0, 0)
    assert await take(line(source="Касса № 1")) == (0, 0, 0, 1)
    assert await rows(database, tables.payments, "source") == [("касса",)]
    assert await paid() == 500
    ((_, reason, _),) = rejected(await imported(database, tmp_path / "payments.csv"))
    assert "уже есть платёж без номера (источник «касса»), которого в файле нет" in reason
    assert await take(line(), line(source="Касса № 1")) == (1, 0, 1, 0)
    assert await paid() == 1000


async def test_a_reference_that_was_put_right_counts_once(take: Take, paid: Paid) -> None:
    await take(line())
    assert await take(line(reference="A1")) == (0, 0, 0, 1)
    assert await paid() == 500
    header = f"{HEADER};status"
    assert await take(line(status="cancelled"), line(reference="A1", status="active"), header=header) == (1, 1, 0, 0)
    assert await paid() == 500
    assert await take(line(reference="A-1")) == (0, 0, 0, 1)
    corrected = (line(reference="A-1", status="active"), line(reference="A1", status="cancelled"))
    assert await take(*corrected, header=header) == (1, 1, 0, 0)
    assert await take(*corrected, header=header) == (0, 0, 2, 0)
    assert await take(line(reference="A-1")) == (0, 0, 1, 0)
    assert await paid() == 500


async def test_an_old_file_brings_no_corrected_payment_back(take: Take, paid: Paid) -> None:
    """Neither one that names no status nor one that says `active`, as whole exports do."""
    header = f"{HEADER};status"
    old = line(reference="A1", status="active")
    await take(old, header=header)
    corrected = (line(reference="A1", status="cancelled"), line(reference="A-1", status="active"))
    assert await take(*corrected, header=header) == (1, 1, 0, 0)
    assert await take(line(reference="A1")) == (0, 0, 1, 0)
    assert await take(old, header=header) == (0, 0, 0, 1)
    assert await paid() == 500
    both = (old, line(reference="A-1", status="active"))
    assert await take(*both, header=header) == (0, 1, 1, 0)
    assert await paid() == 1000


async def test_two_references_in_one_file_are_two_payments(take: Take, paid: Paid) -> None:
    assert await take(line(reference="A-1")) == (1, 0, 0, 0)
    assert await take(line(reference="A-1"), line(reference="A-2")) == (1, 0, 1, 0)
    assert await paid() == 1000


async def test_a_cancelled_payment_is_shown_to_nobody(database: Database, clock: Clock, take: Take) -> None:
    await take(line(reference="A-1"), line("7", reference="A-2"))
    await take(line(reference="A-1", status="cancelled"), header=f"{HEADER};status")
    shown = await LedgerSupplier(database, clock).payments(Access.of_bot(ACCOUNT), date(2026, 1, 1))
    assert [payment.reference for payment in shown] == ["A-2"]


async def test_equal_lines_far_apart_in_a_file(database: Database, take: Take, paid: Paid) -> None:
    between = [line(str(amount)) for amount in range(1, 11)]
    assert await take(line(), *between, line(), chunk=200) == (12, 0, 0, 0)
    assert await take(line(), *between, line(), chunk=200) == (0, 0, 12, 0)
    assert await take(*between, line(), line(), chunk=200) == (0, 0, 12, 0)
    assert await paid() == 1055
