"""Decision records below a project's folder, and which of them takes back which.

Knows where records lie by custom; `decision_record` reads one. Refuses to judge a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from nova.core.errors import Problem, ToolFailed
from nova.projects.sources.decision_record import LOGS, Decision, Draft, Supersession, read_records
from nova.projects.sources.decision_status import DecisionStatus, Reference
from nova.projects.sources.files import files_of, own, read_named

RECORDS_MAX = 1_000
BYTES_MAX = 200_000
_FOLDERS = frozenset({"decisions", "decision", "adr", "adrs", "decision-records", "decision_records", "decision-log"})
_NO_RECORDS = re.compile(r"(?:readme|index|template|0*-?template.*|.*-template)\.", re.IGNORECASE)
_ADR = re.compile(r"adr[-_]?\d+.*\.(?:md|markdown)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The records by path, and what could not be read or does not fit together. cut: there are more."""

    records: tuple[Decision, ...]
    problems: tuple[Problem, ...]
    cut: bool


def decisions(root: Path, names: Iterable[str] | None = None, records_max: int = RECORDS_MAX) -> Decisions:
    """The decision records of a project. names: the project's files, where they are known already. Never raises."""
    chosen = sorted(name for name in (files_of(root) if names is None else names) if own(name) and _is_record(name))
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for name in chosen[:records_max]:
        try:
            drafts += read_records(read_named(root, name, BYTES_MAX))
        except ToolFailed as failure:
            problems.append(Problem(file=name, line=0, what=failure.what, mend=failure.mend))
    records, clashes = _linked(drafts)
    return Decisions(records=records, problems=(*problems, *clashes), cut=len(chosen) > records_max)


def _is_record(name: str) -> bool:
    path = PurePosixPath(name)
    file = path.name.casefold()
    if path.suffix.casefold() not in (".md", ".markdown") or _NO_RECORDS.fullmatch(file.removesuffix("md")):
        return False
    if file in LOGS or _ADR.fullmatch(file):
        return True
    parent = path.parent.name.casefold()
    return parent in _FOLDERS or re.fullmatch(r"adr[-_\w]*", parent) is not None


def _linked(drafts: Sequence[Draft]) -> tuple[tuple[Decision, ...], list[Problem]]:
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


def _found(drafts: Sequence[Draft], draft: Draft, reference: Reference, problems: list[Problem]) -> Decision | None:
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
