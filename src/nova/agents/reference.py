"""docs/reference/agent-files.md and project-files.md, written from the models that read the files."""

from __future__ import annotations

from nova.agents.file import AgentFile, BoundaryFile, LimitsFile, NovaKeys
from nova.projects.file import ProjectFile
from nova.settings.reference import keys_table

_AGENTS = """\
# Agent files

An agent is a Markdown file with YAML front matter: `agents/NAME.md` in a home, or in the catalog. A file in the home
shadows the catalog's agent of that name. The body holds the instructions, in the second person. Unknown keys, unknown
names of tools, skills and agents, and values of a wrong kind are errors with file and line. `nova agents new NAME`
begins one, `nova agents lint` says what keeps it from being told apart from its neighbours.

YAML is read in its plain form: no anchors, aliases or tags; `yes`, `no` and `on` are text. Text with a colon and a
space or with ` #` inside belongs in quotes.
"""
_PROJECTS = """\
# Project files

A project is a Markdown file with YAML front matter: `projects/NAME.md` in a home. The body holds values and notes in
the owner's words. Two projects never share a scope, a name or an alias. In `repository`, `${name}` stands for a path
under `[variables]` in nova.toml and `${home}` for the home's folder; a relative path begins there.
"""


def agent_reference() -> str:
    """The page about agent files as Markdown."""
    parts = (
        ("## Keys", AgentFile),
        ("## Keys under `nova`", NovaKeys),
        ("## Each entry of `nova.not_for`", BoundaryFile),
        ("## Keys under `nova.limits`", LimitsFile),
    )
    return "\n".join([_AGENTS, *(f"{title}\n\n{keys_table(model)}" for title, model in parts)])


def project_reference() -> str:
    """The page about project files as Markdown."""
    return f"{_PROJECTS}\n## Keys\n\n{keys_table(ProjectFile)}"
