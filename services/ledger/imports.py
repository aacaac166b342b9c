"""Imports on record, and how one is withdrawn.

What imports wrote into a row lies in layers: the row is the topmost, those below are kept. Withdrawing an import takes
its layer out, wherever it lies. Where it was the topmost, the row is as it was before; where a later import lies above,
the row stays as that one left it, and withdrawing that one leads to what was below both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.accounts.models import Action
from services.db.engine import Database
from services.db.orders import orders
from services.db.receipts import note_charged
from services.ledger.holders import gone, hand_over, restored
from services.ledger.layout import LAYOUTS, RECEIPTS, Layout
from services.ledger.refused import ImportWithdrawn
from services.ledger.tables import accounts, charges, imports, payments, receipts, replaced

KEEP = timedelta(days=60)  # for so long former rows are kept
_CREDITED = timedelta(days=56)  # for so long crediting is looked for
# Rows of other tables that a row is needed by.
_NEEDED = {
    "accounts": ("meters", "readings", "charges", "payments", "submissions", "receipts"),
    "meters": ("readings", "submissions"),
}


class CannotUndo(Exception):
    """Says in a sentence why not."""


@dataclass(frozen=True, slots=True)
class Undone:
    """Numbers of rows that are gone, are as they were, or stay: `covered` by later imports, which are told by their
    ids, `needed` by rows of others."""

    removed: int
    restored: int
    covered: int
    later: tuple[int, ...]
    needed: int


async def begin(database: Database, kind: str, name: str, of: tuple[int, str, str], now: datetime) -> int:
    """The import's id. `of`: bytes, their checksum, and the encoding as it is called."""
    size, checksum, encoding = of
    values = {"kind": kind, "file": name, "size": size, "checksum": checksum, "encoding": encoding, "began_at": now}
    async with database.writing() as connection:
        result = await connection.execute(insert(imports).values(**values).returning(imports.c.id))
        import_id = int(result.scalar_one())
        await connection.commit()
    return import_id


async def note(connection: AsyncConnection, import_id: int, values: Mapping[str, int | datetime]) -> None:
    """Counts so far, or its end. Raises ImportWithdrawn."""
    chosen = (imports.c.id == import_id, imports.c.undone_at.is_(None))
    if not (await connection.execute(update(imports).where(*chosen).values(dict(values)))).rowcount:
        raise ImportWithdrawn("Загрузку отменили, пока она шла.")


async def on_record(database: Database) -> list[Row[Any]]:
    """The latest one first."""
    async with database.reading() as connection:
        return list(await connection.execute(select(imports).order_by(imports.c.id.desc())))


async def forget(database: Database, before: datetime) -> None:
    """Drop the former rows of imports begun before a moment; these can be withdrawn no more."""
    old = (imports.c.began_at < before, imports.c.restorable)
    async with database.reading() as connection:
        if (await connection.execute(select(imports.c.id).where(*old).limit(1))).first() is None:
            return
    async with database.writing() as connection:
        await connection.execute(delete(replaced).where(replaced.c.import_id.in_(select(imports.c.id).where(*old))))
        await connection.execute(update(imports).where(*old).values(restorable=False))
        await connection.commit()


async def undo(database: Database, import_id: int, now: datetime) -> Undone:
    """Raises CannotUndo."""
    async with database.writing() as connection:
        known = await connection.execute(select(imports))  # an id may be larger than SQLite can ask for
        row = next((one for one in known if one.id == import_id), None)
        if row is None:
            raise CannotUndo(f"There is no import {import_id}.")
        if not row.restorable:
            raise CannotUndo(f"Import {import_id} is older than {KEEP.days} days: what was before it is not kept.")
        layers = _Layers(connection, next(one for one in (*LAYOUTS, RECEIPTS) if one.name == row.kind), import_id)
        undone = await layers.take_out(now)
        await connection.execute(update(imports).where(imports.c.id == import_id).values(undone_at=now))
        await connection.commit()
    return undone


@dataclass(frozen=True, slots=True)
class _Layers:
    connection: AsyncConnection
    layout: Layout
    import_id: int

    async def take_out(self, now: datetime) -> Undone:
        if self.layout.table in (charges, receipts):
            await note_charged(self.connection, await self._months(), now)
        if self.layout.table is payments:
            await self._look_for_credits_anew(now)
        others = await self._other_holders()
        covered, later = await self._covered()
        await self._below_later_ones()
        restored = await self._restore()
        removed = await self._remove()
        await self._run(
            f"DELETE FROM {replaced.name} WHERE import_id = ?1 AND NOT EXISTS "  # noqa: S608
            f"(SELECT 1 FROM {self._table} AS t WHERE t.import_id = ?1 AND {self._same('ledger_replaced')})"
        )
        await hand_over(self.connection, others, now)
        if self.layout.table is accounts:
            await hand_over(self.connection, await gone(self.connection), now, Action.RESET_BY_COMPANY)
        needed = await self._count(f"SELECT count(*) FROM {self._table} WHERE import_id = ?1")  # noqa: S608
        return Undone(removed, restored, covered, later, needed)

    async def _other_holders(self) -> tuple[str, ...]:
        """Accounts that get their earlier holder back."""
        if self.layout.table is not accounts:
            return ()
        place = self.layout.values.index("holder")
        return await restored(self.connection, self.import_id, f"json_extract(e.former, '$[{place}]')")

    @property
    def _table(self) -> str:
        return self.layout.table.name

    def _same(self, entry: str) -> str:
        """Whether the row `t` is that of an entry."""
        return " AND ".join(
            f"t.{name} = json_extract({entry}.row_key, '$[{place}]')" for place, name in enumerate(self.layout.key)
        )

    async def _run(self, statement: str) -> int:
        return (await self.connection.exec_driver_sql(statement, (self.import_id,))).rowcount

    async def _count(self, statement: str) -> int:
        return int((await self.connection.exec_driver_sql(statement, (self.import_id,))).scalar_one())

    async def _months(self) -> set[str]:
        """Months with rows of which the layer is the topmost."""
        periods = self.layout.table.c
        mine = select(periods.period).where(periods.import_id == self.import_id).distinct()
        return set((await self.connection.execute(mine)).scalars())

    async def _covered(self) -> tuple[int, tuple[int, ...]]:
        above = select(replaced.c.import_id, func.count()).where(replaced.c.earlier == self.import_id)
        found = (await self.connection.execute(above.group_by(replaced.c.import_id))).all()
        return sum(count for _, count in found), tuple(sorted(later for later, _ in found))

    async def _below_later_ones(self) -> None:
        """Entries of later imports get the layer below this one."""
        await self._run(
            f"UPDATE {replaced.name} SET (earlier, former) = (SELECT e.earlier, e.former FROM {replaced.name} AS e "  # noqa: S608
            f"WHERE e.import_id = ?1 AND e.row_key = {replaced.name}.row_key) WHERE earlier = ?1"
        )

    async def _restore(self) -> int:
        """Rows of which the layer is the topmost."""
        values = ", ".join(f"{name} = json_extract(e.former, '$[{at}]')" for at, name in enumerate(self.layout.values))
        return await self._run(
            f"UPDATE {self._table} AS t SET {values}, import_id = e.earlier FROM {replaced.name} AS e "  # noqa: S608
            f"WHERE e.import_id = ?1 AND e.former IS NOT NULL AND {self._same('e')} AND t.import_id = ?1"
        )

    async def _remove(self) -> int:
        """Rows that were not there before, unless something else needs them."""
        key = ("account",) if self.layout.name == "accounts" else ("account", "meter")
        same = " AND ".join(f"n.{name} = {self._table}.{name}" for name in key)
        used = "".join(
            f" AND NOT EXISTS (SELECT 1 FROM ledger_{name} AS n WHERE {same})"  # noqa: S608
            for name in _NEEDED.get(self.layout.name, ())
        )
        return await self._run(f"DELETE FROM {self._table} WHERE import_id = ?1{used}")  # noqa: S608

    async def _look_for_credits_anew(self, now: datetime) -> None:
        """Payments through the bot whose rows may go are looked for among those that stay."""
        await self.connection.exec_driver_sql(
            f"UPDATE {orders.name} SET credited_on = NULL WHERE settled_at >= ?2 AND credited_on IS NOT NULL "  # noqa: S608
            f"AND CAST(account AS INTEGER) IN (SELECT account FROM {payments.name} WHERE import_id = ?1)",
            (self.import_id, (now - _CREDITED).strftime("%Y-%m-%d %H:%M:%S")),
        )
