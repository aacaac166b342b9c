"""Workbooks. Written with xlsxwriter: it only writes, needs nothing else, and takes at most half of openpyxl's time."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from services.ports import Cell, Table

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_NARROWEST, _WIDEST = 8, 44  # characters
_MONEY, _WHOLE, _DAY = "#,##0.00", "#,##0", "dd.mm.yyyy"
_FORMATS: Mapping[type[Any], str] = {Decimal: _MONEY, int: _WHOLE, date: _DAY}


def write(tables: Sequence[Table]) -> bytes:
    from xlsxwriter import Workbook  # only a process that makes one needs it

    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E3EEEA", "bottom": 1, "text_wrap": True, "valign": "top"})
        plain = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
        bold = {kind: book.add_format({"num_format": form, "bold": True}) for kind, form in _FORMATS.items()}
        words = book.add_format({"bold": True})
        for table in tables:
            sheet = book.add_worksheet(table.title)
            for place, name in enumerate(table.columns):
                sheet.write_string(0, place, name, head)
                sheet.set_column(place, place, _width(table, place))
            for number, row in enumerate(table.rows, 1):
                _row(sheet, number, row, plain, None)
            if table.total:
                _row(sheet, len(table.rows) + 1, table.total, bold, words)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    return file.getvalue()


def _row(sheet: Worksheet, number: int, row: Sequence[Cell], formats: Mapping[type[Any], Any], words: Any) -> None:
    for place, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(number, place, cell, words)  # a string is never taken for a formula or a link
        elif isinstance(cell, date):
            sheet.write_datetime(number, place, cell, formats[date])
        elif cell is not None:
            sheet.write_number(number, place, cell, formats[type(cell)])


def _width(table: Table, place: int) -> int:
    """The longest cell's; of the head the longest word's: it breaks."""
    cells = (row[place] for row in (*table.rows, table.total) if row)
    longest = max([*(_length(cell) for cell in cells), *map(len, table.columns[place].split())])
    return min(max(longest, _NARROWEST), _WIDEST) + 2


def _length(cell: Cell) -> int:
    if isinstance(cell, Decimal | int):
        return len(f"{cell:,}")
    return 10 if isinstance(cell, date) else len(cell or "")
