"""Commits as git prints them, read into values. Knows the output's form; runs nothing and judges nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

# Each field follows a NUL, which neither a message nor a name can hold; texts carry a letter before them and a path
# of a repository never begins with a slash, so no message can look like the start of another commit.
FORMAT = "%x00//%H%x00%h%x00%aI%x00a%an%x00%P%x00s%s%x00b%b%x00"
_RECORD = re.compile(
    r"\0//(?P<hash>[0-9a-f]{40,64})\0(?P<id>[0-9a-f]{4,64})\0(?P<at>[^\0]{10,40})\0a(?P<author>[^\0]*)"
    r"\0(?P<parents>[0-9a-f ]*)\0s(?P<subject>[^\0]*)\0b(?P<body>[^\0]*)\0"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit. id: short; hash: whole; at: when the author made it, with his offset.

    files: paths below the project's folder.
    """

    id: str
    hash: str
    at: datetime
    author: str
    subject: str
    body: str = ""
    files: tuple[str, ...] = ()
    merge: bool = False

    @property
    def day(self) -> str:
        """The author's day, in his own time zone: 2026-11-01."""
        return self.at.date().isoformat()

    @property
    def reason(self) -> str:
        """The body on one line."""
        return " ".join(self.body.split())


def commits(text: str) -> list[Commit]:
    """The commits of an output in FORMAT, with `-z --name-only` or without. One that is cut off is left out."""
    found = list(_RECORD.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)] * bool(found)
    return [_commit(match, text[match.end() : end]) for match, end in zip(found, ends, strict=True)]


def _commit(match: re.Match[str], names: str) -> Commit:
    return Commit(
        id=match["id"],
        hash=match["hash"],
        at=_moment(match["at"]),
        author=match["author"],
        subject=match["subject"],
        body=match["body"].strip(),
        files=tuple(name for name in names.removeprefix("\0").removeprefix("\n").split("\0") if name),
        merge=" " in match["parents"],
    )


def _moment(text: str) -> datetime:
    """Git takes any date; one that no calendar has becomes the beginning of time, so that it is never the newest."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat("1970-01-01T00:00:00+00:00")
