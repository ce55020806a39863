"""The lock of a file: one holder, named; gone with its process, whatever that has started or forked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TextIO, cast

import pytest

from nova.core.errors import NotReady
from nova.pipelines.lock import hold, holder

# Holds the lock, leaves a child of the named kind behind, says the child's process, and waits to be killed.
_HOLDS = """
import os, subprocess, sys, time
from pathlib import Path
from nova.pipelines.lock import hold
lock = hold(Path(sys.argv[1]), "nova test")
if sys.argv[2] == "forked":
    child = os.fork()
    if child == 0:
        time.sleep(60)
else:
    child = subprocess.Popen(["sleep", "60"], close_fds=False).pid
print(child, flush=True)
time.sleep(60)
"""


@pytest.fixture(params=["forked", "started"])
def orphan(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[int]:
    """The process of a child whose parent held the lock and was killed."""
    command = [sys.executable, "-c", _HOLDS, str(tmp_path / "nova.db"), str(request.param)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        child = int(cast("TextIO", parent.stdout).readline())
        with pytest.raises(NotReady):
            hold(tmp_path / "nova.db", "another", wait_seconds=0)
        parent.kill()
    yield child
    os.kill(child, signal.SIGKILL)


def test_no_child_keeps_the_lock(orphan: int, tmp_path: Path) -> None:
    """When its holder is killed the lock is free, though a child that it forked or started lives on."""
    os.kill(orphan, 0)
    assert holder(tmp_path / "nova.db") is None
    hold(tmp_path / "nova.db", "the next").release()


def test_one_holder(tmp_path: Path) -> None:
    """A lock that is held is refused with who has it; released, it is the next one's."""
    database = tmp_path / "nova.db"
    assert holder(database) is None
    first = hold(database, "nova worker with a long command")
    found = holder(database)
    assert found is not None
    assert (found.pid, found.what) == (os.getpid(), "nova worker with a long command")
    with pytest.raises(NotReady, match=f"“nova worker with a long command” \\(process {os.getpid()}, since 20"):
        hold(database, "nova", wait_seconds=0)
    first.release()
    first.release()
    second = hold(database, "nova")
    found = holder(database)
    assert found is not None
    assert found.what == "nova"
    second.release()


def test_a_holder_that_cannot_be_read_is_refused_all_the_same(tmp_path: Path) -> None:
    """A lock file with anything in it does not let a second holder in, and does not break the refusal."""
    database = tmp_path / "nova.db"
    lock = hold(database, "nova worker")
    (tmp_path / "nova.db.owner").write_text("{", encoding="utf-8")
    with pytest.raises(NotReady, match="another Nova"):
        hold(database, "nova", wait_seconds=0)
    lock.release()
