"""Who commits: the name git knows the owner by. Reads git's settings; changes none."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from nova.core.errors import ToolFailed
from nova.projects.sources.repository import git

_SECONDS_MAX = 5.0
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A name and an address as they stand in commits. known: git was told them; else they are Nova's own."""

    name: str
    email: str
    known: bool = True


def owner_of(root: Path) -> Person:
    """The owner as the repository's settings name him, or the person's own; where git knows nobody, Nova itself."""
    name, email = (_of_repository(root, key) or _of_person(key) for key in ("user.name", "user.email"))
    if name and email:
        return Person(name=name, email=email)
    return Person(name="Nova", email="nova@localhost", known=False)


def _of_repository(root: Path, key: str) -> str:
    try:
        return git(root, "config", "--get", key).text.strip()
    except ToolFailed:  # not set there
        return ""


def _of_person(key: str) -> str:
    environment = {name: value for name in _KEPT if (value := os.environ.get(name))}
    try:
        done = subprocess.run(
            ["git", "config", "--global", "--get", key], env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=_SECONDS_MAX, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
