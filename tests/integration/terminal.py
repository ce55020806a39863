"""A person at a terminal: runs the real `nova` in a process of its own, with a home of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from nova.core.json import Json


@dataclass(frozen=True, slots=True)
class Shown:
    """What one command showed. code: its exit code."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> dict[str, Json]:
        """The JSON object on standard output."""
        return cast("dict[str, Json]", json.loads(self.out))

    @property
    def values(self) -> list[dict[str, Json]]:
        """The JSON list on standard output."""
        return cast("list[dict[str, Json]]", json.loads(self.out))

    @property
    def clean(self) -> bool:
        """Whether no traceback was shown."""
        return "Traceback" not in self.out + self.err


@dataclass(frozen=True, slots=True)
class Terminal:
    """A place to type commands in. folder: holds home, cache and the empty HOME; at: where the person stands."""

    folder: Path
    at: Path
    extra: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def home(self) -> Path:
        """The Nova home."""
        return self.folder / "home"

    def nova(self, *words: str, **extra: str) -> Shown:
        """Types `nova WORDS`; extra: environment variables for this one command."""
        return self._run([sys.executable, "-m", "nova", *words], extra)

    def git(self, *words: str) -> str:
        """What git says in the home; fails when git does."""
        shown = self._run(["git", "-C", str(self.home), *words], {})
        assert shown.code == 0, shown.err
        return shown.out

    def _run(self, command: Sequence[str], extra: dict[str, str]) -> Shown:
        (self.folder / "person").mkdir(exist_ok=True)
        places = {
            "HOME": str(self.folder / "person"),
            "NOVA_HOME": str(self.home),
            "NOVA_CACHE": str(self.folder / "cache"),
            "COLUMNS": "120",
        }
        done = subprocess.run(
            command,
            cwd=self.at,
            env={**os.environ, **places, **self.extra, **extra},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        return Shown(done.returncode, done.stdout, done.stderr)


def repository(folder: Path, **files: str) -> Path:
    """A git repository with these files (`__` in a name is a slash, `_dot_` a dot) in one commit."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    who = ["-c", "user.name=Mara Lind", "-c", "user.email=mara@lind.example", "-c", "commit.gpgsign=false"]
    for words in (["init", "--quiet"], ["add", "--all"], [*who, "commit", "--quiet", "--message", "Begin"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, timeout=60)
    return folder
