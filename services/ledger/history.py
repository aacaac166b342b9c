"""An account's past in the ledger: charged months, payments, readings by all ways.

Each question is one statement. One with a limit reads no more of a long past than of a short one: it finds the day of
its last entry in the index, and the entries from there on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union,
    union_all,
)

from services.db.prepared import PreparedQuery
from services.ledger.meters import as_meter
from services.ledger.tables import accounts, charges, meters, payments, readings
from services.supplier.models import AccountMonth, Charge, Meter, Month, PastReading, Payment, Span, Totals, Zone

_EVERYTHING: Final = 2**31  # entries

_account: BindParameter[int] = bindparam("account")
_since: BindParameter[date] = bindparam("since", type_=Date)
_until: BindParameter[date] = bindparam("until", type_=Date)
_first: BindParameter[str] = bindparam("first", type_=String)
_last: BindParameter[str] = bindparam("last", type_=String)
_skip: BindParameter[int] = bindparam("skip")
_most: BindParameter[int] = bindparam("most")


class Cut:
    """A statement as it is for the newest entries of a span, and for the oldest ones."""

    def __init__(self, make: Callable[[bool], Select[Any]]) -> None:
        self._queries = {oldest: PreparedQuery(make(oldest)) for oldest in (False, True)}

    def of(self, span: Span) -> PreparedQuery:
        return self._queries[span.oldest]


def values(span: Span) -> dict[str, Any]:
    most = _EVERYTHING if span.most is None else span.most
    months = {"first": str(Month.of(span.since)), "last": str(Month.of(span.until))}
    return {"since": span.since, "until": span.until, "skip": max(0, most - 1), "most": most, **months}


def _range(
    column: ColumnElement[Any],
    first: ColumnElement[Any],
    last: ColumnElement[Any],
    *of: ColumnElement[bool],
    oldest: bool,
    beside: Iterable[FromClause] = (),
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Between which values the wanted entries lie, at the least. `beside`: tables that the conditions speak of."""
    found = select(column).where(*of, column.between(first, last)).correlate(*beside)
    edge = found.order_by(column if oldest else column.desc()).limit(1).offset(_skip).scalar_subquery()
    return (first, func.coalesce(edge, last)) if oldest else (func.coalesce(edge, first), last)


# Charges

_ACTIVE: Final = and_(payments.c.account == _account, payments.c.status == "active")
_paid_on: Final = type_coerce(payments.c.date, String)


def _end(month: ColumnElement[str]) -> ColumnElement[str]:
    """Text that every day of the month sorts before."""
    return type_coerce(month, String) + literal("-99")


def _months(oldest: bool) -> Select[Any]:
    own = charges.c.account == _account
    low, high = _range(charges.c.period, _first, _last, own, oldest=oldest)
    charged = select(charges.c.period.label("period")).where(own, charges.c.period.between(low, high))
    paid = select(func.substr(_paid_on, 1, 7).label("period")).where(_ACTIVE, _paid_on.between(low, _end(high)))
    either = union(charged, paid).subquery("either")
    order = either.c.period if oldest else either.c.period.desc()
    months = select(either.c.period).order_by(order).limit(_most).subquery("months")
    of_month = (
        select(
            func.json_group_array(
                func.json_array(
                    payments.c.date, payments.c.amount, payments.c.source, payments.c.reference, payments.c.occurrence
                )
            )
        )
        .where(_ACTIVE, _paid_on.between(months.c.period, _end(months.c.period)))
        .correlate(months)
        .scalar_subquery()
        .label("payments")
    )
    sums = (charges.c[name] for name in ("opening", "charged", "recalculated", "penalty", "closing"))
    return (
        select(months.c.period, *sums, of_month)
        .select_from(accounts)
        .outerjoin(months, true())
        .outerjoin(charges, and_(charges.c.account == accounts.c.account, charges.c.period == months.c.period))
        .where(accounts.c.account == _account)
    )


CHARGES: Final = Cut(_months)


def as_months(rows: Iterable[Any]) -> tuple[AccountMonth, ...]:
    """Newest first."""
    found = [_as_month(row) for row in rows if row.period is not None]
    return tuple(sorted(found, key=lambda one: one.month, reverse=True))


def _as_month(row: Any) -> AccountMonth:
    charge = None
    if row.closing is not None:
        charge = Charge(row.opening, row.charged, row.recalculated, row.penalty, row.closing)
    kept = sorted(orjson.loads(row.payments), key=lambda one: (one[3], one[4]))
    kept.sort(key=lambda one: str(one[0]), reverse=True)
    paid = (Payment(date.fromisoformat(day), *rest) for day, *rest, _occurrence in kept)
    return AccountMonth(Month.parse(row.period), charge, tuple(paid))


def _total(column: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)


_charged = (
    select(*(_total(charges.c[name]).label(name) for name in ("charged", "recalculated", "penalty")))
    .where(charges.c.account == _account, charges.c.period.between(_first, _last))
    .subquery("charged_sums")
)
_paid = (
    select(_total(payments.c.amount).label("paid"), func.count().label("payments"))
    .where(_ACTIVE, payments.c.date.between(_since, _until))
    .subquery("paid_sums")
)
TOTALS: Final = PreparedQuery(
    select(*_charged.c, *_paid.c)
    .select_from(accounts)
    .join(_charged, true())
    .join(_paid, true())
    .where(accounts.c.account == _account)
)


def as_totals(row: Any) -> Totals:
    return Totals(*row)


# Payments


def _payments(oldest: bool) -> Select[Any]:
    low, high = _range(payments.c.date, _since, _until, _ACTIVE, oldest=oldest)
    return (
        select(payments.c.date, payments.c.amount, payments.c.source, payments.c.reference)
        .select_from(accounts)
        .outerjoin(
            payments,
            and_(
                payments.c.account == accounts.c.account,
                payments.c.status == "active",
                payments.c.date.between(low, high),
            ),
        )
        .where(accounts.c.account == _account)
        .order_by(payments.c.date.desc(), payments.c.reference, payments.c.occurrence)
    )


PAID: Final = Cut(_payments)


def as_payments(rows: Iterable[Any]) -> tuple[Payment, ...]:
    return tuple(Payment(*row) for row in rows if row.date is not None)


# Readings

_zones = union_all(*(select(literal_column(f"'{zone}'", String).label("zone")) for zone in Zone)).cte("zones")
_row, _near, _previous, _twin = (readings.alias(name) for name in ("r", "near", "previous", "twin"))


def _same_register(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(one.c.account == other.c.account, one.c.meter == other.c.meter, one.c.zone == other.c.zone)


def _is_shown(row: Any) -> ColumnElement[bool]:
    """Whether billing has not returned a customer's value in its registry: as in `meters.Twins`."""
    month = func.substr(type_coerce(row.c.date, String), 1, 7)
    returned = exists().where(
        _same_register(_twin, row),
        _twin.c.submission == "",
        type_coerce(_twin.c.date, String).between(month, _end(month)),
        or_(_twin.c.value == row.c.value, _twin.c.date == row.c.date),
    )
    return or_(row.c.submission == "", ~returned)


def _readings(oldest: bool) -> Select[Any]:
    """Of each register its own newest ones: the newest of all are among them."""
    register = and_(_near.c.account == meters.c.account, _near.c.meter == meters.c.meter, _near.c.zone == _zones.c.zone)
    low, high = _range(_near.c.date, _since, _until, register, _is_shown(_near), oldest=oldest, beside=(meters, _zones))
    before = (
        select(_previous.c.value)
        .where(_same_register(_previous, _row), _previous.c.date < _row.c.date, _is_shown(_previous))
        .order_by(_previous.c.date.desc(), _previous.c.submission)
        .limit(1)
        .correlate(_row)
        .scalar_subquery()
        .label("before")
    )
    kept = (_row.c[name] for name in ("zone", "date", "value", "source", "counted", "submission"))
    names = ("meter", "zones", "digits", "coefficient", "verification_due", "place")
    return (
        select(*(meters.c[name] for name in names), *kept, before)
        .select_from(accounts)
        .outerjoin(meters, meters.c.account == accounts.c.account)
        .outerjoin(_zones, true())  # outer joins are done in this order, which is that of the index
        .outerjoin(
            _row,
            and_(
                _row.c.account == meters.c.account,
                _row.c.meter == meters.c.meter,
                _row.c.zone == _zones.c.zone,
                _row.c.date.between(low, high),
                _is_shown(_row),
            ),
        )
        .where(accounts.c.account == _account)
    )


READINGS: Final = Cut(_readings)


def as_readings(rows: Iterable[Any]) -> tuple[PastReading, ...]:
    """Newest first, by meter and by its own order of zones within a day."""
    known: dict[str, Meter] = {}
    found = []
    for row in rows:
        if row.date is not None:
            meter = known.setdefault(row.meter, as_meter(row, ()))
            how = (row.source, row.counted, row.submission)
            found.append(PastReading(meter, Zone(row.zone), row.date, row.value, row.before, *how))
    found.sort(key=lambda one: (one.meter.number, _place(one), one.submission))
    return tuple(sorted(found, key=lambda one: one.day, reverse=True))


def _place(reading: PastReading) -> int:
    zones = reading.meter.zones
    return zones.index(reading.zone) if reading.zone in zones else len(zones)
