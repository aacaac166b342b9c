"""Receipts for tests: one by hand, and invented ones of any size; and what their figures come to."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import hypothesis
from hypothesis import strategies as st

from services.payments.requisites import Requisites
from services.receipts.models import Receipt, ReceiptLinks
from services.receipts.payment_code import ReceiptSettings
from services.receipts.receipts import receipt
from services.supplier.models import (
    Account,
    Meter,
    Month,
    Reading,
    ReceiptFacts,
    Statement,
    Tariff,
    Tier,
    Zone,
    ZoneScheme,
)
from services.supplier.periods import ReadingDays
from services.supplier.profile import Region, SupplierProfile

REGION: Final = Region("", ("36",), ZoneInfo("Europe/Moscow"), ReadingDays(23, 25))
OURS: Final = Requisites(
    name="АО «Пример Энергосбыт»",
    personal_acc="40702810138250123017",
    bank_name="ПАО «Банк Пример»",
    bic="044525225",
    corresp_acc="30101810400000000225",
    payee_inn="7700000009",
    kpp="770001001",
    purpose="Электроэнергия",
)
PROFILE: Final = SupplierProfile(
    "АО «Пример Энергосбыт»", "https://energosbyt.example", "8 800 000-00-00", "8:00–20:00", (REGION,), (), REGION, OURS
)
LINKS: Final = ReceiptLinks(
    "https://t.me/example_bot?start=r_Zk3v9QpX7aLw2mTd",
    "https://t.me/example_bot?start=p_Zk3v9QpX7aLw2mTd",
    "https://t.me/example_bot?start=m_Zk3v9QpX7aLw2mTd",
)
OCTOBER: Final = Month(2026, 10)
PRICES: Final = {Zone.SINGLE: "5.79", Zone.DAY: "6.66", Zone.NIGHT: "4.66", Zone.PEAK: "7.53", Zone.HALF_PEAK: "5.79"}
TARIFF: Final = Tariff(
    "36-gas",
    date(2026, 10, 1),
    {
        zone: (Tier(1100, Decimal(price)), Tier(1700, Decimal(price) * 2), Tier(None, Decimal(price) * 3))
        for zone, price in PRICES.items()
    },
)


def stepping(number: str, scheme: ZoneScheme, *values: tuple[Month, tuple[int, ...]], **more: object) -> Meter:
    """A meter with counted readings of all its zones on the 24th of each month."""
    readings = [
        Reading(zone, month.day(24), value, counted=True)
        for month, row in sorted(values, reverse=True)
        for zone, value in zip(scheme.zones, row, strict=True)
    ]
    return replace(Meter(number, scheme, readings=tuple(readings)), **more)  # type: ignore[arg-type]


def statement(charged: int, opening: int = 0, recalculated: int = 0, penalty: int = 0, paid: int = 0) -> Statement:
    to_pay = opening + charged + recalculated + penalty - paid
    return Statement(OCTOBER, opening, charged, recalculated, penalty, paid, to_pay)


FLAT: Final = stepping(
    "10000001",
    ZoneScheme.DAY_NIGHT,
    *((OCTOBER.plus(-back), (3500 - 90 * back, 1500 - 41 * back)) for back in range(13)),
    place="лестничная площадка",
    verification_due=date(2028, 6, 5),
)
FACTS: Final = ReceiptFacts(
    account=Account("360000123456", "г. Воронеж, ул. Лизюкова, д. 12, кв. 45"),
    holder="Ромашкина Мария Ивановна",
    statement=statement(790_46, opening=666_29, paid=222_19),
    meters=(FLAT,),
    tariff=TARIFF,
    paid_on=date(2026, 10, 10),
)


def example(
    facts: ReceiptFacts = FACTS, settings: ReceiptSettings | None = None, links: ReceiptLinks = LINKS
) -> Receipt:
    return receipt(facts, replace(PROFILE, receipts=settings) if settings else PROFILE, links)


def adds_up(one: Receipt) -> None:
    stated = one.statement
    lines = sum(line.kopecks for line in one.lines)
    assert lines + one.rest == stated.charged
    assert stated.opening + stated.charged + stated.recalculated + stated.penalty - stated.paid == one.to_pay
    if one.lines:  # they are the whole explanation: rounding is all that is left
        assert 2 * abs(one.rest) <= len(one.lines) + 1
        assert sum(line.kwh for line in one.lines) == sum(
            register.kwh for meter in one.meters for register in meter.registers if register.kwh is not None
        )
    assert all(abs(line.kwh * line.price * 100 - line.kopecks) < 1 + line.price / 10 for line in one.lines)
    assert [use.month for use in one.history] == [one.month.plus(back) for back in range(-11, 1)]
    assert one.month.plus(1).day(15) == one.pay_by
    assert bool(one.payment_code) == (one.to_pay > 0)


# Invented ones


def invented(usually: int) -> hypothesis.settings:
    """Settings of a test that is given that many receipts, or `RECEIPTS` of the environment."""
    return hypothesis.settings(max_examples=int(os.environ.get("RECEIPTS", usually)), deadline=None)


_signs = st.characters(exclude_categories=["Cs"])
_nasty = st.sampled_from(
    [
        *("#sum", "$x^2$", "\\", '"', '{"a": 1}', "[*_`", "<svg>", "//", "@ref", "~", "~" * 90, "\n\n= Заголовок"),
        *("\U0001f600\U0001f468\u200d\U0001f469", "שלום עולם", "مرحبا", "漢字", "Ж" * 200, "A" * 200, "і" * 50),
        *("\u202e", "\x00", "\u00ad", "\ufeff", "e\u0301", "\u0421\u0306\u0306"),
    ]
)
texts: Final = st.one_of(
    st.text(_signs, max_size=60), st.lists(st.one_of(_nasty, st.text(_signs, max_size=8)), max_size=8).map(" ".join)
)
sums: Final = st.integers(-(10**12), 10**12)
_small = st.integers(0, 3000)


@st.composite
def meters(draw: st.DrawFn) -> Meter:
    scheme = draw(st.sampled_from(list(ZoneScheme)))
    digits = draw(st.integers(1, 9))
    back = draw(st.lists(st.integers(0, 24), unique=True, max_size=14))
    rows = ((OCTOBER.plus(-one), tuple(draw(_small) % 10**digits for _ in scheme.zones)) for one in back)
    return stepping(
        draw(st.one_of(st.integers(1, 10**9).map(str), texts)),
        scheme,
        *rows,
        digits=digits,
        coefficient=draw(st.sampled_from([1, 1, 20, 400])),
        place=draw(texts),
        verification_due=draw(st.none() | st.dates(date(2000, 1, 1), date(2050, 1, 1))),
    )


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    limits = sorted(draw(st.sets(st.integers(1, 9000), max_size=4)))
    prices = st.decimals(0, 100, places=4)
    tiers = {zone: tuple(Tier(limit, draw(prices)) for limit in [*limits, None]) for zone in Zone}
    return Tariff("t", OCTOBER.first - timedelta(days=draw(st.integers(0, 900))), tiers)


@st.composite
def facts(draw: st.DrawFn) -> ReceiptFacts:
    return ReceiptFacts(
        account=Account(f"{draw(st.integers(0, 10**12 - 1)):012}", draw(texts)),
        holder=draw(texts),
        statement=statement(draw(sums), draw(sums), draw(sums), draw(sums), draw(sums)),
        meters=tuple(draw(st.lists(meters(), max_size=5))),
        former=tuple(draw(st.lists(meters(), max_size=1))),
        tariff=draw(st.none() | tariffs()),
        paid_on=draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 10, 31))),
        recommended=draw(st.none() | st.integers(0, 10**9)),
    )
