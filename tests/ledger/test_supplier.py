"""The ledger as customers see it, and as a submission changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from services.db.engine import Database
from services.ledger.supplier import LedgerSupplier
from services.ledger.tables import accounts, charges, meters, payments, readings, tariffs
from services.ports import Clock
from services.readings.models import Remark, Submission, Submitted
from services.supplier.errors import AccountUnknown, SupplierRefused
from services.supplier.models import Access, Month, Tier, Zone, ZoneScheme
from services.supplier.ports import Supplier

LIZYUKOVA = 360000123456
NUMBER = "360000123456"
ACCESS = Access.of_bot(NUMBER)
METER = "10000001"
OCTOBER = date(2026, 10, 24)
NOVEMBER = Month(2026, 11)


async def put(database: Database, table: Any, *rows: dict[str, Any]) -> None:
    async with database.writing() as connection:
        for row in rows:
            await connection.execute(insert(table).values(row))
        await connection.commit()


def reading(zone: str, day: date, value: int, **more: Any) -> dict[str, Any]:
    row = {"account": LIZYUKOVA, "meter": METER, "zone": zone, "date": day, "value": value, "counted": True}
    return row | more


@pytest.fixture
async def supplier(database: Database, clock: Clock) -> Supplier:
    await put(
        database,
        accounts,
        {"account": LIZYUKOVA, "address": "г. Воронеж, ул. Лизюкова, д. 12, кв. 45", "tariff": "36-city"},
        {"account": 360000000002, "address": "с. Ямное, ул. Тихая, д. 3", "status": "closed"},
        {"account": 10000000003, "address": "г. Майкоп, ул. Новая, д. 1"},
    )
    await put(
        database,
        meters,
        {"account": LIZYUKOVA, "meter": METER, "zones": "day_night", "verification_due": date(2038, 5, 1)},
        {"account": LIZYUKOVA, "meter": "9999", "zones": "single", "status": "closed"},
        {"account": LIZYUKOVA, "meter": "20000002", "zones": "single", "digits": 5, "place": "гараж"},
        {"account": 360000000002, "meter": "5", "zones": "single"},
    )
    await put(
        database,
        readings,
        reading("day", OCTOBER, 3500),
        reading("night", OCTOBER, 1500),
        reading("day", date(2026, 9, 24), 3400),
        reading("day", date(2020, 9, 24), 5),
    )
    return LedgerSupplier(database, clock)


def submission(key: str = "k1", day: int = 23, **more: Any) -> Submission:
    made = Submission(
        key=key,
        number=f"П-2611-{key}",
        user_id=1,
        account=NUMBER,
        meter=METER,
        period=NOVEMBER,
        day=date(2026, 11, day),
        submitted_at=datetime(2026, 11, day, 7, tzinfo=UTC),
        values=(Submitted(Zone.DAY, 3650, 3500, 150), Submitted(Zone.NIGHT, 1580, 1500, 80)),
    )
    return replace(made, **more)


async def bots_readings(database: Database) -> list[tuple[Any, ...]]:
    columns = (readings.c.zone, readings.c.value, readings.c.source, readings.c.submission, readings.c.counted)
    async with database.reading() as connection:
        rows = await connection.execute(select(*columns).where(readings.c.submission != ""))
    return sorted(tuple(row) for row in rows)


async def test_finds_accounts_and_says_which_are_closed(supplier: Supplier) -> None:
    found = await supplier.find(ACCESS)
    assert (found.number, found.address, found.closed) == (NUMBER, "г. Воронеж, ул. Лизюкова, д. 12, кв. 45", False)
    closed = await supplier.find(Access.of_bot("360000000002"))
    assert closed.closed


async def test_a_number_keeps_its_leading_zero(supplier: Supplier) -> None:
    found = await supplier.find(Access.of_bot("010000000003"))
    assert found.number == "010000000003"


@pytest.mark.parametrize("number", ["", "360000123457", "36000012345", " 360000123456", "36000012345²", "-60000123456"])
async def test_unknown_numbers(supplier: Supplier, number: str) -> None:
    with pytest.raises(AccountUnknown):
        await supplier.find(Access.of_bot(number))


async def test_metering_holds_meters_in_use_and_two_years_of_readings(supplier: Supplier) -> None:
    metering = await supplier.metering(ACCESS)
    two_zones, garage = metering.meters
    assert (two_zones.number, two_zones.scheme, two_zones.digits) == (METER, ZoneScheme.DAY_NIGHT, 6)
    assert two_zones.verification_due == date(2038, 5, 1)
    assert [(item.day, item.value) for item in two_zones.of_zone(Zone.DAY)] == [
        (OCTOBER, 3500),
        (date(2026, 9, 24), 3400),
    ]
    assert two_zones.of_zone(Zone.NIGHT)[0].counted is True
    assert (garage.number, garage.place, garage.digits, garage.readings) == ("20000002", "гараж", 5, ())


async def test_an_account_without_meters(supplier: Supplier) -> None:
    metering = await supplier.metering(Access.of_bot("010000000003"))
    assert metering.meters == ()


async def test_tariff_is_the_newest_in_force(supplier: Supplier, database: Database) -> None:
    old = {"tariff": "36-city", "valid_from": date(2026, 1, 1), "zone": "day", "tier": 1, "price": 59900}
    new = old | {"valid_from": date(2026, 10, 1)}
    await put(
        database,
        tariffs,
        old,
        new | {"tier": 2, "price": 92500},
        new | {"price": 66600, "up_to_kwh": 1100},
        new | {"zone": "night", "price": 46600},
        new | {"valid_from": date(2027, 1, 1), "price": 1},
    )
    tariff = await supplier.tariff(ACCESS, date(2026, 11, 23))
    assert tariff is not None
    assert (tariff.code, tariff.valid_from) == ("36-city", date(2026, 10, 1))
    assert tariff.tiers == {
        Zone.DAY: (Tier(1100, Decimal("6.66")), Tier(None, Decimal("9.25"))),
        Zone.NIGHT: (Tier(None, Decimal("4.66")),),
    }
    before = await supplier.tariff(ACCESS, date(2026, 9, 30))
    assert before is not None
    assert before.tiers[Zone.DAY] == (Tier(None, Decimal("5.99")),)
    assert await supplier.tariff(ACCESS, date(2025, 12, 31)) is None


async def owed(supplier: Supplier) -> tuple[int, Month | None]:
    """Kopecks, and the last charged month."""
    bill = await supplier.bill(ACCESS, date(2026, 11, 23))
    return bill.owed, bill.closed


async def test_balance_is_the_last_closing_less_later_payments(supplier: Supplier, database: Database) -> None:
    await put(
        database,
        charges,
        {"account": LIZYUKOVA, "period": "2026-09", "closing": 50000},
        {"account": LIZYUKOVA, "period": "2026-10", "closing": 123456},
    )
    paid = {"account": LIZYUKOVA, "date": date(2026, 10, 31), "amount": 77700}
    await put(database, payments, paid)
    assert await owed(supplier) == (123456, Month(2026, 10))
    await put(database, payments, paid | {"date": date(2026, 11, 1), "amount": 200000})
    assert await owed(supplier) == (-76544, Month(2026, 10))


async def test_balance_without_charges_is_what_was_paid(supplier: Supplier, database: Database) -> None:
    await put(database, payments, {"account": LIZYUKOVA, "date": OCTOBER, "amount": 100})
    assert await owed(supplier) == (-100, None)


async def test_submitted_values_stand_uncounted_beside_billings(supplier: Supplier, database: Database) -> None:
    await supplier.submit(submission())
    assert await bots_readings(database) == [
        ("day", 3650, "bot", "k1", False),
        ("night", 1580, "bot", "k1", False),
    ]
    metering = await supplier.metering(ACCESS)
    newest = metering.meters[0].of_zone(Zone.DAY)[0]
    assert (newest.value, newest.day, newest.counted) == (3650, date(2026, 11, 23), False)


@pytest.mark.parametrize(
    ("remark", "source"),
    [
        (Remark.CERTAIN, "bot:certain"),
        (Remark.REPLACED, "bot:meter_replaced"),
        (Remark.ROLLED_OVER, "bot:rolled_over"),
    ],
)
async def test_the_customers_remark_reaches_billing(
    supplier: Supplier, database: Database, remark: Remark, source: str
) -> None:
    await supplier.submit(submission(values=(Submitted(Zone.DAY, 1, 3500, None, remark),)))
    assert await bots_readings(database) == [("day", 1, source, "k1", False)]


async def test_the_same_key_again_changes_nothing(supplier: Supplier, database: Database) -> None:
    await supplier.submit(submission())
    await supplier.submit(submission(values=(Submitted(Zone.DAY, 9, 3500, None),), account="000000000000"))
    assert [row[1] for row in await bots_readings(database)] == [3650, 1580]


async def test_in_whose_name_makes_no_difference(supplier: Supplier) -> None:
    """A customer may be erased while their readings wait."""
    assert await supplier.metering(Access(NUMBER, 1)) == await supplier.metering(ACCESS)
    await supplier.submit(submission(user_id=None))
    assert [meter.readings[0].value for meter in (await supplier.metering(ACCESS)).meters[:1]] == [3650]


async def test_a_correction_withdraws_what_it_replaces(supplier: Supplier, database: Database) -> None:
    await supplier.submit(submission("k1"))
    await supplier.submit(submission("k2", 24, replaces="k1", values=(Submitted(Zone.DAY, 3640, 3500, 140),)))
    assert await bots_readings(database) == [("day", 3640, "bot", "k2", False)]
    await supplier.submit(submission("k1"))
    assert len(await bots_readings(database)) == 1


async def test_a_replaced_submission_that_arrives_late_has_no_effect(supplier: Supplier, database: Database) -> None:
    await supplier.submit(submission("k1"))
    await supplier.submit(submission("k3", 25, replaces="k2"))
    await supplier.submit(submission("k2", 24))
    assert {row[3] for row in await bots_readings(database)} == {"k3"}


@pytest.mark.parametrize(
    "change",
    [
        {"account": "360000000002", "meter": "5"},
        {"account": "360000999999"},
        {"meter": "9999"},
        {"meter": "12"},
        {"values": (Submitted(Zone.SINGLE, 3650, 3500, 150),)},
        {"values": (Submitted(Zone.DAY, 1_000_000, 3500, None),)},
    ],
    ids=["closed account", "unknown account", "meter not in use", "unknown meter", "foreign zone", "too many digits"],
)
async def test_refused_submissions_leave_nothing(
    supplier: Supplier, database: Database, change: dict[str, Any]
) -> None:
    refused = submission(**change)
    with pytest.raises(SupplierRefused) as error:
        await supplier.submit(refused)
    assert error.value.facts["reason"]
    assert await bots_readings(database) == []
    await supplier.submit(submission())
    assert len(await bots_readings(database)) == 2


async def test_billings_row_makes_a_submission_counted(supplier: Supplier, database: Database) -> None:
    mine = submission()
    await supplier.submit(mine)
    assert await supplier.counted(ACCESS, [mine]) == frozenset()
    await put(database, readings, reading("day", mine.day, 3650), reading("night", mine.day, 1580, counted=False))
    assert await supplier.counted(ACCESS, [mine]) == frozenset()
    await put(database, readings, reading("night", date(2026, 11, 30), 1580))
    assert await supplier.counted(ACCESS, [mine]) == {"k1"}


async def test_another_value_or_period_is_not_this_submission(supplier: Supplier, database: Database) -> None:
    mine = submission(values=(Submitted(Zone.DAY, 3650, 3500, 150),))
    await put(database, readings, reading("day", mine.day, 3651), reading("day", date(2026, 12, 1), 3650))
    assert await supplier.counted(ACCESS, [mine]) == frozenset()
    assert await supplier.counted(ACCESS, []) == frozenset()


async def test_a_value_that_billing_returned_is_shown_once(supplier: Supplier, database: Database) -> None:
    await supplier.submit(submission())
    await put(database, readings, reading("day", date(2026, 11, 25), 3650))
    metering = await supplier.metering(ACCESS)
    day, night = (metering.meters[0].of_zone(zone)[0] for zone in (Zone.DAY, Zone.NIGHT))
    assert (day.value, day.day, day.counted) == (3650, date(2026, 11, 25), True)
    assert (night.value, night.day, night.counted) == (1580, date(2026, 11, 23), False)
