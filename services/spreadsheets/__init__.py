"""Tables as XLSX and CSV files, made off the event loop."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from services.ports import Cell, Table
from services.spreadsheets import workbook

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Files:
    async def workbook(self, tables: Sequence[Table]) -> bytes:
        return await asyncio.to_thread(workbook.write, tables)

    async def csv(self, table: Table) -> bytes:
        return await asyncio.to_thread(_csv, table)


def _csv(table: Table) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow(map(_words, table.columns))
    writer.writerows(list(map(_words, row)) for row in table.rows)
    if table.total:
        writer.writerow(map(_words, table.total))
    return file.getvalue().encode("utf-8-sig")


def _words(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, Decimal):
        return f"{cell:.2f}".replace(".", ",")
    return "" if cell is None else str(cell)
