"""What all tests stand on: no network but loopback, no real model, one numeric thread, a home of their own."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
SUPPORT = Path(__file__).parent / "support"
CONNECTIONS = Path(tempfile.mkdtemp(prefix="nova-tests-")) / "connections.txt"
os.environ["NOVA_TEST_CONNECTIONS"] = str(CONNECTIONS)
os.environ["PYTHONPATH"] = os.pathsep.join([str(SUPPORT), str(Path(__file__).parent.parent / "src")])
_spec = importlib.util.spec_from_file_location("nova_sitecustomize", SUPPORT / "sitecustomize.py")
assert _spec is not None
assert _spec.loader is not None
_spec.loader.exec_module(importlib.util.module_from_spec(_spec))

for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "NOVA_HOME"):
    os.environ.pop(name, None)

import pydantic_ai.models  # noqa: E402 - after the watch is on

pydantic_ai.models.ALLOW_MODEL_REQUESTS = False


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.at

    def forward(self, **by: float) -> None:
        """Puts it forward, by timedelta's own words."""
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    """Friday, 20 November 2026, ten in the morning."""
    return Clock(datetime(2026, 11, 20, 10, 0, tzinfo=UTC))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The suite fails when any process of it tried to reach another machine, but for the one that tries on purpose."""
    del exitstatus
    tried = CONNECTIONS.read_text(encoding="utf-8").split() if CONNECTIONS.exists() else []
    strangers = [host for host in tried if host != "192.0.2.1"]
    if strangers:
        print(f"\nThe suite tried to reach {sorted(set(strangers))}; no byte may leave this machine.")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
