"""The cost of consumption: prices by zone and tier, tier volumes spread over the zones pro rata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from services.supplier.models import Tariff, Tier, Zone


@dataclass(frozen=True, slots=True)
class TierCharge:
    """One zone within one tier. `tier` counts from 1, `kwh` has at most 3 decimals, `price` is roubles per
    kWh; `kopecks` come from the exact volume, rounded half up."""

    zone: Zone
    tier: int
    kwh: Decimal
    price: Decimal
    kopecks: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """`total` in kopecks, None when some zone has no price. `tier` is the one reached, from 1, and `left`
    the kWh until it ends, None where it has no end."""

    lines: tuple[TierCharge, ...]
    total: int | None
    tier: int
    left: int | None

    @property
    def partial(self) -> bool:
        return self.total is None

    def of_zone(self, zone: Zone) -> tuple[TierCharge, ...]:
        return tuple(line for line in self.lines if line.zone is zone)

    def cost_of(self, zone: Zone) -> int:
        """Kopecks."""
        return sum(line.kopecks for line in self.of_zone(zone))


def estimate(consumption: Mapping[Zone, int], tariff: Tariff, used: int = 0, months: int = 1) -> Estimate:
    """Price kWh by zone. `used`: kWh of the month that other meters of the account have taken already;
    `months`: how many months the consumption spans, each bringing its own tier limits. The last tier has
    no end even if the tariff gives it one. Raises ValueError for negative kWh."""
    if used < 0 or any(kwh < 0 for kwh in consumption.values()):
        raise ValueError("consumption cannot be negative")
    limits = _limits(tariff, months)
    volumes = _tier_volumes(limits, used, sum(consumption.values()))
    priced = {zone: tariff.tiers[zone] for zone in consumption if len(tariff.tiers.get(zone, ())) == len(volumes)}
    lines = tuple(line for zone, tiers in priced.items() for line in _lines(zone, consumption[zone], volumes, tiers))
    total = sum(line.kopecks for line in lines) if len(priced) == len(consumption) else None
    return Estimate(lines, total, *_reached(limits, used + sum(consumption.values())))


def _limits(tariff: Tariff, months: int) -> list[int]:
    """Upper kWh limits of all tiers but the last."""
    tiers = max(tariff.tiers.values(), key=len, default=())
    return [tier.up_to_kwh * months for tier in tiers[:-1] if tier.up_to_kwh is not None]


def _tier_volumes(limits: list[int], used: int, total: int) -> list[int]:
    """kWh of all zones together that fall into each tier, counting from `used`."""
    bounds = [0, *limits, max(used + total, *limits, 0)]
    return [max(0, min(upper, used + total) - max(lower, used)) for lower, upper in pairwise(bounds)]


def _lines(zone: Zone, kwh: int, volumes: list[int], tiers: tuple[Tier, ...]) -> Iterator[TierCharge]:
    # Shown volumes are differences of rounded running sums, so that they add up to the whole.
    whole, before = sum(volumes), 0  # kWh of the zone are counted in parts of `whole`, which are integers
    for index, (volume, tier) in enumerate(zip(volumes, tiers, strict=True)):
        parts = volume * kwh
        if parts == 0:
            continue
        shown = Decimal(_rounded((before + parts) * 1000, whole) - _rounded(before * 1000, whole)) / 1000
        before += parts
        roubles, of = tier.price.as_integer_ratio()
        yield TierCharge(zone, index + 1, shown, tier.price, _rounded(parts * roubles * 100, whole * of))


def _reached(limits: list[int], total: int) -> tuple[int, int | None]:
    for tier, limit in enumerate(limits, start=1):
        if total <= limit:
            return tier, limit - total
    return len(limits) + 1, None


def _rounded(amount: int, of: int) -> int:
    """`amount / of`, half up."""
    return (2 * amount + of) // (2 * of)
