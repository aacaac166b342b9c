"""The supplier's system when it is the bot's own database, fed by registry files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
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
from services.db.prepared import Prepared
from services.ledger import bills
from services.ledger.meters import as_meter, by_meter
from services.ledger.tables import accounts, charges, meters, payments, readings, submissions, tariffs
from services.ports import Clock
from services.readings.export import source
from services.readings.models import Remark, Submission
from services.supplier.errors import SupplierRefused
from services.supplier.models import (
    Account,
    Balance,
    Bill,
    Details,
    Month,
    Payment,
    Statement,
    Tariff,
    Tier,
    Zone,
    ZoneScheme,
)
from services.supplier.periods import ReadingDays
from services.supplier.ports import AccountMeters

_HISTORY = timedelta(days=800)  # the same season of the year before last, and the month around it
_BATCH = 500
_BY_LAW = ReadingDays(23, 25)
_UNKNOWN = -1

_account: BindParameter[int] = bindparam("account")
_FIND = Prepared(select(accounts.c.address, accounts.c.status).where(accounts.c.account == _account))

_METERING = Prepared(
    select(
        accounts.c.address,
        accounts.c.status,
        meters.c.meter,
        meters.c.zones,
        meters.c.digits,
        meters.c.coefficient,
        meters.c.verification_due,
        meters.c.place,
        readings.c.zone,
        readings.c.date,
        readings.c.value,
        readings.c.counted,
        readings.c.submission,
        readings.c.source,
    )
    .select_from(accounts)
    .outerjoin(meters, and_(meters.c.account == accounts.c.account, meters.c.status == "active"))
    .outerjoin(
        readings,
        and_(
            readings.c.account == meters.c.account,
            readings.c.meter == meters.c.meter,
            readings.c.date >= bindparam("since"),
        ),
    )
    .where(accounts.c.account == _account)
    .order_by(meters.c.meter, readings.c.date.desc(), readings.c.submission)
)

_newer = tariffs.alias("newer")
_TARIFF = Prepared(
    select(tariffs)
    .join(accounts, accounts.c.tariff == tariffs.c.tariff)
    .where(
        accounts.c.account == _account,
        tariffs.c.valid_from
        == select(func.max(_newer.c.valid_from))
        .where(_newer.c.tariff == accounts.c.tariff, _newer.c.valid_from <= bindparam("day"))
        .scalar_subquery(),
    )
    .order_by(tariffs.c.zone, tariffs.c.tier)
)

_DETAILS = Prepared(
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


def _of_last(*names: str) -> Prepared:
    return Prepared(select(*(select(_last.c[name]).scalar_subquery().label(name) for name in names), _paid_since))


_BALANCE = _of_last("period", "closing")
_STATEMENT = _of_last("period", "opening", "charged", "recalculated", "penalty", "closing")

# Of a month, in force.
_SUBMITTED = Prepared(
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

    def __init__(
        self, database: Database, clock: Clock, reading_days: Callable[[str], ReadingDays] = lambda _number: _BY_LAW
    ) -> None:
        self._database = database
        self._clock = clock
        self._reading_days = reading_days

    async def find(self, number: str) -> Account | None:
        async with self._database.reading() as connection:
            rows = await _FIND.all(connection, {"account": _numeric(number)})
        return _as_account(number, rows[0]) if rows else None

    async def metering(self, number: str) -> AccountMeters | None:
        since = self._clock.now().date() - _HISTORY
        async with self._database.reading() as connection:
            rows = await _METERING.all(connection, {"account": _numeric(number), "since": since})
        if not rows:
            return None
        return AccountMeters(_as_account(number, rows[0]), tuple(map(as_meter, by_meter(rows))))

    async def tariff(self, number: str, day: date) -> Tariff | None:
        async with self._database.reading() as connection:
            rows = await _TARIFF.all(connection, {"account": _numeric(number), "day": day})
        return _as_tariff(rows) if rows else None

    async def balance(self, number: str) -> Balance:
        """Closing of the last charged month less what was paid after that month; an unknown account owes nothing."""
        async with self._database.reading() as connection:
            [row] = await _BALANCE.all(connection, {"account": _numeric(number)})
        return Balance(_to_pay(row), Month.parse(row.period) if row.period else None)

    async def bill(self, number: str, day: date) -> Bill | None:
        """What balance and statement say, with a charge for the month unless that is in them already."""
        month, key = Month.of(day), {"account": _numeric(number)}
        since = self._clock.now().date() - _HISTORY
        async with self._database.reading() as connection:
            rows = await _METERING.all(connection, key | {"since": since})
            [sums] = await _STATEMENT.all(connection, key)
            prices = await _TARIFF.all(connection, key | {"day": day})
            submitted = await _SUBMITTED.all(connection, key | {"period": str(month)})
        if not rows:
            return None
        bill = bills.owed(month, _to_pay(sums), sums.penalty or 0)
        if rows[0].status == "closed" or (sums.period or "") >= str(month):
            return bill
        numbers = {row.key: row.number for row in submitted}
        usages = bills.usages(rows, numbers, month, self._reading_days(number))
        return bills.with_preliminary(bill, usages, _as_tariff(prices) if prices else None)

    async def details(self, number: str) -> Details | None:
        async with self._database.reading() as connection:
            rows = await _DETAILS.all(connection, {"account": _numeric(number)})
            [sums] = await _STATEMENT.all(connection, {"account": _numeric(number)})
        metering = await self.metering(number)
        if not rows or metering is None:
            return None
        [row] = rows
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

    async def payments(self, number: str, since: date) -> tuple[Payment, ...]:
        query = (
            select(payments.c.date, payments.c.amount, payments.c.source, payments.c.reference)
            .where(payments.c.account == _numeric(number), payments.c.date >= since, payments.c.status == "active")
            .order_by(payments.c.date.desc(), payments.c.reference, payments.c.occurrence)
        )
        async with self._database.reading() as connection:
            return tuple(Payment(*row) for row in (await connection.execute(query)).all())

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

    async def counted(self, submissions: Sequence[Submission]) -> frozenset[str]:
        """Keys of the submissions all of whose values billing has imported as counted, within their period."""
        found: set[str] = set()
        async with self._database.reading() as connection:
            for start in range(0, len(submissions), _BATCH):
                batch = submissions[start : start + _BATCH]
                used = await _counted_readings(connection, batch)
                found.update(item.key for item in batch if _in_full(item, used))
        return frozenset(found)


def _numeric(number: str) -> int:
    """The account's key; one that no account has when this is not an account number."""
    return int(number) if len(number) == 12 and number.isascii() and number.isdigit() else _UNKNOWN


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


def _as_tariff(rows: Sequence[Any]) -> Tariff:
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


# (account, meter, zone, value) → days on which billing counted it
_Used = dict[tuple[int, str, str, int], list[date]]


async def _counted_readings(connection: AsyncConnection, batch: Sequence[Submission]) -> _Used:
    columns = (readings.c.account, readings.c.meter, readings.c.zone, readings.c.value, readings.c.date)
    result = await connection.execute(
        select(*columns).where(
            readings.c.account.in_({_numeric(item.account) for item in batch}),
            readings.c.counted.is_(True),
            readings.c.date >= min(_span(item)[0] for item in batch),
        )
    )
    used: _Used = {}
    for *key, day in result:
        used.setdefault(tuple(key), []).append(day)
    return used


def _in_full(submission: Submission, used: _Used) -> bool:
    first, last = _span(submission)
    owner = (_numeric(submission.account), submission.meter)
    days = (used.get((*owner, item.zone.value, item.value), []) for item in submission.values)
    return all(any(first <= day <= last for day in found) for found in days)


def _span(submission: Submission) -> tuple[date, date]:
    """Days whose readings billing may have taken the submission for: its period and its own day."""
    first, end = submission.period.first, submission.period.plus(1).first
    return min(first, submission.day), max(end - timedelta(days=1), submission.day)
