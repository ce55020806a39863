"""The one door to the tools: each call goes guard -> gate -> tool -> record. Refuses to know what any tool does.

Every call of every model comes through `call_tool`; there is no second way.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import cast

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool
from pydantic_core import SchemaValidator, core_schema

from nova.agents.findings import Findings
from nova.agents.guard import Guard
from nova.core import json
from nova.core.degradations import DegradationKind
from nova.core.errors import NovaError, ToolFailed
from nova.core.events import GateDecided, ToolCalled, ToolReturned
from nova.core.json import Json
from nova.core.requests import Principal
from nova.core.text import printable, shorten
from nova.policy.gate import Allow, Grant, Verdict, attempt, decide
from nova.store.record import Record
from nova.tools.registry import ARGUMENTS_CHARACTERS_MAX, invoke, parse
from nova.tools.spec import Arguments, Reach, Tool, ToolResult

_OBJECT = SchemaValidator(core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema()))
SECONDS_MAX = 30.0


class _AnyObject:
    """Takes any JSON object; each tool checks its own arguments. Lone surrogates, which are no text, become `?`."""

    def validate_json(self, input: str | bytes | bytearray, **options: object) -> object:  # noqa: A002
        given = input.encode("utf-8", "replace") if isinstance(input, str) else bytes(input)
        return _OBJECT.validate_json(given, **options)  # pyright: ignore[reportArgumentType]

    def validate_python(self, input: object, **options: object) -> object:  # noqa: A002
        return _OBJECT.validate_python(input, **options)  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What every call of one run has in common."""

    tools: Mapping[str, Tool]
    grant: Grant
    reach: Reach
    principal: Principal
    record: Record
    guard: Guard
    findings: Findings


class GatedToolset(AbstractToolset[object]):
    """The tools of one agent in one run, as pydantic-ai sees them."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._offered = {name: self._offer(tool) for name, tool in door.tools.items()}

    @property
    def id(self) -> str:
        """A name for pydantic-ai's own errors."""
        return "nova"

    async def get_tools(self, ctx: RunContext[object]) -> dict[str, ToolsetTool[object]]:
        """Name to definition, arguments as JSON Schema."""
        return self._offered

    async def call_tool(
        self, name: str, tool_args: dict[str, Json], ctx: RunContext[object], tool: ToolsetTool[object]
    ) -> str:
        """The tool's result as text, or a sentence that says why there is none. Raises LimitReached."""
        del tool
        call = ctx.tool_call_id or name
        arguments = _written(tool_args)
        self._door.record.append(called(call, name, arguments))
        self._door.guard.before_tool_call(name, arguments)
        started = time.perf_counter()
        try:
            parsed = parse(self._door.tools[name], arguments)
            verdict = self._judge(self._door.tools[name], parsed)
            self._door.record.append(_decided(call, name, verdict))
            if not isinstance(verdict, Allow):
                return self._refused(name, verdict)
            result = await invoke(self._door.tools[name], parsed, self._door.reach, seconds_max=SECONDS_MAX)
        except ToolFailed as failure:
            return self._failed(call, name, failure, started)
        except NovaError:
            raise
        except Exception as bug:  # a tool's bug costs its answer, not the run; the person and the model are told
            return self._failed(call, name, ToolFailed(_broke(name, bug), "This is a bug in the tool."), started)
        return self._returned(call, name, result, started)

    def _judge(self, tool: Tool, arguments: Arguments) -> Verdict:
        reach = self._door.reach
        tried = attempt(
            tool=tool.name,
            effect=tool.effect,
            paths=tool.paths(arguments),
            principal=self._door.principal,
            scope=reach.scope.own,
            root=reach.root,
        )
        return decide(tried, self._door.grant)

    def _refused(self, name: str, verdict: Verdict) -> str:
        what = f"{name} was not allowed: {verdict.why}"
        self._door.findings.degrade(DegradationKind.TOOL_DENIED, what)
        return f"DENIED by the rule {verdict.rule}: {verdict.why}"

    def _failed(self, call: str, name: str, failure: ToolFailed, started: float) -> str:
        seconds = round(time.perf_counter() - started, 4)
        text = f"FAILED: {printable(str(failure))}"
        self._door.record.append(
            ToolReturned(call=call, tool=name, text=text, citations=[], seconds=seconds, failed=printable(failure.what))
        )
        self._door.findings.degrade(DegradationKind.TOOL_FAILED, printable(failure.what), printable(failure.mend))
        return text

    def _returned(self, call: str, name: str, result: ToolResult, started: float) -> str:
        text = printable(result.text())
        citations = result.citations()
        self._door.findings.saw(citations, result.label)
        self._door.record.append(
            ToolReturned(
                call=call,
                tool=name,
                text=text,
                citations=[str(citation) for citation in citations],
                seconds=round(time.perf_counter() - started, 4),
                cut=result.cut,
            ),
            label=result.label,
        )
        if result.cut:
            self._door.findings.degrade(DegradationKind.OUTPUT_CUT, f"{name} found more than it may show.")
        return text

    def _offer(self, tool: Tool) -> ToolsetTool[object]:
        schema = cast("dict[str, Json]", tool.arguments.model_json_schema())
        definition = ToolDefinition(name=tool.name, description=tool.description, parameters_json_schema=schema)
        return ToolsetTool(toolset=self, tool_def=definition, max_retries=2, args_validator=_AnyObject())


def uncallable(door: Door, call: str, tool: str, arguments: str) -> None:
    """Writes down a call that could not even be tried: no such tool, or arguments that are no JSON object."""
    why = "its arguments are no JSON object" if tool in door.tools else "this agent has no such tool"
    what = printable(f"The model called {shorten(tool, 60)} in vain: {why}.")
    returned = ToolReturned(call=call, tool=printable(tool), text="", citations=[], seconds=0.0, failed=what)
    door.record.append(called(call, printable(tool), arguments), returned)
    door.findings.degrade(DegradationKind.TOOL_FAILED, what)


def called(call: str, tool: str, arguments: str) -> ToolCalled:
    """The event of a call; arguments that no tool would take are cut, so that the record stays readable."""
    return ToolCalled(call=call, tool=tool, arguments=printable(arguments[:ARGUMENTS_CHARACTERS_MAX]))


def _written(arguments: dict[str, Json]) -> str:
    """Canonical JSON; with NaN in it, which no tool takes, whatever Python writes, for the tool to refuse."""
    try:
        return json.dump(arguments)
    except ValueError:
        return repr(arguments)


def _broke(tool: str, bug: Exception) -> str:
    return f"{tool} broke: {type(bug).__name__}: {shorten(str(bug), 200)}."


def _decided(call: str, tool: str, verdict: Verdict) -> GateDecided:
    return GateDecided(call=call, tool=tool, verdict=verdict.verdict, rule=verdict.rule, why=verdict.why)


class WithValues(WrapperModel):
    """Tells the built-in model which values an argument can have (`x-values`); no other model pays for that list."""

    def __init__(self, wrapped: Model, tools: Mapping[str, Tool], reach: Reach) -> None:
        super().__init__(wrapped)
        self._tools = tools
        self._reach = reach
        self._enriched: dict[str, ToolDefinition] = {}

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[object] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The wrapped model's stream, its tools enriched."""
        tools = [self._enrich(tool) for tool in model_request_parameters.function_tools]
        enriched = replace(model_request_parameters, function_tools=tools)
        async with self.wrapped.request_stream(messages, model_settings, enriched, run_context) as stream:
            yield stream

    def _enrich(self, definition: ToolDefinition) -> ToolDefinition:
        if definition.name not in self._enriched:
            self._enriched[definition.name] = self._with_values(definition)
        return self._enriched[definition.name]

    def _with_values(self, definition: ToolDefinition) -> ToolDefinition:
        tool = self._tools.get(definition.name)
        if tool is None or not tool.values:
            return definition
        schema = cast("dict[str, Json]", json.load(json.dump(cast("Json", definition.parameters_json_schema))))
        properties = cast("dict[str, dict[str, Json]]", schema.get("properties", {}))
        for argument, values in tool.values.items():
            properties[argument]["x-values"] = list(values(self._reach))
        return replace(definition, parameters_json_schema=schema)
