"""Commit messages and branches as notes: decisions, what is left for later, what waits. Rules: see `rulings`.

Knows which messages belong to a decision record already; refuses to read anything but the values it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nova.core.notes import Note, NoteKind
from nova.memory.past.ground import ALTERNATIVE_CHARACTERS_MAX, WHY_CHARACTERS_MAX, Ground, said
from nova.memory.past.rulings import ruling, sentences_of
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
    for commit in reversed(commits):
        own = not record_paths.intersection(commit.files)
        if own and (note := _reverted(ground, commit, notes) or _decision(ground, commit)) is not None:
            notes[note.id] = note
        for note in _left(ground, commit):
            notes[note.id] = note
    return list(notes.values())


def _id(ground: Ground, hash_: str) -> str:
    return ground.id("commit", hash_)


def _decision(ground: Ground, commit: Commit) -> Note | None:
    found = ruling(commit)
    if found is None:
        return None
    id_ = _id(ground, commit.hash)
    return replace(
        ground.note(id_, NoteKind.DECISION, found.text, commit.at, ground.from_commit(commit)),
        why=said(found.why, WHY_CHARACTERS_MAX),
        alternatives=tuple(said(other, ALTERNATIVE_CHARACTERS_MAX) for other in found.alternatives),
        by=commit.author,
        recheck=f"Commit {commit.id} is on the main branch.",
    )


def _reverted(ground: Ground, commit: Commit, notes: Mapping[str, Note]) -> Note | None:
    """`git revert` of a commit that stated a decision takes that decision back."""
    match = _REVERTS.search(commit.body)
    older = next((note for note in notes.values() if match and note.id == _id(ground, match["hash"])), None)
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


def branch_notes(ground: Ground, branches: Sequence[Branch]) -> Iterator[Note]:
    """An intention for each branch that holds what main lacks. Read again after the merge, it is gone from the list."""
    for branch in branches:
        count = "" if branch.ahead is None else f" {branch.ahead} {'commit' if branch.ahead == 1 else 'commits'}"
        head = f"Branch {branch.name} is not merged: it holds{count or ' commits'} that main lacks"
        text = f"{head}, the last “{branch.subject}”"
        commit = Commit(
            id=branch.commit, hash=branch.commit, at=branch.at, author=branch.author, subject=branch.subject
        )
        note = ground.note(
            ground.id("branch", branch.name), NoteKind.INTENTION, text, branch.at, ground.from_commit(commit)
        )
        yield replace(note, by=branch.author, recheck=f"git branch --no-merged lists {branch.name}.")
