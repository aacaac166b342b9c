"""What a benchmark reports."""

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
