"""Which places of a project nobody reads through a tool. Pure rules over names, and one look at the disk beside them.

Knows names, kinds and containment; refuses to know which tool asks, and reads no content.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

PATH_CHARACTERS_MAX = 4096
_SECRET_NAMES = (
    ".env", ".env.*", "*.env", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "credentials", "credentials.*", "*credentials.json", ".netrc",
    "_netrc", ".pgpass", ".htpasswd", ".pypirc", ".npmrc", ".git-credentials", ".my.cnf", "secrets.*", "secret.*",
    "service-account*.json", "*.ovpn", ".vault_pass*", "*.age", "*.gpg", "*.asc", "shadow",
)  # fmt: skip
_SECRET_FOLDERS = frozenset({".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker"})
_HARMLESS_SECRETS = (
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    "example.env",
    "secrets.py",
    "secret.py",
)


class PlaceKind(StrEnum):
    """What lies at a path, after every symbolic link was followed."""

    FILE = "file"
    FOLDER = "folder"
    MISSING = "missing"
    SPECIAL = "special"  # a fifo, a socket, a device
    UNREADABLE = "unreadable"  # a loop of links, a folder without permission, a name too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A path as it was asked for, and what the disk says about it.

    relative: the path below the root with links followed, `.` for the root itself; empty when it is not below it.
    """

    asked: str
    relative: str
    kind: PlaceKind

    @property
    def inside(self) -> bool:
        """Whether the path, with links followed, is the root or lies below it."""
        return bool(self.relative)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a place is not read: the rule's name, and a sentence for a person."""

    rule: str
    why: str


def refusal(place: Place) -> Refusal | None:
    """The first rule that keeps this place from being read, or None. Rules: see `nova.policy.gate`."""
    shown = place.asked if len(place.asked) <= 80 else place.asked[:77] + "..."
    if "\0" in place.asked or len(place.asked) > PATH_CHARACTERS_MAX:
        return Refusal(rule="bad-path", why="The path holds a NUL character or is longer than 4,096 characters.")
    if place.kind is PlaceKind.UNREADABLE:
        return Refusal(rule="bad-path", why=f"The path “{shown}” cannot be followed to its end.")
    if not place.inside:
        return Refusal(rule="outside-root", why=f"The path “{shown}” leads out of the project.")
    if git_internal(place.relative) or git_internal(place.asked):
        return Refusal(rule="git-internals", why=f"“{shown}” belongs to git itself; the git tools read it.")
    if secret(place.relative) or secret(place.asked):
        return Refusal(rule="secret-file", why=f"“{shown}” looks like a file that holds secrets.")
    if place.kind is PlaceKind.SPECIAL:
        return Refusal(rule="special-file", why=f"“{shown}” is a device, a pipe or a socket, not a file.")
    return None


def git_internal(path: str) -> bool:
    """Whether a part of the path is `.git`, in any case, as file systems without case would open it."""
    return any(_folded(part) == ".git" for part in _parts(path))


def secret(path: str) -> bool:
    """Whether the name, or a folder on the way, is one that holds keys or passwords by custom."""
    parts = [_folded(part) for part in _parts(path)]
    if not parts:
        return False
    if _SECRET_FOLDERS.intersection(parts):
        return True
    if any(fnmatchcase(parts[-1], pattern) for pattern in _HARMLESS_SECRETS):
        return False
    return any(fnmatchcase(part, pattern) for part in parts[-1:] for pattern in _SECRET_NAMES)


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.replace("\\", "/")).parts


def _folded(part: str) -> str:
    """As a file system without case sees it; trailing dots and spaces are dropped there too."""
    return part.casefold().rstrip(". ") or part


def look(root: Path, asked: str) -> Place:
    """Follow `asked` (relative to `root`, or absolute) to its end and say what is there. Opens nothing."""
    unreadable = Place(asked=asked, relative="", kind=PlaceKind.UNREADABLE)
    if "\0" in asked or len(asked) > PATH_CHARACTERS_MAX:
        return unreadable
    try:
        real_root = Path(os.path.realpath(root))
        real = Path(os.path.realpath(real_root / asked))
        relative = real.relative_to(real_root).as_posix() if real.is_relative_to(real_root) else ""
        mode = real.lstat().st_mode
    except FileNotFoundError:
        return Place(asked=asked, relative=_below(root, asked), kind=PlaceKind.MISSING)
    except (OSError, ValueError):  # ValueError: lone surrogates that no file name can hold
        return unreadable
    return Place(asked=asked, relative=relative, kind=_kind(mode))


def _below(root: Path, asked: str) -> str:
    real_root = Path(os.path.realpath(root))
    real = Path(os.path.realpath(real_root / asked))
    return real.relative_to(real_root).as_posix() if real.is_relative_to(real_root) else ""


def _kind(mode: int) -> PlaceKind:
    if stat.S_ISREG(mode):
        return PlaceKind.FILE
    if stat.S_ISDIR(mode):
        return PlaceKind.FOLDER
    return PlaceKind.UNREADABLE if stat.S_ISLNK(mode) else PlaceKind.SPECIAL
