"""Replays a written history into a git repository, with its real dates and authors.

A history is a YAML list of commits, oldest first: at, author, message, adds (globs), changes ({path, old, new}).
The final tree is given; earlier states are found by undoing the changes from the newest commit back, so every text is
written down once. Refuses a history that does not fit its tree.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from nova.core.errors import BadFiles, Problem


class Change(BaseModel):
    """In this commit `old` became `new`, which stood exactly once in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    path: str
    old: str
    new: str


class WrittenCommit(BaseModel):
    """One commit as the history has it. adds: paths or globs; the first commit that names a file has added it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    at: str
    author: str
    message: str
    adds: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCommit:
    """One commit with the files it writes, whole."""

    at: str
    author: str
    message: str
    files: Mapping[str, bytes]


def read_history(file: Path) -> tuple[WrittenCommit, ...]:
    """The commits of a history file. Raises pydantic's ValidationError: these files ship with Nova and are tested."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return TypeAdapter(tuple[WrittenCommit, ...]).validate_python(
        yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    )


def plan(tree: Mapping[str, bytes], history: Sequence[WrittenCommit], file: str) -> tuple[PlannedCommit, ...]:
    """What each commit writes. Raises BadFiles when a text is not found exactly once, or a file is added by nobody."""
    problems: list[Problem] = []
    added_by = _adders(tree, history)
    orphans = sorted(set(tree) - set(added_by))
    problems += [Problem(file=file, line=0, what=f"{path} is in the tree, but no commit adds it.") for path in orphans]
    state = dict(tree)
    planned: list[PlannedCommit] = []
    for number in range(len(history) - 1, -1, -1):
        commit = history[number]
        mine = [path for path, adder in added_by.items() if adder == number]
        touched = {change.path for change in commit.changes}
        files = {path: state[path] for path in (*mine, *touched) if path in state}
        planned.append(PlannedCommit(at=commit.at, author=commit.author, message=commit.message, files=files))
        for change in commit.changes:
            before = _undone(state.get(change.path), change)
            if before is None:
                place = f"commit {number + 1} ({commit.at})"
                problems.append(Problem(file=file, line=0, what=f"{place}: {change.path} does not hold the text once."))
            else:
                state[change.path] = before
    if problems:
        raise BadFiles(problems)
    return tuple(reversed(planned))


def write(commits: Sequence[PlannedCommit], folder: Path) -> None:
    """Makes `folder` a git repository with exactly these commits. Raises CalledProcessError when git refuses."""
    folder.mkdir(parents=True)
    _git(folder, {}, "init", "--quiet", "--initial-branch=main")
    for commit in commits:
        for path, content in commit.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        name, _, mail = commit.author.partition(" <")
        who = {"NAME": name, "EMAIL": mail.rstrip(">"), "DATE": commit.at}
        stamped = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
        _git(folder, {}, "add", "--all", "--force")
        _git(folder, stamped, "commit", "--quiet", "--no-verify", "--allow-empty", "--message", commit.message.strip())


def tree_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder by their relative path, caches left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"__pycache__", ".git"}.intersection(path.parts) and path.suffix != ".sqlite3"
    }


def _adders(tree: Mapping[str, bytes], history: Sequence[WrittenCommit]) -> dict[str, int]:
    added_by: dict[str, int] = {}
    for number, commit in enumerate(history):
        for pattern in commit.adds:
            for path in tree:
                if path not in added_by and (path == pattern or fnmatchcase(path, pattern)):
                    added_by[path] = number
    return added_by


def _undone(content: bytes | None, change: Change) -> bytes | None:
    new, old = change.new.encode(), change.old.encode()
    return content.replace(new, old) if content is not None and content.count(new) == 1 else None


def _git(folder: Path, extra: Mapping[str, str], *arguments: str) -> None:
    """git without the user's own configuration: a signing key or a hook must not decide how an example looks."""
    environment = {**os.environ, **extra, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), "-c", "core.autocrlf=false", "-c", "gc.auto=0", *arguments]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
