"""Agents as functions: ask one by its name, get a typed report back. Every call is a run like any other.

Knows requests and records; refuses to know how a run goes.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nova.core.briefs import Report
from nova.core.errors import StoreError
from nova.core.requests import Principal, Request
from nova.store import runs

if TYPE_CHECKING:
    from nova.app.house import Nova


@dataclass(frozen=True, slots=True)
class CallableAgent:
    """One agent of a home, ready to be asked from Python."""

    nova: Nova
    name: str

    async def ask(self, text: str, *, project: str | None = None, conversation: str = "") -> Report:
        """What it answers: the run, its outcome (Done, Failed, NeedsInput, Stopped), what it used, and its label.

        Raises BadInput, Unknown (project, conversation), StoreError. A run that fails is a report, not an exception.
        """
        request = Request(
            text=text, principal=Principal.OWNER, at=self.nova.clock(), conversation=conversation, project=project,
            agent=self.name, agent_said_by="Nova.agent",
        )  # fmt: skip
        first = ""
        async with aclosing(self.nova.ask(request)) as events:
            async for event in events:
                first = first or event.run
        return self._report(first)

    def _report(self, run: str) -> Report:
        with self.nova.database.read() as connection:
            [found] = runs.beginning_with(connection, self.nova.everything, run)
        if found.outcome is None:
            raise StoreError(f"The run {run} has no end on record.", f"See what was done: nova why {run}")
        return Report(run=run, agent=self.name, outcome=found.outcome, usage=found.usage, label=found.label)
