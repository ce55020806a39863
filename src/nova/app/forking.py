"""A conversation forked: another one that begins with the same turns. Copies none; refuses turns it does not have."""

from __future__ import annotations

from collections.abc import Sequence

from nova.app.conversations import Listed, again
from nova.app.house import Nova
from nova.app.why import run_of
from nova.coordinator import conversation as talk
from nova.core.conversations import Conversation
from nova.core.errors import BadInput
from nova.core.ids import new_id
from nova.core.labels import Scope
from nova.core.runs import Run
from nova.store import conversations


def fork(nova: Nova, which: str, at: str = "") -> Listed:
    """A new conversation that begins with the turns of this one up to the run `at`, or all of them; nothing is copied.

    It belongs where that run was said; without `at`, where the conversation stands. Raises Unknown, BadInput.
    """
    found = talk.find(nova.database, nova.everything, which)
    with nova.database.read() as connection:
        line = conversations.line(connection, nova.everything, found.id)
        last = conversations.runs_of(connection, nova.everything, line, 1)
    if not last:
        raise BadInput(f"Nothing was said in {found.id} yet.", "Just ask in it, or begin a new conversation.")
    if len(line) > conversations.FORKS_MAX:
        what = f"{found.id} already rests on {conversations.FORKS_MAX} forks, one on the other."
        raise BadInput(what, "Fork an earlier one, or begin a new conversation.")
    point = _said_in(nova, found, line, at) if at else last[-1]
    scope, project = (point.scope, point.project) if at else (found.scope, found.project)
    made = new_id("c")
    with nova.database.write() as connection:
        conversations.start(
            connection,
            Scope.of(scope),
            made,
            nova.clock(),
            project=project,
            title="",  # it is read from the first turn they share: a copy would outlive what is forgotten there
            forked_from=found.id,
            forked_at=point.started_at,
        )
    return again(nova, made)


def _said_in(nova: Nova, found: Conversation, line: Sequence[conversations.Stretch], at: str) -> Run:
    run = run_of(nova, at)
    for stretch in line:
        within = stretch.until is None or run.started_at <= stretch.until
        if run.conversation == stretch.conversation and within and not run.parent:
            return run
    if run.parent:
        raise BadInput(f"{run.id} is a part of {run.parent}.", f"Fork there: --at {run.parent}")
    what = f"{run.id} is no turn of {found.id}; it was said in {run.conversation}."
    raise BadInput(what, f"Its turns: nova conversations show {found.id}")
