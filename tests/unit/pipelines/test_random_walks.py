"""Random plans, walked: whatever loading lets through ends in a typed outcome, however it is cut."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.a_crew import ACrew, AHome, home_at
from tests.support.plans import KNOWN, TOOLS, TWICE, Parts, plans

from nova.core import json
from nova.core.json import Json
from nova.core.labels import HOME, Scope
from nova.core.outcomes import Done, Failed, Stopped
from nova.core.steps import StepState
from nova.pipelines import again
from nova.pipelines.crew import ToolCall, ToolOutput
from nova.pipelines.load import make_plan
from nova.tools.registry import invoke, parse
from nova.tools.spec import Reach

BY_NAME = {tool.name: tool for tool in TOOLS}
OTHERS = {"twice": make_plan(TWICE, KNOWN)}
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class RealTools(ACrew):
    """Calls the tools of random plans for real."""

    async def tool(self, call: ToolCall) -> ToolOutput:
        """What the tool gives."""
        self.did.append(call.place.path)
        tool = BY_NAME[call.tool]
        reach = Reach(root=Path("/nonexistent"), project="", scope=Scope.of(HOME))
        found = await invoke(tool, parse(tool, json.dump(call.arguments)), reach)
        value: dict[str, Json] = {
            "text": found.text(), "headline": found.headline, "lines": [str(line) for line in found.lines],
            "citations": [], "cut": found.cut, "count": len(found.lines),
        }  # fmt: skip
        typed = found.data.model_dump(mode="json") if found.data is not None else {}
        return ToolOutput(value={**value, **typed}, label=found.label)


def fresh(empty: Path, folder: str) -> AHome:
    """A home in a folder of its own, whose tools are real."""
    shutil.copy(empty, Path(folder) / "nova.db")
    home = home_at(Path(folder))
    home.crew = RealTools()
    return home


@QUIET
@given(parts=plans())
def test_a_plan_that_loads_ends_in_a_typed_outcome(parts: Parts, empty: Path) -> None:
    """Each random plan that passes loading walks to Done, Failed or Stopped, and leaves no step running."""
    plan = make_plan(parts, KNOWN, OTHERS)
    with tempfile.TemporaryDirectory() as folder:
        home = fresh(empty, folder)
        run, outcome = asyncio.run(home.go(plan, below=OTHERS))
        assert isinstance(outcome, Done | Failed | Stopped)
        assert all(step.state is not StepState.RUNNING for step in home.steps(run).values())
        home.database.close()


@QUIET
@given(parts=plans(), after=st.integers(min_value=0, max_value=12))
def test_a_walk_that_is_cut_ends_as_if_it_had_not_been(parts: Parts, after: int, empty: Path) -> None:
    """Cut after any number of tool calls and taken up again, a plan gives the same, and runs no finished step twice."""
    plan = make_plan(parts, KNOWN, OTHERS)
    with tempfile.TemporaryDirectory() as folder:
        home = fresh(empty, folder)
        _, whole = asyncio.run(home.go(plan, below=OTHERS))
        crew = home.crew = RealTools()
        run = home.begin(plan, below=OTHERS)

        async def cut() -> None:
            work = asyncio.create_task(home.walk(run.id))
            while not work.done() and len(crew.did) < after:  # noqa: ASYNC110 - cut at a call, not at a time
                await asyncio.sleep(0)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

        asyncio.run(cut())
        if home.row(run.id).outcome is None:
            finished = {path for path, step in home.steps(run.id).items() if step.state is StepState.DONE}
            before = list(crew.did)
            walk = again.resume(home.waking, run.id, by_force=True)
            asyncio.run(home.walk(run.id, walk.leg))
            assert not finished & set(crew.did[len(before) :])
        ended = home.row(run.id).outcome
        assert type(ended) is type(whole)
        if isinstance(whole, Done) and isinstance(ended, Done):
            assert ended.text == whole.text
        home.database.close()
