"""A whole Nova on a temporary home: real files, real SQLite, real git; only the model may be scripted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic_ai.models import Model

from nova.app.house import Nova, now, open_nova
from nova.core.events import Event, Routed, RunFailed, RunFinished
from nova.core.outcomes import Outcome
from nova.core.requests import Principal, Request
from nova.core.runs import outcome_from_json
from nova.settings.defaults import initial_settings
from nova.settings.home import Home

PROJECT = """\
---
name: {name}
kind: {kind}
scope: {name}
confidentiality: internal
repository: "{repository}"
database: null
issues: issues
aliases: []
---
{name} is a project of the tests.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answered request: every event as it was heard, and the outcome."""

    events: tuple[Event, ...]
    outcome: Outcome

    @property
    def run(self) -> str:
        """The id of the run."""
        return self.events[0].run

    @property
    def conversation(self) -> str:
        """The id of its conversation."""
        return str(getattr(self.events[0].happening, "conversation", ""))

    @property
    def routed(self) -> Routed:
        """The route that was taken."""
        return next(event.happening for event in self.events if isinstance(event.happening, Routed))


def a_home(
    folder: Path,
    *,
    projects: Mapping[str, tuple[str, Path]] = {},
    agents: Sequence[str] | None = None,
    settings: str = "",
    cache: Path | None = None,
) -> Home:
    """A home in `folder`. projects: name -> (kind, repository); agents: engaged ones of the catalog, None for all.

    settings: text put after the usual nova.toml.
    """
    home = Home(root=folder, data=folder / ".nova", cache=cache or folder / ".cache")
    for below in (home.agents, home.projects):
        below.mkdir(parents=True, exist_ok=True)
    home.settings_file.write_text(initial_settings(agents) + settings, encoding="utf-8")
    home.profile_file.write_text("The owner of this home is a test.\n", encoding="utf-8")
    for name, (kind, repository) in projects.items():
        text = PROJECT.format(name=name, kind=kind, repository=repository)
        (home.projects / f"{name}.md").write_text(text, encoding="utf-8")
    return home


def a_nova(home: Home, *, scripted: Model | None = None, clock: Callable[[], datetime] = now) -> Nova:
    """The Nova of a home; close it when done."""
    return open_nova(home, scripted=scripted, clock=clock)


async def ask(
    nova: Nova,
    text: str,
    *,
    project: str | None = None,
    agent: str | None = None,
    conversation: str = "",
    principal: Principal = Principal.OWNER,
) -> Told:
    """Asks and drains the stream."""
    request = Request(
        text=text,
        principal=principal,
        at=nova.clock(),
        conversation=conversation,
        project=project,
        agent=agent,
        agent_said_by="--agent" if agent else "",
    )
    heard: list[Event] = []
    async with aclosing(nova.ask(request)) as events:
        async for event in events:
            heard.append(event)  # noqa: PERF401 - an async comprehension would hide what happens when it is cut
    last = heard[-1].happening
    assert isinstance(last, RunFinished | RunFailed)
    return Told(events=tuple(heard), outcome=outcome_from_json(last.outcome))
