"""A pytest plugin for build machines: a test that was skipped or never ran counts as a failure.

Two tests need opposite users (root, not root), so reasons that name root are taken. Loaded by ./test when CI=true.
"""

from __future__ import annotations

import pytest

TAKEN = "root"
_SKIPPED: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Notes each skip with its reason."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if report.skipped and TAKEN not in reason:
        _SKIPPED.append(f"{report.nodeid}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turns a green run with skips into a failed one."""
    if _SKIPPED and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says which tests were passed over, above pytest's own last line."""
    for line in _SKIPPED:
        terminalreporter.write_line(f"SKIPPED, which a build machine does not accept: {line}")
