"""One line at the end of a run: what the kills have cost."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tallies = list(_tallies(terminalreporter).values())
    if tallies:
        total = {name: sum(tally[name] for tally in tallies) for name in ("updates", "kills", "repeated")}
        most = max(tally["most"] for tally in tallies)
        terminalreporter.write_line(
            "{kills} kills, {updates} updates: lost, doubled or out of order 0, messages again {repeated}, "
            "at most {most} for one person after one kill".format(**total, most=most)
        )


def _tallies(reporter: pytest.TerminalReporter) -> dict[str, dict[str, Any]]:
    """By test, of those that passed."""
    reports = [report for reports in reporter.stats.values() for report in reports]
    found = [(report.nodeid, dict(getattr(report, "user_properties", ()))) for report in reports if report]
    return {nodeid: properties["tally"] for nodeid, properties in found if "tally" in properties}
