"""Commits by what users would call them: added, changed, fixed, removed. Pure; judges by words and paths alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from nova.projects.sources.commits import Commit


class Group(StrEnum):
    """What a commit is to somebody who uses the project. The order is the order of a release's notes."""

    BREAKING = "breaking"
    ADDED = "added"
    CHANGED = "changed"
    FIXED = "fixed"
    REMOVED = "removed"
    INTERNAL = "internal"  # tests, documents, tools: nobody who uses it notices


_TYPED = re.compile(r"^(?P<type>[a-z]+)(?:\([^)]*\))?(?P<bang>!)?:\s")
_TYPES = {
    "feat": Group.ADDED, "fix": Group.FIXED, "perf": Group.CHANGED, "docs": Group.INTERNAL, "test": Group.INTERNAL,
    "chore": Group.INTERNAL, "ci": Group.INTERNAL, "build": Group.INTERNAL, "style": Group.INTERNAL,
    "refactor": Group.INTERNAL,
}  # fmt: skip
_VERBS: tuple[tuple[Group, re.Pattern[str]], ...] = (
    (Group.FIXED, re.compile(r"fix|correct|repair|mend|lock|prevent|heal|close the|restore|fill the", re.IGNORECASE)),
    (Group.REMOVED, re.compile(r"remove|drop|delete|take back|take away|retire", re.IGNORECASE)),
    (
        Group.INTERNAL,
        re.compile(r"decide\b|decision|report\b|issues? \d|release \d|merge|refactor|tidy|typo|note\b", re.IGNORECASE),
    ),
    (Group.ADDED, re.compile(r"add|new\b|introduce|allow|begin|start|first\b|publish|bring", re.IGNORECASE)),
)
_ADDS = re.compile(r"\bmay\b|\bcan now\b|\bnow\b.*\bcan\b", re.IGNORECASE)
_BREAKING = re.compile(r"^BREAKING[ -]CHANGE|\bbreaking change\b|\bincompatible\b", re.IGNORECASE | re.MULTILINE)
_REVERT = re.compile(r'^Revert "(?P<subject>.+)"')
_QUIET = re.compile(
    r"(?:^|/)(?:tests?|docs?|\.github|\.ci|ci)/|(?:^|/)(?:test_[^/]+|tests?|conftest)\.py$|(?:^|/)[^/]+\.(?:md|rst)$"
    r"|(?:^|/)\.[^/]+$|(?:^|/)(?:ruff|mypy|setup)\.(?:toml|cfg|ini)$",
    re.IGNORECASE,
)
_CHANGELOG = re.compile(r"(?:^|/)(?:changelog|changes|history|news|releases)(?:\.(?:md|rst|txt))?$", re.IGNORECASE)
_ISSUE = re.compile(r"(?:#|\bissues? )(\d{1,6})\b", re.IGNORECASE)


def standing(commits: Sequence[Commit]) -> tuple[tuple[Commit, ...], tuple[Commit, ...]]:
    """(what holds at the end, what was taken back): a revert and what it reverts go together. Newest first."""
    gone: set[str] = set()
    for at, commit in enumerate(commits):
        if commit.id in gone or (found := _REVERT.match(commit.subject)) is None:
            continue
        older = next((one for one in commits[at + 1 :] if one.subject == found["subject"] and one.id not in gone), None)
        if older is not None:
            gone |= {commit.id, older.id}
    return tuple(one for one in commits if one.id not in gone), tuple(one for one in commits if one.id in gone)


def group_of(commit: Commit, issues_folder: str) -> Group:
    """What a commit is: by its type where it names one, by its files where nobody notices them, else by its verb."""
    typed = _TYPED.match(commit.subject)
    if _BREAKING.search(f"{commit.subject}\n{commit.body}") or (typed and typed["bang"]):
        return Group.BREAKING
    if typed and typed["type"] in _TYPES:
        return _TYPES[typed["type"]]
    if commit.files and all(_unseen(name, issues_folder) for name in commit.files):
        return Group.INTERNAL
    if _ADDS.search(commit.subject):
        return Group.ADDED
    return next((group for group, verb in _VERBS if verb.match(commit.subject)), Group.CHANGED)


def _unseen(name: str, issues_folder: str) -> bool:
    if _CHANGELOG.search(name):  # a line there says that somebody notices
        return False
    return bool(_QUIET.search(name)) or (issues_folder != "" and name.startswith(f"{issues_folder}/"))


def issues_of(commit: Commit) -> tuple[int, ...]:
    """The issues that a commit's message names, each once."""
    return tuple(dict.fromkeys(int(number) for number in _ISSUE.findall(f"{commit.subject}\n{commit.body}")))


def by_hand(files: Iterable[str]) -> tuple[str, ...]:
    """Files that ask something of whoever upgrades: migrations of a database, requirements, settings."""
    wanted = re.compile(
        r"(?:^|/)migrations/\d\w*\.py$|(?:^|/)requirements[\w.-]*\.txt$|(?:^|/)pyproject\.toml$|\.env\."
    )
    return tuple(dict.fromkeys(name for name in files if wanted.search(name)))
