"""`python -m benchmarks.orchestration.own TASK FOLDER`: Nova's side, measured as the peers measure themselves.

Once whole: agents of a home, engaged with their context, guard and record, by pipelines of files. And once with plain
steps, each one call of the model and nothing else, which leaves what keeping a step costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic_ai import Agent
from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from benchmarks.orchestration.timing import Script, Side, Step, Task, Work, given, side, tell
from nova.app.house import Nova
from nova.core import json
from nova.core.briefs import Report
from nova.core.json import Json
from nova.core.labels import Label, Scope
from nova.core.limits import TreeLimits
from nova.core.outcomes import Done
from nova.core.plans import Plan
from nova.core.requests import Principal
from nova.core.runs import Run
from nova.pipelines.crew import AgentCall, Crew, ToolCall, ToolFacts, ToolOutput
from nova.pipelines.engine import new_executor
from nova.pipelines.freezing import freeze
from nova.pipelines.known import Known
from nova.pipelines.legs import Walking, leg
from nova.pipelines.load import make_plan
from nova.pipelines.starting import Ground, Start, begin
from nova.store import walks
from nova.store.database import Database, open_database
from nova.store.values import Blobs
from nova.testing.house import a_home, a_nova

KEPT = "every step, its events and its record; restarts by itself"
# It needs nothing of the owner's memory and profile, as the peers' agents have none.
AGENT = """\
---
name: {name}
description: Says what it is asked once more, as number {name}.
nova: {{needs: []}}
---
{instructions}
"""


@dataclass(frozen=True, slots=True)
class PlainCrew:
    """Agents that are one call of the model and nothing else: the bare step."""

    model: Model

    async def said(self, text: str) -> str:
        """What the model says to this."""
        return str((await model_request(self.model, [ModelRequest.user_text_prompt(text)])).text)

    async def agent(self, call: AgentCall) -> Report:
        """What the model says to the task."""
        done = Done(text=await self.said(call.brief.task), verified=True)
        return Report(run=call.child, agent=call.brief.agent, outcome=done, label=call.label)

    async def tool(self, call: ToolCall) -> ToolOutput:
        """There are none."""
        raise NotImplementedError(call.tool)

    def about(self, tool: str) -> ToolFacts:
        """There are none."""
        raise NotImplementedError(tool)

    def wall(self, run: Run) -> Scope:
        """The home's."""
        return Scope.of(run.scope)


def model_of(script: Script) -> FunctionModel:
    """The script as a model of Nova's library, in one piece, streamed or not."""

    async def stream(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        yield await script.answer()

    async def answer(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart(await script.answer())])

    return FunctionModel(answer, stream_function=stream)


def parts_of(name: str, steps: Sequence[Step], *, beside: bool) -> dict[str, Json]:
    """A pipeline of these agents, in turn (each is asked what the one before it said) or side by side."""
    nodes: dict[str, Json] = {}
    before = "${inputs.request}"
    for step in steps:
        nodes[step.name] = {"agent": step.name, "task": before}
        before = before if beside else f"${{{step.name}.output.text}}"
    texts: list[Json] = [f"${{{step.name}.output.text}}" for step in steps]
    return {
        "id": name,
        "version": 1,
        "description": "A pipeline that is timed.",
        "inputs": {"request": {"type": "string"}},
        "outputs": {"texts": texts if beside else texts[-1:]},
        "nodes": nodes,
    }


async def whole(task: Task, folder: Path, script: Script) -> Side:
    """The agents as files of a home, and the library's own loop on the same model as the bare one."""
    home = a_home(folder / "home", agents=[])
    for step in (*task.steps, *task.beside):
        text = AGENT.format(name=step.name, instructions=step.instructions)
        (home.agents / f"{step.name}.md").write_text(text, encoding="utf-8")
    pipelines = home.root / "pipelines"
    pipelines.mkdir()
    for name, steps in (("line", task.steps), ("star", task.beside)):
        parts = parts_of(name, steps, beside=name == "star")
        (pipelines / f"{name}.yaml").write_text(json.dump(parts), encoding="utf-8")
    model = model_of(script)
    loops = [Agent(model, instructions=step.instructions) for step in task.steps]

    async def bare() -> list[str]:
        text = task.request
        for one in loops:
            text = (await one.run(text)).output
        return [text]

    nova = a_nova(home, scripted=model)
    found = await side(
        "nova, agents", KEPT, script, bare=bare, pipeline=_of(nova, "line", task), beside=_of(nova, "star", task)
    )
    nova.close()
    return found


def _of(nova: Nova, name: str, task: Task) -> Work:
    async def work() -> list[str]:
        ran = await nova.pipelines.run(name, {"request": task.request})
        walk = nova.pipelines.walk_of(ran.run)
        assert walk is not None
        return _texts(ran.outcome, walk.output)

    return work


async def plain(task: Task, folder: Path, script: Script) -> Side:
    """The same pipelines, each step no more than a call of the model."""
    database, crew = open_database(folder / "steps.db"), PlainCrew(model_of(script))
    known = Known(agents=frozenset(step.name for step in (*task.steps, *task.beside)))
    line = make_plan(parts_of("line", task.steps, beside=False), known)
    star = make_plan(parts_of("star", task.beside, beside=True), known)

    async def bare() -> list[str]:
        text = task.request
        for _ in task.steps:
            text = await crew.said(text)
        return [text]

    found = await side(
        "nova, plain steps", KEPT, script, bare=bare,
        pipeline=_walked(database, folder, crew, line, task), beside=_walked(database, folder, crew, star, task),
    )  # fmt: skip
    database.close()
    return found


def _walked(database: Database, folder: Path, crew: Crew, plan: Plan, task: Task) -> Work:
    scope, blobs = Scope.of("timed"), Blobs(folder / "blobs")
    walking = Walking(
        database=database, blobs=blobs, crew=crew, everything=lambda: scope, limits=TreeLimits(), now=_now,
        heard=lambda _: None,
    )  # fmt: skip
    ground = Ground(database=database, blobs=blobs, now=_now, heard=lambda _: None)

    async def work() -> list[str]:
        start = Start(
            frozen=freeze(plan, {}), inputs={"request": task.request}, scope=scope, principal=Principal.OWNER,
            label=Label(scopes=frozenset({scope.own})),
        )  # fmt: skip
        run = begin(start, ground, None)
        ended = await leg(walking, run.id, 1, executor=new_executor())
        with database.read() as connection:
            walk = walks.of_run(connection, scope, run.id, blobs)
        return _texts(ended, walk.output if walk else None)

    return work


def _texts(outcome: object, output: Json) -> list[str]:
    assert isinstance(outcome, Done), outcome
    assert isinstance(output, dict)
    texts = output["texts"]
    assert isinstance(texts, list)
    return [str(text) for text in texts]


def _now() -> datetime:
    return datetime.now(UTC)


async def main() -> None:
    """Measures both."""
    task, folder = given()
    script = Script(task)
    tell(await whole(task, folder, script), await plain(task, folder, script))


if __name__ == "__main__":
    asyncio.run(main())
