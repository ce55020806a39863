"""Whether the sandbox holds on this machine, tried out rather than believed. Knows what to try and what to tell.

Every promise is tried inside before anything else is run there. One that fails makes the whole sandbox unusable:
code is then not executed at all, which is said, and never executed without it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nova.core.text import shorten
from nova.policy.bubblewrap import Limits, candidates, line, prlimit

_SECONDS_MAX = 10.0
_TRIED = f"""
[ -e "$1" ] && echo files outside can be read
[ -n "$NOVA_SELF_TEST" ] && echo the environment is passed on
( : > /usr/nova-self-test ) 2>/dev/null && echo the system can be written
[ -w /proc/sys/kernel/core_pattern ] && echo "the kernel's settings can be written"
( : > /project/written ) 2>/dev/null || echo its own folder cannot be written
[ "$(ulimit -n)" = {Limits().open_files} ] || echo the limits are not set
while read -r name rest; do
  case "$name" in Inter-*|face|lo:*) ;; *) echo the network can be reached ;; esac
done < /proc/net/dev
set -- /proc/[0-9]*
[ $# -gt 4 ] && echo processes outside are seen
command -v unshare > /dev/null && unshare -U true 2>/dev/null && echo further user namespaces can be made
exit 0
"""
_INSTALL = "Install it, for instance with `apt install bubblewrap`."
_FORBIDDEN = (
    "This system forbids user namespaces: install the system's bubblewrap, whose AppArmor profile allows them, "
    "or in a container give it the right to make them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Whether code can be executed safely here. bwrap, limiter: the programs that were found good, None without.

    what, mend: why not, and what to do. not_held: what even a good sandbox does not hold on this machine.
    """

    bwrap: Path | None = None
    limiter: Path | None = None
    what: str = ""
    mend: str = ""
    not_held: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether anything may be run."""
        return self.bwrap is not None and self.limiter is not None


_good: list[Ready] = []


def ready() -> Ready:
    """Try the sandbox out; a good one is remembered for this process, a bad one is tried again. Takes about 20 ms."""
    if not _good:
        found = _tried()
        if not found.usable:
            return found
        _good.append(found)
    return _good[0]


def _tried() -> Ready:
    if not sys.platform.startswith("linux"):
        return Ready(what="Code is executed only on Linux, where bubblewrap can hold it.", mend="Run Nova in Linux.")
    limiter = prlimit()
    if limiter is None:
        return Ready(what="The command prlimit was not found.", mend="Install util-linux.")
    complaint = Ready(what="The sandbox needs bubblewrap, which was not found.", mend=_INSTALL)
    for bwrap in candidates():
        complaint = _judged(bwrap, limiter)
        if complaint.usable:
            return complaint
    return complaint


def _judged(bwrap: Path, limiter: Path) -> Ready:
    with tempfile.TemporaryDirectory(prefix="nova-sandbox-") as scratch:
        folder, outside = Path(scratch) / "project", Path(scratch) / "outside"
        folder.mkdir()
        outside.write_text("not to be seen", encoding="utf-8")
        command = line(
            bwrap, ["/bin/sh", "-c", _TRIED, "sh", str(outside)],
            folder=folder, readable=(), env={}, limits=Limits(), limiter=limiter,
        )  # fmt: skip
        try:
            done = subprocess.run(
                command, env={"NOVA_SELF_TEST": "1"}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                errors="replace", timeout=_SECONDS_MAX, check=False, start_new_session=True,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as problem:
            return Ready(what=f"The sandbox does not start: {shorten(str(problem), 160)}.", mend=_INSTALL)
    said = done.stdout.strip()
    if done.returncode == 0 and not said:
        return Ready(bwrap=bwrap, limiter=limiter, not_held=_not_held())
    if said:
        return Ready(what=f"The sandbox does not hold: {'; '.join(said.splitlines())}.", mend=_INSTALL)
    forbidden = "uid map" in done.stderr or "namespace" in done.stderr
    told = shorten(done.stderr, 160) or f"it ended with {done.returncode}"
    return Ready(what=f"The sandbox does not start: {told}.", mend=_FORBIDDEN if forbidden else _INSTALL)


def _not_held() -> tuple[str, ...]:
    always = ("Memory is limited for each process, not for all of them together.",)
    return (*always, "Run as root, the number of processes is not limited.") if os.geteuid() == 0 else always
