"""git processes that outlive the Nova that started them. Looks at processes; ends none.

A Nova that is killed leaves its git running for a moment, and what comes after it must not mend what is still moving.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

SECONDS_MAX = 20.0
_PROCESSES = Path("/proc")


def wait_for_git(folder: Path, seconds_max: float = SECONDS_MAX) -> None:
    """Come back when no git works in a folder or was told its path; at the latest after `seconds_max`.

    Where there is no /proc nothing is seen, and half a second must do.
    """
    if not _PROCESSES.is_dir():
        time.sleep(0.5)
        return
    ends = time.monotonic() + seconds_max
    while _at_work(folder) and time.monotonic() < ends:
        time.sleep(0.02)


def _at_work(folder: Path) -> bool:
    return any(_concerns(process, folder) for process in _PROCESSES.iterdir() if process.name.isdigit())


def _concerns(process: Path, folder: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        if not Path(os.fsdecode(words[0])).name.startswith("git"):
            return False
        at = (process / "cwd").readlink()
    except OSError:  # it has ended, or is somebody else's
        return False
    return at.is_relative_to(folder) or os.fsencode(folder) in words
