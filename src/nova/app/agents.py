"""The agents of a home and of the catalog, for a person who looks at them or begins a new one.

Knows files and which of them are engaged; refuses to run an agent or to judge it (app/judging.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nova.agents.definition import Agent
from nova.agents.load import Roster, agent_files, load_roster, parse_agent
from nova.agents.template import agent_template
from nova.app import data, textrepo
from nova.app.textfiles import write_new
from nova.app.tools import all_tools
from nova.core.errors import BadInput, NotReady, Unknown
from nova.core.json import Json
from nova.core.text import nearest, shorten
from nova.settings.home import Home
from nova.settings.load import load_settings
from nova.settings.text import read_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An agent as it is listed. engaged: requests reach it in this home. own: its file lies in the home."""

    agent: Agent
    engaged: bool
    own: bool


def cards(home: Home, *, everything: bool = False) -> tuple[Card, ...]:
    """The engaged agents by domain and name; everything: those of the catalog that are not engaged too.

    Without a home it is the catalog, none of it engaged. Raises BadFiles with every problem in the files.
    """
    if not home.exists:
        roster = load_roster(data.catalog(), None, all_tools().keys())
        return tuple(Card(agent=agent, engaged=False, own=False) for agent in _sorted(roster))
    chosen = load_settings(home.settings_file).roster
    roster = load_roster(data.catalog(), home.root, all_tools().keys(), None if everything else chosen)
    return tuple(_card(agent, home, chosen) for agent in _sorted(roster))


def card(home: Home, name: str) -> Card:
    """One agent, engaged or not. Raises Unknown with the nearest names, BadFiles."""
    files = agent_files(data.catalog(), home.root if home.exists else None)
    if name not in files:
        raise Unknown("agent", name, nearest(name, files), "List them: nova agents list --all")
    agent = parse_agent(read_bytes(files[name]), files[name])
    if not home.exists:
        return Card(agent=agent, engaged=False, own=False)
    return _card(agent, home, load_settings(home.settings_file).roster)


def begin(home: Home, name: str, description: str, domain: str) -> Path:
    """The file of a new agent, committed. Raises BadInput for a name that is taken or is none, NotReady, StoreFull."""
    if not home.exists:
        raise NotReady(f"There is no Nova home in {home.root}.", "Make one: nova init")
    taken = agent_files(data.catalog(), home.root).get(name)
    if taken is not None and taken.is_relative_to(home.root):
        raise BadInput(f"There is an agent {name} already: {taken}", "Change that file, or choose another name.")
    if taken is not None:
        mend = f"To change it for this home, copy {taken} to {home.agents}/ and edit the copy; or choose another name."
        raise BadInput(f"The catalog has an agent {name} already.", mend)
    text = agent_template(name, description, domain)
    file = home.agents / f"{name}.md"
    parse_agent(text.encode(), file)
    write_new(file, text)
    textrepo.commit(home.root, [file], f"Begin the agent {name}: {shorten(description, 60)}")
    return file


def agent_json(one: Card) -> dict[str, Json]:
    """A card for scripts, all of the agent's file but its instructions' text."""
    agent = one.agent
    return {
        "name": agent.name,
        "domain": agent.domain,
        "description": agent.description,
        "reason": agent.reason,
        "engaged": one.engaged,
        "own": one.own,
        "kinds": list(agent.kinds),
        "tools": list(agent.tools),
        "model": agent.model,
        "skills": list(agent.skills),
        "max_turns": agent.max_turns,
        "generates": agent.generates,
        "not_for": [{"what": boundary.what, "who": boundary.who} for boundary in agent.not_for],
        "examples": list(agent.examples),
        "failure_modes": list(agent.failure_modes),
        "needs": list(agent.needs),
        "handoffs": list(agent.handoffs),
        "reads_private": agent.reads_private,
        "sees_untrusted": agent.sees_untrusted,
        "acts_outside": agent.acts_outside,
        "supervised": agent.supervised,
        "visitors": agent.visitors,
        "limits": {
            "model_calls": agent.limits.model_calls_max,
            "tool_calls": agent.limits.tool_calls_max,
            "tokens": agent.limits.tokens_max,
            "seconds": agent.limits.seconds_max,
        },
        "version": agent.version,
        "file": agent.file,
    }


def _card(agent: Agent, home: Home, chosen: tuple[str, ...] | None) -> Card:
    own = Path(agent.file).is_relative_to(home.root)
    return Card(agent=agent, engaged=own or chosen is None or agent.name in chosen, own=own)


def _sorted(roster: Roster) -> list[Agent]:
    return sorted(roster.agents, key=lambda agent: (agent.domain != "general", agent.domain, agent.name))
