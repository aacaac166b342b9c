"""The report of a benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of one run. `ratio` compares ours with the reference in the direction of its mark:
    for speeds ours / reference (higher is better), for times ours / reference (lower is better)."""

    name: str
    ours: float
    reference: float
    ratio: float
    unit: str

    def __str__(self) -> str:
        figures = f"{self.ours:>12,.4g} {self.reference:>12,.4g} {self.unit:<10} ratio {self.ratio:.2f}"
        return f"{self.name:<70} {figures}"
