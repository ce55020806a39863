"""A person asking the built-in model with real tools over the example workspace, through the library's own loop."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast

from pydantic_ai import Agent, Tool
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart

from nova.core.errors import ToolFailed
from nova.core.json import Json
from nova.core.labels import Scope
from nova.models.extractive import ExtractiveModel
from nova.tools import registry
from nova.tools.spec import Reach

WORKSPACE = Path(__file__).parents[4] / "examples" / "workspace" / "repositories"
TODAY = "2026-11-20"
Function: TypeAlias = Callable[..., Awaitable[str]]


@dataclass
class Person:
    """Asks one question after another in one conversation, and keeps what was said and called."""

    root: Path
    tools: Sequence[str]
    generates: str = ""
    instructions: str = "You answer questions about a project."
    history: list[ModelMessage] = field(default_factory=list[ModelMessage])

    async def ask(self, text: str) -> str:
        """The answer's text."""
        reach = Reach(root=self.root.resolve(), project=self.root.name, scope=Scope.of(self.root.name))
        lines = [self.instructions, f"Generates: {self.generates}", f"Today is {TODAY}.", f"Project: {self.root.name}"]
        tools = [_tool(name, reach) for name in self.tools]
        agent = Agent(ExtractiveModel(), instructions="\n".join(lines), tools=tools)
        result = await agent.run(text, message_history=self.history)
        self.history = result.all_messages()
        return result.output

    @property
    def calls(self) -> list[str]:
        """Every call so far, as `tool {arguments}`."""
        parts = [part for message in self.history for part in message.parts if isinstance(part, ToolCallPart)]
        return [f"{part.tool_name} {part.args}" for part in parts]

    @property
    def told(self) -> dict[str, Json]:
        """What the last response says beside its text."""
        last = self.history[-1]
        assert isinstance(last, ModelResponse)
        assert last.provider_details is not None
        return cast("dict[str, Json]", last.provider_details["nova"])


def _tool(name: str, reach: Reach) -> Tool[object]:
    spec = registry.toolbox()[name]
    schema = cast("dict[str, dict[str, dict[str, object]]]", spec.arguments.model_json_schema())
    for argument, values in spec.values.items():
        schema["properties"][argument]["x-values"] = list(values(reach))

    async def run(**given: object) -> str:
        try:
            return (await registry.call(spec, json.dumps(given), reach)).text()
        except ToolFailed as problem:
            return f"Failed: {problem}"

    return Tool[object].from_schema(run, name=name, description=spec.description, json_schema=schema)


def at(project: str, tools: Sequence[str], generates: str = "") -> Person:
    """A person at one of the example projects."""
    return Person(root=WORKSPACE / project, tools=tools, generates=generates)


def repository(root: Path) -> Path:
    """A small repository with four commits of known days, and one issue."""
    (root / "issues").mkdir(parents=True)
    (root / "issues" / "001-total-off.md").write_text(
        "---\nnumber: 1\ntitle: Total is a cent off\nstatus: open\nlabels: [rounding]\n---\nThe total is off.\n"
    )
    _git(root, "init", "-q", "-b", "main")
    story = [
        ("2026-09-20", "Say what the shop is", "README.md", "# Shop\n\nA shop.\n"),
        ("2026-10-05", "Add the invoice total", "totals.py", "def total(lines):\n    return sum(lines)\n"),
        ("2026-10-28", "Round the total once", "totals.py", "def total(lines):\n    return round(sum(lines), 2)\n"),
        ("2026-11-17", "Describe the refund rule", "README.md", "# Shop\n\nA shop. Refunds take 14 days.\n"),
    ]
    for day, message, name, text in story:
        (root / name).write_text(text)
        _git(root, "add", "-A")
        _git(root, "commit", "-q", "-m", message, at=f"{day}T09:00:00+00:00")
    return root


def _git(root: Path, *arguments: str, at: str = "2026-09-01T09:00:00+00:00") -> None:
    who = {"NAME": "Ada Example", "EMAIL": "ada@shop.example", "DATE": at}
    env = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    env |= {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, env=env)
