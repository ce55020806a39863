"""A note as a value: what is believed, since when, from where, what became of it. Knows no storage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from nova.core.labels import Label


class NoteKind(StrEnum):
    """What a note is about; the kind decides how it ages and where it is shown."""

    FACT = "fact"
    DECISION = "decision"  # what, why, instead of what, when, by whom
    QUESTION = "question"  # open until something answers it
    INTENTION = "intention"  # the next step somebody means to take
    PREFERENCE = "preference"  # how the owner wants things; always before every model, never searched for
    HOWTO = "howto"


class NoteStatus(StrEnum):
    """Whether it may be put before a model as true."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"  # a newer one holds; kept, and never shown as true
    UNCONFIRMED = "unconfirmed"  # proposed, or derived from something that no longer holds
    QUARANTINED = "quarantined"  # from text that nobody vouches for; the owner decides
    FORGOTTEN = "forgotten"  # its words are gone; only the fact that there was a note remains


class SourceKind(StrEnum):
    """What a note rests on."""

    RUN = "run"  # said in a run: ref is its id
    FILE = "file"  # ref is the path below the project's root, with line and commit
    COMMIT = "commit"  # ref is the commit's short id
    URL = "url"
    OWNER = "owner"  # written by the owner's own hand: at the command line, or into an exported file
    IMPORT = "import"  # another tool's memory: ref is its file


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place a note rests on. quote: its words there; fingerprint: what they or the page were, for a re-check.

    project: whose file or commit it is.
    """

    kind: SourceKind
    ref: str
    at: datetime
    line: int = 0
    commit: str = ""
    project: str = ""
    quote: str = ""
    fingerprint: str = ""

    def __str__(self) -> str:
        place = f"{self.ref}:{self.line}" if self.line else self.ref
        match self.kind:
            case SourceKind.FILE:
                return f"{place}@{self.commit}" if self.commit else place
            case SourceKind.OWNER:
                return "the owner"
            case SourceKind.IMPORT:
                return f"import of {place}"
            case SourceKind.RUN | SourceKind.COMMIT | SourceKind.URL:
                return place


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that Nova keeps for later. text: one sentence that is true out of context.

    subject, attribute, value: the key and what it holds ("Kehr-Nord", "contact", "Jonas"); empty when it has none.
    by: who decided or said it. answered_by: for a question, the note or run that answers it.
    waits_for: for a question or intention, who must move first. valid_to: from when on it no longer holds.
    doubt: why it may be out of date, empty when nothing speaks against it. recheck: how to find out, in words.
    """

    id: str
    scope: str
    kind: NoteKind
    text: str
    recorded_at: datetime
    valid_from: datetime
    status: NoteStatus = NoteStatus.ACTIVE
    label: Label = field(default_factory=Label)
    project: str = ""
    subject: str = ""
    attribute: str = ""
    value: str = ""
    why: str = ""
    alternatives: tuple[str, ...] = ()
    by: str = ""
    sources: tuple[Source, ...] = ()
    valid_to: datetime | None = None
    retired_at: datetime | None = None
    supersedes: tuple[str, ...] = ()
    superseded_by: str = ""
    derived_from: tuple[str, ...] = ()
    answered_by: str = ""
    waits_for: str = ""
    checked_at: datetime | None = None
    doubt: str = ""
    doubted_at: datetime | None = None
    recheck: str = ""

    @property
    def key(self) -> str:
        """What two notes must share to be about the same thing: subject and attribute, folded; empty without both."""
        if not (self.subject and self.attribute):
            return ""
        return f"{folded(self.subject)}\x1f{folded(self.attribute)}"

    @property
    def open(self) -> bool:
        """A question or intention that still waits."""
        waits = self.kind in (NoteKind.QUESTION, NoteKind.INTENTION)
        return waits and self.status is NoteStatus.ACTIVE and not self.answered_by and self.valid_to is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteChange:
    """What happened to a note, when, through whom and why: recorded, merged, superseded, confirmed, doubted, moved."""

    note: str
    at: datetime
    change: str
    by: str
    why: str = ""


def folded(words: str) -> str:
    """Case, articles and spacing do not make two keys: `The  Tax Adviser` is `tax adviser`."""
    kept = [word for word in words.casefold().replace("_", " ").split() if word not in ("the", "a", "an", "my", "our")]
    return " ".join(kept)
