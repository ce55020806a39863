"""A home for walks alone: a real database, and a crew whose agents and tools do what a test says, call by call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nova.core.briefs import Report
from nova.core.events import Event
from nova.core.json import Json
from nova.core.labels import HOME, Label, Scope
from nova.core.limits import TreeLimits
from nova.core.outcomes import Done, Outcome
from nova.core.plans import Plan
from nova.core.requests import Principal
from nova.core.reviews import Answer, Review
from nova.core.runs import Run
from nova.core.steps import Step, Walk
from nova.pipelines.crew import AgentCall, ToolCall, ToolFacts, ToolOutput
from nova.pipelines.freezing import freeze
from nova.pipelines.known import Known, ToolShape
from nova.pipelines.legs import Walking, leg
from nova.pipelines.load import make_plan
from nova.pipelines.reviews import Given, Waking, answer
from nova.pipelines.settled import Waits
from nova.pipelines.starting import Ground, Start, begin
from nova.store import reviews, runs, steps, walks
from nova.store.database import Connection, Database, open_database
from nova.store.values import Blobs

EVERYTHING = Scope.owner([HOME])
SHAPE = ToolShape(
    arguments={"type": "object"},
    output={
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "count": {"type": "integer"},
            "lines": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["text", "count", "lines"],
    },
)
KNOWN = Known(agents=frozenset({"writer", "other"}), tools={"look": SHAPE, "post": SHAPE, "once": SHAPE})
Reply = Outcome | Exception | Callable[[], Outcome]


@dataclass
class ACrew:
    """look reads; post acts and may be repeated with its key; once acts and may not. did: every call, in order.

    agents, tools: what the next calls of a name give or raise; after that they do what they always do.
    """

    agents: dict[str, list[Outcome | Exception]] = field(default_factory=dict[str, list[Outcome | Exception]])
    tools: dict[str, list[Exception | float]] = field(default_factory=dict[str, list[Exception | float]])
    did: list[str] = field(default_factory=list[str])
    keys: list[str] = field(default_factory=list[str])
    roles: list[str] = field(default_factory=list[str])
    told: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    at_once: int = 0
    most_at_once: int = 0

    async def agent(self, call: AgentCall) -> Report:
        """Says its task again, unless the test has another reply for it."""
        brief = call.brief
        self.did.append(f"{brief.agent}: {brief.task}")
        self.roles.append(call.role)
        self.told.append(brief.constraints)
        await self._busy()
        replies = self.agents.get(brief.agent, [])
        reply = replies.pop(0) if replies else Done(text=f"{brief.task}!", verified=True)
        if isinstance(reply, Exception):
            raise reply
        data: Json = {"size": 3} if brief.output else None
        return Report(run=call.child, agent=brief.agent, outcome=reply, data=data, label=call.label)

    async def tool(self, call: ToolCall) -> ToolOutput:
        """Gives its arguments back as lines, unless it is to fail, or to take some seconds."""
        self.did.append(f"{call.tool} {call.arguments}")
        self.keys.append(call.key)
        await self._busy()
        replies = self.tools.get(call.tool, [])
        reply = replies.pop(0) if replies else 0.0
        if isinstance(reply, Exception):
            raise reply
        await asyncio.sleep(reply)
        lines: list[Json] = [str(value) for value in call.arguments.values()]
        value: dict[str, Json] = {
            "text": " ".join(map(str, lines)),
            "count": len(lines),
            "lines": lines,
            "citations": [],
        }
        return ToolOutput(value=value, label=Label(scopes=frozenset({HOME})))

    async def _busy(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1

    def about(self, tool: str) -> ToolFacts:
        """post and once act; once must not be done twice."""
        return ToolFacts(acts=tool in ("post", "once"), repeatable=tool != "once")

    def wall(self, run: Run) -> Scope:
        """Every run is of the home."""
        del run
        return Scope.of(HOME)


@dataclass
class AHome:
    """A database with everything a walk needs. queued: legs that were put into the queue; naps: seconds slept."""

    database: Database
    blobs: Blobs
    crew: ACrew
    limits: TreeLimits = field(default_factory=TreeLimits)
    queued: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    naps: list[float] = field(default_factory=list[float])
    events: list[Event] = field(default_factory=list[Event])
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The clock, which a test can set ahead."""
        return datetime.now(UTC) + self.ahead

    @property
    def walking(self) -> Walking:
        """For legs."""
        return Walking(
            database=self.database, blobs=self.blobs, crew=self.crew, everything=lambda: EVERYTHING,
            limits=self.limits, now=self.now, heard=self.events.append, sleep=self._nap, beat_seconds=0.05,
        )  # fmt: skip

    @property
    def waking(self) -> Waking:
        """For answers."""
        return Waking(
            database=self.database, blobs=self.blobs, everything=lambda: EVERYTHING, wall=self.crew.wall,
            enqueue=self._enqueue, now=self.now,
        )  # fmt: skip

    @property
    def ground(self) -> Ground:
        """For beginnings."""
        return Ground(database=self.database, blobs=self.blobs, now=self.now, heard=self.events.append)

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        await asyncio.sleep(0)

    def _enqueue(self, _connection: Connection, run: str, number: int, _queue: str, _partition: str) -> None:
        self.queued.append((run, number))

    def begin(self, plan: Plan, inputs: Json = None, below: Mapping[str, Plan] | None = None) -> Run:
        """A run of the plan, begun."""
        start = Start(
            frozen=freeze(plan, below or {}), inputs=inputs if inputs is not None else {}, scope=Scope.of(HOME),
            principal=Principal.OWNER,
        )  # fmt: skip
        return begin(start, self.ground, self._enqueue)

    async def walk(self, run: str, number: int = 1, *, executor: str = "test") -> Outcome | Waits | None:
        """One leg of it."""
        return await leg(self.walking, run, number, executor=executor)

    async def go(self, plan: Plan, inputs: Json = None, below: Mapping[str, Plan] | None = None) -> tuple[str, Outcome]:
        """A run from its beginning to its end."""
        run = self.begin(plan, inputs, below)
        ended = await self.walk(run.id)
        assert ended is not None
        assert not isinstance(ended, Waits), ended
        return run.id, ended

    def steps(self, run: str) -> dict[str, Step]:
        """Its steps as they are on disk."""
        with self.database.read() as connection:
            return steps.of_run(connection, EVERYTHING, run, self.blobs)

    def row(self, run: str) -> Run:
        """Its row."""
        with self.database.read() as connection:
            return runs.beginning_with(connection, EVERYTHING, run)[0]

    def walk_row(self, run: str) -> Walk:
        """Its durable side."""
        with self.database.read() as connection:
            found = walks.of_run(connection, EVERYTHING, run, self.blobs)
        assert found is not None
        return found

    def waiting(self) -> Sequence[Review]:
        """The reviews that wait."""
        with self.database.read() as connection:
            return reviews.waiting(connection, EVERYTHING, self.blobs)

    def answer(self, review: str, given: Answer, *, reason: str = "", edit: Json = None, digest: str = "") -> Review:
        """The owner's answer."""
        return answer(self.waking, review, Given(answer=given, reason=reason, edit=edit, digest=digest))

    def kinds(self, run: str) -> list[str]:
        """The kinds of the events that were heard of a run, in order."""
        return [type(event.happening).__name__ for event in self.events if event.run == run]


def home_at(folder: Path) -> AHome:
    """A home in a folder; close its database."""
    return AHome(database=open_database(folder / "nova.db"), blobs=Blobs(folder / "blobs"), crew=ACrew())


def a_plan(nodes: dict[str, Json], **others: Json) -> Plan:
    """A checked plan of these nodes. others: id, inputs, outputs, budget."""
    parts: dict[str, Json] = {
        "id": "tested",
        "version": 1,
        "description": "A plan of the tests.",
        **others,
        "nodes": nodes,
    }
    return make_plan(parts, KNOWN, {})


def plan_over(below: Plan, nodes: dict[str, Json], **others: Json) -> Plan:
    """A checked plan that may call another."""
    parts: dict[str, Json] = {
        "id": "upper",
        "version": 1,
        "description": "A plan of the tests.",
        **others,
        "nodes": nodes,
    }
    return make_plan(parts, KNOWN, {below.id: below})
