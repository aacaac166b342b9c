"""Promises of every back end of the supplier's system to the use cases. A new one joins by a line in `BACK_ENDS`.

A back end comes with a small world: a flat with a two-zone meter and a garage's, a closed account, one without
meters, one whose meter was retired, and one whose readings of November have arrived by another way than the bot.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from services.db.engine import Database
from services.db.metadata import metadata
from services.ledger.registry import import_registry
from services.ledger.supplier import LedgerSupplier
from services.readings.models import Submission, Submitted
from services.supplier.errors import AccountUnknown, SupplierRefused
from services.supplier.models import (
    Access,
    Account,
    AccountMonth,
    Bill,
    Charge,
    Charged,
    Month,
    Payment,
    Reading,
    Span,
    Statement,
    Totals,
    Zone,
    ZoneScheme,
)
from services.supplier.ports import Supplier
from tests.ledger.conftest import StandingClock
from tests.ledger.registry_files import write_files

MARIA: Final = 1
FLAT, CLOSED, METERLESS, READ, FORMER, NOWHERE = (
    Access(number, MARIA)
    for number in (
        "360000123456", "360000200017", "010000000003", "360000300000", "360000400000", "360000999999",
    )
)  # fmt: skip
TODAY, OCTOBER = date(2026, 11, 23), date(2026, 10, 24)
NOVEMBER = Month.of(TODAY)
PAST: Final = Span(date(2015, 1, 1), date(2026, 11, 30))
PAID: Final = (
    Payment(date(2026, 11, 2), 34_56, "СБП", "A-2"),
    Payment(date(2026, 10, 10), 186_74, "СБП", "A-1"),
    Payment(date(2026, 9, 10), 11_00, "СБП", "A-0"),
)
FILES: Final = {
    "accounts": """\
account;address;holder;phone;tariff;status
360000123456;г. Воронеж, ул. Лизюкова, д. 12, кв. 45;Ромашкина Мария;+7 900 000-00-00;36-gas;active
360000200017;с. Ямное, ул. Тихая, д. 31;;;36-gas;closed
010000000003;г. Майкоп, ул. Новая, д. 1;;;;active
360000300000;г. Воронеж, ул. Лизюкова, д. 12, кв. 46;;;36-gas;active
360000400000;г. Воронеж, ул. Лизюкова, д. 12, кв. 47;;;36-gas;active
""",
    "meters": """\
account;meter;zones;digits;verification_due;place;status
360000123456;10000001;day_night;6;2038-05-01;кухня;active
360000123456;20000002;single;5;2030-01-31;гараж;active
360000123456;9999;single;6;2030-01-31;;closed
360000200017;5;single;6;2030-01-31;;active
360000300000;7;single;6;2030-01-31;;active
360000400000;3;single;6;2030-01-31;;closed
""",
    "tariffs": """\
tariff;valid_from;zone;tier;up_to_kwh;price
36-gas;2026-01-01;day;1;;6.00
36-gas;2026-01-01;night;1;;4.00
36-gas;2026-01-01;single;1;;5.00
""",
    "readings": """\
account;meter;zone;date;value;source;counted
360000123456;10000001;day;2026-10-24;3500;телефон;1
360000123456;10000001;night;2026-10-24;1500;телефон;1
360000123456;10000001;day;2026-09-24;3400;телефон;1
360000123456;20000002;single;2026-10-24;70;телефон;1
360000400000;3;single;2025-03-24;7;обход;1
360000400000;3;single;2025-04-24;19;обход;1
360000300000;7;single;2026-11-23;100;телефон;0
""",
    "charges": """\
account;period;opening;charged;recalculated;penalty;closing;recommended
360000123456;2026-09;0;121.00;-12.00;2.00;100.00;
360000123456;2026-10;100.00;1134.56;0;0;1234.56;1900.00
""",
    "payments": """\
account;date;amount;source;reference
360000123456;2026-09-10;11.00;СБП;A-0
360000123456;2026-10-10;186.74;СБП;A-1
360000123456;2026-11-02;34.56;СБП;A-2
""",
}


@dataclass(frozen=True, slots=True)
class World:
    """`count`: billing uses the values of a submission, on a day."""

    supplier: Supplier
    count: Callable[[Submission, date], Awaitable[None]]


@asynccontextmanager
async def ledger(folder: Path) -> AsyncIterator[World]:
    """A bot's own database, fed by registry files."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)

    async def learn(name: str, **texts: str) -> None:
        reports = await import_registry(database, [write_files(folder / name, **texts)])
        assert not [report for report in reports if report.refusal or report.rejected]

    async def count(submission: Submission, day: date) -> None:
        owner = f"{submission.account};{submission.meter}"
        lines = (f"{owner};{line.zone};{day};{line.value};биллинг;1\n" for line in submission.values)
        await learn(submission.key, readings="account;meter;zone;date;value;source;counted\n" + "".join(lines))

    await learn("all", **FILES)
    yield World(LedgerSupplier(database, StandingClock()), count)
    await database.close()


BACK_ENDS: Final[tuple[Callable[[Path], AbstractAsyncContextManager[World]], ...]] = (ledger,)


@pytest.fixture(params=BACK_ENDS, ids=lambda back_end: back_end.__name__)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with request.param(tmp_path) as world:
        yield world


@pytest.fixture
def supplier(world: World) -> Supplier:
    return world.supplier


def submission(key: str = "k1", access: Access = FLAT, **more: Any) -> Submission:
    made = Submission(
        key=key,
        number=f"П-2611-{key}",
        user_id=access.user_id,
        account=access.account,
        meter="10000001",
        period=NOVEMBER,
        day=TODAY,
        submitted_at=datetime(2026, 11, 23, 7, tzinfo=UTC),
        values=(Submitted(Zone.DAY, 3650, 3500, 150), Submitted(Zone.NIGHT, 1580, 1500, 80)),
    )
    return replace(made, **more)


async def present(supplier: Supplier, meter: str = "10000001") -> dict[Zone, int]:
    """The newest values of a meter of the flat."""
    [found] = [one for one in (await supplier.metering(FLAT)).meters if one.number == meter]
    return {zone: found.of_zone(zone)[0].value for zone in found.zones}


Question = Callable[[Supplier, Access], Awaitable[Any]]
QUESTIONS: Final[dict[str, Question]] = {
    "find": lambda supplier, access: supplier.find(access),
    "metering": lambda supplier, access: supplier.metering(access),
    "tariff": lambda supplier, access: supplier.tariff(access, TODAY),
    "bill": lambda supplier, access: supplier.bill(access, TODAY),
    "details": lambda supplier, access: supplier.details(access),
    "payments": lambda supplier, access: supplier.payments(access, OCTOBER),
    "receipts": lambda supplier, access: supplier.receipts(access),
    "receipt": lambda supplier, access: supplier.receipt(access, Month(2026, 10)),
    "charges": lambda supplier, access: supplier.charges(access, PAST),
    "totals": lambda supplier, access: supplier.totals(access, PAST),
    "paid": lambda supplier, access: supplier.paid(access, PAST),
    "readings": lambda supplier, access: supplier.readings(access, PAST),
    "counted": lambda supplier, access: supplier.counted(access, [submission(access=access)]),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
async def test_an_unknown_account_is_told_by_one_error(supplier: Supplier, question: Question) -> None:
    with pytest.raises(AccountUnknown):
        await question(supplier, NOWHERE)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("access", [FLAT, CLOSED, METERLESS], ids=["flat", "closed", "without meters"])
async def test_whatever_is_known_of_an_account_it_is_no_unknown_one(
    supplier: Supplier, question: Question, access: Access
) -> None:
    await question(supplier, access)


async def test_an_account_and_whether_it_is_closed(supplier: Supplier) -> None:
    address = "г. Воронеж, ул. Лизюкова, д. 12, кв. 45"
    assert await supplier.find(FLAT) == Account(FLAT.account, address, closed=False)
    assert (await supplier.find(CLOSED)).closed
    assert (await supplier.find(METERLESS)).number == METERLESS.account


async def test_meters_in_use_with_their_readings_newest_first(supplier: Supplier) -> None:
    metering = await supplier.metering(FLAT)
    assert metering.account == await supplier.find(FLAT)
    flat, garage = metering.meters
    assert (flat.number, flat.scheme, flat.place) == ("10000001", ZoneScheme.DAY_NIGHT, "кухня")
    assert [(one.day, one.value) for one in flat.of_zone(Zone.DAY)] == [(OCTOBER, 3500), (date(2026, 9, 24), 3400)]
    assert (garage.number, garage.digits) == ("20000002", 5)
    assert (await supplier.metering(METERLESS)).meters == ()


async def test_prices_in_force_and_none(supplier: Supplier) -> None:
    tariff = await supplier.tariff(FLAT, TODAY)
    assert tariff is not None
    assert tariff.tiers[Zone.NIGHT][0].price == Decimal("4.00")
    assert await supplier.tariff(FLAT, date(2025, 12, 31)) is None
    assert await supplier.tariff(METERLESS, TODAY) is None


async def test_bill_and_details_agree(supplier: Supplier) -> None:
    bill, details = await supplier.bill(FLAT, TODAY), await supplier.details(FLAT)
    assert (bill.month, bill.owed, bill.closed) == (NOVEMBER, 1200_00, Month(2026, 10))
    assert details.statement is not None
    assert details.statement.to_pay == 1200_00
    assert (details.phone, details.meters) == ("+7 900 000-00-00", (await supplier.metering(FLAT)).meters)
    assert await supplier.bill(METERLESS, TODAY) == Bill(NOVEMBER)
    assert (await supplier.details(METERLESS)).statement is None


async def test_payments_since_a_day_newest_first(supplier: Supplier) -> None:
    paid = (
        Payment(date(2026, 11, 2), 34_56, "СБП", "A-2"),
        Payment(date(2026, 10, 10), 186_74, "СБП", "A-1"),
    )
    assert await supplier.payments(FLAT, date(2026, 10, 10)) == paid
    assert await supplier.payments(FLAT, date(2026, 11, 3)) == ()
    assert await supplier.payments(METERLESS, OCTOBER) == ()


async def test_charged_months_newest_first(supplier: Supplier) -> None:
    assert await supplier.receipts(FLAT) == (Month(2026, 10), Month(2026, 9))
    assert await supplier.receipts(METERLESS) == ()


async def test_the_facts_of_a_receipt_are_those_of_its_month(supplier: Supplier) -> None:
    october, september = [await supplier.receipt(FLAT, month) for month in await supplier.receipts(FLAT)]
    assert october is not None
    assert september is not None
    assert october.account == september.account == await supplier.find(FLAT)
    assert (october.holder, september.holder) == ("Ромашкина Мария", "Ромашкина Мария")
    assert october.statement == Statement(Month(2026, 10), 100_00, 1134_56, 0, 0, paid=0, to_pay=1234_56)
    assert september.statement == Statement(Month(2026, 9), 0, 121_00, -12_00, 2_00, paid=11_00, to_pay=100_00)
    assert (october.paid_on, september.paid_on) == (date(2026, 10, 10), date(2026, 9, 10))
    assert (october.recommended, september.recommended) == (1900_00, None)
    assert october.tariff == await supplier.tariff(FLAT, date(2026, 10, 1))
    assert await supplier.receipt(FLAT, NOVEMBER) is None
    assert await supplier.receipt(METERLESS, NOVEMBER) is None


async def test_meters_of_a_receipt_have_counted_readings_until_its_month_ends(supplier: Supplier) -> None:
    before = (await supplier.metering(FLAT)).meters
    await supplier.submit(submission(day=date(2026, 10, 26)))
    october, september = [await supplier.receipt(FLAT, month) for month in await supplier.receipts(FLAT)]
    assert october is not None
    assert september is not None
    assert [(one.number, one.readings) for one in october.meters] == [(one.number, one.readings) for one in before]
    assert [(one.number, one.readings) for one in september.meters] == [
        ("10000001", (Reading(Zone.DAY, date(2026, 9, 24), 3400, counted=True),))
    ]
    assert (october.former, september.former) == ((), ())


# The past


async def test_months_with_their_charges_and_payments_newest_first(supplier: Supplier) -> None:
    november, october, september = (
        AccountMonth(NOVEMBER, None, PAID[:1]),
        AccountMonth(Month(2026, 10), Charge(100_00, 1134_56, 0, 0, 1234_56), PAID[1:2]),
        AccountMonth(Month(2026, 9), Charge(0, 121_00, -12_00, 2_00, 100_00), PAID[2:]),
    )
    assert await supplier.charges(FLAT, PAST) == (november, october, september)
    assert await supplier.charges(FLAT, Span(date(2026, 8, 1), date(2026, 10, 31))) == (october, september)
    assert (await supplier.charges(FLAT, replace(PAST, most=2)))[:2] == (november, october)
    assert (await supplier.charges(FLAT, replace(PAST, most=2, oldest=True)))[-2:] == (october, september)
    assert await supplier.charges(FLAT, Span(date(2015, 1, 1), date(2026, 6, 30))) == ()
    assert await supplier.charges(METERLESS, PAST) == ()


async def test_totals_of_a_span(supplier: Supplier) -> None:
    assert await supplier.totals(FLAT, PAST) == Totals(1255_56, -12_00, 2_00, 232_30, 3)
    assert await supplier.totals(FLAT, Span(date(2026, 9, 1), date(2026, 9, 30))) == Totals(
        121_00, -12_00, 2_00, 11_00, 1
    )
    assert await supplier.totals(METERLESS, PAST) == Totals()


async def test_payments_of_a_span_newest_first(supplier: Supplier) -> None:
    assert await supplier.paid(FLAT, PAST) == PAID
    assert await supplier.paid(FLAT, Span(date(2026, 9, 10), date(2026, 10, 10))) == PAID[1:]
    assert (await supplier.paid(FLAT, replace(PAST, most=1)))[:1] == PAID[:1]
    assert (await supplier.paid(FLAT, replace(PAST, most=1, oldest=True)))[-1:] == PAID[-1:]
    assert await supplier.paid(FLAT, Span(TODAY, TODAY)) == ()


async def test_readings_of_all_meters_and_ways_each_with_the_one_before(supplier: Supplier) -> None:
    await supplier.submit(submission())
    found = await supplier.readings(FLAT, PAST)
    assert [(one.meter.number, one.zone, one.day, one.value, one.before) for one in found] == [
        ("10000001", Zone.DAY, TODAY, 3650, 3500),
        ("10000001", Zone.NIGHT, TODAY, 1580, 1500),
        ("10000001", Zone.DAY, OCTOBER, 3500, 3400),
        ("10000001", Zone.NIGHT, OCTOBER, 1500, None),
        ("20000002", Zone.SINGLE, OCTOBER, 70, None),
        ("10000001", Zone.DAY, date(2026, 9, 24), 3400, None),
    ]
    assert [(one.source, one.counted, one.submission) for one in found[1:3]] == [
        ("bot", False, "k1"),
        ("телефон", True, ""),
    ]
    assert (found[4].meter.digits, found[4].meter.place) == (5, "гараж")
    assert await supplier.readings(FLAT, Span(OCTOBER, OCTOBER)) == found[2:5]
    assert await supplier.readings(METERLESS, PAST) == ()


async def test_readings_of_a_retired_meter(supplier: Supplier) -> None:
    assert (await supplier.metering(FORMER)).meters == ()
    found = await supplier.readings(FORMER, PAST)
    assert [(one.meter.number, one.day, one.value, one.before) for one in found] == [
        ("3", date(2025, 4, 24), 19, 7),
        ("3", date(2025, 3, 24), 7, None),
    ]


async def test_a_part_of_the_readings_has_whole_days(supplier: Supplier) -> None:
    await supplier.submit(submission())
    everything = await supplier.readings(FLAT, PAST)
    for most in (1, 2, 3, 4):
        days = sorted({one.day for one in everything}, reverse=True)[:most]
        part = await supplier.readings(FLAT, replace(PAST, most=most))
        assert [one for one in part if one.day in days] == [one for one in everything if one.day in days]
        days = sorted({one.day for one in everything})[:most]
        part = await supplier.readings(FLAT, replace(PAST, most=most, oldest=True))
        assert [one for one in part if one.day in days] == [one for one in everything if one.day in days]


async def test_a_submission_that_billing_has_taken_over_is_one_reading(world: World) -> None:
    mine = submission()
    await world.supplier.submit(mine)
    await world.count(mine, date(2026, 11, 25))
    [day, night] = await world.supplier.readings(FLAT, Span(date(2026, 11, 1), date(2026, 11, 30)))
    assert (day.day, day.value, day.before, day.source, day.counted) == (
        date(2026, 11, 25),
        3650,
        3500,
        "биллинг",
        True,
    )
    assert (night.value, night.before, night.submission) == (1580, 1500, "")


@pytest.mark.parametrize(("day", "newest"), [(date(2026, 11, 3), 3650), (date(2026, 11, 20), 3500)])
async def test_readings_of_the_first_days_after_a_month_are_in_its_receipt(
    world: World, day: date, newest: int
) -> None:
    await world.count(submission(), day)
    october = await world.supplier.receipt(FLAT, Month(2026, 10))
    assert october is not None
    assert october.meters[0].of_zone(Zone.DAY)[0].value == newest


async def test_submitted_values_are_seen_once(supplier: Supplier) -> None:
    await supplier.submit(submission())
    await supplier.submit(submission(values=(Submitted(Zone.DAY, 9, 3500, None),)))
    assert await present(supplier) == {Zone.DAY: 3650, Zone.NIGHT: 1580}


async def test_a_correction_takes_the_place_of_what_it_replaces(supplier: Supplier) -> None:
    await supplier.submit(submission("k1"))
    corrected = (Submitted(Zone.DAY, 3640, 3500, 140), Submitted(Zone.NIGHT, 1570, 1500, 70))
    await supplier.submit(submission("k2", replaces="k1", values=corrected))
    await supplier.submit(submission("k1"))
    assert await present(supplier) == {Zone.DAY: 3640, Zone.NIGHT: 1570}


@pytest.mark.parametrize(
    "refused",
    [
        submission(access=NOWHERE),
        submission(access=CLOSED, meter="5", values=(Submitted(Zone.SINGLE, 1, None, None),)),
        submission(meter="9999", values=(Submitted(Zone.SINGLE, 1, None, None),)),
    ],
    ids=["unknown account", "closed account", "meter not in use"],
)
async def test_a_refusal_has_its_reason_and_leaves_nothing(supplier: Supplier, refused: Submission) -> None:
    with pytest.raises(SupplierRefused) as error:
        await supplier.submit(refused)
    assert error.value.facts["reason"]
    await supplier.submit(submission())  # its key is free still
    assert await present(supplier) == {Zone.DAY: 3650, Zone.NIGHT: 1580}


async def test_which_submissions_billing_has_used(world: World) -> None:
    if not world.supplier.capabilities.tells_counted:
        return
    mine, other = submission(), submission("k2", meter="20000002", values=(Submitted(Zone.SINGLE, 80, 70, 10),))
    await world.supplier.submit(mine)
    await world.supplier.submit(other)
    assert await world.supplier.counted(FLAT, [mine, other]) == frozenset()
    await world.count(mine, date(2026, 11, 25))
    assert await world.supplier.counted(FLAT, [mine, other]) == {"k1"}
    assert await world.supplier.counted(CLOSED, [mine]) == frozenset()
    assert await world.supplier.counted(FLAT, []) == frozenset()


async def test_accounts_of_a_page_that_lack_readings(supplier: Supplier) -> None:
    page = [FLAT, CLOSED, METERLESS, READ, NOWHERE]
    assert await supplier.without_readings(page, NOVEMBER) == {FLAT.account}
    assert await supplier.without_readings(page, Month(2026, 12)) == {FLAT.account, READ.account}
    assert await supplier.without_readings([READ], NOVEMBER) == frozenset()
    assert await supplier.without_readings([], NOVEMBER) == frozenset()


async def test_accounts_of_a_page_that_were_charged(supplier: Supplier) -> None:
    page = [FLAT, CLOSED, METERLESS, READ, NOWHERE]
    for month, newest in ((Month(2026, 9), False), (Month(2026, 10), True)):
        found = await supplier.charged(page, month)
        facts = await supplier.receipt(FLAT, month)
        assert facts is not None
        assert found == {FLAT.account: Charged(facts.statement, newest)}
    assert await supplier.charged(page, NOVEMBER) == {}
    assert await supplier.charged([], Month(2026, 10)) == {}


async def test_accounts_of_a_page_whose_meters_are_to_be_verified(supplier: Supplier) -> None:
    page = [FLAT, CLOSED, METERLESS, READ, NOWHERE]
    days = {meter.verification_due for meter in (await supplier.metering(FLAT)).meters}
    assert days == {date(2030, 1, 31), date(2038, 5, 1)}
    found = await supplier.verifications(page, date(2030, 1, 31), date(2038, 5, 1))
    assert found == {FLAT.account: days, READ.account: {date(2030, 1, 31)}}
    assert await supplier.verifications([FLAT], date(2038, 5, 1), date(2038, 5, 1)) == {
        FLAT.account: {date(2038, 5, 1)}
    }
    assert await supplier.verifications([FLAT], date(2030, 2, 1), date(2038, 4, 30)) == {}
    assert await supplier.verifications([], date(2030, 1, 31), date(2038, 5, 1)) == {}


async def test_readings_are_complete_when_each_meter_has_all_its_zones(supplier: Supplier) -> None:
    await supplier.submit(submission("k1", values=(Submitted(Zone.DAY, 3650, 3500, 150),)))
    await supplier.submit(submission("k2", meter="20000002", values=(Submitted(Zone.SINGLE, 80, 70, 10),)))
    assert await supplier.without_readings([FLAT], NOVEMBER) == {FLAT.account}
    await supplier.submit(submission("k3", replaces="k1"))
    assert await supplier.without_readings([FLAT], NOVEMBER) == frozenset()


async def test_a_scan_of_pages_finds_each_account_once(supplier: Supplier) -> None:
    everybody = sorted((FLAT, CLOSED, METERLESS, READ, NOWHERE), key=lambda access: access.account)
    pages = [everybody[start : start + 2] for start in range(0, len(everybody), 2)]
    found = [number for page in pages for number in await supplier.without_readings(page, Month(2026, 12))]
    assert sorted(found) == sorted((FLAT.account, READ.account))
