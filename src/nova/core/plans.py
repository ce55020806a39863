"""A plan as a value: nodes, what flows between them, and what to do when one of them fails.

Plans made for one request and pipelines stored in files are the same value. Knows shapes; refuses to know how a file
is written (pipelines.load), whether it is sound (pipelines.check), and how it is walked (pipelines.walk).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from nova.core.json import Json

INPUTS = "inputs"
"""The first word of a reference to what the plan was given: `${inputs.issue}`."""
ITEM = "item"
"""The first word of a reference to the element that a map is at: `${item}`, `${item.title}`."""
EVENT = "event"
"""The first word of a reference to what has set off a trigger: `${event.number}`."""

Schema: TypeAlias = dict[str, Json]
"""A JSON Schema (2020-12)."""


class NodeKind(StrEnum):
    """What a node does."""

    AGENT = "agent"  # one agent answers one task
    TOOL = "tool"  # one tool is called
    PIPELINE = "pipeline"  # another pipeline runs as a part of this run
    REVIEW = "review"  # a person is asked; nothing goes on below it until he answers
    MAP = "map"  # one node for every element of a list
    CHOOSE = "choose"  # which of the nodes below are walked
    WAIT = "wait"  # a time, or something that happens


@dataclass(frozen=True, slots=True)
class Ref:
    """`${node.output.field}`: where a value comes from. node: an id, `inputs`, `item` or `event`; path: below that."""

    node: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = (self.node,) if self.node in (INPUTS, ITEM, EVENT) else (self.node, "output")
        return "${" + ".".join((*head, *self.path)) + "}"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the plan itself."""

    value: Json


@dataclass(frozen=True, slots=True)
class Text:
    """Words with references between them; each of these is a string, a number or a boolean, which loading checks."""

    parts: tuple[str | Ref, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list whose elements come from elsewhere."""

    of: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """An object whose fields come from elsewhere."""

    of: Mapping[str, Binding]


@dataclass(frozen=True, slots=True)
class First:
    """`{first: [a, b, c]}`: the first that is there; what comes from a node that was left out is not there."""

    of: tuple[Binding, ...]


Binding: TypeAlias = Ref | Literal | Text | Items | Fields | First
"""Where a node gets one of its inputs from."""


class Test(StrEnum):
    """How a condition compares its value."""

    IS = "is"
    IS_NOT = "is_not"
    LESS = "less"
    MORE = "more"
    CONTAINS = "contains"  # a string in a string, or an element in a list
    EMPTY = "empty"  # to: true or false; "", [], {}, null and what is not there are empty
    IN = "in"  # to: a list


@dataclass(frozen=True, slots=True)
class Condition:
    """`{value: ${tests.output.passed}, is: true}`."""

    value: Binding
    test: Test
    to: Json


@dataclass(frozen=True, slots=True)
class Case:
    """One way a choose can go. when: None for `otherwise`; then: ids of the nodes that are walked."""

    name: str
    when: Condition | None
    then: tuple[str, ...]


class OnFailure(StrEnum):
    """What becomes of the run when a node has failed for good."""

    STOP = "stop"  # the run fails
    CONTINUE = "continue-degraded"  # its `otherwise` takes the place of its output, and the outcome says so
    REVIEW = "review"  # a person decides: try again, go on with `otherwise`, or stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """times: tries after the first. Waits wait_seconds * backoff**n, give or take jitter (a share of 1).

    on: classes of errors worth another try, by their names in core.errors.
    """

    times: int = 0
    wait_seconds: float = 1.0
    backoff: float = 2.0
    jitter: float = 0.2
    on: tuple[str, ...] = ("ProviderTransient", "ToolTransient", "TimedOut")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a node's failure is met. fallback_agent, fallback_model: who tries once more when all tries are used up.

    fallback_model: a role of nova.toml (quick, strong). otherwise: the output that stands in for a failed node's.
    """

    retries: Retries = field(default_factory=Retries)
    timeout_seconds: float | None = None
    fallback_agent: str = ""
    fallback_model: str = ""
    on_failure: OnFailure = OnFailure.STOP
    otherwise: Binding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node. What each field means depends on the kind; docs/reference/pipeline-files.md has the table.

    uses: the agent's, tool's or pipeline's name. task: what an agent is asked. given: named inputs: facts for an
    agent, arguments for a tool, inputs for a pipeline, `show` of a review, `where` of an event. after: nodes that come
    before it without giving it anything. when: it is left out unless this holds. output: the schema of what it gives
    (for an agent: of its `data`; empty: words only). over, each, at_once: of a map. cases: of a choose.
    seconds, event: of a wait. question, if_ignored, on_reject: of a review (`stop` or `continue`). line: in its file.
    """

    id: str
    kind: NodeKind
    uses: str = ""
    task: Binding | None = None
    given: Mapping[str, Binding] = field(default_factory=dict[str, Binding])
    after: tuple[str, ...] = ()
    when: Condition | None = None
    output: Schema = field(default_factory=dict[str, Json])
    policy: Policy = field(default_factory=Policy)
    over: Binding | None = None
    each: Node | None = None
    at_once: int = 4
    cases: tuple[Case, ...] = ()
    seconds: Binding | None = None
    event: str = ""
    question: Binding | None = None
    if_ignored: str = ""
    on_reject: str = "stop"
    line: int = 0


class TriggerKind(StrEnum):
    """What starts a pipeline besides a person."""

    SCHEDULE = "schedule"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """cron and zone: of a schedule (`0 7 * * mon-fri`, `Europe/Berlin`). event and where: of an event.

    check: a tool that must find something (count > 0) before the run starts, so that an idle day costs nothing.
    given: the inputs of the run; `${event.field}` refers to what happened. catch_up: of a schedule: the newest time
    that passed while no worker ran is served late, instead of only being shown as missed.
    """

    id: str
    kind: TriggerKind
    cron: str = ""
    zone: str = "UTC"
    event: str = ""
    where: Mapping[str, Json] = field(default_factory=dict[str, Json])
    check: str = ""
    check_given: Mapping[str, Json] = field(default_factory=dict[str, Json])
    given: Mapping[str, Json] = field(default_factory=dict[str, Json])
    project: str = ""
    catch_up: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one run of the plan may use, all its parts together. None: the home's own ceilings."""

    model_calls: int | None = None
    tool_calls: int | None = None
    tokens: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A graph of nodes with typed inputs and outputs. revision: of the canonical text, 12 hex digits.

    inputs: name -> schema, with `default` where it may be left out. kinds: project kinds it serves, empty for any.
    gives: the schema of its outputs together, as loading has worked it out; empty for a plan read back from a run.
    source: the frozen text it was read from (JSON), which is what a run keeps.
    """

    id: str
    version: int
    description: str
    inputs: Mapping[str, Schema]
    outputs: Mapping[str, Binding]
    nodes: Mapping[str, Node]
    budget: Budget = field(default_factory=Budget)
    triggers: tuple[Trigger, ...] = ()
    kinds: tuple[str, ...] = ()
    gives: Schema = field(default_factory=dict[str, Json])
    revision: str = ""
    source: str = ""
    file: str = ""

    @property
    def name(self) -> str:
        """`issue-to-fix@2`: the id and the version its author gave it."""
        return f"{self.id}@{self.version}"


def refs_of(binding: Binding | None) -> Iterator[Ref]:
    """Every reference in a binding, in order."""
    match binding:
        case Ref():
            yield binding
        case Text(parts):
            yield from (part for part in parts if isinstance(part, Ref))
        case Items(of) | First(of):
            for one in of:
                yield from refs_of(one)
        case Fields(of):
            for one in of.values():
                yield from refs_of(one)
        case Literal() | None:
            return


def refs_of_node(node: Node) -> Iterator[Ref]:
    """Every reference a node makes, those of a map's inner node included, `item` left out."""
    conditions = [node.when, *(case.when for case in node.cases)]
    bindings = [
        node.task, node.over, node.seconds, node.question, node.policy.otherwise, *node.given.values(),
        *(condition.value for condition in conditions if condition is not None),
    ]  # fmt: skip
    for binding in bindings:
        yield from refs_of(binding)
    if node.each is not None:
        yield from (ref for ref in refs_of_node(node.each) if ref.node != ITEM)


def before(node: Node, nodes: Mapping[str, Node]) -> frozenset[str]:
    """The ids of the nodes that must be settled before this one is walked: referred to, `after`, or chosen by."""
    named = {ref.node for ref in refs_of_node(node)} - {INPUTS, ITEM}
    choosers = {one.id for one in nodes.values() for case in one.cases if node.id in case.then}
    return frozenset(named | set(node.after) | choosers)
