"""docs/reference/tools.md from the toolbox, and the gate's rules from the gate."""

from __future__ import annotations

import inspect

from pydantic import BaseModel

from nova.app.tools import all_tools
from nova.policy import gate
from nova.settings.reference import keys_table
from nova.tools.spec import Tool

_HEAD = """\
# Tools and the gate

What agents and the steps of pipelines can do. An agent has the tools its file lists and no others. Every call passes
the gate, and the verdict with its rule is in the record (`nova why RUN`). Most tools only read. `memory_keep` and
`memory_correct` write into Nova's own memory, and only for the owner; the `worktree_` tools write into a copy of the
project on a branch of its own, `draft_write` puts a new file into a folder for drafts, and `tests_run` executes a
project's tests in the sandbox. None of them changes the owner's files where they lie.
"""


def page() -> str:
    """The page as Markdown."""
    sections = [_section(tool) for tool in all_tools().values()]
    rules = inspect.cleandoc(gate.__doc__ or "")
    return "\n".join([_HEAD, *sections, f"## The gate\n\n```text\n{rules}\n```"])


def _section(tool: Tool) -> str:
    model: type[BaseModel] = tool.arguments
    table = keys_table(model) if model.model_fields else "No arguments.\n"
    return f"## {tool.name}\n\n{tool.description}\n\n{table}"
