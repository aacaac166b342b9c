"""A pytest plugin for CI, `-p tests.nothing_skipped`: a skipped test has shown nothing, so the run fails."""

from __future__ import annotations

import pytest


def _skipped(config: pytest.Config) -> int:
    """How many tests were skipped; 0 in a process that does not report."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter else 0


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := _skipped(config):
        terminalreporter.write_line(f"{count} skipped, and here nothing may be skipped: the run fails.", red=True)
