"""The shape of a pipeline file as pydantic reads it; its descriptions go into the editors' schema and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, Field, JsonValue

from nova.core.errors import NovaError
from nova.core.plans import NodeKind
from nova.core.text import nearest, shorten
from nova.projects.file import Kind
from nova.settings.check import FileModel, wrong
from nova.settings.file import Name

SECONDS_MAX = 30 * 86_400.0
Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=2000)]
Task: TypeAlias = Annotated[str, Field(min_length=1, max_length=20_000)]
Seconds: TypeAlias = Annotated[float, Field(gt=0, le=SECONDS_MAX)]
Values: TypeAlias = dict[str, JsonValue]
_ANY = "A value, `${a reference}`, or text with references in it."


def _error_names(kind: type[NovaError]) -> list[str]:
    return [kind.__name__, *(name for below in kind.__subclasses__() for name in _error_names(below))]


def _error(name: str) -> str:
    known = [one for one in _error_names(NovaError) if one != "NovaError"]
    if name not in known:
        near = nearest(name, known, 2)
        mend = f"Did you mean {' or '.join(near)}?" if near else "See the table of errors in the reference."
        raise wrong(f"There is no error named “{shorten(name, 40)}”.", mend)
    return name


class ConditionFile(FileModel):
    """Holds or does not hold. `value` and exactly one of the others."""

    value: JsonValue = Field(description=f"What is looked at. {_ANY}")
    is_: JsonValue = Field(default=None, alias="is", description="It equals this.")
    is_not: JsonValue = Field(default=None, description="It does not equal this.")
    less: float | None = Field(default=None, description="It is a smaller number.")
    more: float | None = Field(default=None, description="It is a larger number.")
    contains: JsonValue = Field(default=None, description="A text holds this text, or a list this element.")
    empty: bool | None = Field(
        default=None, description="true: it is an empty text, list or object, nothing, or not there; false: it is not."
    )
    in_: list[JsonValue] | None = Field(default=None, alias="in", max_length=200, description="It is one of these.")


class RetriesFile(FileModel):
    """Further tries after the first. The wait is wait_seconds · backoff^n, give or take the share `jitter`."""

    times: int = Field(default=2, ge=0, le=20, description="Tries after the first.")
    wait_seconds: float = Field(default=1.0, ge=0, le=3600, description="Wait before the second try.")
    backoff: float = Field(default=2.0, ge=1, le=10, description="How much longer each wait is than the one before.")
    jitter: float = Field(default=0.2, ge=0, le=1, description="Share of the wait that is left to chance.")
    on: list[Annotated[str, AfterValidator(_error)]] = Field(
        default=["ProviderTransient", "ToolTransient", "TimedOut"],
        min_length=1,
        max_length=20,
        description="Classes of errors that are worth another try, with all beneath them.",
    )


class FallbackFile(FileModel):
    """Who tries once more when all tries are used up: one of the two."""

    agent: Name | None = Field(default=None, description="Another agent, with the same task.")
    model: Literal["quick", "strong"] | None = Field(default=None, description="The same agent on this role's models.")


class NodeFile(FileModel):
    """What every node may have."""

    kind: ClassVar[NodeKind]
    after: list[str] = Field(default=[], max_length=200, description="Nodes that come before it and give it nothing.")
    when: ConditionFile | None = Field(default=None, description="It is left out unless this holds.")


class MayFail(NodeFile):
    """What a node may have that can fail."""

    timeout_seconds: Seconds | None = Field(default=None, description="Longest time for one try.")
    on_failure: Literal["stop", "continue-degraded", "review"] = Field(
        default="stop",
        description="When it has failed for good: the run fails, goes on with `otherwise`, or the owner is asked.",
    )
    otherwise: JsonValue = Field(
        default=None, description="What takes the place of its output; fields left out are neutral (empty, 0, false)."
    )


class MayRetry(MayFail):
    """What a node may have that is worth another try."""

    retries: RetriesFile | None = Field(default=None, description="Further tries after the first; without it, none.")


class AgentNode(MayRetry):
    """One agent answers one task."""

    kind: ClassVar[NodeKind] = NodeKind.AGENT
    agent: Name = Field(description="The agent.")
    task: Task = Field(description="What it is asked; may hold references.")
    given: Values = Field(default={}, alias="with", description="Facts it is given, by name.")
    output: Values | None = Field(
        default=None, description="JSON Schema of the typed answer, under `output.data`; without it, words only."
    )
    fallback: FallbackFile | None = Field(default=None, description="Who tries once more in the end.")


class ToolNode(MayRetry):
    """One tool is called."""

    kind: ClassVar[NodeKind] = NodeKind.TOOL
    tool: str = Field(min_length=1, description="The tool.")
    given: Values = Field(default={}, alias="with", description="Its arguments.")


class PipelineNode(MayRetry):
    """Another pipeline runs as a part of this run."""

    kind: ClassVar[NodeKind] = NodeKind.PIPELINE
    pipeline: Name = Field(description="The pipeline.")
    given: Values = Field(default={}, alias="with", description="Its inputs.")


class ShowFile(FileModel):
    """What the owner sees with the question."""

    diff: JsonValue = Field(default=None, description="The text of a change.")
    evidence: JsonValue = Field(default=None, description="A list of lines, each with its source.")
    payload: JsonValue = Field(default=None, description="What is decided about, and what an edit changes.")


class ReviewNode(NodeFile):
    """A person is asked; nothing below goes on until the answer. It never answers itself, however long it waits."""

    kind: ClassVar[NodeKind] = NodeKind.REVIEW
    review: Task = Field(description="The question; may hold references.")
    show: ShowFile = Field(default=ShowFile(), description="What is seen with it.")
    if_ignored: str = Field(
        default="Nothing happens; it goes on waiting.", max_length=2000, description="What happens without an answer."
    )
    on_reject: Literal["stop", "continue"] = Field(default="stop", description="What becomes of the run on a no.")


class MapNode(MayFail):
    """One node for every element of a list; `${item}` is the element."""

    kind: ClassVar[NodeKind] = NodeKind.MAP
    map: JsonValue = Field(description="The list.")
    at_once: int = Field(default=4, ge=1, le=64, description="How many elements are worked on side by side.")
    do: Values = Field(description="The node: an agent, tool, pipeline, review or wait, without `after` and `when`.")


class CaseFile(FileModel):
    """One way to go on."""

    name: Name = Field(description="Its name, which the choose gives as `chosen`.")
    when: ConditionFile | None = Field(default=None, description="It is taken if this holds; without it, in any case.")
    then: list[str] = Field(max_length=200, description="The nodes that are walked; [] for none.")


class ChooseNode(NodeFile):
    """The first case that holds says which nodes are walked; those of the other cases are left out."""

    kind: ClassVar[NodeKind] = NodeKind.CHOOSE
    choose: list[CaseFile] = Field(max_length=50, description="The cases, in the order they are tried.")


class EventFile(FileModel):
    """Something that happens."""

    event: str = Field(min_length=1, description="The kind of event.")
    where: Values = Field(default={}, description="What the event's fields must be.")


class WaitNode(MayFail):
    """A time passes, or something happens. It costs nothing meanwhile and survives a restart."""

    kind: ClassVar[NodeKind] = NodeKind.WAIT
    wait: JsonValue = Field(
        description="Seconds, a reference to seconds, or {event: NAME, where: {field: value}}.",
        json_schema_extra={
            "anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}, {"$ref": "#/$defs/EventFile"}]
        },
    )


NODES: Mapping[str, type[NodeFile]] = {
    "agent": AgentNode, "tool": ToolNode, "pipeline": PipelineNode, "review": ReviewNode, "map": MapNode,
    "choose": ChooseNode, "wait": WaitNode,
}  # fmt: skip
"""The key that says what a node does -> the shape of such a node."""


class BudgetFile(FileModel):
    """What one run may use at most, all its parts together; without a key, the home's own ceiling."""

    model_calls: int | None = Field(default=None, ge=0, le=100_000, description="Calls of a model.")
    tool_calls: int | None = Field(default=None, ge=0, le=1_000_000, description="Calls of tools.")
    tokens: int | None = Field(default=None, ge=0, le=1_000_000_000, description="Tokens sent and received.")
    cost_usd: float | None = Field(default=None, ge=0, le=100_000, description="Money, in US dollars.")
    seconds: Seconds | None = Field(default=None, description="Wall time, without the time it waits.")


class TriggerFile(FileModel):
    """What starts the pipeline besides a person: a schedule or an event."""

    id: Name = Field(description="Its name, unique in the file.")
    schedule: str | None = Field(default=None, description='Five fields of cron: "0 7 * * mon-fri".')
    zone: str | None = Field(default=None, description="The schedule's time zone (`Europe/Berlin`); UTC without it.")
    catch_up: Literal["last", False] = Field(
        default=False, description="`last`: the newest time that passed while no worker ran is made up for."
    )
    event: str | None = Field(default=None, description="The kind of event that starts it.")
    where: Values = Field(
        default={}, description="What the event's fields must be; a list: one of these; `a.b` looks into a field."
    )
    check: str | None = Field(default=None, description="A tool that must find something, or no run begins.")
    check_given: Values = Field(default={}, alias="check_with", description="Arguments of that tool.")
    given: Values = Field(
        default={},
        alias="with",
        description="Inputs of the run; `${event.field}` of what happened, `${event.due_at}` of a time.",
    )
    project: str = Field(default="", max_length=100, description="The project it runs in.")


class PipelineFile(FileModel):
    """A pipeline: pipelines/ID.yaml in a home or in the catalog."""

    id: Name = Field(description="Its name; the file is called the same.")
    version: int = Field(ge=1, le=1_000_000, description="Counted up by its author when its meaning changes.")
    description: Line = Field(description="What it does, in one to three sentences.")
    kinds: list[Kind] = Field(default=[], max_length=20, description="Project kinds it serves; [] means any.")
    inputs: Values = Field(
        default={}, description="JSON Schema of each input; one with `default` is optional. Or {model: module:Name}."
    )
    outputs: Values = Field(default={}, description="Each output, as a reference or a value with references in it.")
    output_schema: Values | None = Field(
        default=None, description="JSON Schema that the outputs together must fit, or {model: module:Name}."
    )
    budget: BudgetFile = Field(default=BudgetFile(), description="What one run may use at most.")
    triggers: list[TriggerFile] = Field(default=[], max_length=50, description="What starts it besides a person.")
    nodes: dict[str, Values] = Field(description="Its nodes by id. What stands in one depends on what it does.")
