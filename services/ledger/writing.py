"""Rows of a registry file into its table, in SQLite's own words.

The driver's `executemany` takes three times as many rows a second as SQLAlchemy's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from itertools import chain

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ledger.batch import Form, Row
from services.ledger.cells import Value
from services.ledger.tables import accounts, meters, replaced
from services.supplier.models import ZoneScheme

_VALUES = 500  # in one statement; old builds of SQLite take 999
_NO_TEXT = "''"  # a part of the key that the file lacks: no reference, no submission
_SCHEMES = " ".join(f"WHEN '{scheme}' THEN ' {' '.join(scheme.zones)} '" for scheme in ZoneScheme)
_STRANGE_ACCOUNTS = f"""
    SELECT value FROM json_each(?1)
    WHERE NOT EXISTS (SELECT 1 FROM {accounts.name} WHERE account = value)
"""  # noqa: S608  # only names of our own, here and below
_STRANGE_REGISTERS = f"""
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?1)
    WHERE NOT EXISTS (
        SELECT 1 FROM {meters.name}
        WHERE account = json_extract(value, '$[0]') AND meter = json_extract(value, '$[1]')
        AND instr(CASE zones {_SCHEMES} END, ' ' || json_extract(value, '$[2]') || ' ')
    )
"""  # noqa: S608
_REFERENCES = (
    (("account",), _STRANGE_ACCOUNTS, "account: нет такого лицевого счёта"),
    (("account", "meter", "zone"), _STRANGE_REGISTERS, "meter, zone: у счёта нет счётчика с такой зоной"),
)


async def strangers(connection: AsyncConnection, form: Form, rows: Sequence[Row]) -> dict[int, str]:
    """Positions of the rows whose account, meter or zone is not in the ledger, with the reason."""
    reasons: dict[int, str] = {}
    for names, question, reason in _REFERENCES:
        if set(names) <= set(form.layout.refers_to):
            keys = form.keys(names, rows)
            strange = await _ask(connection, question, set(keys))
            found = {index: reason for index, key in enumerate(keys) if strange and key in strange}
            reasons = found | reasons
    return reasons


async def _ask(connection: AsyncConnection, question: str, keys: Collection[Row | Value]) -> set[Row | Value]:
    result = await connection.exec_driver_sql(question, (json.dumps(list(keys)),))
    return {row[0] if len(row) == 1 else tuple(row) for row in result}


async def write(connection: AsyncConnection, form: Form, rows: list[Row], import_id: int) -> tuple[int, int]:
    """Numbers of rows that were added and that were changed; former values are kept for the import."""
    several = _VALUES // len(form.names)
    whole = len(rows) - len(rows) % several
    added = await _insert(connection, form, rows[:whole], several, import_id)
    added += await _insert(connection, form, rows[whole:], 1, import_id)
    if added == len(rows) or not _rest(form) or not await _keep(connection, form, rows, import_id):
        return added, 0
    return added, (await connection.exec_driver_sql(_update(form, import_id), rows)).rowcount


async def _insert(connection: AsyncConnection, form: Form, rows: list[Row], several: int, import_id: int) -> int:
    """Number of rows whose key was not there, `several` of them in each statement, which saves a fifth."""
    if not rows:
        return 0
    names = form.names
    marks = ", ".join([f"({', '.join('?' * len(names))}, {import_id})"] * several)
    insert = (
        f"INSERT INTO {form.layout.table.name} ({', '.join(names)}, import_id) "  # noqa: S608
        f"VALUES {marks} ON CONFLICT DO NOTHING"
    )
    values = [tuple(chain.from_iterable(rows[at : at + several])) for at in range(0, len(rows), several)]
    return (await connection.exec_driver_sql(insert, values)).rowcount


async def _keep(connection: AsyncConnection, form: Form, rows: list[Row], import_id: int) -> bool:
    """Keep the former values of rows that are about to change, save those that the import itself wrote; whether any row
    is about to change."""
    key, former = ", ".join(form.layout.key), ", ".join(form.layout.values)
    keep = (
        f"INSERT INTO {replaced.name} (import_id, row_key, earlier, former) "  # noqa: S608
        f"SELECT {import_id}, json_array({key}), import_id, json_array({former}) FROM {form.layout.table.name} "
        f"WHERE {_differing(form)} ON CONFLICT DO UPDATE SET earlier = earlier"
    )
    if not (await connection.exec_driver_sql(keep, rows)).rowcount:
        return False
    own = f"DELETE FROM {replaced.name} WHERE import_id = {import_id} AND earlier = {import_id}"  # noqa: S608
    await connection.exec_driver_sql(own)
    return True


def _rest(form: Form) -> list[str]:
    return [name for name in form.names if name not in form.layout.key]


def _mark(form: Form, name: str) -> str:
    return f"?{form.names.index(name) + 1}" if name in form.names else _NO_TEXT


def _differing(form: Form) -> str:
    """Leaves rows alone that are as the file has them."""
    key = " AND ".join(f"{name} = {_mark(form, name)}" for name in form.layout.key)
    return f"{key} AND ({' OR '.join(f'{name} IS NOT {_mark(form, name)}' for name in _rest(form))})"


def _update(form: Form, import_id: int) -> str:
    values = ", ".join(f"{name} = {_mark(form, name)}" for name in _rest(form))
    return (
        f"UPDATE {form.layout.table.name} SET {values}, import_id = {import_id} "  # noqa: S608
        f"WHERE {_differing(form)}"
    )
