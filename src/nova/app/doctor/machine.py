"""The doctor on the machine: versions, packages, git, folders, free space."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nova
from nova.app.doctor.finding import Finding, missing, note, ok
from nova.settings.home import Home
from nova.store.glimpse import sqlite_version

PACKAGES = (
    "pydantic-ai-slim", "openai", "pydantic", "sqlalchemy", "alembic", "numpy", "safetensors", "tokenizers",
    "typer", "rich", "pyyaml", "platformdirs", "httpx2", "dbos",
)  # fmt: skip
FREE_MB_NEEDED = 20
FREE_MB_GOOD = 500
REINSTALL = "Set Nova up again: delete the folder .venv beside ./nova, then ./nova doctor"


def examine_machine(home: Home) -> Iterable[Finding]:
    """Versions, packages, git, and the three folders of the home."""
    yield ok("nova", f"{nova.__version__} in {Path(nova.__file__).parent}")
    python = f"{platform.python_version()} ({sys.executable}), {platform.system()} {platform.machine()}"
    yield ok("python", python)
    yield ok("sqlite", sqlite_version())
    yield _packages()
    yield _git()
    for what, folder in (("home folder", home.root), ("data folder", home.data), ("cache folder", home.cache)):
        yield _folder(what, folder)


def _packages() -> Finding:
    versions: list[str] = []
    absent: list[str] = []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
    if absent:
        return missing("packages", f"not installed: {', '.join(absent)}", REINSTALL)
    return ok("packages", ", ".join(versions))


def _git() -> Finding:
    mend = "Install it (Debian, Ubuntu: apt install git; macOS: xcode-select --install)"
    try:
        done = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return missing("git", "not found; the home's text files are kept in it, and projects are read through it", mend)
    if done.returncode:
        return missing("git", done.stderr.strip() or "does not work", mend)
    return ok("git", done.stdout.strip().removeprefix("git version "))


def _folder(what: str, folder: Path) -> Finding:
    there = folder
    while not _exists(there) and there != there.parent:
        there = there.parent
    free_mb = shutil.disk_usage(there).free // 1_000_000
    seen = f"{folder}, {free_mb:,} MB free" + ("" if there == folder else ", not made yet")
    mend = "Set NOVA_HOME (and NOVA_CACHE) to a folder you own."
    if not there.is_dir():
        return missing(what, f"{folder}: {there} is a file, and a folder is needed", mend)
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return missing(what, f"{seen}, and {there} cannot be read and written by you", mend)
    if free_mb < FREE_MB_NEEDED:
        return missing(what, f"{seen}: too little", "Free some space on that disk.")
    return note(what, seen, "Free some space on that disk.") if free_mb < FREE_MB_GOOD else ok(what, seen)


def _exists(folder: Path) -> bool:
    try:
        folder.stat()
    except PermissionError:
        return False  # an ancestor refuses; the walk up ends there and says so
    except OSError:
        return False
    return True
