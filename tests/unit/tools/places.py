"""Projects on a disk for the tests of the tools: real folders, real git, nothing mocked."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from nova.core.labels import Scope
from nova.tools.registry import call, toolbox
from nova.tools.spec import OUTPUT_BYTES_MAX, Reach, ToolResult

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def write(root: Path, texts: dict[str, str]) -> Path:
    """Files with their texts below a folder."""
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def reach(root: Path, output_bytes_max: int = OUTPUT_BYTES_MAX) -> Reach:
    """What a call on that folder can touch, at a fixed moment."""
    scope = Scope.of("shop")
    return Reach(root=root.resolve(), project="shop", scope=scope, now=lambda: NOW, output_bytes_max=output_bytes_max)


async def ask(root: Path, tool: str, **arguments: str | int) -> ToolResult:
    """Call a tool the way the loop does."""
    return await call(toolbox()[tool], json.dumps(arguments), reach(root))


def run_git(root: Path, *arguments: str, day: str = "2026-11-01") -> str:
    """Git as a person would use it, with a fixed author and day, untouched by the machine's own settings."""
    moment = f"{day}T09:00:00+00:00"
    settings = {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment,
        "GIT_AUTHOR_NAME": "Ada Byron", "GIT_AUTHOR_EMAIL": "ada@shop.example",
        "GIT_COMMITTER_NAME": "Ada Byron", "GIT_COMMITTER_EMAIL": "ada@shop.example",
    }  # fmt: skip
    done = subprocess.run(
        ["git", *arguments], cwd=root, env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(root: Path, message: str, texts: dict[str, str], day: str = "2026-11-01") -> str:
    """Write files and commit them; the first call makes the repository. Gives back the short id."""
    if not (root / ".git").exists():
        run_git(root, "init", "-q", "-b", "main")
    write(root, texts)
    run_git(root, "add", "-A")
    run_git(root, "commit", "-q", "-m", message, day=day)
    return run_git(root, "rev-parse", "--short", "HEAD")
