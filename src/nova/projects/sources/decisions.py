"""Decision records below a project's folder, and which of them takes back which.

Knows where records lie by custom and what their sections are called; refuses to judge a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath

from nova.core.errors import Problem, ToolFailed
from nova.projects.sources.decision_status import DecisionStatus, Head, Reference, head_of, number_of
from nova.projects.sources.files import Content, Quote, files_of, own, read_named
from nova.projects.sources.frontmatter import front_matter
from nova.projects.sources.markdown import Block, Section, blocks, sections

RECORDS_MAX = 1_000
BYTES_MAX = 200_000
_FOLDERS = frozenset({"decisions", "decision", "adr", "adrs", "decision-records", "decision_records", "decision-log"})
_LOGS = frozenset({"decisions.md", "decision-log.md", "decision_log.md", "decisionlog.md"})
_NO_RECORDS = re.compile(r"(?:readme|index|template|0*-?template.*|.*-template)\.", re.IGNORECASE)
_ADR = re.compile(r"adr[-_]?\d+.*\.(?:md|markdown)", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The records by path, and what could not be read or does not fit together. cut: there are more."""

    records: tuple[Decision, ...]
    problems: tuple[Problem, ...]
    cut: bool


def decisions(root: Path, names: Iterable[str] | None = None, records_max: int = RECORDS_MAX) -> Decisions:
    """The decision records of a project. names: the project's files, where they are known already. Never raises."""
    chosen = sorted(name for name in (files_of(root) if names is None else names) if own(name) and _is_record(name))
    drafts: list[_Draft] = []
    problems: list[Problem] = []
    for name in chosen[:records_max]:
        try:
            drafts += _read(read_named(root, name, BYTES_MAX))
        except ToolFailed as failure:
            problems.append(Problem(file=name, line=0, what=failure.what, mend=failure.mend))
    records, clashes = _linked(drafts)
    return Decisions(records=records, problems=(*problems, *clashes), cut=len(chosen) > records_max)


def _is_record(name: str) -> bool:
    path = PurePosixPath(name)
    file = path.name.casefold()
    if path.suffix.casefold() not in (".md", ".markdown") or _NO_RECORDS.fullmatch(file.removesuffix("md")):
        return False
    if file in _LOGS or _ADR.fullmatch(file):
        return True
    parent = path.parent.name.casefold()
    return parent in _FOLDERS or re.fullmatch(r"adr[-_\w]*", parent) is not None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A record as it stands alone, with whom it names."""

    record: Decision
    head: Head


def _read(content: Content) -> list[_Draft]:
    front, start = front_matter(content.lines)
    heads = sections(content.lines, start)
    if PurePosixPath(content.path).name.casefold() in _LOGS:
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


def _draft(content: Content, whole: Section, below: Sequence[Section], front: str) -> _Draft:
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
    return _Draft(record, head)


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


def _linked(drafts: Sequence[_Draft]) -> tuple[tuple[Decision, ...], list[Problem]]:
    """Every link in both its records, and the links that lead nowhere or in a circle."""
    problems: list[Problem] = []
    forth: dict[tuple[str, str], str] = {}  # (newer, older) -> part
    for draft in drafts:
        stands = draft.record.status not in (DecisionStatus.PROPOSED, DecisionStatus.REJECTED)
        for reference in draft.head.supersedes if stands else ():  # what is only proposed takes nothing back yet
            if other := _found(drafts, draft, reference, problems):
                forth[_key(draft.record), _key(other)] = reference.part
        for reference in draft.head.superseded_by:
            if other := _found(drafts, draft, reference, problems):
                pair = (_key(other), _key(draft.record))
                forth[pair] = forth.get(pair) or reference.part
    by_key = {_key(draft.record): draft.record for draft in drafts}
    circles = [pair for pair in forth if _leads(forth, pair[1], pair[0])]
    for newer, older in circles:
        what = f"It takes back {by_key[older].name}, which takes it back in turn; neither link is believed."
        mend = "Correct the record that is older."
        problems.append(Problem(file=by_key[newer].path, line=by_key[newer].line, what=what, mend=mend))
    for pair in circles:
        del forth[pair]
    return tuple(_with_links(draft.record, forth, by_key) for draft in drafts), problems


def _leads(links: Iterable[tuple[str, str]], start: str, goal: str) -> bool:
    """Whether `start` takes `goal` back, by itself or through others."""
    below: dict[str, list[str]] = {}
    for newer, older in links:
        below.setdefault(newer, []).append(older)
    wave, seen = [start], {start}
    while wave:
        wave = [older for newer in wave for older in below.get(newer, ()) if older not in seen]
        seen |= set(wave)
    return goal in seen


def _key(record: Decision) -> str:
    return f"{record.path}:{record.line}"


def _found(drafts: Sequence[_Draft], draft: _Draft, reference: Reference, problems: list[Problem]) -> Decision | None:
    near = [one.record for one in drafts if one is not draft]
    hits = [one for one in near if reference.file and PurePosixPath(one.path).name == reference.file]
    hits = hits or [one for one in near if reference.number is not None and one.number == reference.number]
    folder = PurePosixPath(draft.record.path).parent
    hits = [one for one in hits if PurePosixPath(one.path).parent == folder] or hits
    if len(hits) == 1:
        return hits[0]
    if not hits and reference.number is None:
        return None  # a link to some other page
    named = reference.file or f"{reference.number:04}"
    what = f"The record names {named}, and {'no other record is called so' if not hits else 'several are called so'}."
    problems.append(Problem(file=draft.record.path, line=draft.record.line, what=what, mend="Correct the number."))
    return None


def _with_links(record: Decision, forth: dict[tuple[str, str], str], by_key: dict[str, Decision]) -> Decision:
    mine = _key(record)
    over = [(by_key[older], part) for (newer, older), part in forth.items() if newer == mine]
    under = [(by_key[newer], part) for (newer, older), part in forth.items() if older == mine]
    whole = any(not part for _, part in under)
    return replace(
        record,
        status=DecisionStatus.SUPERSEDED if whole else record.status,
        supersedes=tuple(Supersession(path=one.path, number=one.number, part=part) for one, part in over),
        superseded_by=tuple(Supersession(path=one.path, number=one.number, part=part) for one, part in under),
    )
