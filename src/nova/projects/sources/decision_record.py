"""One decision record: what its file says, in the customs of ADR, MADR, plain records and logs.

Knows what sections are called; refuses to know other records (see `decisions`) and to judge a decision.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from nova.projects.sources.decision_status import DecisionStatus, Head, head_of, number_of
from nova.projects.sources.files import Content, Quote
from nova.projects.sources.frontmatter import front_matter
from nova.projects.sources.markdown import Block, Section, blocks, sections

LOGS = frozenset({"decisions.md", "decision-log.md", "decision_log.md", "decisionlog.md"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """What was not chosen, and why not. reason is empty where the record gives none."""

    name: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Supersession:
    """Another record of the same project. path: its file; part: what of it is meant, empty for the whole decision."""

    path: str
    number: int | None
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One record. line: of its title, decision_line: of what was decided, both from 1; day: as the record has it.

    status is ACCEPTED where a record says nothing. ruling: the paragraphs that say what was decided.
    supersedes, superseded_by: told by either side, in both. head: the words from the title to the first section.
    """

    path: str
    line: int
    title: str
    number: int | None
    status: DecisionStatus
    day: date | None
    by: str
    context: str
    ruling: tuple[Block, ...]
    consequences: tuple[Block, ...]
    alternatives: tuple[Alternative, ...]
    questions: tuple[Block, ...]
    supersedes: tuple[Supersession, ...]
    superseded_by: tuple[Supersession, ...]
    head: Quote
    content: Content

    @property
    def decision(self) -> str:
        """What was decided, on one line."""
        return " ".join(block.text for block in self.ruling)

    @property
    def decision_line(self) -> int:
        """The line on which it says so."""
        return self.ruling[0].first if self.ruling else self.line

    @property
    def name(self) -> str:
        """How people refer to it: decision 0004, or the file's name."""
        return f"decision {self.number:04}" if self.number is not None else PurePosixPath(self.path).stem


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as it stands alone, with whom it names."""

    record: Decision
    head: Head


def read_records(content: Content) -> list[Draft]:
    """The records of a file: one, or of a log one for each heading of the second level."""
    front, start = front_matter(content.lines)
    heads = sections(content.lines, start)
    if PurePosixPath(content.path).name.casefold() in LOGS:
        tops = [head for head in heads if head.level == 2]
        return [_draft(content, top, [one for one in heads if _within(one, top)], "") for top in tops]
    title = next((head for head in heads if head.level == 1), None) or (heads[0] if heads else None)
    whole = title or Section(title=_from_name(content.path), level=1, line=start, first=start, last=len(content.lines))
    told = "\n".join(f"{key}: {value}" for key, value in front.items())
    return [_draft(content, replace(whole, last=len(content.lines)), [one for one in heads if one is not title], told)]


def _within(one: Section, top: Section) -> bool:
    return top.line < one.line <= top.last


def _from_name(path: str) -> str:
    return re.sub(r"^[\d-]+", "", PurePosixPath(path).stem).replace("-", " ").strip().capitalize()


_TITLE = re.compile(r"^(?:adr|decision)?[-_ #]*0*(?P<number>\d{1,5})\s*[:.·–—-]?\s+(?P<title>\S.*)$", re.IGNORECASE)
_PARTS = {
    "status": ("status",),
    "context": ("context", "problem", "background", "motivation"),
    "reasons": ("why", "rationale", "reason", "decision driver"),
    "decision": ("decision", "outcome", "resolution", "we decide"),
    "consequences": ("consequence", "what it costs", "cost", "implication", "result"),
    "alternatives": ("alternative", "considered option", "option", "rejected", "what else", "pros and cons"),
    "questions": ("open", "question", "unresolved", "undecided"),
}


def _draft(content: Content, whole: Section, below: Sequence[Section], front: str) -> Draft:
    tops = [one for one in below if not any(_within(one, other) for other in below if other.level < one.level)]
    ends = tops[0].line - 1 if tops else whole.last
    numbered = _TITLE.match(whole.title)
    parts = {name: [one for one in tops if _called(one.title) == name] for name in _PARTS}
    said = "\n".join(content.lines[whole.first - 1 : ends])
    status = "\n".join(f"Status: {block.text}" for block in _blocks(content, parts["status"]))
    head = head_of(f"{front}\n{said}\n{_raw(content, parts['status'])}\n{status}")
    ruling = _blocks(content, parts["decision"]) or (blocks(content.lines, whole.first, ends) if not tops else ())
    why = [*_blocks(content, parts["context"]), *_blocks(content, parts["reasons"])]
    record = Decision(
        path=content.path,
        line=whole.line,
        title=numbered["title"] if numbered else whole.title,
        number=number_of(content.path) or (int(numbered["number"]) if numbered else None),
        status=head.status or DecisionStatus.ACCEPTED,
        day=head.day or _day_of(content.path, whole.title),
        by=head.by,
        context=" ".join(block.text for block in why),
        ruling=ruling,
        consequences=_blocks(content, parts["consequences"]),
        alternatives=_alternatives(content, parts["alternatives"], ruling),
        questions=_blocks(content, parts["questions"]),
        supersedes=(),
        superseded_by=(),
        head=content.quote(whole.line, max(whole.line, ends)),
        content=content,
    )
    return Draft(record, head)


def _called(title: str) -> str:
    """Which part a section is by its title; the first that fits in the order that keeps `decision drivers` a reason."""
    folded = title.casefold()
    for name in ("status", "alternatives", "context", "reasons", "questions", "consequences", "decision"):
        if any(folded.startswith(word) for word in _PARTS[name]):
            return name
    return next((name for name, words in _PARTS.items() if any(word in folded for word in words)), "")


def _blocks(content: Content, parts: Sequence[Section]) -> tuple[Block, ...]:
    return tuple(block for part in parts for block in blocks(content.lines, part.first, part.last))


def _raw(content: Content, parts: Sequence[Section]) -> str:
    return "\n".join(line for part in parts for line in content.lines[part.first - 1 : part.last])


def _day_of(path: str, title: str) -> date | None:
    found = re.search(r"\d{4}-\d\d-\d\d", f"{title} {PurePosixPath(path).name}")
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


_NAMED = re.compile(r"^(?P<name>[^.:;–—]{2,80}?)(?:[.:;]\s+|\s+[–—-]+\s+|,\s+because\s+)(?P<reason>\S.*)$")
_CHOSEN = re.compile(r"chosen option:?\s*[\"“'«]?(?P<name>[^\"”'»,.]+)", re.IGNORECASE)


def _alternatives(content: Content, parts: Sequence[Section], ruling: Sequence[Block]) -> tuple[Alternative, ...]:
    chosen = _CHOSEN.search(" ".join(block.text for block in ruling))
    taken = chosen["name"].strip().casefold() if chosen else None
    found = [_alternative(block) for block in _blocks(content, parts) if block.item and not block.heading]
    for part in parts:
        for one in sections(content.lines[: part.last], part.first):
            text = " ".join(block.text for block in blocks(content.lines, one.first, one.last))
            found.append(Alternative(name=one.title, reason=text, line=one.line))
    unique = {one.name.casefold(): one for one in found}
    return tuple(one for name, one in unique.items() if name != taken)


def _alternative(block: Block) -> Alternative:
    named = _NAMED.match(block.text)
    if named is None:
        return Alternative(name=block.text.rstrip("."), reason="", line=block.first)
    return Alternative(name=named["name"], reason=named["reason"], line=block.first)
