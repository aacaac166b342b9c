"""Two lines at the end of a run: what the kills have cost, of one conversation and of many at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

_LINE = (
    "{kills} kills {kind}, {updates} updates: lost, doubled or out of order 0, messages again {repeated}, "
    "at most {most} after one kill"
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tallies = list(_tallies(terminalreporter).values())
    for line in (*_summary(tallies, "of one conversation", alone=True), *_summary(tallies, "under load", alone=False)):
        terminalreporter.write_line(line)


def _summary(tallies: list[dict[str, Any]], kind: str, *, alone: bool) -> Iterator[str]:
    own = [tally for tally in tallies if tally["alone"] is alone]
    if own:
        total = {name: sum(tally[name] for tally in own) for name in ("updates", "kills", "repeated")}
        yield _LINE.format(kind=kind, **total, most=max(tally["most"] for tally in own))


def _tallies(reporter: pytest.TerminalReporter) -> dict[str, dict[str, Any]]:
    """By test, of those that passed."""
    reports = [report for reports in reporter.stats.values() for report in reports]
    found = [(report.nodeid, dict(getattr(report, "user_properties", ()))) for report in reports if report]
    return {nodeid: properties["tally"] for nodeid, properties in found if "tally" in properties}
