"""The git command line, tamed: a repository's configuration executes nothing, nothing is fetched, output ends.

Knows how to run git safely; refuses to know what the output means.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nova.core.errors import ToolFailed
from nova.core.text import shorten

SECONDS_MAX = 15.0
OUTPUT_BYTES_MAX = 4_000_000
NAMES_BYTES_MAX = 60_000_000  # about a million file names
_REVISION = re.compile(r"[A-Za-z0-9_@][\w./@{}^~+-]{0,199}")
_QUIET = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "core.quotePath=false", "color.ui=false",
    "core.attributesFile=/dev/null", "diff.noprefix=false", "diff.mnemonicPrefix=false",
    "log.showSignature=false", "log.mailmap=true", "log.date=iso-strict", "protocol.allow=never",
    "core.alternateRefsCommand=", "core.sshCommand=false", "credential.helper=",
    "gc.auto=0", "maintenance.auto=false", "blame.ignoreRevsFile=",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What git printed. cut: there was more than it may hold."""

    text: str
    cut: bool


def top_of(root: Path) -> Path | None:
    """The folder that holds `.git`, at `root` or above it; None outside a repository."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def git(
    root: Path,
    verb: str,
    *arguments: str,
    seconds_max: float = SECONDS_MAX,
    bytes_max: int = OUTPUT_BYTES_MAX,
    partial: bool = False,
) -> Output:
    """Run one git verb in `root`. Raises ToolFailed when git is missing, there is no repository, or git refuses.

    partial: what was printed when time runs out is given as an output that was cut; else that is a failure too.
    """
    top = top_of(root)
    if top is None:
        raise ToolFailed("The project's folder is not in a git repository.", "Run `git init` there to start a history.")
    if any("\0" in argument for argument in arguments):
        raise ToolFailed(f"git {verb} cannot be asked for a text that holds a NUL character.", "Leave it out.")
    options = [part for setting in (*_QUIET, f"safe.directory={top}", *_disarmed(top)) for part in ("-c", setting)]
    code, out, err, cut = _run(["git", "--no-pager", *options, verb, *arguments], root, seconds_max, bytes_max, partial)
    if code and not cut:
        complaint = next((line for line in err.splitlines() if line.startswith(("fatal:", "error:"))), err)
        raise ToolFailed(f"git {verb} failed: {shorten(complaint.removeprefix('fatal: '), 200)}.", _mend(err))
    return Output(text=out, cut=cut)


def _mend(err: str) -> str:
    if "does not have any commits" in err or "bad revision 'HEAD'" in err or "ambiguous argument 'HEAD'" in err:
        return "The repository has no commit yet."
    if "unknown revision" in err or "bad revision" in err:
        return "git_log shows the commits there are."
    return "`git status` in that folder says more."


def _run(
    command: list[str],
    folder: Path,
    seconds_max: float = SECONDS_MAX,
    bytes_max: int = OUTPUT_BYTES_MAX,
    partial: bool = False,
) -> tuple[int, str, str, bool]:
    """(exit code, output, complaints, whether the output was cut)."""
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=_environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints,
            )  # fmt: skip
        except FileNotFoundError:
            if not folder.is_dir():
                raise ToolFailed("The project's folder is gone.", "Correct `repository:` in its file.") from None
            mend = "Install git, for instance with `apt install git`."
            raise ToolFailed("The command git was not found.", mend) from None
        code, data, timed_out = _drained(process, seconds_max, bytes_max)
        complaints.seek(0)
        err = complaints.read(20_000).decode("utf-8", "replace")
    if timed_out and not partial:
        raise ToolFailed(f"git did not finish within {seconds_max:g} seconds.", "Ask for a smaller part.")
    return code, data[:bytes_max].decode("utf-8", "replace"), err, timed_out or len(data) > bytes_max


def _drained(process: subprocess.Popen[bytes], seconds_max: float, bytes_max: int) -> tuple[int, bytes, bool]:
    """(exit code, at most one byte more than bytes_max, whether time ran out)."""
    clock = threading.Timer(seconds_max, process.kill)
    clock.start()
    with process:
        assert process.stdout is not None
        data = process.stdout.read(bytes_max + 1)
        if len(data) > bytes_max:
            process.kill()
        code = process.wait()
    timed_out = not clock.is_alive()
    clock.cancel()
    return code, data, timed_out


def _environment() -> dict[str, str]:
    """Nothing of the caller's git settings; no prompt, no lock, no network."""
    kept = {name: value for name in ("PATH", "SYSTEMROOT", "TMPDIR") if (value := os.environ.get(name))}
    return kept | {
        "LC_ALL": "C.UTF-8", "HOME": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none", "GIT_ATTR_NOSYSTEM": "1", "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_REPLACE_OBJECTS": "1", "GIT_ASKPASS": "false",
    }  # fmt: skip


def _disarmed(top: Path) -> tuple[str, ...]:
    """Settings that switch off every filter and diff driver the repository's own configuration names."""
    config = _git_folder(top) / "config"
    try:
        return _switched_off(top, config.stat().st_mtime_ns)
    except OSError:
        return _switched_off(top, 0)


def _git_folder(top: Path) -> Path:
    return top / ".git"


@lru_cache(maxsize=64)
def _switched_off(top: Path, changed_ns: int) -> tuple[str, ...]:
    del changed_ns  # part of the key only
    command = ["git", "-c", f"safe.directory={top}", "config", "--includes", "--name-only", "-z", "--get-regexp"]
    code, out, _, _ = _run([*command, r"^(filter|diff)\..*\.(clean|smudge|process|required|command|textconv)$"], top)
    if code:
        return ()
    keys = [key for key in out.split("\0") if key and "=" not in key and "\n" not in key]
    return tuple(f"{key}={'false' if key.endswith('.required') else ''}" for key in dict.fromkeys(keys))


def revision(text: str) -> str:
    """A revision or range that can be handed to git. Raises ToolFailed for anything that looks like something else."""
    asked = text.strip()
    ends = re.split(r"\.{2,3}", asked)
    if len(ends) > 2 or not all(_REVISION.fullmatch(end) for end in ends):
        mend = "Use a commit's short id, a branch, a tag, HEAD~2, or two of them with .. between."
        raise ToolFailed(f"“{shorten(asked, 60)}” is not a revision.", mend)
    return asked


def listed_files(root: Path) -> list[str] | None:
    """The files git knows or would add below `root`, sorted; None when git cannot say (no repository, no git).

    A folder that an outer repository ignores counts as having no repository: its files are all there is.
    """
    top = top_of(root)
    if top is None:
        return None
    try:
        out = git(
            root, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ".", bytes_max=NAMES_BYTES_MAX
        )
    except ToolFailed:
        return None
    names = sorted({name for name in out.text.split("\0") if name})
    return names or (None if top != root else [])
