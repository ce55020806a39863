"""Issues as notes: what is open, what they ask, whom they wait for. Words of strangers are kept apart from the owner's.

Knows whose words may be believed: those of people who commit here; refuses to read a file itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from nova.core.notes import Note, NoteKind, NoteStatus
from nova.memory.past.ground import Ground
from nova.projects.sources.issues import Issue
from nova.projects.sources.markdown import blocks

BLOCK_CHARACTERS_MAX = 8_000
_OPEN = re.compile(r"^(?:open|open question|question|unclear|undecided|to decide|to be decided)s?:\s+", re.I)
_ASK = re.compile(
    r"\bask (?P<whom>(?:the |[A-Z])[\w.-]*(?: [A-Z][\w-]+){0,2}) (?:whether|if|for|about|how|when|what|which)\b"
    r"|\b(?:waiting|waits?) (?:for|on) (?P<other>(?:the )?[A-Z]?[\w-]+(?: [A-Z][\w-]+)?)|\bwe must decide\b",
    re.IGNORECASE,
)
_DUE = re.compile(r"\b(?:promised|due|planned|agreed|wanted|expected) (?:for|by|on|until) \d{4}-\d\d-\d\d\b", re.I)
_READS = re.compile(
    r"\b(?P<whom>[A-Z][\w-]+) (?:wants|has|needs) to (?:read|see|approve|check|decide|confirm|answer|sign)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z«\"“])")


def issue_notes(ground: Ground, issues: Sequence[Issue]) -> Iterator[Note]:
    """What issues say, open ones and those closed within the months that are read."""
    for issue in issues:
        closed = _day(dict(issue.front).get("closed", ""))
        if issue.open or (closed is not None and _moment(closed) >= ground.since):
            yield _standing(ground, issue, closed)
        if issue.open:
            yield from _asked(ground, issue)


def _standing(ground: Ground, issue: Issue, closed: date | None) -> Note:
    """Number, title and status: short, and shown as a title. The only words of a stranger that are shown unasked."""
    trusted = issue.opened_by in ground.authors
    since = f", opened {issue.opened} by {issue.opened_by}" if issue.opened and issue.opened_by else ""
    rank = dict(issue.front).get("severity") or dict(issue.front).get("priority") or ""
    about = ", ".join(filter(None, [issue.status, rank])) + since
    text = f"Issue {issue.number}: {issue.title} ({about})"
    place = ground.from_file(issue.path, issue.content.quote(1, max(1, issue.body_line - 1)))
    note = ground.note(
        ground.id(issue.path, "issue"), NoteKind.INTENTION, text, _opened(issue, place.at), place, trusted=trusted
    )
    ends = _moment(closed) if closed else None if issue.open else place.at
    return replace(
        note, subject=f"issue {issue.number}", attribute="status", value=issue.status, by=issue.opened_by,
        waits_for=issue.waits_for, valid_to=max(ends, note.valid_from) if ends else None,
        recheck="Its file says which status it has.",
    )  # fmt: skip


def _asked(ground: Ground, issue: Issue) -> Iterator[Note]:
    """Sentences of the body that ask, wait or promise a day. Quarantined unless a committer of the project wrote it."""
    trusted = issue.opened_by in ground.authors
    for block in blocks(issue.content.lines, issue.body_line, len(issue.content.lines)):
        for sentence in _SENTENCE.split(block.text[:BLOCK_CHARACTERS_MAX]):
            kind, whom = _kind(sentence)
            if kind is None:
                continue
            place = ground.from_file(issue.path, issue.content.quote(block.first, block.last))
            text = f"{_OPEN.sub('', sentence)} (issue {issue.number}: {issue.title})"
            id_ = ground.id(issue.path, "body", sentence[:80])
            note = ground.note(id_, kind, text, _opened(issue, place.at), place, trusted=trusted)
            status = NoteStatus.ACTIVE if trusted else NoteStatus.QUARANTINED
            yield replace(note, status=status, by=issue.opened_by, waits_for=whom)


def _kind(sentence: str) -> tuple[NoteKind | None, str]:
    """(what a sentence is, whom it waits for)."""
    asks = _ASK.search(sentence)
    if asks is not None:
        return NoteKind.QUESTION, (asks["whom"] or asks["other"] or "").strip()
    if _OPEN.match(sentence) or (sentence.endswith("?") and len(sentence.split()) > 3):
        return NoteKind.QUESTION, ""
    reads = _READS.search(sentence)
    if reads is not None or _DUE.search(sentence):
        return NoteKind.INTENTION, reads["whom"] if reads else ""
    return None, ""


def _opened(issue: Issue, otherwise: datetime) -> datetime:
    return _moment(issue.opened) if issue.opened else otherwise


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
