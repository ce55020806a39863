"""Commit messages and branches as notes: decisions, what is left for later, what waits. Rules: see `rulings`.

Knows which messages belong to a decision record already; refuses to read anything but the values it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nova.core.notes import Note, NoteKind, NoteStatus
from nova.memory.past.ground import (
    ALTERNATIVE_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    WHY_CHARACTERS_MAX,
    Ground,
    said,
    sentences_that_fit,
)
from nova.memory.past.pages import COMMITS_MAX, Written, pages_of, written
from nova.memory.past.rulings import Ruling, ruling, sentences_of
from nova.projects.sources.branches import Branch
from nova.projects.sources.commits import Commit

_LATER = re.compile(
    r"^(?:next|next steps?|to do|todo|still open|remaining|left to do)\b\s*[:,]"
    r"|\bto be (?:looked at|checked|done|written|measured|tested|tried|finished|continued)\b"
    r"|\bnot yet (?:done|written)\b",
    re.I,
)
_WAITS = re.compile(
    r"\b(?:waits?|waiting) for "
    r"(?P<whom>a (?:decision|reply|word)|an answer|approval|feedback|confirmation|[A-Z][\w-]+)\b"
    r"|\bto be decided\b|\bremains open\b|\bstill undecided\b"
)
_REVERTS = re.compile(r"^This reverts commit (?P<hash>[0-9a-f]{7,64})", re.M)


def commit_notes(ground: Ground, commits: Sequence[Commit], record_paths: frozenset[str]) -> list[Note]:
    """The notes of these commits, older ones first. A commit that touches a decision record speaks through that."""
    notes: dict[str, Note] = {}
    lines: dict[str, tuple[Written, ...]] = {}
    own = [commit for commit in commits if not record_paths.intersection(commit.files)]
    rulings = {commit.hash: found for commit in own if (found := ruling(commit)) is not None}
    shown = frozenset([commit.hash for commit in own if commit.hash in rulings and pages_of(commit)][:COMMITS_MAX])
    for commit in reversed(commits):
        if commit.hash in rulings:
            changed = written(ground, commit) if commit.hash in shown else ()
            note = _decision(ground, commit, rulings[commit.hash], changed)
            taken_back = tuple(_overwritten(changed, lines))
            notes[note.id] = replace(note, supersedes=taken_back)
            lines = {id_: one for id_, one in lines.items() if id_ not in taken_back}
            lines |= {note.id: changed} if changed else {}
        elif (note := _reverted(ground, commit, notes)) is not None:
            notes[note.id] = note
        for note in _left(ground, commit):
            notes[note.id] = note
    return _with_ends(list(notes.values()))


def _overwritten(now: Sequence[Written], lines: Mapping[str, Sequence[Written]]) -> Iterator[str]:
    """Earlier decisions all of whose lines in the pages this one wrote anew: it takes them back, whatever it says."""
    anew = {(one.path, one.whole_before) for one in now}
    for id_, before in lines.items() if anew else ():
        if {(one.path, one.whole) for one in before} <= anew:
            yield id_


def _with_ends(notes: Sequence[Note]) -> list[Note]:
    """What a later note takes back ends where that one begins."""
    newer = {id_: note for note in notes for id_ in note.supersedes}
    return [_ended(note, newer[note.id]) if note.id in newer else note for note in notes]


def _ended(note: Note, newer: Note) -> Note:
    ends = max(newer.valid_from, note.valid_from)
    return replace(
        note, status=NoteStatus.SUPERSEDED, superseded_by=newer.id, valid_to=ends, retired_at=ends, doubt="",
        doubted_at=None,
    )  # fmt: skip


def _id(ground: Ground, hash_: str) -> str:
    return ground.id("commit", hash_)


def _decision(ground: Ground, commit: Commit, found: Ruling, lines: Sequence[Written]) -> Note:
    """What a message decides, with the lines that it wrote into the pages and those that stood there before."""
    stands = [one for one in lines if one.line]
    gone = next((one for one in lines if not one.line), None)
    stated = [f"{found.text}{':' if stands else ''}", *(f"“{one.text}” ({one.path})" for one in stands)]
    places = [ground.from_file(one.path, one.content.quote(one.line, one.line)) for one in stands if one.content]
    text = sentences_that_fit(stated, TEXT_CHARACTERS_MAX)
    note = ground.note(
        _id(ground, commit.hash), NoteKind.DECISION, text, commit.at, ground.from_commit(commit), *places
    )
    before = [one.before for one in lines]
    others = [*(other for other in found.alternatives if not before or len(other.split()) > 2), *before]
    return replace(
        note,
        why=said(found.why, WHY_CHARACTERS_MAX),
        alternatives=tuple(said(other, ALTERNATIVE_CHARACTERS_MAX) for other in others),
        by=commit.author,
        doubt=said(f"{gone.path} no longer says “{gone.text}”.", TEXT_CHARACTERS_MAX) if gone else "",
        doubted_at=ground.last[gone.path].at if gone and gone.path in ground.last else None,
        recheck=f"Commit {commit.id} is on the main branch.",
    )


def _reverted(ground: Ground, commit: Commit, notes: Mapping[str, Note]) -> Note | None:
    """`git revert` of a commit that stated a decision takes that decision back."""
    match = _REVERTS.search(commit.body)
    older = notes.get(_id(ground, match["hash"])) if match else None
    if older is None:
        return None
    why = " ".join(sentence for sentence in sentences_of(commit) if not sentence.startswith("This reverts commit"))
    id_ = _id(ground, commit.hash)
    return replace(
        ground.note(id_, NoteKind.DECISION, f"Taken back: {older.text}", commit.at, ground.from_commit(commit)),
        why=said(why, WHY_CHARACTERS_MAX),
        by=commit.author,
        supersedes=(older.id,),
        recheck=f"Commit {commit.id} is on the main branch.",
    )


def _left(ground: Ground, commit: Commit) -> Iterator[Note]:
    """Sentences of a message that put something off or wait for somebody."""
    if commit.merge:
        return
    for sentence in sentences_of(commit):
        waits = _WAITS.search(sentence)
        if waits is None and not _LATER.search(sentence):
            continue
        kind = NoteKind.QUESTION if waits else NoteKind.INTENTION
        id_ = ground.id("commit", commit.hash, sentence[:80])
        text = f"{sentence} (after “{commit.subject}”)"
        note = ground.note(id_, kind, text, commit.at, ground.from_commit(commit))
        yield replace(note, by=commit.author, waits_for=(waits["whom"] or "") if waits else "")


_BRANCH_CHECK = "git branch --no-merged lists"


def of_branch(note: Note) -> bool:
    """Whether a note says that a branch is not merged."""
    return note.recheck.startswith(_BRANCH_CHECK)


def branch_notes(ground: Ground, branches: Sequence[Branch]) -> Iterator[Note]:
    """An intention for each branch that holds what main lacks; of those that only a remote has, the young ones.

    Read again after the merge, it is gone from the list: see `nova.memory.history.settled`.
    """
    for branch in branches:
        if branch.remote and branch.at < ground.since:
            continue
        count = "" if branch.ahead is None else f" {branch.ahead} {'commit' if branch.ahead == 1 else 'commits'}"
        head = f"Branch {branch.name} is not merged: it holds{count or ' commits'} that main lacks"
        text = f"{head}, the last “{branch.subject}”"
        commit = Commit(
            id=branch.commit, hash=branch.commit, at=branch.at, author=branch.author, subject=branch.subject
        )
        note = ground.note(
            ground.id("branch", branch.name), NoteKind.INTENTION, text, branch.at, ground.from_commit(commit)
        )
        yield replace(note, by=branch.author, recheck=f"{_BRANCH_CHECK} {branch.name}.")
