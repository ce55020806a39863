"""The one door to the tools: each call goes guard -> gate -> tool -> record. Refuses to know what any tool does.

Every call of every model comes through `make_call`; there is no second way.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ToolCallPart, ToolReturnPart
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from nova.agents.findings import Findings
from nova.agents.guard import Guard
from nova.agents.handoff import HAND_OFF, HandOff, Handoffs
from nova.agents.trying import tried
from nova.core import json
from nova.core.degradations import DegradationKind
from nova.core.errors import NovaError, ToolFailed, ToolOpen
from nova.core.events import GateDecided, ToolCalled, ToolReturned
from nova.core.json import Json
from nova.core.requests import Principal
from nova.core.text import printable, shorten
from nova.models.circuits import Circuits
from nova.policy.gate import Allow, Effect, Grant, Verdict, attempt, decide, payload_digest
from nova.store.record import Record
from nova.tools.registry import ARGUMENTS_CHARACTERS_MAX, parse
from nova.tools.spec import Arguments, Reach, Tool, ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What every call of one run has in common. handoffs: None for an agent that passes nothing on.

    circuits: of the tools; None where none are kept.
    """

    tools: Mapping[str, Tool]
    grant: Grant
    reach: Reach
    principal: Principal
    record: Record
    guard: Guard
    findings: Findings
    handoffs: Handoffs | None = None
    circuits: Circuits | None = None


def offered(door: Door) -> list[ToolDefinition]:
    """The tools of one run as a model is told of them, arguments as JSON Schema."""
    tools = [_definition(tool) for tool in door.tools.values()]
    if door.handoffs is None:
        return tools
    passing = ToolDefinition(
        name=HAND_OFF, description=door.handoffs.description(), parameters_json_schema=_schema(HandOff)
    )
    return [*tools, passing]


async def make_call(door: Door, part: ToolCallPart) -> ToolReturnPart:
    """What goes back to the model for one call; `failed` when it could not even be tried.

    Raises LimitReached, and HandoffRefused when work is passed on where it may not be, again.
    """
    call, name = part.tool_call_id, part.tool_name
    written = part.args if isinstance(part.args, str) else json.dump(cast("Json", part.args or {}))
    arguments = _object(written)
    if name == HAND_OFF and door.handoffs is not None and arguments is not None:
        text, could = await door.handoffs.hand(call, arguments)
        return ToolReturnPart(tool_name=name, tool_call_id=call, content=text, outcome="success" if could else "failed")
    if name not in door.tools or arguments is None:
        text = _uncallable(door, call, name, written)
        return ToolReturnPart(tool_name=name, tool_call_id=call, content=text, outcome="failed")
    text = await _through(door, call, name, arguments)
    return ToolReturnPart(tool_name=name, tool_call_id=call, content=text)


def _object(written: str) -> str | None:
    """The arguments as canonical JSON, or None when they are no object. Lone surrogates become `?`."""
    try:
        value = json.load(written or "{}")
        canonical = json.dump(value)
    except (ValueError, RecursionError):
        return None
    return canonical.encode("utf-8", "replace").decode("utf-8") if isinstance(value, dict) else None


async def _through(door: Door, call: str, name: str, arguments: str) -> str:
    """Guard, gate, tool, record: the result as text, or a sentence that says why there is none. Raises LimitReached."""
    door.record.append(_called(call, name, arguments))
    door.guard.before_tool_call()
    text = await _made(door, call, name, arguments)
    door.guard.after_tool_call(name, arguments, text)
    return text


async def _made(door: Door, call: str, name: str, arguments: str) -> str:
    started = time.perf_counter()
    try:
        tool = door.tools[name]
        parsed = parse(tool, arguments)
        verdict = _judge(door, tool, parsed, arguments)
        door.record.append(_decided(call, name, verdict))
        if not isinstance(verdict, Allow):
            return _refused(door, name, verdict)
        result, before = await tried(
            tool,
            parsed,
            door.reach,
            record=door.record,
            circuits=door.circuits,
            seconds_max=tool.seconds_max,
            seconds_left=door.guard.seconds_left,
        )
    except ToolFailed as failure:
        return _failed(door, call, name, failure, started)
    except NovaError:
        raise
    except Exception as bug:  # a tool's bug costs its answer, not the run; the person and the model are told
        return _failed(door, call, name, ToolFailed(_broke(name, bug), "This is a bug in the tool."), started)
    if before is not None:
        door.findings.degrade(DegradationKind.RETRIED, f"{printable(before.what)} It went well when tried again.")
    return _returned(door, call, name, result, started)


def _judge(door: Door, tool: Tool, parsed: Arguments, written: str) -> Verdict:
    """A tool that works in a copy of the project is judged by the copy; nothing but a review approves what it does."""
    reach, grant = door.reach, door.grant
    base = tool.base(parsed, reach)
    if base != reach.root:
        grant = replace(grant, root=base if base.exists() else None)
    wanted = attempt(
        tool=tool.name,
        effect=tool.effect,
        paths=tool.paths(parsed),
        principal=door.principal,
        scope=reach.scope.own,
        root=base,
        own=tool.own,
        payload=payload_digest(json.load(written)),
    )
    return decide(wanted, grant)


def _refused(door: Door, name: str, verdict: Verdict) -> str:
    door.findings.degrade(DegradationKind.TOOL_DENIED, f"{name} was not allowed: {verdict.why}")
    return f"DENIED by the rule {verdict.rule}: {verdict.why}"


def _failed(door: Door, call: str, name: str, failure: ToolFailed, started: float) -> str:
    seconds = round(time.perf_counter() - started, 4)
    text = f"FAILED: {printable(str(failure))}"
    door.record.append(
        ToolReturned(call=call, tool=name, text=text, citations=[], seconds=seconds, failed=printable(failure.what))
    )
    kind = DegradationKind.PROVIDER_RESTING if isinstance(failure, ToolOpen) else DegradationKind.TOOL_FAILED
    door.findings.degrade(kind, printable(failure.what), printable(failure.mend))
    return text


def _returned(door: Door, call: str, name: str, result: ToolResult, started: float) -> str:
    text = printable(result.text())
    citations = result.citations()
    door.findings.saw(citations, result.label)
    door.findings.noted |= door.tools[name].effect is Effect.REMEMBER
    door.record.append(
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
    for degradation in result.degradations:
        door.findings.take(degradation)
    if result.cut:
        door.findings.degrade(DegradationKind.OUTPUT_CUT, f"{name} found more than it may show.")
    return text


def _definition(tool: Tool) -> ToolDefinition:
    schema = _schema(tool.arguments)
    return ToolDefinition(name=tool.name, description=tool.description, parameters_json_schema=schema)


@cache
def _schema(arguments: type[Arguments]) -> dict[str, Json]:
    """JSON Schema of a tool's arguments: half a millisecond each, so it is made once."""
    return cast("dict[str, Json]", arguments.model_json_schema())


def _uncallable(door: Door, call: str, tool: str, arguments: str) -> str:
    """Writes down a call that could not even be tried: no such tool, or arguments that are no JSON object."""
    known = tool in door.tools or (tool == HAND_OFF and door.handoffs is not None)
    why = "its arguments are no JSON object" if known else "this agent has no such tool"
    what = printable(f"The model called {shorten(tool, 60)} in vain: {why}.")
    returned = ToolReturned(call=call, tool=printable(tool), text="", citations=[], seconds=0.0, failed=what)
    door.record.append(_called(call, printable(tool), arguments), returned)
    door.findings.degrade(DegradationKind.TOOL_FAILED, what)
    return f"{why}. Your tools: {', '.join(door.tools) or 'none'}."


def _called(call: str, tool: str, arguments: str) -> ToolCalled:
    """The event of a call; arguments that no tool would take are cut, so that the record stays readable."""
    return ToolCalled(call=call, tool=tool, arguments=printable(arguments[:ARGUMENTS_CHARACTERS_MAX]))


def _broke(tool: str, bug: Exception) -> str:
    return f"{tool} broke: {type(bug).__name__}: {shorten(str(bug), 200)}."


def _decided(call: str, tool: str, verdict: Verdict) -> GateDecided:
    return GateDecided(call=call, tool=tool, verdict=verdict.verdict, rule=verdict.rule, why=verdict.why)


class WithValues(WrapperModel):
    """Tells the built-in model which values an argument can have (`x-values`); no other model pays for that list.

    It is not told of handoffs: whom to pass work on to is a judgement that it cannot make.
    """

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
        tools = [self._enrich(tool) for tool in model_request_parameters.function_tools if tool.name != HAND_OFF]
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
