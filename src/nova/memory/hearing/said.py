"""What was said, and what came of it, as values. Refuses to know the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nova.core.notes import Note, NoteKind
from nova.core.requests import Principal

OWNER = Principal.OWNER.value
_NEVER_HEARD = (Principal.SCHEDULE.value, Principal.WEBHOOK.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message. speaker: `owner`, another principal's value, or a person's name; trusted: somebody vouches for it.

    recalled: texts that memory put before the model in this run. Nothing is taken from them, quoted back or not.
    before: the speaker's previous words in this conversation; they only say what `it` and `she` mean.
    """

    text: str
    at: datetime
    run: str
    scope: str
    project: str = ""
    speaker: str = OWNER
    trusted: bool = True
    recalled: tuple[str, ...] = ()
    before: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of what was said needs a time zone")

    @property
    def by_a_person(self) -> bool:
        """False for clocks and other systems: nothing is heard from them."""
        return self.speaker.partition(":")[0].casefold() not in _NEVER_HEARD

    @property
    def vouched(self) -> bool:
        """Whether it may become a note that counts."""
        return self.trusted and self.speaker != Principal.VISITOR.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Something that was meant to be kept and must not be. sentence: for the person; neither holds the secret."""

    what: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one message leaves behind."""

    notes: tuple[Note, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a rule made of one sentence, before it has a source. wished: it was asked for in so many words.

    changed: the sentence says that something is different now. by: empty for the speaker.
    """

    kind: NoteKind
    text: str
    subject: str = ""
    attribute: str = ""
    value: str = ""
    why: str = ""
    alternatives: tuple[str, ...] = field(default_factory=tuple)
    by: str = ""
    waits_for: str = ""
    changed: bool = False
    passing: bool = False
