"""Sums of an account that were shown to people without a proof of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    String,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from services.accounts.models import Watch
from services.accounts.ports import DisclosureRepository
from services.db.group import Repository, TableGroup
from services.db.metadata import Moment, metadata
from services.db.prepared import LookUp

watches = Table(
    "watches",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("since", Moment, nullable=False, comment="when its sum was first shown to somebody without a proof"),
    Column("seen_on", Date, nullable=False, comment="the last day on which it was"),
    Column("known", JSON, nullable=False, comment="[[day, kopecks]] of the payments that were credited before"),
)

shown_sums = Table(
    "shown_sums",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("kopecks", BigInteger, primary_key=True, autoincrement=False, comment="negative: an advance"),
    Column("shown_on", Date, nullable=False, comment="the first day"),
)

_WATCH = LookUp(
    select(watches.c.since, watches.c.seen_on, watches.c.known, shown_sums.c.kopecks)
    .select_from(watches.outerjoin(shown_sums, shown_sums.c.account == watches.c.account))
    .where(watches.c.account == bindparam("account"))
)


class SqlDisclosures(Repository):
    async def watch(self, account: str) -> Watch | None:
        rows = await _WATCH.all(self._connection, {"account": account})
        if not rows:
            return None
        sums = frozenset(row.kopecks for row in rows if row.kopecks is not None)
        return Watch(rows[0].since, rows[0].seen_on, _known(rows[0].known), sums)

    async def begin(self, account: str, watch: Watch) -> None:
        known = [[day.isoformat(), amount] for day, amount in sorted(watch.known)]
        row = {"account": account, "since": watch.since, "seen_on": watch.seen_on, "known": known}
        await self._connection.execute(upsert(watches).values(row).on_conflict_do_nothing())

    async def show(self, account: str, sums: Iterable[int], day: date) -> None:
        rows = [{"account": account, "kopecks": kopecks, "shown_on": day} for kopecks in sums]
        if rows:
            await self._connection.execute(upsert(shown_sums).on_conflict_do_nothing(), rows)
        latest = func.max(watches.c.seen_on, day)
        await self._connection.execute(update(watches).where(watches.c.account == account).values(seen_on=latest))

    async def forget(self, before: date) -> None:
        await self._connection.execute(delete(shown_sums).where(shown_sums.c.shown_on < before))
        await self._connection.execute(delete(watches).where(watches.c.seen_on < before))


def _known(rows: Iterable[tuple[str, int]]) -> tuple[tuple[date, int], ...]:
    return tuple((date.fromisoformat(day), amount) for day, amount in rows)


GROUP: Final = TableGroup(
    repositories={DisclosureRepository: SqlDisclosures},
    impersonal={
        "watches": "since when somebody has seen sums of an account, without who it was",
        "shown_sums": "sums of an account that somebody has seen, without who it was",
    },
)
