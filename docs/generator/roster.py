"""docs/reference/agents.md from the catalog's own files."""

from __future__ import annotations

from itertools import groupby

from nova.agents.definition import Agent
from nova.agents.load import load_roster
from nova.app.data import catalog
from nova.app.tools import all_tools

_HEAD = """\
# The {count} agents of the catalog

Each is one Markdown file in [catalog/agents](../../catalog/agents); a file of the same name in a home's `agents/` takes
its place. They do not all run: a coordinator engages the one whose job a request is. What a boundary says is never
taught to the router; it explains and is shown.
"""
_ORDER = ("general", "engineering", "erp", "marketplace", "parts", "sites", "writing", "public", "nova")


def page() -> str:
    """The page as Markdown."""
    agents = load_roster(catalog(), None, all_tools().keys()).agents
    ordered = sorted(agents, key=lambda agent: (_place(agent.domain), agent.name))
    parts = [_HEAD.format(count=len(agents))]
    for domain, members in groupby(ordered, key=lambda agent: agent.domain):
        parts.append(f"## {domain}\n")
        parts += [_agent(member) for member in members]
    return "\n".join(parts)


def _place(domain: str) -> tuple[int, str]:
    return (_ORDER.index(domain) if domain in _ORDER else len(_ORDER), domain)


def _agent(agent: Agent) -> str:
    serves = f"projects of the kind {' or '.join(agent.kinds)}" if agent.kinds else "any project, or none"
    tools = ", ".join(f"`{tool}`" for tool in agent.tools) or "none"
    writes = f"- Writes {agent.generates}, which needs a language model.\n" if agent.generates else ""
    leaves = "; ".join(f"{boundary.what} → `{boundary.who}`" for boundary in agent.not_for)
    return (
        f"### [{agent.name}](../../catalog/agents/{agent.name}.md)\n\n{agent.description}\n\n"
        f"- Why it exists: {agent.reason}\n- Serves {serves}. Tools: {tools}.\n{writes}"
        f"- Leaves to others: {leaves}.\n- For example: “{agent.examples[0]}”\n"
    )
