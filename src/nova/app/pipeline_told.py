"""How far a run of a pipeline has come, as a tool's result: what it gave, or what it waits for and how to answer.

Knows runs and reviews; refuses to start or wait for anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field, JsonValue

from nova.core.citations import Citation
from nova.core.errors import ToolFailed
from nova.core.outcomes import Done, Failed, NeedsInput, Outcome, Stopped
from nova.core.plans import Plan
from nova.core.reviews import Review
from nova.core.runs import Run
from nova.core.steps import Walk, WalkState
from nova.core.text import shorten
from nova.store import reviews
from nova.tools.spec import Data, Reach, ResultLine, ToolResult, result, storable, typed

if TYPE_CHECKING:
    from nova.app.pipelines import Pipelines

CITATIONS_MAX = 20


class PipelineStarted(Data):
    """A run of a pipeline as far as it went.

    state: done, needs-input, waiting, queued or running. output: its outputs, once it is done. reviews: the ids of
    those that it waits for; waits_for: the same and whatever else, as `nova runs show` names it.
    """

    pipeline: str
    run: str
    state: str
    output: JsonValue = None
    reviews: list[str] = Field(default_factory=list[str])
    waits_for: list[str] = Field(default_factory=list[str])


def told(plan: Plan, identity: str, reach: Reach, pipelines: Pipelines) -> ToolResult:
    """What has become of this run. Raises ToolFailed when it failed or was stopped, with what to do next."""
    run, walk = pipelines.row_of(identity), pipelines.walk_of(identity)
    waiting = _waiting(run, pipelines)
    match run.outcome:
        case Failed() | Stopped() as outcome:
            raise ToolFailed(f"{plan.id} ran and did not end well (run {run.id}): {_why(outcome)}", _mend(outcome, run))
        case None:
            headline, lines = _going_on(plan, run, walk, waiting)
        case outcome:
            headline, lines = f"{plan.id} ran and is {run.state.value} (run {run.id}).", _ended(outcome)
    data = PipelineStarted(
        pipeline=plan.id, run=run.id, state=run.state.value, output=walk.output if walk else None,
        reviews=[one.id for one in waiting], waits_for=list(walk.parked_on) if walk else [],
    )  # fmt: skip
    cited = ResultLine(text=f"Its steps: nova runs show {run.id}", citation=Citation(path=run.id))
    found = result(headline, [*lines, cited], reach, trusted=run.label.trusted)
    found = replace(found, label=found.label.join(run.label))
    return typed(found, data, *(run.outcome.degradations if run.outcome else ()))


def review_lines(waiting: Iterable[Review]) -> Iterator[ResultLine]:
    """What a run asks, and the commands with which the owner looks at it and answers."""
    for one in waiting:
        yield ResultLine(text=f"It waits for the owner (review {one.id}): {shorten(one.question, 300)}")
        yield ResultLine(
            text=f"Look: nova reviews show {one.id}  Answer: nova reviews approve {one.id} (or change, or reject)"
        )
        if one.if_ignored:
            yield ResultLine(text=f"If nobody answers: {shorten(one.if_ignored, 300)}")


def _waiting(run: Run, pipelines: Pipelines) -> list[Review]:
    with pipelines.nova.database.read() as connection:
        return reviews.waiting(connection, pipelines.nova.everything, pipelines.blobs, root=run.id)


def _going_on(plan: Plan, run: Run, walk: Walk | None, waiting: list[Review]) -> tuple[str, list[ResultLine]]:
    """The headline and lines of a run that has not ended."""
    if walk is not None and walk.state is WalkState.PARKED:
        others = [one for one in walk.parked_on if not one.startswith(("review ", "decide "))]
        lines = [*review_lines(waiting), *(ResultLine(text=f"It waits: {one}. A worker wakes it.") for one in others)]
        return f"{plan.id} was started and waits (run {run.id}). Nothing runs and nothing is lost meanwhile.", lines
    here = walk is not None and walk.state is WalkState.RUNNING
    state = "has not ended yet" if here else "is in the queue of the worker"
    then = f"A worker goes on with it; without one: nova runs resume {run.id}. Look: nova runs show {run.id}"
    return f"{plan.id} was started and {state} (run {run.id}).", [ResultLine(text=then)]


def _ended(outcome: Outcome) -> list[ResultLine]:
    said = outcome.text if isinstance(outcome, Done | Stopped) else ""
    said = outcome.question if isinstance(outcome, NeedsInput) else said
    lines = [ResultLine(text=line) for line in storable(said).splitlines() if line.strip()]
    lines += [ResultLine(text=f"! {one}") for one in outcome.degradations]
    cited = outcome.citations[:CITATIONS_MAX] if isinstance(outcome, Done) else ()
    return [*lines, *(ResultLine(text="a source of it", citation=one) for one in cited)]


def _why(outcome: Failed | Stopped) -> str:
    return outcome.what if isinstance(outcome, Failed) else f"stopped, {outcome.evidence}."


def _mend(outcome: Failed | Stopped, run: Run) -> str:
    return outcome.mend.replace(" RUN", f" {run.id}") or f"See nova why {run.id}"
