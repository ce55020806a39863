"""Asks each query of a timeline when it comes and looks for phrases in the context. Refuses to know how notes are kept.

The context is what a run of Nova puts before a model from memory: the notes (and, with turns, the episodes) that
`nova.coordinator.recollection` recalls for the query's prompt, as they are shown, with their dates, sources and marks,
as far as `nova.agents.context` fits them into the default budget. A phrase is present when it is a substring of that
text, both case folded. Of each query:

- present: the share of its `must_mention` phrases that are present; a mean over the queries that have any.
- present_of_known: the same over the phrases that occur in the value of some fact known by then, superseded or not.
  The others ("over budget", "both wrong") are a judgement that a model must come to; no context can hold them.
- outdated: whether any of its `must_not_mention` phrases is present; a share of the queries that have any.
- outdated_of_all: the same as a share of all queries.
- unfiltered_present, unfiltered_outdated: present and outdated if every fact ever written were in the context.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean
from time import process_time

from benchmarks.validity.data import Query, Said, Timeline, Written
from benchmarks.validity.facts import Clock, Keeper
from nova.agents.context import Context, Piece, assemble
from nova.agents.findings import Findings
from nova.coordinator.recollection import recollect
from nova.core.ids import id_of
from nova.core.labels import Label
from nova.core.runs import Run, RunState
from nova.memory.tiers import Memory
from nova.settings.definition import Settings
from nova.store.record import Record

FROM_MEMORY = ("notes", "episodes")  # what an agent declares that it needs
PIECES = ("note", "episode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one query found. None where the query names no such phrase. missed, outdated_phrases: for a person."""

    timeline: str
    track: str
    prompt: str
    present: float | None
    present_of_known: float | None
    outdated: bool | None
    unfiltered_present: float | None
    unfiltered_outdated: bool | None
    missed: tuple[str, ...]
    slipped: tuple[str, ...]
    context: str
    cpu_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Means over queries, as the first lines of this file say; None where no query names such a phrase."""

    queries: int
    present: float | None
    present_of_known: float | None
    outdated: float | None
    outdated_of_all: float
    unfiltered_present: float | None
    unfiltered_outdated: float | None
    query_cpu_ms: float


def ask(memory: Memory, clock: Clock, timelines: Iterable[Timeline], *, turns: bool) -> list[Asked]:
    """Every timeline from its beginning, every query when it comes. turns: also keep what was said, as episodes."""
    asked: list[Asked] = []
    for timeline in timelines:
        keeper = Keeper(memory, clock, timeline)
        keeper.begin()
        for event in timeline.events:
            match event:
                case Written():
                    keeper.write(event)
                case Said():
                    if turns:
                        keeper.hear(event)
                case Query():
                    clock.at = event.ts
                    asked.append(_asked(keeper, event, turns=turns))
    return asked


def figures(rows: Iterable[Asked]) -> Figures:
    """One line of the table. At least one row."""
    asked = list(rows)
    return Figures(
        queries=len(asked),
        present=_mean([row.present for row in asked]),
        present_of_known=_mean([row.present_of_known for row in asked]),
        outdated=_mean([row.outdated for row in asked]),
        outdated_of_all=round(mean(bool(row.outdated) for row in asked), 4),
        unfiltered_present=_mean([row.unfiltered_present for row in asked]),
        unfiltered_outdated=_mean([row.unfiltered_outdated for row in asked]),
        query_cpu_ms=round(mean(row.cpu_ms for row in asked), 2),
    )


def context_of(keeper: Keeper, query: Query, *, turns: bool) -> Context:
    """What is put before a model for this query: memory and the request, and nothing else that could hold a phrase."""
    needs = FROM_MEMORY if turns else FROM_MEMORY[:1]
    label = Label(scopes=keeper.scope.names)
    run = Run(
        id=id_of("r", keeper.timeline.id, query.ts.isoformat(), query.prompt), conversation=keeper.timeline.id,
        request=query.prompt, principal="owner", label=label, scope=keeper.scope.own, state=RunState.RUNNING,
        started_at=query.ts, last_at=query.ts,
    )  # fmt: skip
    record = Record(keeper.memory.database, keeper.scope, run, now=keeper.clock)
    record.begin()
    findings = Findings(record, label)
    recalled = recollect(keeper.memory, query.prompt, keeper.scope, needs, frozenset(), findings)
    return assemble(
        instructions=Piece(kind="agent", name="agent", text=""),
        profile=Piece(kind="profile", name="profile.md", text=""),
        project=None,
        turns=(),
        request=query.prompt,
        budget_tokens=Settings().context_tokens_max,
        scope=keeper.scope,
        recalled=recalled,
    )


def _asked(keeper: Keeper, query: Query, *, turns: bool) -> Asked:
    began = process_time()
    context = context_of(keeper, query, turns=turns)
    spent = 1_000 * (process_time() - began)
    text = "\n".join(piece.text for piece in context.pieces if piece.kind in PIECES)
    everything = "\n".join(keeper.texts)
    must, must_not = query.ground_truth.must_mention, query.ground_truth.must_not_mention
    known = found(must, everything)
    return Asked(
        timeline=keeper.timeline.id,
        track=keeper.timeline.track,
        prompt=query.prompt,
        present=_share(must, text),
        present_of_known=_share(known, text),
        outdated=bool(found(must_not, text)) if must_not else None,
        unfiltered_present=_share(must, everything),
        unfiltered_outdated=bool(found(must_not, everything)) if must_not else None,
        missed=tuple(phrase for phrase in known if phrase not in found(known, text)),
        slipped=found(must_not, text),
        context=text,
        cpu_ms=spent,
    )


def found(phrases: Sequence[str], text: str) -> tuple[str, ...]:
    """The phrases that are in the text, case folded."""
    folded = text.casefold()
    return tuple(phrase for phrase in phrases if phrase.casefold() in folded)


def _share(phrases: Sequence[str], text: str) -> float | None:
    return len(found(phrases, text)) / len(phrases) if phrases else None


def _mean(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return round(mean(there), 4) if there else None
