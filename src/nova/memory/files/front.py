"""The front matter of a note's file as pydantic reads it. Knows keys and their shapes; refuses to know the body."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from nova.core.labels import Label
from nova.core.notes import Source, SourceKind
from nova.settings.check import FileModel, wrong

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
TEXT_LENGTH_MAX = 1_000_000


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise wrong("This is not an id.", "Leave the line as nova memory export wrote it, or delete it for a new note.")
    return text


def parsed_time(text: str) -> datetime:
    """The time that a person or an export wrote; a day alone is its beginning in UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None and len(text) == 10 else at


def _time(text: str) -> str:
    try:
        at = parsed_time(text)
        at.astimezone(UTC)  # a day of year 1 may lie before the calendar there
    except (ValueError, OverflowError):
        raise wrong("This is not a time.", "Write 2026-11-20T10:15:00+00:00, or 2026-11-20.") from None
    if at.tzinfo is None:
        raise wrong("This time has no zone.", "Add one: +00:00 for UTC, +01:00 for Central Europe in winter.")
    return text


Id: TypeAlias = Annotated[str, AfterValidator(_id)]
Time: TypeAlias = Annotated[str, AfterValidator(_time)]
Kind: TypeAlias = Literal["fact", "decision", "question", "intention", "preference", "howto"]
Status: TypeAlias = Literal["active", "superseded", "unconfirmed", "quarantined", "forgotten"]


class SourceFile(FileModel):
    """One item of `sources`."""

    kind: Literal["run", "file", "commit", "url", "owner", "import"] = Field(description="What sort of place it is.")
    ref: str = Field(description="The run, path, commit or address.")
    at: Time = Field(description="When it was read or said.")
    line: int = Field(default=0, ge=0, description="The line in the file.")
    commit: str = Field(default="", description="The commit the file was read at.")
    project: str = Field(default="", description="Whose file or commit it is.")
    quote: str = Field(default="", description="Its words there.")
    fingerprint: str = Field(default="", description="What it was, for a re-check.")

    def source(self) -> Source:
        """As the rest of Nova knows it."""
        return Source(
            kind=SourceKind(self.kind),
            ref=self.ref,
            at=parsed_time(self.at),
            line=self.line,
            commit=self.commit,
            project=self.project,
            quote=self.quote,
            fingerprint=self.fingerprint,
        )


class LabelFile(FileModel):
    """Whose text it is, and whether the owner vouches for it."""

    trusted: bool = Field(description="Whether it is the owner's word or that of his files.")
    scopes: list[str] = Field(default=[], description="The scopes its text came from.")

    def label(self) -> Label:
        """As the rest of Nova knows it."""
        return Label(scopes=frozenset(self.scopes), trusted=self.trusted)


class NoteFront(FileModel):
    """Front matter of a note: FOLDER/SCOPE/KIND/NAME-ID.md. A file written by hand needs none of the keys."""

    kind: Kind | None = Field(default=None, description="What it is about; without: the folder's name, or fact.")
    status: Status = Field(default="active", description="Whether it may be put before a model as true.")
    scope: str | None = Field(default=None, min_length=1, description="The wall it lies behind; without: the folder's.")
    project: str | None = Field(default=None, description="The project it is about.")
    subject: str = Field(default="", description="What it is about, for one value at a time: the tax adviser.")
    attribute: str = Field(default="", description="What of it: telephone.")
    value: str = Field(default="", description="What that is now.")
    by: str = Field(default="", description="Who decided or said it.")
    valid_from: Time | None = Field(default=None, description="Since when it holds.")
    valid_to: Time | None = Field(default=None, description="From when on it no longer holds.")
    waits_for: str = Field(default="", description="Who must move first.")
    answered_by: str = Field(default="", description="For a question: the note or run that answers it.")
    supersedes: list[Id] = Field(default=[], description="Ids of the notes that it takes the place of.")
    superseded_by: Id | Literal[""] = Field(default="", description="Id of the note that took its place.")
    derived_from: list[Id] = Field(default=[], description="Ids of the notes that it follows from.")
    sources: list[SourceFile] = Field(default=[], description="What it rests on.")
    doubt: str = Field(default="", description="Why it may be out of date.")
    doubted_at: Time | None = Field(default=None, description="Since when that is doubted.")
    recheck: str = Field(default="", description="How to find out whether it still holds.")
    checked_at: Time | None = Field(default=None, description="When that was last found out.")
    recorded_at: Time | None = Field(default=None, description="When Nova recorded it.")
    retired_at: Time | None = Field(default=None, description="When it was superseded.")
    label: LabelFile | None = Field(default=None, description="Whose text it is, and whether it is vouched for.")
    id: Id | None = Field(default=None, description="Its id; without: a new note.")
    exported_as: str = Field(default="", description="What it was when the file was written; leave it as it is.")
    text: str = Field(default="", max_length=TEXT_LENGTH_MAX, description="Its text, where the body cannot hold it.")
    why: str = Field(default="", description="The reason, where the body cannot hold it.")
    alternatives: list[str] = Field(default=[], description="What was rejected, where the body cannot hold it.")
