"""The owner's answer to a review, and who goes on with the run then: this process, or the worker at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nova.app.tools import all_tools
from nova.app.working import queue_of, somebody_works
from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.reviews import Answer, Review
from nova.core.steps import WalkState
from nova.pipelines.edits import is_for, step_output
from nova.pipelines.known import known_of
from nova.pipelines.reviews import Given
from nova.pipelines.reviews import answer as answered
from nova.store import steps
from nova.store.database import Connection

if TYPE_CHECKING:
    from nova.app.house import Nova


def answer(
    nova: Nova, review: Review, given: Answer, *, reason: str = "", digest: str = "", edit: Json = None
) -> tuple[Review, int | None]:
    """The review, answered, and the leg that its run goes on with; None when it is being walked, and sees for itself.

    Raises BadInput when it was answered before, or when an edit does not fit what it takes the place of.
    """
    if given is Answer.CHANGE:
        edit = _made(nova, review, edit)
    said = Given(answer=given, reason=reason, edit=edit, digest=digest)
    if not somebody_works(nova):
        done = answered(nova.pipelines.waking(), review.id, said)
    else:
        client = queue_of(nova)

        def enqueue(connection: Connection, run: str, leg: int, queue: str, partition: str) -> None:
            client.enqueue(connection, run, leg, queue, partition=partition)

        try:
            done = answered(nova.pipelines.waking(enqueue), review.id, said)
        finally:
            client.close()
    walk = nova.pipelines.walk_of(review.root)
    return done, walk.leg if walk is not None and walk.state is WalkState.QUEUED else None


def _made(nova: Nova, review: Review, edit: Json) -> Json:
    """The edit as it takes effect: in the place of a failed step's output, or of what the review is about."""
    with nova.database.read() as connection:
        step = steps.of_run(connection, nova.everything, review.run, nova.pipelines.blobs).get(review.path)
    plan = nova.pipelines.plan_of(review.run)
    if step is not None and plan is not None and is_for(step, review):
        return step_output(review, plan, known_of(nova.agents, all_tools().values()), edit)
    _fits(review, edit)
    return edit


def _fits(review: Review, edit: Json) -> None:
    """An edit is of the same kind as what it takes the place of; an object keeps its fields."""
    before = review.payload
    if type(edit) is not type(before) and before is not None:
        raise BadInput(
            f"The edit is {_kind(edit)}, and what it takes the place of is {_kind(before)}.",
            f"See it: nova reviews show {review.id} --json",
        )
    if isinstance(before, dict) and isinstance(edit, dict) and (missing := sorted(before.keys() - edit.keys())):
        raise BadInput(f"The edit lacks {', '.join(missing)}.", f"See it: nova reviews show {review.id} --json")


def _kind(value: Json) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "text"
        case bool():
            return "true or false"
        case None:
            return "nothing"
        case _:
            return "a number"
