"""What sort of note a sentence from elsewhere is, by cheap rules over its words and headings. Pure."""

from __future__ import annotations

import re

from nova.core.notes import NoteKind
from nova.memory.files.pieces import Piece

_BY_HEADING: tuple[tuple[NoteKind, re.Pattern[str]], ...] = (
    (NoteKind.QUESTION, re.compile(r"\b(open )?questions?\b|\bunclear\b", re.I)),
    (NoteKind.DECISION, re.compile(r"\bdecisions?\b|\bdecided\b|\bADRs?\b", re.I)),
    (NoteKind.INTENTION, re.compile(r"\b(to-?dos?|next( steps?)?|open items?|action items?|plans?|backlog)\b", re.I)),
    (NoteKind.HOWTO, re.compile(r"\b(commands?|how[- ]?to|set-?up|install\w*|deploy\w*|build\w*|running)\b", re.I)),
    (NoteKind.PREFERENCE, re.compile(r"\b(preferences?|rules?|style|conventions?|guidelines?|do ?not|avoid)\b", re.I)),
)
_DECISION = re.compile(
    r"\b(we|i|they|he|she|owner|user)?\s*(decided|agreed|settled on|chose|went with)\b|^decision\b", re.I
)
_INTENTION = re.compile(
    r"^(to-?do|next|fixme)\b[: ]|\b(next step|need(s)? to|still have to|plan(s)? to|going to)\b", re.I
)
_PREFERENCE = re.compile(
    r"\b(prefers?|always|never|don'?t|do not|avoid|must( not)?|likes?|dislikes?|hates?|wants?|instead of)\b"
    r"|^(please\s+)?(use|keep|write|follow|prefer|make sure|ensure|add|put)\b",
    re.I,
)
_HOWTO = re.compile(r"^(run|to (run|build|test|deploy|start|install|release)|execute|start|install|deploy)\b", re.I)
_WHY = re.compile(r"[,;:.]?\s+(?:because|since|so that|due to)\s+(.{8,})$", re.I)


def kind_of(piece: Piece, usual: NoteKind) -> NoteKind:
    """The kind of a piece. usual: what a file of its sort mostly holds, when neither words nor headings say more."""
    words = piece.text
    if words.rstrip().endswith("?"):
        return NoteKind.QUESTION
    if _DECISION.search(words):
        return NoteKind.DECISION
    if _INTENTION.search(words):
        return NoteKind.INTENTION
    if piece.code or _HOWTO.search(words):
        return NoteKind.HOWTO
    for heading in reversed(piece.headings):
        for kind, pattern in _BY_HEADING:
            if pattern.search(heading):
                return kind
    return NoteKind.PREFERENCE if _PREFERENCE.search(words) else usual


def why_of(text: str, kind: NoteKind) -> str:
    """The reason that a decision gives for itself in its own sentence; empty when it gives none."""
    match = _WHY.search(text) if kind is NoteKind.DECISION else None
    return match.group(1).rstrip(".") if match else ""
