"""What a plan may name: agents, tools with the shapes of what they take and give, events. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from nova.core.plans import Schema
from nova.pipelines.event_fields import EVENTS
from nova.pipelines.outputs import TOOL_OUTPUT, tool_output
from nova.pipelines.schemas import inlined
from nova.policy.gate import Effect
from nova.tools.spec import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolShape:
    """The schema of a tool's arguments, and of what a step that calls it gives."""

    arguments: Schema
    output: Schema = field(default_factory=lambda: dict(TOOL_OUTPUT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Every name that a plan may use, apart from other pipelines. idle: agents that are not engaged in this home."""

    agents: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    tools: Mapping[str, ToolShape] = field(default_factory=dict[str, ToolShape])
    events: frozenset[str] = EVENTS


def known_of(agents: Iterable[str], tools: Iterable[Tool], idle: Iterable[str] = ()) -> Known:
    """The names of these agents and the shapes of these tools. What starts pipelines is no step: `pipeline:` is one."""
    engaged = frozenset(agents)
    shapes = _Shapes({tool.name: tool for tool in tools if tool.effect is not Effect.START})
    return Known(agents=engaged, idle=frozenset(idle) - engaged, tools=shapes)


class _Shapes(Mapping[str, ToolShape]):
    """Made when a plan names the tool: each takes a millisecond, and most tools are in no pipeline."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools
        self._made: dict[str, ToolShape] = {}

    def __getitem__(self, name: str) -> ToolShape:
        if name not in self._made:
            self._made[name] = _shape(self._tools[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)


def _shape(tool: Tool) -> ToolShape:
    arguments = inlined(cast("Schema", tool.arguments.model_json_schema()))
    if tool.output is None:
        return ToolShape(arguments=arguments)
    own = inlined(cast("Schema", tool.output.model_json_schema(mode="serialization")))
    return ToolShape(arguments=arguments, output=tool_output(own))
