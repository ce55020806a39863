"""What the head of a decision record says: how it stands, since when, and what it takes back or is taken back by.

Knows the customs of ADR, MADR and plain records; pure. Refuses to know which records there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath

from nova.projects.sources.markdown import plain


class DecisionStatus(StrEnum):
    """How a decision stands by its record's own words."""

    ACCEPTED = "accepted"
    PROPOSED = "proposed"
    SUPERSEDED = "superseded"
    DEPRECATED = "deprecated"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another record as it is named: by number, by file, or both. part: what of it is meant; empty for all of it."""

    number: int | None = None
    file: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a record says about itself before it says what was decided. status is None where it says nothing."""

    status: DecisionStatus | None
    day: date | None
    by: str
    supersedes: tuple[Reference, ...]
    superseded_by: tuple[Reference, ...]


HEAD_CHARACTERS_MAX = 4_000  # a head that goes on for longer says how it stands before that
LINE_CHARACTERS_MAX = 500
A_PART = "a part"  # of a record, where nobody says which
_WORDS = {
    DecisionStatus.ACCEPTED: "accepted approved adopted agreed stands standing decided implemented active valid final",
    DecisionStatus.PROPOSED: "proposed proposal draft pending open wip discussion undecided rfc",
    DecisionStatus.SUPERSEDED: "superseded replaced obsolete reversed revoked",
    DecisionStatus.DEPRECATED: "deprecated retired withdrawn expired",
    DecisionStatus.REJECTED: "rejected declined refused dropped",
}
_STATUS_OF = {word: status for status, words in _WORDS.items() for word in words.split()}
_STATUS = re.compile(r"\bstatus\b\W{1,6}(?P<words>[^\n]*)", re.IGNORECASE)
_DOTTED = re.compile(r"^\W*\d{4}-\d\d-\d\d\s*[·|,;–—-]\s*(?P<words>\w+)", re.MULTILINE)  # 2026-11-20 · stands
_DAY = re.compile(r"\b(\d{4}-\d\d-\d\d)\b")
_BY = re.compile(r"^\W*(?:deciders?|decided by|decision[- ]makers?|authors?)\W{1,6}(?P<who>[^\n]+)", re.I | re.M)
_BACK = re.compile(
    r"(?P<part>[^.;:,\n]*?)(?P<partly>\bpart(?:ly|ially) )?"
    r"\b(?:superseded|replaced|reversed|taken back|revoked)[ _-]by\b(?P<rest>[^;\n]*)",
    re.I,
)
_FORTH = re.compile(
    r"(?P<partly>\bpart(?:ly|ially) |\b(?=amends))?"
    r"\b(?:supersedes|replaces|reverses|takes back|revokes|amends)\b(?P<rest>[^;\n]*)",
    re.I,
)
_LINK = re.compile(r"\[[^\[\]\n]{0,300}\]\((?P<target>[^)\s]{1,300})\)")
_NUMBER = re.compile(  # a number says that it is a record's: by its zeros, by the word before it, or by coming first
    r"(?:^[\s:*]*|(?<![\d.-])(?:(?:#|adr[- ]?|decision |record )0*|0+)|(?<=\d, ))"
    r"(?P<number>[1-9]\d{0,4})(?!\d|\s?%|[.,-]\d)",
    re.I,
)
_SMALL = """
    status accepted approved it this is are was were has been the a decision adr record records number no in of from by
    partly partially part parts and also now paragraph paragraphs section sections sentence on about
"""
_FILLERS = frozenset(_SMALL.split())


def head_of(text: str) -> Head:
    """The head from its text: front matter as `key: value` lines and what stands between title and first section."""
    lines = text[:HEAD_CHARACTERS_MAX].split("\n")
    short = "\n".join(line[:LINE_CHARACTERS_MAX] for line in lines if line.strip())
    folded = _unwrapped(short)
    day = _DAY.search(next((line for line in folded.split("\n") if re.search(r"\bdate\b", line, re.I)), "") or folded)
    by = _BY.search(plain_lines(folded))
    return Head(
        status=_status(folded),
        day=_date(day[1]) if day else None,
        by=by["who"].strip(" *.|") if by else "",
        supersedes=tuple(_references(folded, _FORTH)),
        superseded_by=tuple(_references(folded, _BACK)),
    )


def plain_lines(text: str) -> str:
    """Each line without Markdown's marks."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _unwrapped(text: str) -> str:
    """A line that goes on below is one line: `superseded by` and the link on the next belong together."""
    return re.sub(r"\n(?=\s*[\[\w(«“\"][^\n:|]*(?:\n|$))(?!\s*[-*|#])", " ", text)


def _status(text: str) -> DecisionStatus | None:
    said = _STATUS.search(text) or _DOTTED.search(text)
    if said is None:
        return None
    words = re.findall(r"[a-z]+", re.sub(r"~~[^~]*~~", "", said["words"]).casefold())
    return next((_STATUS_OF[word] for word in words if word in _STATUS_OF), None)


def _references(text: str, pattern: re.Pattern[str]) -> Iterator[Reference]:
    for match in pattern.finditer(text):
        rest = re.split(r"\.(?:\s|$)", match["rest"])[0] if not _LINK.search(match["rest"]) else match["rest"]
        targets = [link["target"] for link in _LINK.finditer(rest)]
        links = [Reference(number=number_of(target), file=_file(target)) for target in targets]
        numbers = _NUMBER.finditer(_DAY.sub("", _LINK.sub(" ", rest)))
        bare = [Reference(number=int(found["number"])) for found in numbers]
        part = _part(match.groupdict().get("part") or _before_number(rest))
        if not part and match["partly"] is not None:
            part = _part(re.sub(r".*\d\W*", "", _LINK.sub("0", rest), count=1)) or A_PART
        for one in [link for link in links if link.number is not None] or bare or links:
            yield Reference(number=one.number, file=one.file, part=part)


def _before_number(rest: str) -> str:
    """The words between `supersedes` and the first record's name."""
    return re.split(r"\[|\d", rest.lstrip(" :*"), maxsplit=1)[0]


def _part(words: str) -> str:
    found = [word.strip("-") for word in re.findall(r"[^\W\d_][\w-]*", plain(words))]
    return " ".join(word for word in found if word.casefold() not in _FILLERS)


def number_of(path: str) -> int | None:
    """The number in a record's file name: `0005-title.md`, `adr-5.md`; a date is none."""
    match = re.match(r"(?:adr|decision|dr)?[-_ ]?0*(?P<number>\d{1,5})(?!\d|-\d\d-\d\d)(?:\D|$)", _file(path), re.I)
    return int(match["number"]) if match else None


def _file(target: str) -> str:
    return PurePosixPath(target.partition("#")[0]).name


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
