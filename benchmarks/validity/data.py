"""Reads timelines of changing facts. Knows StateBench's format; refuses to know what becomes of a fact.

A file is JSON lines, one timeline a line: {id, track, initial_state {persistent_facts, environment {now, ...}},
events}. An event is a conversation_turn {ts, speaker, text}, a state_write or supersession {ts, writes}, or a query
{ts, prompt, ground_truth {must_mention, must_not_mention}}. Fields that are not named here are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from nova.core.errors import BadInput


def _in_utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class Row(BaseModel):
    """What every part of a timeline is: read once, never changed."""

    model_config = ConfigDict(frozen=True)


class Fact(Row):
    """One value under one key. supersedes: the id or key of an earlier fact; depends_on: ids or keys it rests on.

    layer: persistent_facts or environment. scope: global, or the task or supposition it is only true in.
    """

    id: str
    key: str
    value: str
    ts: Moment | None = None
    layer: str = "persistent_facts"
    scope: str = "global"
    supersedes: str | None = None
    superseded_by: str | None = None
    is_valid: bool = True
    depends_on: tuple[str, ...] = ()
    derived_facts: tuple[str, ...] = ()


class Truth(Row):
    """Phrases that belong before a model that answers, and phrases that do not."""

    must_mention: tuple[str, ...] = ()
    must_not_mention: tuple[str, ...] = ()


class Said(Row):
    """One turn of the conversation."""

    type: Literal["conversation_turn"]
    ts: Moment
    speaker: str
    text: str


class Written(Row):
    """Facts that an assistant's tool wrote at one moment."""

    type: Literal["state_write", "supersession"]
    ts: Moment
    writes: tuple[Fact, ...]


class Query(Row):
    """A question at the end, or between."""

    type: Literal["query"]
    ts: Moment
    prompt: str
    ground_truth: Truth


Event = Annotated[Said | Written | Query, Field(discriminator="type")]


class Beginning(Row):
    """What was known before the first event. environment: `now`, and what was seen then (a calendar, an alert)."""

    persistent_facts: tuple[Fact, ...] = ()
    environment: Mapping[str, object] = {}

    @property
    def now(self) -> datetime:
        """When the timeline begins."""
        return _in_utc(datetime.fromisoformat(str(self.environment["now"])))

    def known(self) -> tuple[Fact, ...]:
        """The facts, and each thing seen in the environment as a fact under its key."""
        seen = {key: value for key, value in self.environment.items() if key != "now"}
        return (
            *self.persistent_facts,
            *(Fact(id=key, key=key, value=str(value), layer="environment") for key, value in seen.items()),
        )


class Timeline(Row):
    """What became of a handful of facts over hours or days, and what was asked about them."""

    id: str
    track: str
    initial_state: Beginning
    events: tuple[Event, ...]


def read(file: Path) -> list[Timeline]:
    """Every timeline of a file. Raises OSError, or BadInput with the line that is not one."""
    timelines: list[Timeline] = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            timelines.append(Timeline.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise BadInput(
                f"{file}:{number} is no timeline: {place}: {first['msg']}", "See its format: --help"
            ) from error
    return timelines
