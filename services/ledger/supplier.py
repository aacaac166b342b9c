"""The supplier's system when it is the bot's own database, fed by registry files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BindParameter,
    String,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.db.engine import Database
from services.db.lists import among
from services.db.prepared import LookUp, PreparedQuery
from services.ledger import bills, history, receipts
from services.ledger.meters import READINGS, as_meter, entries_of, meter_of
from services.ledger.tables import accounts, charges, meters, payments, readings, submissions, tariffs
from services.ports import Clock
from services.readings.export import source
from services.readings.models import Remark, Submission
from services.supplier import preliminary
from services.supplier.errors import AccountUnknown, SupplierRefused
from services.supplier.models import (
    Access,
    Account,
    AccountMonth,
    Bill,
    Charged,
    Details,
    Month,
    PastReading,
    Payment,
    ReceiptFacts,
    Span,
    Statement,
    Tariff,
    Tier,
    Totals,
    Zone,
    ZoneScheme,
)
from services.supplier.periods import ReadingDays
from services.supplier.ports import AccountMeters, Capabilities

_HISTORY = timedelta(days=800)  # the same season of the year before last, and the month around it
_BY_LAW = ReadingDays(23, 25)
_UNKNOWN = -1

_account: BindParameter[int] = bindparam("account")
_FIND = LookUp(select(accounts.c.address, accounts.c.status).where(accounts.c.account == _account))

_meters_read = (
    select(
        accounts.c.account,
        accounts.c.address,
        accounts.c.status,
        meters.c.meter,
        meters.c.zones,
        meters.c.digits,
        meters.c.coefficient,
        meters.c.verification_due,
        meters.c.place,
        READINGS,
    )
    .select_from(accounts)
    .outerjoin(meters, and_(meters.c.account == accounts.c.account, meters.c.status == "active"))
    .order_by(accounts.c.account, meters.c.meter)
)
_METERING = LookUp(_meters_read.where(accounts.c.account == _account))
_OF_PAGE = PreparedQuery(_meters_read.where(among(accounts.c.account, "numbers"), accounts.c.status != "closed"))
_ADDRESSES = PreparedQuery(
    select(accounts.c.account, accounts.c.address).where(
        among(accounts.c.account, "numbers"), accounts.c.status != "closed"
    )
)
_VERIFICATIONS = PreparedQuery(
    select(meters.c.account, meters.c.verification_due)
    .join(accounts, accounts.c.account == meters.c.account)
    .where(
        among(meters.c.account, "numbers"),
        meters.c.verification_due.between(bindparam("first"), bindparam("last")),
        meters.c.status == "active",
        accounts.c.status != "closed",
    )
    .order_by(meters.c.account)
)

_newer = tariffs.alias("newer")
_TARIFF = LookUp(
    select(tariffs)
    .select_from(accounts)
    .outerjoin(
        tariffs,
        and_(
            tariffs.c.tariff == accounts.c.tariff,
            tariffs.c.valid_from
            == select(func.max(_newer.c.valid_from))
            .where(_newer.c.tariff == accounts.c.tariff, _newer.c.valid_from <= bindparam("day"))
            .correlate(accounts)
            .scalar_subquery(),
        ),
    )
    .where(accounts.c.account == _account)
    .order_by(tariffs.c.zone, tariffs.c.tier)
)

_DETAILS = LookUp(
    select(
        accounts.c.phone,
        accounts.c.residents,
        accounts.c.area,
        accounts.c.season_ratio,
        accounts.c.social_norm,
    ).where(accounts.c.account == _account)
)

_last = (
    select(charges).where(charges.c.account == _account).order_by(charges.c.period.desc()).limit(1).cte("last_charge")
)
_paid_since = (
    select(func.coalesce(func.sum(payments.c.amount), 0))
    .where(
        payments.c.account == _account,
        payments.c.status == "active",
        # Text comparison: every day of the month sorts before «-99», every later day after it.
        cast(payments.c.date, String)
        > func.coalesce(select(_last.c.period).scalar_subquery(), literal("")).concat("-99"),
    )
    .scalar_subquery()
    .label("paid")
)


# Of the last charged month, with the sum of later payments.
_of_last = (
    select(_last.c[name]).scalar_subquery().label(name)
    for name in ("period", "opening", "charged", "recalculated", "penalty", "closing")
)
_STATEMENT = LookUp(select(*_of_last, _paid_since).select_from(accounts).where(accounts.c.account == _account))

_PAYMENTS = PreparedQuery(
    select(payments.c.date, payments.c.amount, payments.c.source, payments.c.reference)
    .select_from(accounts)
    .outerjoin(
        payments,
        and_(
            payments.c.account == accounts.c.account,
            payments.c.date >= bindparam("since"),
            payments.c.status == "active",
        ),
    )
    .where(accounts.c.account == _account)
    .order_by(payments.c.date.desc(), payments.c.reference, payments.c.occurrence)
)

_COUNTED = PreparedQuery(
    select(readings.c.meter, readings.c.zone, readings.c.value, readings.c.date)
    .select_from(accounts)
    .outerjoin(
        readings,
        and_(
            readings.c.account == accounts.c.account,
            readings.c.counted.is_(True),
            readings.c.date >= bindparam("since"),
        ),
    )
    .where(accounts.c.account == _account)
)

# Of a month, in force.
_SUBMITTED = LookUp(
    select(submissions.c.key, submissions.c.number).where(
        submissions.c.account == _account,
        submissions.c.period == bindparam("period"),
        submissions.c.withdrawn.is_(False),
    )
)

_REGISTERS = (
    select(accounts.c.status, meters.c.zones, meters.c.digits)
    .select_from(accounts)
    .outerjoin(
        meters,
        and_(
            meters.c.account == accounts.c.account,
            meters.c.meter == bindparam("meter"),
            meters.c.status == "active",
        ),
    )
    .where(accounts.c.account == _account)
)


class LedgerSupplier:
    """`ports.Supplier` over the ledger's tables; `clock` tells how far back readings are of use, `reading_days` those
    of an account."""

    capabilities = Capabilities(finds_by_number=True, tells_counted=True)

    def __init__(
        self, database: Database, clock: Clock, reading_days: Callable[[str], ReadingDays] = lambda _number: _BY_LAW
    ) -> None:
        self._database = database
        self._clock = clock
        self._reading_days = reading_days

    async def find(self, access: Access) -> Account:
        async with self._database.reading() as connection:
            [row] = await _of_account(_FIND, connection, access)
        return _as_account(access.account, row)

    async def metering(self, access: Access) -> AccountMeters:
        async with self._database.reading() as connection:
            rows = await _of_account(_METERING, connection, access, since=self._since())
        return AccountMeters(_as_account(access.account, rows[0]), tuple(map(meter_of, _with_meters(rows))))

    async def tariff(self, access: Access, day: date) -> Tariff | None:
        async with self._database.reading() as connection:
            return _as_tariff(*await _of_account(_TARIFF, connection, access, day=day))

    async def bill(self, access: Access, day: date) -> Bill:
        """The closing of the last charged month less later payments, with a charge for this month unless it is charged
        already."""
        month = Month.of(day)
        async with self._database.reading() as connection:
            rows = await _of_account(_METERING, connection, access, since=self._since())
            [sums] = await _of_account(_STATEMENT, connection, access)
            prices = await _of_account(_TARIFF, connection, access, day=day)
            submitted = await _SUBMITTED.all(connection, {"account": rows[0].account, "period": str(month)})
        closed = Month.parse(sums.period) if sums.period else None
        bill = bills.owed(month, _to_pay(sums), sums.penalty or 0, closed)
        if rows[0].status == "closed" or (closed is not None and closed >= month):
            return bill
        numbers = {row.key: row.number for row in submitted}
        usages = bills.usages(_with_meters(rows), numbers, month, self._reading_days(access.account))
        return bills.with_preliminary(bill, usages, _as_tariff(*prices))

    async def details(self, access: Access) -> Details:
        async with self._database.reading() as connection:
            [row] = await _of_account(_DETAILS, connection, access)
            [sums] = await _of_account(_STATEMENT, connection, access)
        metering = await self.metering(access)
        return Details(
            account=metering.account,
            phone=row.phone,
            residents=row.residents,
            area=_decimal(row.area),
            season_ratio=_decimal(row.season_ratio),
            social_norm=_decimal(row.social_norm),
            meters=metering.meters,
            statement=_as_statement(sums),
        )

    async def payments(self, access: Access, since: date) -> tuple[Payment, ...]:
        async with self._database.reading() as connection:
            rows = await _of_account(_PAYMENTS, connection, access, since=since)
        return tuple(Payment(*row) for row in rows if row.date is not None)

    async def receipts(self, access: Access) -> tuple[Month, ...]:
        async with self._database.reading() as connection:
            return receipts.months(await _of_account(receipts.MONTHS, connection, access))

    async def receipt(self, access: Access, month: Month) -> ReceiptFacts | None:
        async with self._database.reading() as connection:
            since = receipts.since(month)
            rows = await _of_account(receipts.RECEIPT, connection, access, period=str(month), since=since)
            prices = await _of_account(_TARIFF, connection, access, day=month.first)
        return receipts.facts(access.account, month, rows, _as_tariff(*prices))

    async def charges(self, access: Access, span: Span) -> tuple[AccountMonth, ...]:
        return history.as_months(await self._past(history.CHARGES.of(span), access, span))

    async def totals(self, access: Access, span: Span) -> Totals:
        return history.as_totals((await self._past(history.TOTALS, access, span))[0])

    async def paid(self, access: Access, span: Span) -> tuple[Payment, ...]:
        return history.as_payments(await self._past(history.PAID.of(span), access, span))

    async def readings(self, access: Access, span: Span) -> tuple[PastReading, ...]:
        return history.as_readings(await self._past(history.READINGS.of(span), access, span))

    async def _past(self, query: PreparedQuery, access: Access, span: Span) -> list[Any]:
        async with self._database.reading() as connection:
            return await _of_account(query, connection, access, **history.values(span))

    async def counted(self, access: Access, submissions: Sequence[Submission]) -> frozenset[str]:
        """Those all of whose values billing has imported as counted, within their period."""
        since = min((_span(item)[0] for item in submissions), default=self._clock.now().date())
        async with self._database.reading() as connection:
            rows = await _of_account(_COUNTED, connection, access, since=since)
        days: _Counted = {}
        for *register, day in rows:
            days.setdefault(tuple(register), []).append(day)
        return frozenset(item.key for item in submissions if item.account == access.account and _in_full(item, days))

    async def without_readings(self, accesses: Collection[Access], period: Month) -> frozenset[str]:
        numbers = {_numeric(access.account): access.account for access in accesses}
        values = {"numbers": list(numbers), "since": period.plus(-1).first}
        async with self._database.reading() as connection:
            rows = await _OF_PAGE.all(connection, values)
        by_account = groupby(rows, key=lambda row: numbers[row.account])
        return frozenset(number for number, found in by_account if self._lacks_readings(number, found, period))

    async def verifications(
        self, accesses: Collection[Access], first: date, last: date
    ) -> Mapping[str, frozenset[date]]:
        numbers = {_numeric(access.account): access.account for access in accesses}
        values = {"numbers": list(numbers), "first": first, "last": last}
        async with self._database.reading() as connection:
            rows = await _VERIFICATIONS.all(connection, values)
        by_account = groupby(rows, key=lambda row: numbers[row.account])
        return {number: frozenset(row.verification_due for row in found) for number, found in by_account}

    async def addresses(self, accesses: Collection[Access]) -> Mapping[str, str]:
        numbers = {_numeric(access.account): access.account for access in accesses}
        async with self._database.reading() as connection:
            rows = await _ADDRESSES.all(connection, {"numbers": list(numbers)})
        return {numbers[row.account]: row.address for row in rows}

    async def charged(self, accesses: Collection[Access], month: Month) -> Mapping[str, Charged]:
        numbers = {_numeric(access.account): access.account for access in accesses}
        async with self._database.reading() as connection:
            asked = {"numbers": list(numbers), "period": str(month), "present": str(Month.of(self._clock.now().date()))}
            rows = await receipts.CHARGED.all(connection, asked)
            return {numbers[row.account]: receipts.charged(month, row) for row in rows}

    def _lacks_readings(self, number: str, rows: Iterable[Any], period: Month) -> bool:
        days = self._reading_days(number)
        return any(not preliminary.is_read(as_meter(row, entries_of(row)), period, days) for row in _with_meters(rows))

    def _since(self) -> date:
        return self._clock.now().date() - _HISTORY

    async def submit(self, submission: Submission) -> None:
        """Keep the values beside billing's own readings, uncounted. With `replaces`, the account's earlier
        submissions for this meter and period are withdrawn, the replaced one even if it has yet to arrive."""
        async with self._database.writing() as connection:
            if await _handed_over(connection, submission.key):
                return
            await _check(connection, submission)
            if submission.replaces is not None:
                await _withdraw(connection, submission, submission.replaces)
            await _keep(connection, submission)
            await connection.commit()


def _numeric(number: str) -> int:
    """The account's key; one that no account has when this is not an account number."""
    return int(number) if len(number) == 12 and number.isascii() and number.isdigit() else _UNKNOWN


async def _of_account(query: PreparedQuery, connection: AsyncConnection, access: Access, **values: Any) -> list[Any]:
    """A query that begins with the account has a row for each one that there is. Raises AccountUnknown."""
    rows = await query.all(connection, values | {"account": _numeric(access.account)})
    if not rows:
        raise AccountUnknown
    return rows


def _with_meters(rows: Iterable[Any]) -> list[Any]:
    """An account without meters has a row as well."""
    return [row for row in rows if row.meter is not None]


def _as_account(number: str, row: Any) -> Account:
    return Account(number, row.address, closed=row.status == "closed")


def _to_pay(row: Any) -> int:
    """Kopecks. Without charges what was paid is an advance."""
    return int((row.closing or 0) - row.paid)


def _as_statement(row: Any) -> Statement | None:
    if row.period is None:
        return None
    to_pay = _to_pay(row)
    return Statement(
        month=Month.parse(row.period),
        opening=row.opening,
        charged=row.charged,
        recalculated=row.recalculated,
        penalty=row.penalty,
        paid=row.opening + row.charged + row.recalculated + row.penalty - to_pay,
        to_pay=to_pay,
    )


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


@lru_cache(100)
def _as_tariff(*rows: Any) -> Tariff | None:
    if rows[0].tariff is None:
        return None
    tiers: dict[Zone, list[Tier]] = {}
    for row in rows:
        price = Decimal(row.price).scaleb(-4)
        tiers.setdefault(Zone(row.zone), []).append(Tier(row.up_to_kwh, price))
    ladder = {zone: tuple(steps) for zone, steps in tiers.items()}
    return Tariff(rows[0].tariff, rows[0].valid_from, ladder)


async def _handed_over(connection: AsyncConnection, key: str) -> bool:
    row = await connection.execute(select(submissions.c.key).where(submissions.c.key == key))
    return row.first() is not None


async def _check(connection: AsyncConnection, submission: Submission) -> None:
    """Raises SupplierRefused with the reason for the operator."""
    key = {"account": _numeric(submission.account), "meter": submission.meter}
    row = (await connection.execute(_REGISTERS, key)).mappings().first()
    if row is None:
        raise SupplierRefused(reason="нет такого лицевого счёта")
    if row["status"] == "closed":
        raise SupplierRefused(reason="лицевой счёт закрыт")
    if row["zones"] is None:
        raise SupplierRefused(reason="на счёте нет такого счётчика")
    if not {item.zone for item in submission.values} <= set(ZoneScheme(row["zones"]).zones):
        raise SupplierRefused(reason="у счётчика нет такой зоны")
    if any(item.value >= 10 ** row["digits"] for item in submission.values if item.remark is not Remark.REPLACED):
        raise SupplierRefused(reason="в показании больше цифр, чем у счётчика")


async def _withdraw(connection: AsyncConnection, submission: Submission, replaced: str) -> None:
    if not await _handed_over(connection, replaced):
        await connection.execute(insert(submissions).values(_row(submission) | {"key": replaced, "number": ""}))
    account = _numeric(submission.account)
    same = and_(
        submissions.c.account == account,
        submissions.c.meter == submission.meter,
        submissions.c.period == str(submission.period),
    )
    chosen = or_(submissions.c.key == replaced, same)
    await connection.execute(update(submissions).where(chosen).values(withdrawn=True))
    await connection.execute(
        delete(readings).where(
            readings.c.account == account,
            readings.c.meter == submission.meter,
            readings.c.submission.in_(select(submissions.c.key).where(chosen)),
        )
    )


async def _keep(connection: AsyncConnection, submission: Submission) -> None:
    await connection.execute(insert(submissions).values(_row(submission)))
    shared = {
        "account": _numeric(submission.account),
        "meter": submission.meter,
        "date": submission.day,
        "submission": submission.key,
        "counted": False,
    }
    rows = [
        shared | {"zone": item.zone.value, "value": item.value, "source": source(item.remark)}
        for item in submission.values
    ]
    await connection.execute(insert(readings), rows)


def _row(submission: Submission) -> dict[str, Any]:
    return {
        "key": submission.key,
        "number": submission.number,
        "account": _numeric(submission.account),
        "meter": submission.meter,
        "period": str(submission.period),
    }


# (meter, zone, value) → days on which billing counted it
_Counted = dict[tuple[Any, ...], list[date]]


def _in_full(submission: Submission, counted: _Counted) -> bool:
    first, last = _span(submission)
    days = (counted.get((submission.meter, item.zone.value, item.value), []) for item in submission.values)
    return all(any(first <= day <= last for day in found) for found in days)


def _span(submission: Submission) -> tuple[date, date]:
    """Days whose readings billing may have taken the submission for: its period and its own day."""
    first, end = submission.period.first, submission.period.plus(1).first
    return min(first, submission.day), max(end - timedelta(days=1), submission.day)
