"""Cells and lines: what is read column by column equals what is read line by line."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger import cells
from services.ledger.cells import BadCell
from services.ledger.layout import LAYOUTS, Column
from services.ledger.lines import Chunk, Header, Lines, columns, one_by_one

COLUMNS = {f"{layout.name}.{column.name}": column for layout in LAYOUTS for column in layout.columns}

spiky = st.text(st.sampled_from('a1 ;,"\n\0я'), max_size=40)
# Letters and signs of registries.
written = st.text(st.characters(max_codepoint=0x52F, exclude_categories=["Cs", "Cc"]), max_size=12)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd"), max_size=12)


@given(spiky)
def test_columns_at_once_equal_lines_one_by_one(text: str) -> None:
    header = Header(";", ("a", "b", "c"))
    chunk = Chunk(2, text, clean="\0" not in text)
    found = columns(chunk, header)
    slowly = list(one_by_one(chunk, header))
    assert all("\n".join(chunk.lines).find(line.raw) >= 0 for line in slowly)
    if found is not None:
        at_once = [list(row) for row in zip(*found, strict=True)]
        assert [line.cells for line in slowly] == [row for row in at_once if any(cell.strip() for cell in row)]
        assert all(len(row) == 3 for row in at_once)


@given(spiky)
def test_every_line_is_taken_or_reported_once(text: str) -> None:
    chunk = Chunk(2, text, clean="\0" not in text)
    numbers = [
        line.number + place
        for line in one_by_one(chunk, Header(";", ("a", "b")))
        for place in range(line.raw.count("\n") + 1)
    ]
    assert len(numbers) == len(set(numbers))
    filled = {number for number, line in enumerate(chunk.lines, 2) if line.strip(' ;\r"')}
    assert filled <= set(numbers)


@given(
    st.lists(st.tuples(written, written, written), min_size=1, max_size=8),
    st.sampled_from(";,"),
    st.sampled_from(["utf-8", "utf-8-sig"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_table_comes_back(
    table: list[tuple[str, str, str]], delimiter: str, encoding: str, end: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([("one", "two", "three"), *table])
    lines = Lines(io.BytesIO(text.getvalue().encode(encoding)), "utf-8")
    found = [line.cells for chunk in lines.chunks() for line in one_by_one(chunk, lines.header)]
    assert found == [list(row) for row in table if any(cell.strip() for cell in row)]


@pytest.mark.parametrize("name", COLUMNS)
@given(data=st.data())
def test_a_column_at_once_equals_its_cells(name: str, data: st.DataObject) -> None:
    likely = st.sampled_from(["360000123456", "1", " 1", "", "2026-10-24", "day", "single", "active", "1234,56", "²"])
    column = data.draw(st.lists(likely | words, max_size=4))
    assert at_once(COLUMNS[name], column) == cell_by_cell(COLUMNS[name], column)


def at_once(column: Column, found: list[str]) -> object:
    try:
        return column.read_all(found)
    except BadCell:
        return cell_by_cell(column, found)


def cell_by_cell(column: Column, found: list[str]) -> object:
    try:
        return [column.read(cell) for cell in found]
    except BadCell:
        return None


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.sampled_from(".,"))
def test_money_comes_back_in_kopecks(kopecks: int, point: str) -> None:
    written = str(Decimal(kopecks).scaleb(-2)).replace(".", point)
    assert cells.money(written) == kopecks


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_both_ways_to_write_a_date(day: date) -> None:
    assert cells.day(day.isoformat()) == cells.day(day.strftime("%d.%m.%Y")) == day.isoformat()


@given(words, st.sampled_from(list(COLUMNS)))
def test_no_cell_raises_anything_else(cell: str, name: str) -> None:
    cell_by_cell(COLUMNS[name], [cell])
