"""Reads conversations and the questions about them. Knows the file format; refuses to know how anything is found.

turns: JSON lines of {conversation, session, turn, at, speaker, text}, in the order they were said; questions: JSON
lines of {conversation, question, evidence, category}, where evidence lists turns of that conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

LOCOMO_TIME = "%I:%M %p on %d %B, %Y"


class Turn(BaseModel):
    """One thing that one speaker said. at: ISO 8601, or as LoCoMo writes it (`1:56 pm on 8 May, 2023`)."""

    model_config = ConfigDict(frozen=True)

    conversation: str
    session: str
    turn: str
    at: datetime
    speaker: str
    text: str

    @field_validator("at", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        try:
            return datetime.strptime(str(value), LOCOMO_TIME).replace(tzinfo=UTC)
        except ValueError:
            return value

    @field_validator("at")
    @classmethod
    def _in_utc(cls, value: datetime) -> datetime:
        return value if value.tzinfo else value.replace(tzinfo=UTC)


class Question(BaseModel):
    """A question and the turns that answer it. category 5 of LoCoMo: nothing in the conversation answers it."""

    model_config = ConfigDict(frozen=True)

    conversation: str
    question: str
    evidence: tuple[str, ...] = ()
    category: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What was said, and what is asked. Questions without evidence that is there are only counted (`dropped`)."""

    turns: tuple[Turn, ...]
    questions: tuple[Question, ...]
    dropped: int

    def sessions(self) -> dict[tuple[str, str], list[Turn]]:
        """The turns of each (conversation, session), in order."""
        sessions: dict[tuple[str, str], list[Turn]] = {}
        for turn in self.turns:
            sessions.setdefault((turn.conversation, turn.session), []).append(turn)
        return sessions


def read(turns: Path, questions: Path) -> Data:
    """Both files. Raises OSError or pydantic.ValidationError."""
    said = [Turn.model_validate_json(line) for line in _lines(turns)]
    known = {(turn.conversation, turn.turn) for turn in said}
    asked = [Question.model_validate_json(line) for line in _lines(questions)]
    kept = [one for one in asked if one.evidence and all((one.conversation, turn) in known for turn in one.evidence)]
    return Data(turns=tuple(said), questions=tuple(kept), dropped=len(asked) - len(kept))


def _lines(file: Path) -> Sequence[str]:
    return [line for line in file.read_text("utf-8").splitlines() if line.strip()]
