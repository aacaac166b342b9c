"""The scale of a chart: round numbers up to its tallest bar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.ports import Chart

_LINES = 5  # at most, above nothing


def scale(chart: Chart) -> dict[str, Any]:
    """`top`: what the chart's height stands for; `ticks`: values with their words."""
    tallest = max((sum(bar) for one in chart.columns for bar in (one.before, one.now) if bar), default=0)
    step = next(step for step in _steps() if step * _LINES >= tallest)
    count = max(1, -(-tallest // step))
    ticks = [(value, f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")) for value in range(0, count * step + 1, step)]
    return {"top": count * step, "ticks": ticks}


def _steps() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10
