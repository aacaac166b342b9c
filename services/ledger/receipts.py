"""Receipts from the ledger's rows: one row for each meter of an account, whether it is still in use or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import and_, bindparam, cast, func, select
from sqlalchemy.types import String

from services.db.lists import among
from services.db.prepared import PreparedQuery
from services.ledger.meters import READINGS, Entry, as_meter, entries_of
from services.ledger.tables import accounts, charges, meters, payments
from services.supplier.models import Account, Charged, Meter, Month, ReceiptFacts, Statement, Tariff
from services.supplier.periods import month_read

_BACK: Final = 24  # months whose readings tell the consumption of the last twelve, also after a long silence

_paid_on = (
    select(func.max(payments.c.date))
    .where(
        payments.c.account == accounts.c.account,
        payments.c.status == "active",
        # Text comparison: every day of the month sorts after it and before «-99».
        cast(payments.c.date, String) > bindparam("period", type_=String),
        cast(payments.c.date, String) < bindparam("period", type_=String).concat("-99"),
    )
    .correlate(accounts)
    .scalar_subquery()
    .label("paid_on")
)

MONTHS: Final = PreparedQuery(
    select(charges.c.period)
    .select_from(accounts)
    .outerjoin(charges, charges.c.account == accounts.c.account)
    .where(accounts.c.account == bindparam("account"))
    .order_by(charges.c.period.desc())
)
RECEIPT: Final = PreparedQuery(
    select(
        accounts.c.address,
        accounts.c.holder,
        accounts.c.status,
        charges.c.opening,
        charges.c.charged,
        charges.c.recalculated,
        charges.c.penalty,
        charges.c.closing,
        charges.c.recommended,
        _paid_on,
        meters.c.meter,
        meters.c.zones,
        meters.c.digits,
        meters.c.coefficient,
        meters.c.verification_due,
        meters.c.place,
        (meters.c.status == "active").label("in_use"),
        READINGS,
    )
    .select_from(accounts)
    .outerjoin(
        charges,
        and_(charges.c.account == accounts.c.account, charges.c.period == bindparam("period", type_=String)),
    )
    .outerjoin(meters, meters.c.account == accounts.c.account)
    .where(accounts.c.account == bindparam("account"))
    .order_by(meters.c.meter)
)

_later = charges.alias("later")
CHARGED: Final = PreparedQuery(
    select(
        charges,
        ~select(_later.c.period)
        .where(
            _later.c.account == charges.c.account,
            _later.c.period > charges.c.period,
            _later.c.period <= bindparam("present", type_=String),
        )
        .exists()
        .label("newest"),
    ).where(
        among(charges.c.account, "numbers"),
        charges.c.period == bindparam("period", type_=String),
    )
)


def since(month: Month) -> date:
    """The first day whose readings tell something about the receipt of a month."""
    return month.plus(-_BACK).first


def months(rows: Sequence[Any]) -> tuple[Month, ...]:
    """As they come from `MONTHS`."""
    return tuple(Month.parse(row.period) for row in rows if row.period is not None)


def facts(number: str, month: Month, rows: Sequence[Any], tariff: Tariff | None) -> ReceiptFacts | None:
    """As it comes from `RECEIPT`; None where the month is not charged."""
    first = rows[0]
    if first.closing is None:
        return None
    found = list(_meters(rows, month))
    return ReceiptFacts(
        account=Account(number, first.address, closed=first.status == "closed"),
        holder=first.holder,
        statement=_statement(month, first),
        meters=tuple(meter for meter, in_use in found if in_use),
        former=tuple(meter for meter, in_use in found if meter.readings and not in_use),
        tariff=tariff,
        paid_on=first.paid_on,
        recommended=first.recommended,
    )


def charged(month: Month, row: Any) -> Charged:
    """As it comes from `CHARGED`."""
    return Charged(_statement(month, row), row.newest)


def _statement(month: Month, row: Any) -> Statement:
    owed = row.opening + row.charged + row.recalculated + row.penalty
    return Statement(
        month, row.opening, row.charged, row.recalculated, row.penalty, paid=owed - row.closing, to_pay=row.closing
    )


def _meters(rows: Sequence[Any], month: Month) -> Iterator[tuple[Meter, bool]]:
    """With readings of the month and before that billing has counted; and whether the meter was in use in the month."""
    for row in rows:
        if row.meter is None:
            continue
        ever = entries_of(row)
        counted = [entry for entry in ever if entry.counted and month_read(entry.day) <= month]
        yield as_meter(row, counted), _in_use(row, ever, counted, month)


def _in_use(row: Any, ever: Sequence[Entry], counted: Sequence[Entry], month: Month) -> bool:
    if counted and month_read(counted[0].day) == month:
        return True
    return bool(row.in_use) and (bool(counted) or not ever)
