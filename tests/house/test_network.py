"""No byte of the test suite leaves the machine: the watch works, and it has seen nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

OUTSIDE = "192.0.2.1"  # TEST-NET-1 of RFC 5737: nobody's address
_TRY = f"import socket; socket.create_connection(('{OUTSIDE}', 80), timeout=1)"


def test_the_watch_refuses_an_outside_address() -> None:
    """A connection to another machine is refused before a packet is sent, in this process."""
    with pytest.raises(PermissionError, match="tried to reach"), socket.socket() as opened:
        opened.connect((OUTSIDE, 80))


def test_the_watch_covers_child_processes(tmp_path: Path) -> None:
    """A child process of a test is watched too, and what it tried is written down."""
    log = tmp_path / "connections.txt"
    child = subprocess.run(
        [sys.executable, "-c", _TRY],
        env={**os.environ, "NOVA_TEST_CONNECTIONS": str(log)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode != 0
    assert "tried to reach" in child.stderr
    assert OUTSIDE in log.read_text(encoding="utf-8")


def test_loopback_is_allowed() -> None:
    """Tests may talk to servers of their own."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
