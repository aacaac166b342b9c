from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.supplier.models import Tariff, Tier, Zone
from services.supplier.pricing import TierCharge, estimate


def tariff(limits: tuple[int | None, ...] = (1100, 2000, None), **prices: tuple[str, ...]) -> Tariff:
    tiers = {
        Zone(zone): tuple(Tier(limit, Decimal(price)) for limit, price in zip(limits, of_zone, strict=True))
        for zone, of_zone in prices.items()
    }
    return Tariff("T", date(2026, 10, 1), tiers)


DAY_NIGHT = tariff(day=("6.66", "9.25", "14.8"), night=("4.66", "6.5", "10.4"))
SINGLE = tariff(single=("6.66", "9.25", "14.8"))


def test_the_preview_of_the_readings_screen() -> None:
    seen = estimate({Zone.DAY: 150, Zone.NIGHT: 80}, DAY_NIGHT)
    assert seen.lines == (
        TierCharge(Zone.DAY, 1, Decimal(150), Decimal("6.66"), 999_00),
        TierCharge(Zone.NIGHT, 1, Decimal(80), Decimal("4.66"), 372_80),
    )
    assert (seen.total, seen.tier, seen.left, seen.partial) == (1371_80, 1, 870, False)


def test_a_tier_is_spread_over_the_zones_pro_rata() -> None:
    seen = estimate({Zone.DAY: 900, Zone.NIGHT: 300}, DAY_NIGHT)
    assert [(line.zone, line.tier, line.kwh, line.kopecks) for line in seen.lines] == [
        (Zone.DAY, 1, Decimal(825), 5494_50),
        (Zone.DAY, 2, Decimal(75), 693_75),
        (Zone.NIGHT, 1, Decimal(275), 1281_50),
        (Zone.NIGHT, 2, Decimal(25), 162_50),
    ]
    assert (seen.tier, seen.left) == (2, 800)
    assert seen.cost_of(Zone.DAY) == 6188_25


def test_shown_volumes_add_up_though_thirds_do_not() -> None:
    seen = estimate({Zone.DAY: 1000, Zone.NIGHT: 500}, tariff((100, 200, None), day=("3",) * 3, night=("3",) * 3))
    assert [line.kwh for line in seen.of_zone(Zone.DAY)] == [Decimal("66.667"), Decimal("66.666"), Decimal("866.667")]
    assert sum(line.kwh for line in seen.of_zone(Zone.DAY)) == 1000


def test_other_meters_of_the_account_have_used_a_part_of_the_tier() -> None:
    seen = estimate({Zone.SINGLE: 100}, SINGLE, used=1050)
    assert [(line.tier, line.kwh) for line in seen.lines] == [(1, Decimal(50)), (2, Decimal(50))]
    assert seen.left == 850


def test_several_months_bring_several_limits() -> None:
    assert [line.tier for line in estimate({Zone.SINGLE: 3000}, SINGLE, months=3).lines] == [1]
    assert estimate({Zone.SINGLE: 3000}, SINGLE, months=3).left == 300
    assert [line.tier for line in estimate({Zone.SINGLE: 3000}, SINGLE).lines] == [1, 2, 3]


@pytest.mark.parametrize(
    ("used", "tier", "left"), [(0, 1, 1100), (1100, 1, 0), (1101, 2, 899), (2000, 2, 0), (2001, 3, None)]
)
def test_the_tier_reached(used: int, tier: int, left: int | None) -> None:
    seen = estimate({Zone.SINGLE: 0}, SINGLE, used=used)
    assert (seen.lines, seen.total, seen.tier, seen.left) == ((), 0, tier, left)


def test_without_tiers_nothing_is_left_to_count() -> None:
    seen = estimate({Zone.SINGLE: 7}, tariff((None,), single=("5.99",)))
    assert (seen.total, seen.tier, seen.left) == (41_93, 1, None)


def test_the_last_tier_has_no_end() -> None:
    assert estimate({Zone.SINGLE: 500}, tariff((100, 200), single=("1", "2"))).total == 900_00


@pytest.mark.parametrize("prices", [DAY_NIGHT, Tariff("empty", date(2026, 1, 1), {}), tariff((None,), night=("1",))])
def test_a_zone_without_a_price_leaves_no_total(prices: Tariff) -> None:
    seen = estimate({Zone.PEAK: 10, Zone.NIGHT: 5}, prices)
    assert seen.partial
    assert seen.total is None
    assert not seen.of_zone(Zone.PEAK)


def test_what_can_be_priced_is_priced() -> None:
    assert estimate({Zone.PEAK: 10, Zone.NIGHT: 5}, DAY_NIGHT).cost_of(Zone.NIGHT) == 23_30


@pytest.mark.parametrize(("price", "kopecks"), [("0.005", 1), ("0.0049", 0), ("0.015", 2), ("0.025", 3)])
def test_half_a_kopeck_goes_up(price: str, kopecks: int) -> None:
    assert estimate({Zone.SINGLE: 1}, tariff((None,), single=(price,))).total == kopecks


@pytest.mark.parametrize(("kwh", "used"), [(-1, 0), (1, -1)])
def test_negative_energy_is_refused(kwh: int, used: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        estimate({Zone.SINGLE: kwh}, SINGLE, used=used)


kwh = st.integers(0, 20_000)
two_zones = st.fixed_dictionaries({Zone.DAY: kwh, Zone.NIGHT: kwh})
prices = st.lists(st.decimals("0.5", "30", places=2), min_size=3, max_size=3).map(sorted)
limits = st.lists(st.integers(1, 9000), min_size=2, max_size=2, unique=True).map(sorted)
months = st.integers(1, 6)


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    bounds: list[int | None] = [*draw(limits), None]
    zones = {zone: tuple(map(Tier, bounds, draw(prices))) for zone in (Zone.DAY, Zone.NIGHT)}
    return Tariff("T", date(2026, 10, 1), zones)


@given(two_zones, tariffs(), kwh, months)
def test_tiers_of_a_zone_add_up_to_its_consumption(
    consumption: Mapping[Zone, int], prices: Tariff, used: int, months: int
) -> None:
    seen = estimate(consumption, prices, used, months)
    for zone, gone in consumption.items():
        assert sum(line.kwh for line in seen.of_zone(zone)) == gone
    assert seen.total == sum(line.kopecks for line in seen.lines)


@given(two_zones, tariffs(), kwh, st.sampled_from([Zone.DAY, Zone.NIGHT]), st.integers(1, 500))
def test_more_energy_never_costs_less(
    consumption: Mapping[Zone, int], prices: Tariff, used: int, zone: Zone, more: int
) -> None:
    dearer = estimate({**consumption, zone: consumption[zone] + more}, prices, used).total
    cheaper = estimate(consumption, prices, used).total
    assert dearer is not None
    assert cheaper is not None
    assert dearer >= cheaper


@given(two_zones, tariffs(), kwh)
def test_splitting_into_zones_leaves_the_tier_volumes(
    consumption: Mapping[Zone, int], prices: Tariff, used: int
) -> None:
    whole = {Zone.DAY: sum(consumption.values())}
    split, together = estimate(consumption, prices, used), estimate(whole, prices, used)
    for tier in (1, 2, 3):
        parts = sum(line.kwh for line in split.lines if line.tier == tier)
        whole_tier = sum(line.kwh for line in together.lines if line.tier == tier)
        assert -Decimal("0.001") <= parts - whole_tier <= Decimal("0.001")
    assert (split.tier, split.left) == (together.tier, together.left)


@given(two_zones, tariffs(), kwh)
def test_every_line_is_exact_to_half_a_kopeck(consumption: Mapping[Zone, int], prices: Tariff, used: int) -> None:
    total, first, second = sum(consumption.values()), *(tier.up_to_kwh or 0 for tier in prices.tiers[Zone.DAY][:2])
    ends = [0, first, second, max(used + total, second)]
    for line in estimate(consumption, prices, used).lines:
        volume = min(ends[line.tier], used + total) - max(ends[line.tier - 1], used)
        exact = Fraction(volume * consumption[line.zone], total) * Fraction(line.price) * 100
        assert -Fraction(1, 2) <= exact - line.kopecks < Fraction(1, 2)
