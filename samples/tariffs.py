"""Prices of the sample registry: the single-zone price of each tier, the other zones follow by a factor.

Rostov and Kuban are near the published prices of 2025-2026, the rest is plausible.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

Row = tuple[str, ...]
Prices = tuple[str, str, str]

KOPECK = Decimal("0.01")
FACTORS = {
    "single": Decimal(1),
    "day": Decimal("1.15"),
    "night": Decimal("0.805"),
    "peak": Decimal("1.3"),
    "half_peak": Decimal(1),
}

# region and category → tier limits in kWh a month, then prices of the three tiers from a day on
LADDERS: dict[tuple[str, str], tuple[tuple[int, int], dict[date, Prices]]] = {
    ("36", "gas"): (
        (1100, 1700),
        {
            date(2024, 1, 1): ("4.61", "6.24", "9.91"),
            date(2025, 7, 1): ("5.19", "7.02", "11.15"),
            date(2026, 10, 1): ("5.79", "8.05", "12.70"),
        },
    ),
    ("36", "electric"): (
        (1200, 1900),
        {
            date(2024, 1, 1): ("3.23", "4.37", "9.91"),
            date(2025, 7, 1): ("3.63", "4.91", "11.15"),
            date(2026, 10, 1): ("4.05", "5.64", "12.70"),
        },
    ),
    ("36", "rural"): (
        (1600, 2500),
        {
            date(2024, 1, 1): ("3.23", "4.37", "9.91"),
            date(2025, 7, 1): ("3.63", "4.91", "11.15"),
            date(2026, 10, 1): ("4.05", "5.64", "12.70"),
        },
    ),
    ("61", "gas"): (
        (3200, 6000),
        {
            date(2024, 1, 1): ("5.32", "7.24", "12.10"),
            date(2026, 1, 1): ("5.99", "8.16", "13.67"),
            date(2026, 10, 1): ("6.66", "9.25", "14.80"),
        },
    ),
    ("61", "electric"): (
        (3200, 6000),
        {
            date(2024, 1, 1): ("3.73", "5.07", "8.47"),
            date(2026, 1, 1): ("4.20", "5.72", "9.57"),
            date(2026, 10, 1): ("4.70", "6.50", "10.40"),
        },
    ),
    ("61", "rural"): (
        (3200, 6000),
        {
            date(2024, 1, 1): ("3.73", "5.07", "8.47"),
            date(2026, 1, 1): ("4.20", "5.72", "9.57"),
            date(2026, 10, 1): ("4.70", "6.50", "10.40"),
        },
    ),
    ("52", "gas"): (
        (1000, 2000),
        {
            date(2024, 1, 1): ("5.06", "6.98", "10.55"),
            date(2025, 7, 1): ("5.70", "7.86", "11.88"),
            date(2026, 10, 1): ("6.35", "8.76", "13.24"),
        },
    ),
    ("52", "electric"): (
        (1300, 2600),
        {
            date(2024, 1, 1): ("3.54", "4.89", "10.55"),
            date(2025, 7, 1): ("3.99", "5.50", "11.88"),
            date(2026, 10, 1): ("4.45", "6.13", "13.24"),
        },
    ),
    ("52", "rural"): (
        (1300, 2600),
        {
            date(2024, 1, 1): ("3.54", "4.89", "10.55"),
            date(2025, 7, 1): ("3.99", "5.50", "11.88"),
            date(2026, 10, 1): ("4.45", "6.13", "13.24"),
        },
    ),
    ("23", "gas"): (
        (1100, 1700),
        {
            date(2024, 1, 1): ("6.52", "8.87", "12.99"),
            date(2025, 7, 1): ("7.35", "10.00", "14.64"),
            date(2026, 10, 1): ("8.18", "11.13", "16.29"),
        },
    ),
    ("23", "electric"): (
        (1300, 2000),
        {
            date(2024, 1, 1): ("4.57", "6.21", "12.99"),
            date(2025, 7, 1): ("5.15", "7.00", "14.64"),
            date(2026, 10, 1): ("5.73", "7.79", "16.29"),
        },
    ),
    ("23", "rural"): (
        (1300, 2000),
        {
            date(2024, 1, 1): ("4.57", "6.21", "12.99"),
            date(2025, 7, 1): ("5.15", "7.00", "14.64"),
            date(2026, 10, 1): ("5.73", "7.79", "16.29"),
        },
    ),
}


def code(region: str, category: str) -> str:
    return f"{region}-{category}"


def rows() -> Iterator[Row]:
    """Lines of tariffs.csv."""
    for (region, category), (limits, versions) in LADDERS.items():
        for valid_from, prices in versions.items():
            for zone in FACTORS:
                for tier, limit in enumerate((*limits, ""), 1):
                    price = zone_price(prices[tier - 1], zone)
                    yield code(region, category), str(valid_from), zone, str(tier), str(limit), str(price)


def zone_price(single: str, zone: str) -> Decimal:
    return (Decimal(single) * FACTORS[zone]).quantize(KOPECK, ROUND_HALF_UP)


def cost(region: str, category: str, first_day: date, volumes: dict[str, int]) -> Decimal:
    """Roubles for a month's kWh by zone; the volume of a tier is spread over the zones pro rata."""
    limits, versions = LADDERS[region, category]
    prices = versions[max(day for day in versions if day <= first_day)]
    total = sum(volumes.values())
    bounds = (0, *limits, max(total, limits[-1]))
    roubles = Decimal(0)
    for tier, single in enumerate(prices):
        inside = max(0, min(total, bounds[tier + 1]) - bounds[tier])
        for zone, volume in volumes.items():
            roubles += zone_price(single, zone) * volume * inside / max(total, 1)
    return roubles.quantize(KOPECK, ROUND_HALF_UP)
