"""Correcting a route: the example is added, the head refitted at once, and what else changes is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nova.app import corrections as files
from nova.app.house import Nova
from nova.app.why import run_of
from nova.coordinator.corrections import Change, PastRequest
from nova.coordinator.lessons import Correction
from nova.core.errors import BadInput
from nova.core.json import Json
from nova.core.runs import Run
from nova.store import runs

PAST_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a correction did. taught: the request goes to `agent` now; checked: how many past requests were compared.

    replaced: who it was corrected to before, or empty. broken: older corrections (text, agent) that no longer hold.
    """

    text: str
    agent: str
    taught: bool
    checked: int
    changed: tuple[Change, ...]
    replaced: str
    broken: tuple[tuple[str, str], ...]

    def json(self) -> dict[str, Json]:
        """For scripts."""
        return {
            "text": self.text,
            "agent": self.agent,
            "taught": self.taught,
            "checked": self.checked,
            "changed": [
                {"run": one.run, "text": one.text, "before": one.before, "after": one.after} for one in self.changed
            ],
            "replaced": self.replaced,
            "broken": [{"text": text, "agent": agent} for text, agent in self.broken],
        }


def correct(nova: Nova, prefix: str, agent: str) -> Result:
    """Adds the correction to the home's file and refits. Raises Unknown for a run or an agent that does not exist."""
    wanted = nova.roster.agent(agent)
    if wanted.visitors:
        raise BadInput(f"{agent} answers visitors only; your own requests never go there.", "Name another agent.")
    run = run_of(nova, prefix)
    correction = Correction(text=run.request, agent=agent, at=nova.clock(), run=run.id)
    past = _past(nova, run)
    done = nova.router.correct(correction, past)
    files.append(nova.home.root, correction)
    return Result(
        text=run.request,
        agent=agent,
        taught=done.taught,
        checked=len(past),
        changed=done.changed,
        replaced=done.replaced.agent if done.replaced else "",
        broken=tuple((one.text, one.agent) for one in done.broken),
    )


def _past(nova: Nova, corrected: Run) -> Sequence[PastRequest]:
    """The last requests by their words, newest first, each once, without the one that is corrected."""
    kinds = {project.name: project.kind for project in nova.projects}
    with nova.database.read() as connection:
        found = runs.latest(connection, nova.everything, PAST_MAX)
    unlike = [run for run in found if run.request != corrected.request]
    once = {(run.request, run.project): run for run in reversed(unlike)}
    return [
        PastRequest(run=run.id, text=run.request, kind=kinds.get(run.project, ""))
        for run in reversed(list(once.values()))
    ]
