"""The sum to pay, on a real file filled by the registry import; the sums are worked out by hand."""

from __future__ import annotations

import csv
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.accounts.models import Link, Trust
from services.db.engine import Database
from services.ledger.registry import import_registry
from services.ledger.supplier import LedgerSupplier
from services.ledger.tables import accounts, charges, payments
from services.payments.due import Due, RecentPayments
from services.ports import Clock
from services.readings.models import Remark, Submission, Submitted
from services.supplier.models import Access, Basis, Bill, MeterCharge, Month, Zone, ZoneCharge
from services.supplier.periods import ReadingDays, period_of_day
from tests.conftest import SAMPLES
from tests.harness import BotHarness
from tests.ledger.registry_files import write_files
from tests.ledger.test_supplier import put
from tests.people import Someone

NUMBER = "360000000001"
NOVEMBER = Month(2026, 11)
TODAY = date(2026, 11, 23)
DAYS = ReadingDays(23, 25)

ACCOUNTS = """\
account;address;tariff;status
360000000001;г. Воронеж, ул. Новая, д. 1;T;active
360000000002;г. Воронеж, ул. Новая, д. 2;T;closed
360000000003;г. Воронеж, ул. Новая, д. 3;none;active
"""
METERS = """\
account;meter;zones;digits;coefficient;status
360000000001;M;single;5;1;active
360000000002;M;single;5;1;active
360000000003;M;single;5;1;active
"""
TARIFFS = """\
tariff;valid_from;zone;tier;up_to_kwh;price
T;2026-01-01;single;1;100;3.00
T;2026-01-01;single;2;;5.00
T;2026-01-01;day;1;100;4.00
T;2026-01-01;day;2;;6.00
T;2026-01-01;night;1;100;2.00
T;2026-01-01;night;2;;3.00
"""
CHARGES = """\
account;period;opening;charged;recalculated;penalty;closing
360000000001;2026-09;0;300.00;0;5.00;305.00
360000000001;2026-10;305.00;240.00;-20.00;10.00;535.00
360000000002;2026-10;0;100.00;0;0;100.00
360000000003;2026-10;0;100.00;0;0;100.00
"""
# Ninety kWh a month, the last six of them 540.
HABIT = {(2026, 3): 100, (2026, 4): 110, (2026, 5): 200, (2026, 6): 290, (2026, 7): 380, (2026, 8): 470}
HABIT |= {(2026, 9): 560, (2026, 10): 650}


def readings(
    values: dict[tuple[int, int], int], meter: str = "M", zone: str = "single", number: str = NUMBER, day: int = 24
) -> str:
    return "".join(
        f"{number};{meter};{zone};{year}-{month:02d}-{day};{value};телефон;1\n"
        for (year, month), value in values.items()
    )


class Ledger:
    """A small supplier: its registry can be added to, readings submitted, and bills asked for."""

    def __init__(self, database: Database, clock: Clock, folder: Path) -> None:
        self.database = database
        self.supplier = LedgerSupplier(database, clock)
        self._folder = folder

    async def learns(self, **files: str) -> None:
        heads = {"readings": "account;meter;zone;date;value;source;counted\n"}
        texts = {name: heads.get(name, "") + text for name, text in files.items()}
        reports = await import_registry(self.database, [write_files(self._folder, **texts)])
        assert not [report for report in reports if report.refusal or report.rejected]

    async def has_readings(self, *texts: str) -> None:
        await self.learns(readings="".join(texts))

    async def submits(
        self, key: str, values: dict[Zone, int], day: date = TODAY, *, meter: str = "M", remark: Remark = Remark.NONE
    ) -> None:
        lines = tuple(Submitted(zone, value, None, None, remark) for zone, value in values.items())
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("UTC"))
        period = period_of_day(day, DAYS)
        await self.supplier.submit(
            Submission(key, f"П-2611-{key}", 1, NUMBER, meter, period, day, moment, lines, replaces="earlier")
        )

    async def bill(self, day: date = TODAY, number: str = NUMBER) -> Bill:
        access = Access.of_bot(number)
        bill = await self.supplier.bill(access, day)
        assert bill.month == Month.of(day)
        statement = (await self.supplier.details(access)).statement
        assert statement is None or (statement.to_pay, statement.month) == (bill.owed, bill.closed)
        explained = sum(charge.kopecks for meter in bill.meters for charge in meter.zones)
        assert explained == (bill.preliminary or 0)
        assert (bill.preliminary is None) == (bill.basis is Basis.NONE)
        return bill


@pytest.fixture
async def ledger(database: Database, clock: Clock, tmp_path: Path) -> Ledger:
    ledger = Ledger(database, clock, tmp_path / "registry")
    await ledger.learns(accounts=ACCOUNTS, meters=METERS, tariffs=TARIFFS, charges=CHARGES)
    return ledger


def by_readings(kwh: int, kopecks: int) -> MeterCharge:
    return MeterCharge("M", Basis.READINGS, (ZoneCharge(Zone.SINGLE, kwh, kopecks),))


def to_pay(bill: Bill) -> tuple[int, int]:
    """Without and with the preliminary charge, of who has paid nothing through the bot."""
    due = Due(Link("l", 1, NUMBER, Trust.CONFIRMED), bill, RecentPayments(), TODAY)
    return due.total(preliminary=False), due.total(preliminary=True)


def used(bill: Bill) -> int | None:
    """kWh of the preliminary charge."""
    return sum(meter.kwh for meter in bill.meters) if bill.meters else None


# Debt, penalty, advance


async def test_the_last_penalty_is_told_apart_from_the_debt(ledger: Ledger) -> None:
    bill = await ledger.bill()
    assert (bill.debt, bill.penalty, bill.advance) == (525_00, 10_00, 0)
    assert to_pay(bill) == (535_00, 535_00)


@pytest.mark.parametrize(
    ("paid", "debt", "penalty", "advance"),
    [(525_00, 0, 10_00, 0), (530_00, 0, 5_00, 0), (535_00, 0, 0, 0), (600_00, 0, 0, 65_00)],
)
async def test_payments_go_to_the_penalty_last(
    ledger: Ledger, paid: int, debt: int, penalty: int, advance: int
) -> None:
    await put(
        ledger.database, payments, {"account": int(NUMBER), "date": date(2026, 11, 2), "amount": paid, "reference": "1"}
    )
    bill = await ledger.bill()
    assert (bill.debt, bill.penalty, bill.advance) == (debt, penalty, advance)


async def test_an_advance_pays_for_the_preliminary_charge(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT))
    await put(
        ledger.database,
        payments,
        {"account": int(NUMBER), "date": date(2026, 11, 2), "amount": 635_00, "reference": "1"},
    )
    bill = await ledger.bill()
    assert (bill.advance, bill.preliminary) == (100_00, 270_00)
    assert to_pay(bill) == (0, 170_00)


kopecks = st.integers(-(10**7), 10**7)
charged = st.fixed_dictionaries(
    dict.fromkeys(("opening", "charged", "recalculated", "penalty", "closing"), kopecks),
)
credited = st.fixed_dictionaries(
    {"date": st.dates(date(2026, 9, 1), TODAY), "amount": st.integers(1, 10**7), "reference": st.uuids().map(str)}
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(charged, max_size=3), st.lists(credited, max_size=3))
async def test_balance_statement_and_bill_always_add_up(
    database: Database, clock: Clock, months: list[dict[str, int]], paid: list[dict[str, Any]]
) -> None:
    async with database.writing() as connection:
        for table in (accounts, charges, payments):
            await connection.execute(table.delete())
        await connection.commit()
    account: dict[str, Any] = {"account": int(NUMBER)}
    await put(database, accounts, account | {"address": "г. Воронеж"})
    await put(database, charges, *(account | {"period": f"2026-{8 + at:02d}"} | one for at, one in enumerate(months)))
    await put(database, payments, *(account | one for one in paid))
    bill = await Ledger(database, clock, Path()).bill()
    assert min(bill.debt, bill.penalty, bill.advance) >= 0
    assert not (bill.advance and (bill.debt or bill.penalty))


sums = st.integers(0, 10**9)


@given(sums, sums, sums, st.none() | sums)
def test_what_is_due_is_never_negative(debt: int, penalty: int, advance: int, preliminary: int | None) -> None:
    bill = Bill(NOVEMBER, debt, penalty, advance, preliminary)
    owed = debt + penalty - advance
    assert to_pay(bill) == (max(0, owed), max(0, owed + (preliminary or 0)))


def test_the_sums_of_the_suppliers_own_system_can_be_told() -> None:
    """`GET /payments/new-balance` of the mobile API gives sums with and without the charge, and an advance."""
    answer = {"sumWithoutCheckbox": 1234.56, "sumWithCheckbox": 2606.36, "peniDebt": 12.34, "avansTotal": 0.0}
    without, including, fine, advance = (round(one * 100) for one in answer.values())
    bill = Bill(NOVEMBER, without - fine + advance, fine, advance, including - without)
    assert to_pay(bill) == (123456, 260636)
    assert (bill.basis, bill.meters, used(bill)) == (Basis.NONE, (), None)


# By readings


async def test_submitted_readings_make_the_preliminary_charge(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: 770})
    bill = await ledger.bill()
    assert (bill.preliminary, bill.basis, used(bill)) == (400_00, Basis.READINGS, 120)  # 100 × 3 and 20 × 5
    assert bill.meters == (by_readings(120, 400_00),)
    assert to_pay(bill) == (535_00, 935_00)


async def test_a_correction_takes_the_place_of_what_it_corrects(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: 770})
    await ledger.submits("2", {Zone.SINGLE: 660}, TODAY + timedelta(days=1))
    assert (await ledger.bill()).preliminary == 30_00


async def test_months_without_readings_bring_their_tiers(ledger: Ledger) -> None:
    await ledger.has_readings(readings(dict(list(HABIT.items())[:-2])))
    await ledger.submits("1", {Zone.SINGLE: 770})
    assert (await ledger.bill()).meters == (by_readings(300, 900_00),)


@pytest.mark.parametrize(
    ("value", "remark", "kwh"),
    [
        (650, Remark.NONE, 0),
        (30, Remark.ROLLED_OVER, 99_380),
        (30, Remark.REPLACED, None),
        (30, Remark.NONE, None),
        (99_999, Remark.CERTAIN, 99_349),
    ],
)
async def test_zero_roll_over_and_replacement(ledger: Ledger, value: int, remark: Remark, kwh: int | None) -> None:
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: value}, remark=remark)
    bill = await ledger.bill()
    assert used(bill) == kwh
    assert bill.preliminary == (None if kwh is None else 300 * min(kwh, 100) + 500 * max(0, kwh - 100))


async def test_the_coefficient_multiplies(ledger: Ledger) -> None:
    await ledger.learns(meters="account;meter;zones;digits;coefficient\n360000000001;M;single;5;20\n")
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: 655})
    assert (await ledger.bill()).meters == (by_readings(100, 300_00),)


async def test_several_meters_share_the_tiers_in_the_order_in_which_they_were_read(ledger: Ledger) -> None:
    await ledger.learns(meters="account;meter;zones\n360000000001;A;day_night\n")
    october = {(2026, 10): 0}
    await ledger.has_readings(readings(HABIT), readings(october, "A", "day"), readings(october, "A", "night"))
    await ledger.submits("1", {Zone.SINGLE: 710})
    await ledger.submits("2", {Zone.DAY: 60, Zone.NIGHT: 20}, meter="A")
    bill = await ledger.bill()
    zones = (ZoneCharge(Zone.DAY, 60, 120_00 + 180_00), ZoneCharge(Zone.NIGHT, 20, 20_00 + 30_00))
    assert bill.meters == (by_readings(60, 180_00), MeterCharge("A", Basis.READINGS, zones))
    assert (bill.preliminary, used(bill)) == (530_00, 140)


async def test_a_meter_without_readings_adds_its_average(ledger: Ledger) -> None:
    await ledger.learns(meters="account;meter;zones\n360000000001;A;single\n")
    await ledger.has_readings(readings(HABIT), readings(HABIT, "A"))
    await ledger.submits("1", {Zone.SINGLE: 660})
    bill = await ledger.bill()
    assert [(meter.meter, meter.basis) for meter in bill.meters] == [("M", Basis.READINGS), ("A", Basis.AVERAGE)]
    assert (bill.basis, bill.preliminary, used(bill)) == (Basis.AVERAGE, 30_00 + 270_00, 100)


async def test_a_meter_that_nobody_knows_leaves_no_sum(ledger: Ledger) -> None:
    await ledger.learns(meters="account;meter;zones\n360000000001;A;single\n")
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: 660})
    assert (await ledger.bill()).preliminary is None


async def test_readings_after_the_25th_are_the_next_months(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: 770}, date(2026, 11, 27))
    assert (await ledger.bill(date(2026, 11, 28))).basis is Basis.AVERAGE
    december = await ledger.bill(date(2026, 12, 3))
    assert (december.preliminary, december.basis, used(december)) == (2 * 100 * 3_00 - 80 * 3_00, Basis.READINGS, 120)


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-24", "2026-11-30"])
@pytest.mark.parametrize("counted", [0, 1])
async def test_what_billing_returns_leaves_the_charge_as_it_was(ledger: Ledger, day: str, counted: int) -> None:
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: 770})
    await ledger.has_readings(f"{NUMBER};M;single;{day};770;bot;{counted}\n")
    assert (await ledger.bill()).preliminary == 400_00


async def test_a_late_reading_that_repeats_the_counted_one_is_no_consumption(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: 650}, date(2026, 10, 27))
    assert (await ledger.bill()).meters == (by_readings(0, 0),)


async def test_a_counted_reading_within_the_month_is_what_later_ones_are_compared_with(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT), f"{NUMBER};M;single;2026-11-10;700;контролёр;1\n")
    await ledger.submits("1", {Zone.SINGLE: 770})
    assert (await ledger.bill()).preliminary == 210_00


async def test_readings_given_by_phone_count_as_well(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT), f"{NUMBER};M;single;2026-11-20;770;телефон;0\n")
    assert (await ledger.bill()).meters == (by_readings(120, 400_00),)


async def test_the_month_of_a_reading_is_told_by_the_regions_days(ledger: Ledger, clock: Clock) -> None:
    await ledger.has_readings(readings(HABIT, day=14), f"{NUMBER};M;single;2026-11-20;770;телефон;0\n")
    assert (await ledger.bill()).basis is Basis.READINGS
    ledger.supplier = LedgerSupplier(ledger.database, clock, lambda _number: ReadingDays(10, 15))
    assert (await ledger.bill()).basis is Basis.AVERAGE


async def test_a_charged_month_has_no_preliminary_charge(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT))
    await ledger.submits("1", {Zone.SINGLE: 770})
    row = "360000000001;2026-11;535.00;400.00;0;0;935.00"
    await ledger.learns(charges=f"account;period;opening;charged;recalculated;penalty;closing\n{row}\n")
    bill = await ledger.bill(date(2026, 11, 30))
    assert (bill.debt, bill.preliminary, bill.meters) == (935_00, None, ())


async def test_closed_accounts_and_those_without_a_price_have_none(ledger: Ledger) -> None:
    for number in ("360000000002", "360000000003"):
        await ledger.has_readings(readings(HABIT, number=number))
        bill = await ledger.bill(number=number)
        assert (bill.debt, bill.preliminary) == (100_00, None)


# By the average


async def test_without_readings_the_average_of_six_months_is_charged(ledger: Ledger) -> None:
    await ledger.has_readings(readings(HABIT))
    bill = await ledger.bill()
    average = MeterCharge("M", Basis.AVERAGE, (ZoneCharge(Zone.SINGLE, 90, 270_00),))
    assert (bill.meters, bill.basis, bill.preliminary) == ((average,), Basis.AVERAGE, 270_00)


@pytest.mark.parametrize(("last", "kwh"), [(3, 90), (2, None)])
async def test_an_average_takes_three_months_at_least(ledger: Ledger, last: int, kwh: int | None) -> None:
    await ledger.has_readings(readings(dict(list(HABIT.items())[-last - 1 :])))
    assert used(await ledger.bill()) == kwh


@pytest.mark.parametrize(("day", "known"), [(date(2027, 1, 23), True), (date(2027, 2, 1), False)])
async def test_an_average_is_charged_for_three_months_at_most(ledger: Ledger, day: date, known: bool) -> None:
    await ledger.has_readings(readings(HABIT))
    assert ((await ledger.bill(day)).preliminary is not None) == known


async def test_an_average_passes_over_a_change_of_meters_and_a_roll_over(ledger: Ledger) -> None:
    past = {(2026, 4): 99_800, (2026, 5): 99_900, (2026, 6): 20, (2026, 7): 130}  # 100, over to 120, 110
    past |= {(2026, 8): 200, (2026, 9): 5, (2026, 10): 95}  # 70, another meter, 90
    await ledger.has_readings(readings(past))
    assert used(await ledger.bill()) == (100 + 120 + 110 + 70 + 90) / 5


async def test_an_average_of_two_zones_is_taken_of_months_that_have_both(ledger: Ledger) -> None:
    rows = "360000000001;A;day_night;active\n360000000001;M;single;closed\n"
    await ledger.learns(meters=f"account;meter;zones;status\n{rows}")
    night = {month: value // 2 for month, value in HABIT.items() if month != (2026, 10)}
    await ledger.has_readings(readings(HABIT, "A", "day"), readings(night, "A", "night"))
    [meter] = (await ledger.bill()).meters
    day, night_ = ZoneCharge(Zone.DAY, 77, _at(77, 38, "4", "6")), ZoneCharge(Zone.NIGHT, 38, _at(38, 77, "2", "3"))
    assert meter.zones == (day, night_)


def _at(own: int, other: int, cheap: str, dear: str) -> int:
    """Kopecks of a zone whose first tier of 100 kWh is shared with another."""
    first = Decimal(100 * own) / (own + other)
    return int((first * Decimal(cheap) * 100 + (own - first) * Decimal(dear) * 100).quantize(Decimal(1), ROUND_HALF_UP))


# The sample registry


@pytest.fixture
async def samples(registry: Path, tmp_path: Path, clock: Clock) -> AsyncIterator[Ledger]:
    shutil.copy(registry, tmp_path / "bot.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    yield Ledger(database, clock, tmp_path / "registry")
    await database.close()


def rows_of(name: str) -> Sequence[dict[str, str]]:
    with (SAMPLES / "registry" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


async def test_every_sample_account_has_a_bill_that_adds_up(samples: Ledger) -> None:
    closing = {row["account"]: (row["closing"], row["penalty"]) for row in rows_of("charges")}
    metered = {row["account"] for row in rows_of("meters") if row["status"] == "active"}
    seen = set()
    for row in rows_of("accounts"):
        bill = await samples.bill(number=row["account"])
        last, penalty = closing.get(row["account"], ("0", "0"))
        assert bill.debt + bill.penalty - bill.advance <= int(Decimal(last) * 100), "paid since, never charged"
        assert bill.penalty == min(int(Decimal(penalty) * 100), to_pay(bill)[0])
        expected = Basis.AVERAGE if row["status"] == "active" and row["account"] in metered else Basis.NONE
        assert bill.basis is expected
        seen |= {bill.basis, bill.advance > 0, bill.penalty > 0}
    assert seen == {Basis.AVERAGE, Basis.NONE, True, False}


async def test_the_average_of_the_example_account(samples: Ledger) -> None:
    values = {
        (row["zone"], row["date"][:7]): int(row["value"]) for row in rows_of("readings") if row["meter"] == "10000001"
    }
    kopecks = 0
    for zone, price in (("day", "6.66"), ("night", "4.66")):
        gone = Decimal(values[zone, "2026-10"] - values[zone, "2026-04"])
        kopecks += int((gone / 6).quantize(Decimal(1), ROUND_HALF_UP) * Decimal(price) * 100)
    bill = await samples.bill(number="360000123456")
    assert (bill.debt, bill.preliminary, to_pay(bill)[0]) == (1234_56, kopecks, 1234_56)


# The preview says what the bill says


async def billed(harness: BotHarness, number: str) -> Bill:
    assert harness.supplier.real is not None
    return await harness.supplier.real.bill(Access.of_bot(number), TODAY)


async def test_the_bill_has_the_cost_that_the_customer_saw(harness: BotHarness, maria: Someone) -> None:
    await maria.send("3650 1580")
    assert "По этим показаниям 1 371,80 ₽" in maria.screen
    await maria.press("Передать")
    bill = await billed(harness, "360000123456")
    assert (bill.preliminary, bill.basis, used(bill)) == (1371_80, Basis.READINGS, 230)
    assert to_pay(bill)[1] == 1234_56 + 1371_80
    await maria.press("Исправить")
    await maria.send("3600 1550")
    await maria.press("Передать")
    [(cost,)] = harness.rows("SELECT cost FROM submissions WHERE status = 'accepted'")
    assert (await billed(harness, "360000123456")).preliminary == cost


async def test_several_meters_cost_what_their_previews_said_together(harness: BotHarness) -> None:
    zoya = await harness.customer("Зоя", "360000200066")
    await zoya.press("Передать показания")
    await zoya.press("баня")
    await zoya.send("9900")
    await zoya.press("Всё верно")
    await zoya.press("Передать")
    await zoya.press("Следующий счётчик")
    await zoya.send("13700 6420")
    await zoya.press("Передать")
    costs = [cost for (cost,) in harness.rows("SELECT cost FROM submissions ORDER BY number")]
    bill = await billed(harness, "360000200066")
    assert [meter.kopecks for meter in bill.meters] == costs
    assert [meter.meter for meter in bill.meters] == ["36060100", "36060000"]
    assert (used(bill) or 0) > 1600, "so that the first tier ends among them"
