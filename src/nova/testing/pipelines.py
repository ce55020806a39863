"""Pipelines of a whole Nova in tests: begun, walked here, answered, walked on; everything read from the record."""

from __future__ import annotations

from dataclasses import dataclass

from nova.app.house import Nova
from nova.app.pipelines import Ran
from nova.core.events import Event
from nova.core.json import Json
from nova.core.outcomes import Outcome
from nova.core.reviews import Answer, Review
from nova.core.steps import Step, Walk
from nova.pipelines.reviews import Given, answer
from nova.pipelines.settled import Waits
from nova.store import reviews, steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A run as far as it went: its end or what it waits for, its steps by path, and every event that was heard."""

    run: str
    outcome: Outcome | None
    waits: Waits | None
    steps: dict[str, Step]
    events: tuple[Event, ...]
    walk: Walk

    @property
    def output(self) -> Json:
        """What it gave."""
        return self.walk.output


async def run_pipeline(nova: Nova, name: str, inputs: Json, *, project: str | None = None) -> Walked:
    """Runs a pipeline in this process until it ends or waits for a person."""
    heard: list[Event] = []
    ran = await nova.pipelines.run(name, inputs, project=project, heard=heard.append)
    return _walked(nova, ran, heard)


async def answer_review(nova: Nova, walked: Walked, given: Answer, *, reason: str = "", edit: Json = None) -> Walked:
    """Answers the one review that the run waits for, and walks on."""
    (review,) = waiting(nova, walked.run)
    pipelines = nova.pipelines
    answer(pipelines.waking(), review.id, Given(answer=given, reason=reason, edit=edit, digest=review.digest))
    heard: list[Event] = []
    walk = pipelines.walk_of(walked.run)
    assert walk is not None
    ran = await pipelines.walk(walked.run, walk.leg, heard=heard.append)
    return _walked(nova, ran, heard)


def waiting(nova: Nova, run: str) -> list[Review]:
    """The reviews that a run waits for."""
    with nova.database.read() as connection:
        return reviews.waiting(connection, nova.everything, nova.pipelines.blobs, root=run)


def _walked(nova: Nova, ran: Ran, heard: list[Event]) -> Walked:
    blobs = nova.pipelines.blobs
    with nova.database.read() as connection:
        found = steps.of_run(connection, nova.everything, ran.run, blobs)
    walk = nova.pipelines.walk_of(ran.run)
    assert walk is not None
    return Walked(run=ran.run, outcome=ran.outcome, waits=ran.waits, steps=found, events=tuple(heard), walk=walk)
