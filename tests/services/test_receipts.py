"""Receipts as data: for whom they are, what they say of every month of the sample registry and of invented ones."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.errors import NotVerified, OwnersOnly
from services.accounts.models import Control, Link, Role, Trust
from services.ledger.registry import import_registry
from services.readings.errors import AccountGone
from services.receipts.errors import ReceiptMissing
from services.receipts.models import ImportedReceipt, MonthUse, Receipt, ReceiptLinks
from services.receipts.payment_code import PaymentCodeKind, ReceiptSettings
from services.receipts.receipts import receipt
from services.supplier.errors import SupplierUnavailable
from services.supplier.models import Access, Meter, Month, Reading, ReceiptFacts, Tariff, Tier, Zone, ZoneScheme
from tests.harness import HandClock
from tests.services.office import ACCOUNT, OWNER, Office, office_at
from tests.services.receipt_examples import (
    FACTS,
    FLAT,
    LINKS,
    OCTOBER,
    PROFILE,
    adds_up,
    example,
    facts,
    invented,
    statement,
    stepping,
)

GUEST: Final = Link("g", 2, ACCOUNT, Trust.SHARED, role=Role.VIEW)
NEIGHBOUR: Final = Link("n", 3, ACCOUNT, Trust.CONFIRMED)
NO_METER, SILENT = "610000300103", "610000300061"


@pytest.fixture
async def office(registry: Path, tmp_path: Path) -> AsyncIterator[Office]:
    async with office_at(Path(shutil.copy(registry, tmp_path / "bot.db"))) as office:
        yield office


# For whom


@pytest.mark.parametrize("link", [OWNER, GUEST], ids=["owner", "guest"])
async def test_owners_and_their_guests_have_receipts(office: Office, link: Link) -> None:
    months = await office.receipts.months(link)
    assert (months[0], months[-1], len(months)) == (OCTOBER, Month(2024, 11), 24)
    assert sorted(months, reverse=True) == list(months)
    assert (await office.receipts.compose(link, months[0], LINKS)).links == LINKS
    assert (await office.receipts.compose(link, months[0])).links == ReceiptLinks()
    assert {access.user_id for access in office.supplier.accesses} == {link.user_id}


async def test_the_suppliers_own_receipt_goes_before_a_composed_one(office: Office, tmp_path: Path) -> None:
    """It is for the same people. A guest may read any payment of that time there, so none of them proves anything."""
    folder = tmp_path / "receipts"
    folder.mkdir()
    for month in (OCTOBER, Month(2019, 5)):
        (folder / f"{OWNER.account}-{month}.pdf").write_bytes(b"%PDF-1.7\nown\n%%EOF")
    await import_registry(office.database, [folder])
    months = await office.receipts.months(GUEST)
    assert (months[0], months[-1], len(months)) == (OCTOBER, Month(2019, 5), 25)
    for link in (NEIGHBOUR, replace(GUEST, control=Control(closed=True))):
        with pytest.raises((NotVerified, OwnersOnly)):
            await office.receipts.paper(link, OCTOBER)
    disclosed = "SELECT count(*) FROM shown_sums"
    assert isinstance(await office.receipts.paper(OWNER, OCTOBER), ImportedReceipt)
    assert await office.rows(disclosed) == [(0,)]
    assert isinstance(await office.receipts.paper(GUEST, OCTOBER), ImportedReceipt)
    paid = {
        payment.amount
        for payment in await office.supplier.payments(GUEST.access, HandClock().now().date() - timedelta(days=365))
        if payment.day < Month(2026, 12).first
    }
    assert paid
    assert paid <= {kopecks for (kopecks,) in await office.rows("SELECT kopecks FROM shown_sums")}
    assert isinstance(await office.receipts.paper(OWNER, Month(2026, 9)), Receipt)
    office.supplier.trouble = SupplierUnavailable()
    with pytest.raises(SupplierUnavailable):
        await office.receipts.paper(replace(GUEST, account="360000200017"), OCTOBER)


@pytest.mark.parametrize(
    ("link", "error"),
    [(NEIGHBOUR, NotVerified), (replace(GUEST, control=Control(closed=True)), OwnersOnly)],
    ids=["address confirmed", "closed by its owners"],
)
async def test_nobody_else_has_them(office: Office, link: Link, error: type[Exception]) -> None:
    with pytest.raises(error):
        await office.receipts.months(link)
    with pytest.raises(error):
        await office.receipts.compose(link, OCTOBER)
    assert office.supplier.accesses == []


async def test_sums_that_a_guest_has_seen_prove_nothing(office: Office) -> None:
    await office.receipts.compose(OWNER, OCTOBER)
    assert await office.rows("SELECT * FROM shown_sums") == []
    shown = (await office.receipts.compose(GUEST, OCTOBER)).statement
    seen = {one.kopecks for one in await office.rows("SELECT kopecks FROM shown_sums")}
    assert seen == {shown.opening, shown.charged, shown.paid, shown.to_pay} - {0}


async def test_a_month_without_charges_has_no_receipt(office: Office) -> None:
    for month in (Month(2026, 11), Month(2024, 10)):
        with pytest.raises(ReceiptMissing):
            await office.receipts.compose(OWNER, month)


async def test_an_account_that_is_gone_is_told_as_such(office: Office) -> None:
    gone = replace(OWNER, account="360000999999")
    with pytest.raises(AccountGone):
        await office.receipts.months(gone)
    with pytest.raises(AccountGone):
        await office.receipts.compose(gone, OCTOBER)


async def test_a_supplier_that_is_down_is_told_as_such(office: Office) -> None:
    office.supplier.trouble = SupplierUnavailable()
    with pytest.raises(SupplierUnavailable):
        await office.receipts.months(OWNER)
    with pytest.raises(SupplierUnavailable):
        await office.receipts.compose(OWNER, OCTOBER)


# Their figures


async def test_every_receipt_of_the_registry_says_what_the_supplier_says(office: Office) -> None:
    unexplained: Counter[str] = Counter()
    supplier = office.supplier
    for number in await office.accounts():
        owner, access = replace(OWNER, account=number), Access(number, 1)
        months = await office.receipts.months(owner)
        account = await supplier.find(access)
        details = await supplier.details(access)
        for month in months:
            one = await office.receipts.compose(owner, month, LINKS)
            adds_up(one)
            assert (one.account, one.address, one.month) == (number, account.address, month)
            if one.to_pay > 0:
                assert f"|Sum={one.to_pay}|".encode() in one.payment_code
            unexplained[number] += bool(one.rest and not one.lines)
            registers = [register for meter in one.meters for register in meter.registers]
            read = bool(registers) and all(register.current for register in registers)
            assert one.history[-1].kwh == (sum(register.kwh or 0 for register in registers) if read else None)
        assert details.statement
        last = (await office.receipts.compose(owner, months[0])).statement
        assert replace(details.statement, paid=last.paid, to_pay=last.to_pay) == last
    assert {number: count for number, count in unexplained.items() if count} == {NO_METER: 24, SILENT: 2}


async def test_a_receipt_takes_no_more_than_its_statements(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two for the receipt; the owner's look is not put on record."""
    from services.db.prepared import PreparedQuery

    asked: list[object] = []
    ask = PreparedQuery.all

    async def counting(query: PreparedQuery, *given: Any) -> list[Any]:
        asked.append(query)
        return await ask(query, *given)

    monkeypatch.setattr(PreparedQuery, "all", counting)
    await office.receipts.compose(OWNER, OCTOBER)
    assert len(asked) == 2


def test_the_receipt_of_the_example() -> None:
    one = example()
    assert (one.to_pay, one.pay_by) == (1234_56, date(2026, 11, 15))
    assert [(line.zone, line.kwh, line.kopecks) for line in one.lines] == [
        (Zone.DAY, Decimal(90), 599_40),
        (Zone.NIGHT, Decimal(41), 191_06),
    ]
    [meter] = one.meters
    day, night = meter.registers
    assert day.current is not None
    assert day.previous is not None
    assert (day.previous.value, day.previous.day, day.current.value) == (3410, date(2026, 9, 24), 3500)
    assert (day.kwh, night.kwh) == (90, 41)
    assert set(one.history) == {MonthUse(OCTOBER.plus(-back), 131) for back in range(12)}


def test_a_charge_that_readings_do_not_come_to_is_not_explained_by_them() -> None:
    average = replace(FACTS, statement=statement(790_46 - 3))
    one = example(average)
    assert (one.lines, one.rest) == ((), 790_43)
    assert one.meters == example().meters
    assert example(replace(FACTS, tariff=None)).lines == ()


def test_kopecks_of_rounding_do_not_hide_the_explanation() -> None:
    one = example(replace(FACTS, statement=statement(790_46 - 1)))
    assert (len(one.lines), one.rest) == (2, -1)


def test_a_silent_meter_has_its_last_readings_and_no_consumption() -> None:
    silent = replace(FLAT, readings=tuple(one for one in FLAT.readings if Month.of(one.day) < OCTOBER))
    one = example(replace(FACTS, meters=(silent,)))
    [meter] = one.meters
    assert [(register.current, register.kwh) for register in meter.registers] == [(None, None)] * 2
    assert meter.registers[0].previous is not None
    assert (one.lines, one.history[-1].kwh, one.history[-2].kwh) == ((), None, 131)


def test_readings_after_a_silence_are_charged_with_the_limits_of_all_its_months() -> None:
    meter = stepping("1", ZoneScheme.SINGLE, (OCTOBER.plus(-3), (0,)), (OCTOBER, (3000,)))
    one = example(replace(FACTS, meters=(meter,), statement=statement(3000 * 579)))
    assert [(line.tier, line.kwh) for line in one.lines] == [(1, Decimal(3000))]
    assert one.history[-3:] == tuple(MonthUse(OCTOBER.plus(-back), 1000, shared=True) for back in (2, 1, 0))
    assert one.history[-4].kwh is None


def test_all_meters_share_the_limits_of_tiers() -> None:
    garage = stepping("2", ZoneScheme.SINGLE, (OCTOBER.plus(-1), (0,)), (OCTOBER, (1000,)))
    heavy = stepping("1", ZoneScheme.SINGLE, (OCTOBER.plus(-1), (0,)), (OCTOBER, (200,)))
    one = example(replace(FACTS, meters=(heavy, garage), statement=statement(1100 * 579 + 100 * 1158)))
    assert [(line.tier, line.kwh) for line in one.lines] == [(1, Decimal(1100)), (2, Decimal(100))]
    assert one.history[-1].kwh == 1200


def test_the_coefficient_multiplies_and_a_display_that_rolled_over_goes_on() -> None:
    meter = stepping("1", ZoneScheme.SINGLE, (OCTOBER.plus(-1), (9995,)), (OCTOBER, (5,)), digits=4, coefficient=20)
    one = example(replace(FACTS, meters=(meter,), statement=statement(200 * 579)))
    assert (one.meters[0].registers[0].kwh, one.lines[0].kwh, one.history[-1].kwh) == (200, Decimal(200), 200)


def test_a_new_meter_begins_with_the_month_of_the_old_ones_end() -> None:
    old = stepping("1", ZoneScheme.SINGLE, (OCTOBER.plus(-1), (100,)), (OCTOBER, (150,)))
    new = stepping("2", ZoneScheme.SINGLE, (OCTOBER, (0,)))
    one = example(replace(FACTS, meters=(old, new), statement=statement(50 * 579)))
    assert ([line.kwh for line in one.lines], one.history[-1].kwh) == ([Decimal(50)], 50)


def test_readings_of_the_first_days_of_a_month_are_of_the_one_before() -> None:
    days = {date(2026, 10, 1): 100, date(2026, 10, 31): 250}
    readings = tuple(Reading(Zone.SINGLE, day, days[day], counted=True) for day in sorted(days, reverse=True))
    one = example(
        replace(FACTS, meters=(Meter("1", ZoneScheme.SINGLE, readings=readings),), statement=statement(150 * 579))
    )
    assert ([line.kwh for line in one.lines], one.history[-1].kwh) == ([Decimal(150)], 150)


def test_a_fall_that_no_roll_over_explains_is_not_known() -> None:
    swapped = stepping("1", ZoneScheme.SINGLE, (OCTOBER.plus(-1), (5000,)), (OCTOBER, (7,)))
    one = example(replace(FACTS, meters=(swapped,)))
    assert (one.meters[0].registers[0].kwh, one.lines, one.history[-1].kwh) == (None, (), None)


@invented(300)
@given(facts())
def test_any_receipt_adds_up(found: ReceiptFacts) -> None:
    adds_up(receipt(found, PROFILE, LINKS))


@invented(150)
@given(facts(), st.integers(-5, 5))
def test_a_charge_by_readings_and_prices_is_explained_by_them(found: ReceiptFacts, off: int) -> None:
    """Worked out here for one zone at one price: kopecks, half up."""
    kwh, price = 137, Decimal("5.6789")
    meter = stepping("1", ZoneScheme.SINGLE, (OCTOBER.plus(-1), (0,)), (OCTOBER, (kwh,)))
    tariff = Tariff("t", OCTOBER.first, {Zone.SINGLE: (Tier(None, price),)})
    charged = int((kwh * price * 100).quantize(Decimal(1), ROUND_HALF_UP)) + off
    one = receipt(replace(found, meters=(meter,), tariff=tariff, statement=statement(charged)), PROFILE, LINKS)
    adds_up(one)
    assert bool(one.lines) == (abs(off) <= 1)


# The payment code


def test_what_a_receipt_is_paid_by_is_a_setting() -> None:
    link = "https://qr.example/AS1?account={account}&month={month}&sum={kopecks}"
    by_link = example(settings=ReceiptSettings(PaymentCodeKind.SBP_LINK, link))
    assert by_link.payment_code == b"https://qr.example/AS1?account=360000123456&month=102026&sum=123456"
    assert example(settings=ReceiptSettings(PaymentCodeKind.NONE)).payment_code == b""
    assert b"|PersAcc=360000123456|PaymPeriod=102026|Sum=123456|" in example().payment_code
    assert receipt(FACTS, replace(PROFILE, requisites=None), LINKS).payment_code == b""


@pytest.mark.parametrize("paid", [1456_75, 2000_00])
def test_what_is_not_owed_has_no_code(paid: int) -> None:
    link = ReceiptSettings(PaymentCodeKind.SBP_LINK, "https://qr.example/AS1")
    settled = replace(FACTS, statement=statement(790_46, opening=666_29, paid=paid))
    assert example(settled).to_pay <= 0
    assert [example(settled, chosen).payment_code for chosen in (None, link)] == [b"", b""]


@pytest.mark.parametrize("link", ["", "http://qr.example", "https://x/{sum}", "https://x/{0}", "https://x/{"])
def test_a_link_that_cannot_be_filled_in_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match=r"^sbp_link"):
        ReceiptSettings(PaymentCodeKind.SBP_LINK, link)


# On paper

KINDS: Final = {
    "three zones": "360000200033",
    "two meters, an advance": "360000200066",
    "a meter replaced": "520000400055",
    "no meter": NO_METER,
    "no readings": SILENT,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_receipts_of_each_kind_are_read_and_paid_from_their_paper(office: Office, kind: str) -> None:
    months = await office.months(KINDS[kind])
    await office.check(KINDS[kind], months[0])
