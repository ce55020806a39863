"""Replays written conversations into a home's store, each turn with its own day: runs, events, and what is kept.

A talk file is a YAML list of conversations, oldest first: title, project (null: none), turns of at, say, agent, answer.
Knows the doors of the store and of memory; refuses to route or to answer: who said what stands in the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from nova.core.citations import Citation
from nova.core.events import Event, Happening, RunFinished, RunStarted, TextContent, TextEnded, TextStarted
from nova.core.ids import id_of
from nova.core.labels import HOME, Label, Scope
from nova.core.outcomes import Done
from nova.core.requests import Principal
from nova.core.runs import Run, RunState, outcome_to_json
from nova.memory.remember import Turn, remember
from nova.memory.tiers import Memory
from nova.store import conversations, events, runs
from nova.store.database import Database

_PLACE = re.compile(r"(?<![\w/.])([\w./-]+\.\w+):(\d+)\b")


class WrittenTurn(BaseModel):
    """One request and its answer, as the file has them. at: with its zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    at: AwareDatetime
    say: str
    agent: str
    answer: str


class WrittenTalk(BaseModel):
    """One conversation. project: the wall it was held inside, None for the home."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    project: str | None
    turns: tuple[WrittenTurn, ...]


def read_talk(file: Path) -> tuple[WrittenTalk, ...]:
    """The conversations of a talk file. Raises ValidationError: these files ship with Nova and are tested."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return TypeAdapter(tuple[WrittenTalk, ...]).validate_python(
        yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    )


def write_talk(memory: Memory, talk: Sequence[WrittenTalk], scope: Scope) -> int:
    """The conversations of one scope as if they had been held on their days; how many notes were kept of them.

    Raises StoreError; replaying the same file twice is refused by the store, for the ids are made of the words.
    """
    written = sorted(_record(memory.database, talk, scope), key=lambda run: run.started_at)
    return sum(_remember(memory, run) for run in written)


def _remember(memory: Memory, run: Run) -> int:
    """What is kept of one run, on its own day."""
    answer = run.outcome.text if isinstance(run.outcome, Done) else ""
    turn = Turn(run=run, answer=answer, speaker=run.agents[0], label=run.label)
    kept = remember(replace(memory, now=lambda: run.started_at), turn)
    return sum(one.how == "added" for one in kept)


def _record(database: Database, talk: Sequence[WrittenTalk], scope: Scope) -> tuple[Run, ...]:
    """The rows of conversations, runs and events, in one transaction."""
    written: list[Run] = []
    with database.write() as connection:
        for one in talk:
            conversation = conversation_id(one)
            began = one.turns[0].at
            conversations.start(connection, scope, conversation, began, project=one.project or "", title=one.title)
            for number, turn in enumerate(one.turns, start=1):
                run = _run(one, number, turn, scope)
                runs.begin(connection, scope, run)
                events.append(connection, scope, _events(run, turn))
                written.append(run)
            conversations.touch(connection, conversation, one.turns[-1].at)
    return tuple(written)


def conversation_id(talk: WrittenTalk) -> str:
    """The id its conversation gets, the same each time."""
    return id_of("c", talk.project or HOME, talk.title, talk.turns[0].at.isoformat())


def run_id(talk: WrittenTalk, number: int) -> str:
    """The id of its turn `number`, from 1."""
    return id_of("r", conversation_id(talk), str(number))


def _run(talk: WrittenTalk, number: int, turn: WrittenTurn, scope: Scope) -> Run:
    return Run(
        id=run_id(talk, number),
        conversation=conversation_id(talk),
        request=turn.say,
        principal=Principal.OWNER.value,
        scope=scope.own,
        label=Label(scopes=frozenset({scope.own})),
        state=RunState.DONE,
        started_at=turn.at,
        last_at=turn.at,
        ended_at=turn.at,
        project=talk.project or "",
        agents=(turn.agent,),
        outcome=Done(text=turn.answer, citations=_citations(turn.answer)),
    )


def _citations(answer: str) -> tuple[Citation, ...]:
    return tuple(Citation(path=path, line=int(line)) for path, line in _PLACE.findall(answer))


def _events(run: Run, turn: WrittenTurn) -> list[Event]:
    message = f"{run.id}-1"
    happened: tuple[Happening, ...] = (
        RunStarted(request=run.request, principal=run.principal, project=run.project, conversation=run.conversation),
        TextStarted(message=message, agent=turn.agent),
        TextContent(message=message, delta=turn.answer),
        TextEnded(message=message),
        RunFinished(state=run.state.value, outcome=outcome_to_json(run.outcome or Done(text=turn.answer))),
    )
    return [_event(run, number, turn.at, one) for number, one in enumerate(happened, start=1)]


def _event(run: Run, number: int, at: datetime, happening: Happening) -> Event:
    return Event(run=run.id, number=number, at=at, scope=run.scope, label=run.label, happening=happening)
