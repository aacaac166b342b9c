"""Lines of a file, matched with the payments of the ledger that they are.

A reference tells. Without one, equal lines of a file (account, day, sum, source) are as many payments, counted in their
order, so that the same file, also in another order, is the same payments. A line that is no known payment, or one that
was cancelled, but equals another in account, day and sum is taken only when the file has that one, too: else it is
rather the same payment, whose reference or source has been put right.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ledger.batch import OCCURRENCE, Form, Row
from services.ledger.cells import Value
from services.ledger.tables import payments

_GROUP = ("account", "date", "amount")
_EQUAL = f"""
    SELECT account, date, amount, reference, occurrence, source, status FROM {payments.name} JOIN (
        SELECT DISTINCT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS d,
        json_extract(value, '$[2]') AS k FROM json_each(?1)
    ) ON account = a AND date = d AND amount = k
"""  # noqa: S608  # a name of our own


@dataclass(slots=True)
class Occurrences:
    """Payments of one file so far. They are kept as their 64-bit hashes: some 100 bytes a line."""

    form: Form
    _counts: dict[int, int] = field(default_factory=dict)
    _referenced: set[int] = field(default_factory=set)

    def complete(self, rows: list[Row]) -> list[Row]:
        """The rows with their occurrence."""
        if OCCURRENCE not in self.form.layout.key:
            return rows
        names = self.form.names
        sources = [row[names.index("source")] for row in rows] if "source" in names else [""] * len(rows)
        references = [row[names.index("reference")] for row in rows] if "reference" in names else [""] * len(rows)
        groups = self.form.keys(_GROUP, rows)
        return [
            (*row, self._occurrence(group, reference, source))
            for row, group, reference, source in zip(rows, groups, references, sources, strict=True)
        ]

    def _occurrence(self, group: object, reference: Value, source: Value) -> str:
        if reference:
            self._referenced.add(hash((group, reference)))
            return ""
        key = hash((group, source))
        self._counts[key] = count = self._counts.get(key, 0) + 1
        return f"{count} {source}"

    def _has(self, group: Row, reference: str, occurrence: str) -> bool:
        if reference:
            return hash((group, reference)) in self._referenced
        number, _, source = occurrence.partition(" ")
        return number.isdigit() and self._counts.get(hash((group, source)), 0) >= int(number)

    async def doubtful(self, connection: AsyncConnection, rows: Sequence[Row]) -> dict[int, str]:
        """Positions of the rows that may be a payment which the ledger has already, with the reason."""
        if OCCURRENCE not in self.form.layout.key or not rows:
            return {}
        groups = self.form.keys(_GROUP, rows)
        found = await connection.exec_driver_sql(_EQUAL, (json.dumps(groups),))
        known: dict[Row, str] = {}
        missing: dict[Row, str] = {}
        for row in found:
            key = (row.account, row.date, row.amount)
            reference, occurrence, source, status = row.reference, row.occurrence, row.source, row.status
            known[(*key, reference, occurrence)] = status
            if status == "active" and not self._has(key, reference, occurrence):
                missing[key] = f"с номером «{reference}»" if reference else f"без номера (источник «{source}»)"
        return self._doubtful(rows, known, missing) if missing else {}

    def _doubtful(self, rows: Sequence[Row], known: Mapping[Row, str], missing: dict[Row, str]) -> dict[int, str]:
        reasons: dict[int, str] = {}
        for index, row in enumerate(rows):
            values = defaultdict[str, Value](str, zip(self.form.names, row, strict=True))
            group = tuple(values[name] for name in _GROUP)
            now = known.get((*group, values["reference"], values[OCCURRENCE]))
            counts_more = now is None or (now, values["status"]) == ("cancelled", "active")
            if counts_more and group in missing and values["status"] != "cancelled":
                reasons[index] = (
                    f"за этот день на эту сумму уже есть платёж {missing[group]}, которого в файле нет: добавьте его "
                    "строку со status cancelled, если он исправлен, или как она была, если это другой платёж"
                )
        return reasons
